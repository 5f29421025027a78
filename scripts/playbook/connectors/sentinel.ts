/**
 * The azuresentinel connector and the REST calls on incidents and watchlists, acting on the simulated workspace.
 * Paths: the operations of Microsoft's connector; REST: Microsoft.SecurityInsights, version 2025-09-01.
 */
import { printValue } from '../functions/function.ts';
import { getOwn, isObject, type Value, type ValueObject } from '../value.ts';
import type { Service, ServiceAnswer, ServiceCall } from '../workflow/model.ts';
import {
  identifierName,
  incidentResource,
  type SentinelWorkspace,
  type WatchlistItem,
  type WorkspaceIncident,
} from '../workspace.ts';

const ok = (body: Value, statusCode = 200): ServiceAnswer => ({
  status: 'Succeeded',
  outputs: { statusCode, headers: { 'Content-Type': 'application/json' }, body },
});

const refuse = (statusCode: number, code: string, message: string): ServiceAnswer => ({
  status: 'Failed',
  error: { code, message },
  outputs: { statusCode, headers: {}, body: { error: { code, message } } },
});

const field = (value: Value, name: string): string => (isObject(value) ? printValue(getOwn(value, name) ?? '') : '');

/** Answers calls on the workspace; other calls are not its own. */
export function sentinelService(workspace: SentinelWorkspace): Service {
  return (call) => {
    const connector = call.connector === 'azuresentinel' || call.connector === 'microsoftsentinel';
    const rest =
      call.uri !== undefined &&
      /^https:\/\/management\.azure\.com\//i.test(call.uri) &&
      /\/providers\/microsoft\.securityinsights\//i.test(call.uri);
    if (!connector && !rest) return undefined;
    workspace.advanceTo(call.at);
    return rest ? restCall(workspace, call) : connectorCall(workspace, call);
  };
}

function connectorCall(workspace: SentinelWorkspace, call: ServiceCall): ServiceAnswer | undefined {
  const path = call.path.replace(/\/+$/, '');
  const route = `${call.method} ${path.toLowerCase()}`;
  switch (route) {
    case 'POST /incidents/comment':
    case 'PUT /comment':
      return withIncident(workspace, call, (incident) =>
        comment(workspace, incident, field(call.body, 'message'), call.at),
      );
    case 'PUT /incidents':
      return withIncident(workspace, call, (incident) => update(workspace, incident, call));
    case 'POST /incidents':
      return withIncident(workspace, call, (incident) => ok(incidentResource(workspace, incident)));
    case 'POST /incidents/createtask':
      return withIncident(workspace, call, (incident) => task(workspace, incident, call));
    case 'POST /incidents/completetask':
      return completeTask(workspace, field(call.body, 'taskArmId'));
    case 'POST /incidents/relation/create':
    case 'POST /incidents/relation/delete':
      return withIncident(workspace, call, () => ok({}));
  }
  const entities = /^POST \/entities\/(\w+)$/i.exec(route);
  if (entities) return ok(entitiesOf(entities[1]!, call.body));
  const watchlist = /\/watchlists\/([^/]+)(?:\/(watchlistitems?)(?:\/([^/]+))?)?$/i.exec(path);
  if (/^\/(v2\/)?watchlists\//i.test(path) && watchlist) {
    const [, alias = '', kind, id] = watchlist;
    if (kind === undefined) return watchlistResource(workspace, decodeURIComponent(alias));
    return watchlistItems(workspace, call, decodeURIComponent(alias), id, isObject(call.body) ? call.body : {});
  }
  if (/^GET \/incidents\/subscriptions\/.*\/alerts\//i.test(route) || /^GET \/cases\//i.test(route)) {
    const alertId = decodeURIComponent(path.split('/').at(-1) ?? '');
    const incident =
      workspace.incidents.find((item) => item.alerts.some((alert) => alert.id === alertId)) ??
      workspace.incidents.find((item) => item.alerts.length === 0);
    return incident
      ? ok(incidentResource(workspace, incident))
      : refuse(404, 'NotFound', `no incident holds the alert ${alertId}`);
  }
  if (/^PUT \/incidents\/subscriptions\//i.test(route)) return createIncident(workspace, call.body, call.at);
  return undefined;
}

function withIncident(
  workspace: SentinelWorkspace,
  call: ServiceCall,
  work: (incident: WorkspaceIncident) => ServiceAnswer,
): ServiceAnswer {
  const armId = field(call.body, 'incidentArmId');
  const incident = workspace.findIncident(armId);
  return incident ? work(incident) : refuse(404, 'NotFound', `there is no incident '${armId}'`);
}

/** azure-docs, sentinel-service-limits: a comment holds 30,000 characters, an incident 100 comments. */
const maximumComment = 30_000;

function comment(
  workspace: SentinelWorkspace,
  incident: WorkspaceIncident,
  message: string,
  at: number,
): ServiceAnswer {
  if (message === '') return refuse(400, 'BadRequest', 'the comment is empty');
  if (message.length > maximumComment)
    return refuse(400, 'BadRequest', `the comment has ${message.length} characters, more than ${maximumComment}`);
  const id = workspace.newId();
  incident.comments.push({ id, message, at });
  return ok({ name: id, properties: { message } });
}

function tagsOf(value: Value | undefined, name: string): string[] {
  const outer = isObject(value) ? getOwn(value, name) : undefined;
  return Array.isArray(outer) ? outer.map((tag) => field(tag, 'Tag')).filter(Boolean) : [];
}

function update(workspace: SentinelWorkspace, incident: WorkspaceIncident, call: ServiceCall): ServiceAnswer {
  const body = call.body as ValueObject;
  const severity = field(body, 'severity');
  const status = field(body, 'status');
  if (severity !== '' && !['High', 'Medium', 'Low', 'Informational'].includes(severity))
    return refuse(400, 'BadRequest', `'${severity}' is not a severity`);
  if (status !== '' && !['New', 'Active', 'Closed'].includes(status))
    return refuse(400, 'BadRequest', `'${status}' is not a status`);
  if (status === 'Closed') {
    const classification = getOwn(body, 'classification');
    const reason = field(classification ?? null, 'ClassificationAndReason');
    const match = /^(TruePositive|BenignPositive|FalsePositive|Undetermined)(?: - (\w+))?$/.exec(reason);
    if (!match) return refuse(400, 'BadRequest', `'${reason}' is not a classification with its reason`);
    incident.classification = match[1]!;
    if (match[2] !== undefined) incident.classificationReason = match[2];
    incident.classificationComment = field(classification ?? null, 'ClassificationReasonText');
  }
  if (severity !== '') incident.severity = severity;
  if (status !== '') incident.status = status as WorkspaceIncident['status'];
  for (const name of ['title', 'description'] as const)
    if (field(body, name) !== '') incident[name] = field(body, name);
  for (const tag of tagsOf(getOwn(body, 'tagsToAdd'), 'TagsToAdd'))
    if (!incident.labels.includes(tag)) incident.labels.push(tag);
  const removed = tagsOf(getOwn(body, 'tagsToRemove'), 'TagsToRemove');
  incident.labels = incident.labels.filter((label) => !removed.includes(label));
  const owner = field(body, 'owner');
  if (/^assign$/i.test(field(body, 'ownerAction')) && owner !== '')
    incident.owner = { objectId: null, email: owner, assignedTo: owner, userPrincipalName: owner };
  if (/^unassign$/i.test(field(body, 'ownerAction')))
    incident.owner = { objectId: null, email: null, assignedTo: null, userPrincipalName: null };
  incident.lastModifiedTimeUtc = new Date(call.at).toISOString();
  return ok(incidentResource(workspace, incident));
}

function task(workspace: SentinelWorkspace, incident: WorkspaceIncident, call: ServiceCall): ServiceAnswer {
  const title = field(call.body, 'taskTitle');
  if (title === '') return refuse(400, 'BadRequest', 'a task needs a title');
  if (title.length > 150) return refuse(400, 'BadRequest', 'the title of a task has at most 150 characters');
  if (incident.tasks.length >= 40) return refuse(400, 'BadRequest', 'an incident has at most 40 tasks');
  const id = `${workspace.incidentArmId(incident)}/tasks/${workspace.newId()}`;
  incident.tasks.push({ id, title, description: field(call.body, 'taskDescription'), status: 'New' });
  return ok({ id, properties: { title, description: field(call.body, 'taskDescription'), status: 'New' } });
}

function completeTask(workspace: SentinelWorkspace, id: string): ServiceAnswer {
  const found = workspace.incidents
    .flatMap((incident) => incident.tasks)
    .find((item) => item.id.toLowerCase() === id.toLowerCase());
  if (found === undefined) return refuse(404, 'NotFound', `there is no task '${id}'`);
  found.status = 'Completed';
  return ok({ id: found.id, properties: { title: found.title, status: found.status } });
}

const entityLists: Record<string, { list: string; kind: string }> = {
  account: { list: 'Accounts', kind: 'account' },
  ip: { list: 'IPs', kind: 'ip' },
  host: { list: 'Hosts', kind: 'host' },
  url: { list: 'URLs', kind: 'url' },
  filehash: { list: 'Filehashes', kind: 'filehash' },
  dnsresolution: { list: 'Dnsresolutions', kind: 'dnsresolution' },
};

/** `Accounts`, `IPs`, ... of a list of entities; property names begin with a capital, as the connector answers them. */
function entitiesOf(type: string, body: Value): ValueObject {
  const { list, kind } = entityLists[type.toLowerCase()] ?? { list: `${type}s`, kind: type.toLowerCase() };
  let source = body;
  if (typeof source === 'string') {
    try {
      source = JSON.parse(source) as Value;
    } catch {
      source = [];
    }
  }
  const found: Value[] = [];
  for (const entity of Array.isArray(source) ? source : []) {
    if (!isObject(entity)) continue;
    if (field(entity, 'kind').toLowerCase() !== kind && field(entity, 'Type').toLowerCase() !== kind) continue;
    const properties = getOwn(entity, 'properties');
    const named: ValueObject = {};
    for (const [name, value] of Object.entries(isObject(properties) ? properties : entity))
      named[identifierName(kind, name)] = value;
    found.push(named);
  }
  return { [list]: found };
}

function watchlistResource(workspace: SentinelWorkspace, alias: string): ServiceAnswer {
  const watchlist = workspace.findWatchlist(alias);
  if (watchlist === undefined) return refuse(404, 'NotFound', `there is no watchlist '${alias}'`);
  return ok({ name: watchlist.alias, properties: { watchlistAlias: watchlist.alias, displayName: watchlist.alias } });
}

const itemResource = (workspace: SentinelWorkspace, alias: string, item: WatchlistItem): Value => ({
  id: `${workspace.id}/providers/Microsoft.SecurityInsights/Watchlists/${alias}/WatchlistItems/${item.id}`,
  name: item.id,
  type: 'Microsoft.SecurityInsights/Watchlists/WatchlistItems',
  properties: {
    watchlistItemType: 'watchlist-item',
    watchlistItemId: item.id,
    isDeleted: false,
    itemsKeyValue: { ...item.values },
  },
});

function watchlistItems(
  workspace: SentinelWorkspace,
  call: ServiceCall,
  alias: string,
  id: string | undefined,
  values: ValueObject,
): ServiceAnswer {
  const watchlist = workspace.findWatchlist(alias);
  if (watchlist === undefined) return refuse(404, 'NotFound', `there is no watchlist '${alias}'`);
  const found = watchlist.items.find((item) => item.id === id);
  switch (call.method) {
    case 'GET':
      if (id === undefined) return ok({ value: watchlist.items.map((item) => itemResource(workspace, alias, item)) });
      return found ? ok(itemResource(workspace, alias, found)) : refuse(404, 'NotFound', `there is no item '${id}'`);
    case 'DELETE':
      watchlist.items = watchlist.items.filter((item) => item !== found);
      return ok({});
    default: {
      const text = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, printValue(value)]));
      if (found) found.values = text;
      else watchlist.items.push({ id: id ?? workspace.newId(), values: text });
      return ok(itemResource(workspace, alias, found ?? watchlist.items.at(-1)!), found ? 200 : 201);
    }
  }
}

function createIncident(workspace: SentinelWorkspace, body: Value, at: number, name?: string): ServiceAnswer {
  const properties = isObject(body) && isObject(body.properties) ? body.properties : body;
  const title = field(properties, 'title');
  if (title === '') return refuse(400, 'BadRequest', 'an incident needs a title');
  const time = new Date(at).toISOString();
  const labels = isObject(properties) ? getOwn(properties, 'labels') : undefined;
  const incident: WorkspaceIncident = {
    name: name ?? workspace.newId(),
    number: workspace.incidents.length + 1,
    title,
    description: field(properties, 'description'),
    severity: field(properties, 'severity') || 'Medium',
    status: (field(properties, 'status') || 'New') as WorkspaceIncident['status'],
    labels: Array.isArray(labels) ? labels.map((label) => field(label, 'labelName')) : [],
    owner: { objectId: null, email: null, assignedTo: null, userPrincipalName: null },
    relatedAnalyticRuleIds: [],
    tactics: [],
    createdTimeUtc: time,
    lastModifiedTimeUtc: time,
    entities: [],
    alerts: [],
    comments: [],
    tasks: [],
  };
  workspace.incidents.push(incident);
  return ok(incidentResource(workspace, incident), 201);
}

/** GET and PUT on incidents and watchlist items of the REST API. */
function restCall(workspace: SentinelWorkspace, call: ServiceCall): ServiceAnswer | undefined {
  const path = call.path.replace(/\/+$/, '');
  const item = /\/watchlists\/([^/]+)\/watchlistitems(?:\/([^/]+))?$/i.exec(path);
  if (item) {
    const properties = isObject(call.body) ? getOwn(call.body, 'properties') : undefined;
    const values = isObject(properties) ? getOwn(properties, 'itemsKeyValue') : undefined;
    return watchlistItems(workspace, call, decodeURIComponent(item[1]!), item[2], isObject(values) ? values : {});
  }
  const incident = /\/incidents\/([^/]+)(\/comments|\/tasks)?(?:\/([^/]+))?$/i.exec(path);
  if (incident === null) return undefined;
  const found = workspace.findIncident(incident[1]!);
  const properties = isObject(call.body) ? (getOwn(call.body, 'properties') ?? {}) : {};
  if (found === undefined)
    return call.method === 'PUT' && incident[2] === undefined
      ? createIncident(workspace, call.body, call.at, incident[1]!)
      : refuse(404, 'NotFound', 'there is no such incident');
  if (incident[2]?.toLowerCase() === '/comments') {
    if (call.method === 'GET')
      return ok({ value: found.comments.map(({ id, message }) => ({ name: id, properties: { message } })) });
    return comment(workspace, found, field(properties, 'message'), call.at);
  }
  if (incident[2]?.toLowerCase() === '/tasks') {
    if (call.method === 'GET')
      return ok({
        value: found.tasks.map(({ id, title, description, status }) => ({
          id,
          name: id.split('/').at(-1)!,
          properties: { title, description, status },
        })),
      });
    return task(workspace, found, {
      ...call,
      body: { taskTitle: field(properties, 'title'), taskDescription: field(properties, 'description') },
    });
  }
  if (call.method === 'GET') return ok(incidentResource(workspace, found));
  return undefined;
}
