/**
 * An Azure in the test's own process, at the SDK's `httpClient` seam: every policy of the SDK above it runs for real. It
 * behaves as the service does where that matters to a deployment: etags, pages, long-running operations, answers in other
 * case and order with fields of its own, reads that lag behind writes, and faults on demand.
 */
import type { AccessToken, TokenCredential } from '@azure/core-auth';
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import type { Json, JsonObject } from '../../scripts/azure/json.ts';
import { TemplateEvaluator } from './template-evaluator.ts';

export const world = {
  tenant: '11111111-1111-4111-8111-111111111111',
  subscription: '22222222-2222-4222-8222-222222222222',
  resourceGroup: 'rg-contoso-security',
  workspace: 'law-contoso-sentinel',
  customerId: '44444444-4444-4444-8444-444444444444',
  location: 'westeurope',
  sentinelPrincipal: '33333333-3333-4333-8333-333333333333',
};

export const workspaceId = `/subscriptions/${world.subscription}/resourceGroups/${world.resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/${world.workspace}`;

export interface SeenRequest {
  method: string;
  url: URL;
  path: string;
  body: JsonObject | undefined;
  status: number;
  answer: JsonObject | undefined;
}

/** What happens instead of, or after, the real answer. `cut` ends every later request too, as a killed process does. */
export type Fault =
  | { kind: 'reset' | 'reset-after' | 'cut' | 'cut-after' }
  | { kind: 'status'; status: number; retryAfter?: string; code?: string };

export interface FakeOptions {
  pageSize?: number;
  /** Reads of an item that show the state before its last write. */
  staleReads?: number;
  /** Ids, enums and durations come back spelled another way, with fields that the service adds. */
  restyle?: boolean;
  /** Polls until a deployment or an operation ends. */
  polls?: number;
  fault?: (index: number, request: { method: string; path: string }) => Fault | undefined;
  permissions?: { actions: string[]; notActions: string[] };
  onboarded?: boolean;
  queries?: (query: string, body: JsonObject) => { status?: number; body: JsonObject };
}

interface Stored {
  resource: JsonObject;
  previous: JsonObject | undefined;
  staleLeft: number;
}

interface Answer {
  status: number;
  body?: JsonObject;
  headers?: Record<string, string>;
}

export class FakeAzure implements HttpClient {
  readonly options: FakeOptions;
  readonly resources = new Map<string, Stored>();
  readonly requests: SeenRequest[] = [];
  readonly watchlistRows = new Map<string, Map<string, JsonObject>>();
  readonly #operations = new Map<string, { left: number; error?: JsonObject }>();
  #count = 0;
  #version = 0;
  #isCut = false;

  constructor(options: FakeOptions = {}) {
    this.options = options;
  }

  readonly credential: TokenCredential = {
    getToken: async (): Promise<AccessToken> => ({
      token: fakeToken({
        tid: world.tenant,
        oid: '55555555-5555-4555-8555-555555555555',
        upn: 'engineer@contoso.example',
      }),
      expiresOnTimestamp: Date.now() + 3_600_000,
    }),
  };

  /** The process that was cut off is started again. */
  restart(fault?: FakeOptions['fault']): void {
    this.#isCut = false;
    this.#count = 0;
    if (fault) this.options.fault = fault;
    else delete this.options.fault;
  }

  /** Told before each request is looked at; with `copyOf`, a way to stop time at it. */
  onRequest: (() => void) | undefined;

  /** An Azure in the state that this one is in now. Stored resources are never changed in place, so they are shared. */
  copyOf(): FakeAzure {
    const copy = new FakeAzure({ ...this.options });
    for (const [id, stored] of this.resources) copy.resources.set(id, { ...stored });
    for (const [id, rows] of this.watchlistRows) copy.watchlistRows.set(id, new Map(rows));
    for (const [id, operation] of this.#operations) copy.#operations.set(id, { ...operation });
    copy.requests.push(...this.requests);
    copy.#version = this.#version;
    return copy;
  }

  get writes(): SeenRequest[] {
    return this.requests.filter((request) => request.method !== 'GET' && request.status < 300);
  }

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    this.onRequest?.();
    const url = new URL(request.url);
    const path = decodeURIComponent(url.pathname);
    if (request.abortSignal?.aborted) throw new RestError('aborted', { code: 'ABORT_ERR' });
    if (!request.headers.get('authorization')?.startsWith('Bearer ')) throw new Error('a request without a token');
    const fault = this.#isCut
      ? ({ kind: 'cut' } as const)
      : this.options.fault?.(this.#count, { method: request.method, path });
    this.#count++;
    if (fault?.kind === 'cut') this.#isCut = true;
    if (fault?.kind === 'reset' || fault?.kind === 'cut')
      throw new RestError('socket hang up', { code: 'ECONNRESET', request });
    const body = typeof request.body === 'string' ? (JSON.parse(request.body) as JsonObject) : undefined;
    if (fault?.kind === 'status') {
      const headers = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
      return this.#respond(request, url, path, body, {
        status: fault.status,
        headers,
        body: { error: { code: fault.code ?? 'Injected', message: 'an injected failure' } },
      });
    }
    const response = this.#respond(request, url, path, body, this.#answer(request.method, url, path, body));
    if (fault?.kind === 'cut-after') this.#isCut = true;
    if (fault !== undefined) throw new RestError('socket hang up', { code: 'ECONNRESET', request });
    return response;
  }

  #respond(
    request: PipelineRequest,
    url: URL,
    path: string,
    body: JsonObject | undefined,
    answer: Answer,
  ): PipelineResponse {
    this.requests.push({ method: request.method, url, path, body, status: answer.status, answer: answer.body });
    return {
      request,
      status: answer.status,
      headers: createHttpHeaders({
        'content-type': 'application/json',
        'x-ms-request-id': `r-${this.requests.length}`,
        ...answer.headers,
      }),
      bodyAsText: answer.body === undefined ? '' : JSON.stringify(answer.body),
    };
  }

  #answer(method: string, url: URL, path: string, body: JsonObject | undefined): Answer {
    const version = url.searchParams.get('api-version');
    if (/^\/v1\/workspaces\/[^/]+\/query$/.test(path)) {
      const answer = this.options.queries?.(String(body?.query), body!);
      return answer ? { status: answer.status ?? 200, body: answer.body } : notFound(path);
    }
    if (version === null)
      return refuse(400, 'MissingApiVersionParameter', 'The api-version query parameter (?api-version=) is required');
    const lower = path.toLowerCase();
    const operation = this.#operations.get(lower);
    if (operation !== undefined) {
      if (operation.left-- > 0) return { status: 200, body: { status: 'Running' } };
      return {
        status: 200,
        body: operation.error ? { status: 'Failed', error: operation.error } : { status: 'Succeeded' },
      };
    }
    if (lower === `/subscriptions/${world.subscription}`) {
      return {
        status: 200,
        body: { id: path, subscriptionId: world.subscription, tenantId: world.tenant, displayName: 'contoso' },
      };
    }
    if (lower === workspaceId.toLowerCase()) {
      return {
        status: 200,
        body: {
          id: workspaceId,
          name: world.workspace,
          location: world.location,
          properties: { customerId: world.customerId, retentionInDays: 90 },
        },
      };
    }
    const group = /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)/.exec(lower);
    if (group?.[1] !== world.subscription)
      return refuse(404, 'SubscriptionNotFound', 'The subscription could not be found.');
    if (lower.includes('/workspaces/') && !lower.startsWith(workspaceId.toLowerCase()))
      return refuse(404, 'ResourceNotFound', 'The workspace was not found.');
    if (lower.endsWith('/providers/microsoft.authorization/permissions')) {
      return {
        status: 200,
        body: { value: [this.options.permissions ?? { actions: ['*'], notActions: [] }] as unknown as Json },
      };
    }
    if (lower.endsWith('/onboardingstates/default')) {
      return this.options.onboarded === false
        ? notFound(path)
        : { status: 200, body: { id: path, name: 'default', properties: {} } };
    }
    const items = /^(.*\/watchlists\/[^/]+)\/watchlistitems(?:\/([^/]+))?$/.exec(lower);
    if (items) return this.#watchlistItem(method, path, items[1]!, items[2], body);
    switch (method) {
      case 'GET':
        return isCollection(lower) ? this.#list(url, path) : this.#get(url, path);
      case 'PUT':
        return this.#put(path, version, body ?? {});
      case 'DELETE':
        return this.#delete(lower);
      default:
        return refuse(405, 'MethodNotAllowed', method);
    }
  }

  #list(url: URL, path: string): Answer {
    const prefix = `${path.toLowerCase()}/`;
    const version = url.searchParams.get('api-version')!;
    let all = [...this.resources.entries()]
      .filter(([id]) => id.startsWith(prefix) && !id.slice(prefix.length).includes('/'))
      .map(([id, stored]) => this.#shown(id, stored));
    if (prefix.endsWith('/alertrules/') && !version.includes('preview'))
      all = all.filter((rule) => String(rule.kind).toUpperCase() !== 'NRT');
    if (prefix.includes('/workbooks/') && url.searchParams.get('canFetchContent') !== 'true')
      all = all.map(withoutContent);
    // Collections have no order that a client may rely on.
    if (this.options.restyle) all.reverse();
    const size = this.options.pageSize ?? 1000;
    const from = Number(url.searchParams.get('$skiptoken') ?? 0);
    const page: JsonObject = { value: all.slice(from, from + size) };
    if (from + size < all.length) {
      const next = new URL(url);
      next.searchParams.set('$skiptoken', String(from + size));
      page.nextLink = next.toString();
    }
    return { status: 200, body: page };
  }

  #get(url: URL, path: string): Answer {
    const stored = this.resources.get(path.toLowerCase());
    if (stored === undefined) return notFound(path);
    if (stored.staleLeft > 0) {
      stored.staleLeft--;
      if (stored.previous === undefined) return notFound(path);
      return { status: 200, body: this.#style(path.toLowerCase(), stored.previous) };
    }
    const shown = this.#shown(path.toLowerCase(), stored);
    const whole = !path.toLowerCase().includes('/workbooks/') || url.searchParams.get('canFetchContent') === 'true';
    return { status: 200, body: whole ? shown : withoutContent(shown) };
  }

  #put(path: string, version: string, body: JsonObject): Answer {
    const lower = path.toLowerCase();
    if (lower.includes('/microsoft.resources/deployments/')) return this.#deploy(path, body);
    const existing = this.resources.get(lower);
    const problem = this.#invalid(lower, version, body, existing);
    if (problem) return problem;
    const { etag, ...content } = body;
    if (typeof etag === 'string' && etag !== '*' && existing?.resource.etag !== etag) {
      return refuse(412, 'PreconditionFailed', 'The etag does not match the current one.');
    }
    const properties = { ...(content.properties as JsonObject) };
    if (lower.includes('/watchlists/')) this.#takeRows(lower, properties);
    delete properties.rawContent;
    this.#store(path, { ...content, properties });
    const shown = this.#style(lower, this.resources.get(lower)!.resource);
    const headers: Record<string, string> = {};
    if (lower.includes('/watchlists/'))
      headers['azure-asyncoperation'] = `https://management.azure.com${path}/status?api-version=${version}`;
    return {
      status: existing === undefined ? 201 : 200,
      body: shown,
      ...(lower.includes('/watchlists/') && existing === undefined ? { status: 200, headers } : {}),
    };
  }

  #store(path: string, resource: JsonObject): void {
    const lower = path.toLowerCase();
    const existing = this.resources.get(lower);
    const hasEtag = !/microsoft\.(logic|web|authorization)\//.test(lower);
    this.resources.set(lower, {
      resource: {
        ...structuredClone(resource),
        id: path,
        name: path.split('/').at(-1)!,
        type: typeOf(path),
        ...(hasEtag ? { etag: `"${(++this.#version).toString(16).padStart(8, '0')}"` } : {}),
      },
      previous: existing?.resource,
      staleLeft: this.options.staleReads ?? 0,
    });
  }

  /** Puts something there that this package did not deploy, or changes what it did. */
  seed(path: string, resource: JsonObject): void {
    this.#store(path, resource);
    this.resources.get(path.toLowerCase())!.staleLeft = 0;
  }

  /** A change that somebody makes in the portal. */
  edit(path: string, change: (properties: Record<string, Json>) => void): void {
    const stored = this.resources.get(path.toLowerCase());
    if (stored === undefined) throw new Error(`nothing at ${path}`);
    const resource = structuredClone(stored.resource);
    change(resource.properties as Record<string, Json>);
    this.seed(path, resource);
  }

  #invalid(lower: string, version: string, body: JsonObject, existing: Stored | undefined): Answer | undefined {
    const properties = (body.properties ?? {}) as JsonObject;
    if (lower.includes('/alertrules/')) {
      const kind = String(body.kind);
      if (kind === 'NRT' && !version.includes('preview')) return refuse(400, 'BadRequest', 'Invalid kind: NRT');
      const required = [
        'displayName',
        'enabled',
        'severity',
        'query',
        'suppressionDuration',
        'suppressionEnabled',
        ...(kind === 'Scheduled' ? ['queryFrequency', 'queryPeriod', 'triggerOperator', 'triggerThreshold'] : []),
      ];
      const lacking = required.find((name) => properties[name] === undefined);
      if (lacking) return refuse(400, 'BadRequest', `Missing ${lacking}`);
    }
    if (lower.includes('/savedsearches/')) {
      if (existing !== undefined && body.etag === undefined)
        return refuse(409, 'Conflict', 'The saved search exists; give its etag.');
      const alias = properties.functionAlias;
      const taken = [...this.resources.entries()].some(
        ([id, other]) =>
          id !== lower && alias !== undefined && (other.resource.properties as JsonObject)?.functionAlias === alias,
      );
      if (taken) return refuse(400, 'BadRequest', `The function alias ${String(alias)} is taken.`);
    }
    if (lower.includes('/automationrules/')) {
      for (const action of (properties.actions ?? []) as JsonObject[]) {
        const target = (action.actionConfiguration as JsonObject)?.logicAppResourceId;
        if (action.actionType === 'RunPlaybook' && !this.resources.has(String(target).toLowerCase()))
          return refuse(400, 'BadRequest', 'The playbook does not exist.');
      }
    }
    if (lower.includes('/roleassignments/') && existing === undefined) {
      const same = [...this.resources.values()].some((other) => {
        const held = (other.resource.properties ?? {}) as JsonObject;
        return (
          held.principalId === properties.principalId &&
          held.roleDefinitionId === properties.roleDefinitionId &&
          scopeOfAssignment(String(other.resource.id)) === scopeOfAssignment(lower)
        );
      });
      if (same) return refuse(409, 'RoleAssignmentExists', 'The role assignment already exists.');
    }
    return undefined;
  }

  #takeRows(lower: string, properties: JsonObject): void {
    const rows = this.watchlistRows.get(lower) ?? new Map<string, JsonObject>();
    this.watchlistRows.set(lower, rows);
    if (typeof properties.rawContent !== 'string') return;
    const [header = '', ...lines] = properties.rawContent.split(/\r?\n/).filter((line) => line !== '');
    const names = header.split(',');
    for (const line of lines) {
      const cells = line.split(',');
      const row = Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
      // The service appends what is uploaded and drops rows that are there already, whole.
      if ([...rows.values()].some((held) => JSON.stringify(held) === JSON.stringify(row))) continue;
      const id = `00000000-0000-4000-8000-${String(rows.size + 1).padStart(12, '0')}`;
      rows.set(id, row);
    }
  }

  #watchlistItem(
    method: string,
    path: string,
    list: string,
    id: string | undefined,
    body: JsonObject | undefined,
  ): Answer {
    const rows = this.watchlistRows.get(list) ?? new Map<string, JsonObject>();
    this.watchlistRows.set(list, rows);
    const shown = (key: string): JsonObject => ({
      id: `${list}/watchlistItems/${key}`,
      name: key,
      type: 'Microsoft.SecurityInsights/Watchlists/WatchlistItems',
      etag: '"1"',
      properties: {
        watchlistItemId: key,
        watchlistItemType: 'watchlist-item',
        itemsKeyValue: rows.get(key)!,
        isDeleted: false,
      },
    });
    if (id === undefined) return { status: 200, body: { value: [...rows.keys()].map(shown) } };
    if (method === 'DELETE') return { status: rows.delete(id) ? 200 : 204 };
    if (method === 'PUT') {
      const created = !rows.has(id);
      rows.set(id, ((body!.properties as JsonObject).itemsKeyValue ?? {}) as JsonObject);
      return { status: created ? 201 : 200, body: shown(id) };
    }
    return rows.has(id) ? { status: 200, body: shown(id) } : notFound(path);
  }

  #deploy(path: string, body: JsonObject): Answer {
    const lower = path.toLowerCase();
    const operation = `${lower}/operationstatuses/1`;
    const active = this.#operations.get(operation);
    if (active !== undefined && active.left > 0) {
      active.left--;
      return refuse(409, 'DeploymentActive', 'The deployment is still active.');
    }
    const properties = body.properties as JsonObject;
    const parameters = Object.fromEntries(
      Object.entries((properties.parameters ?? {}) as Record<string, JsonObject>).map(([name, given]) => [
        name,
        given.value!,
      ]),
    );
    const resourceGroup = path.split('/')[4]!;
    const scope = {
      subscription: world.subscription,
      tenant: world.tenant,
      resourceGroup,
      location: world.location,
    };
    const known = (id: string): Json => this.resources.get(id.toLowerCase())?.resource ?? {};
    const evaluator = new TemplateEvaluator(properties.template as JsonObject, parameters, scope, known);
    for (const resource of evaluator.resources()) {
      const [provider, ...types] = String(resource.type).split('/');
      const group = `/subscriptions/${world.subscription}/resourceGroups/${resourceGroup}`;
      const at = typeof resource.scope === 'string' ? `${group}/providers/${resource.scope}` : group;
      const id = `${at}/providers/${provider}/${types.join('/')}/${String(resource.name)}`;
      const { apiVersion, dependsOn, type, name, scope: _, ...content } = resource;
      void [apiVersion, dependsOn, type, name];
      const before = this.resources.get(id.toLowerCase())?.resource.identity as JsonObject | undefined;
      const identity =
        content.identity === undefined
          ? {}
          : {
              identity: {
                ...(content.identity as JsonObject),
                principalId: before?.principalId ?? guidFrom(id),
                tenantId: world.tenant,
              },
            };
      this.seed(id, { ...content, ...identity });
    }
    this.seed(path, { properties: { provisioningState: 'Succeeded', mode: 'Incremental' } });
    this.#operations.set(operation, { left: this.options.polls ?? 1 });
    return {
      status: 201,
      headers: { 'azure-asyncoperation': `https://management.azure.com${operation}?api-version=2024-03-01` },
      body: { id: path, name: path.split('/').at(-1)!, properties: { provisioningState: 'Accepted' } },
    };
  }

  #delete(lower: string): Answer {
    return { status: this.resources.delete(lower) ? 200 : 204 };
  }

  #shown(lower: string, stored: Stored): JsonObject {
    return this.#style(lower, stored.resource);
  }

  /** The answer as the service spells it. */
  #style(lower: string, resource: JsonObject): JsonObject {
    if (!this.options.restyle) return resource;
    const copy = structuredClone(resource);
    copy.id = String(copy.id)
      .replace('/resourceGroups/', '/resourcegroups/')
      .replace('Microsoft.SecurityInsights', 'microsoft.securityinsights');
    copy.systemData = { createdBy: 'engineer@contoso.example', createdAt: '2026-11-01T08:00:00Z' };
    const properties = copy.properties as Record<string, Json> | undefined;
    if (properties === undefined) return copy;
    if (lower.includes('/alertrules/')) restyleRule(properties);
    if (lower.includes('/automationrules/')) {
      properties.lastModifiedTimeUtc = '2026-11-02T08:00:00Z';
      const logic = properties.triggeringLogic as Record<string, Json>;
      logic.conditions = [...((logic.conditions ?? []) as Json[])].reverse();
      properties.actions = [...((properties.actions ?? []) as Json[])].reverse();
    }
    if (lower.includes('/watchlists/')) {
      Object.assign(properties, {
        watchlistId: guidFrom(lower),
        created: '2026-11-01T08:00:00Z',
        isDeleted: false,
        labels: [],
        watchlistType: 'watchlist',
        uploadStatus: 'Complete',
        tenantId: world.tenant,
      });
    }
    if (lower.includes('microsoft.logic'))
      Object.assign(properties, {
        provisioningState: 'Succeeded',
        createdTime: '2026-11-01T08:00:00Z',
        accessEndpoint: 'https://prod-1.westeurope.logic.azure.com:443/workflows/abc',
        endpointsConfiguration: {},
        integrationServiceEnvironment: {},
      });
    if (lower.includes('/workbooks/'))
      Object.assign(properties, { timeModified: '2026-11-01T08:00:00Z', revision: 'abcdef', userId: guidFrom(lower) });
    if (lower.includes('/savedsearches/') && Array.isArray(properties.tags))
      properties.tags = [...properties.tags].reverse();
    return copy;
  }
}

function restyleRule(properties: Record<string, Json>): void {
  for (const name of ['queryFrequency', 'queryPeriod', 'suppressionDuration']) {
    const value = properties[name];
    if (value === 'PT1H') properties[name] = 'PT60M';
    if (value === 'P1D') properties[name] = 'PT24H';
  }
  Object.assign(properties, {
    lastModifiedUtc: '2026-11-02T08:00:00Z',
    alertRuleTemplateName: null,
    templateVersion: null,
  });
  for (const name of ['customDetails', 'entityMappings', 'alertDetailsOverride']) properties[name] ??= null;
  properties.tactics = [...((properties.tactics ?? []) as Json[])].reverse();
  properties.severity = String(properties.severity).toUpperCase();
  properties.query = String(properties.query).replace(/\r?\n/g, '\r\n');
  properties.incidentConfiguration ??= {};
  const incident = properties.incidentConfiguration as Record<string, Json>;
  incident.groupingConfiguration ??= {
    enabled: false,
    reopenClosedIncident: false,
    lookbackDuration: 'PT5H',
    matchingMethod: 'AllEntities',
    groupByEntities: [],
    groupByAlertDetails: null,
    groupByCustomDetails: null,
  };
}

function withoutContent(resource: JsonObject): JsonObject {
  const { serializedData, ...properties } = resource.properties as JsonObject;
  void serializedData;
  return { ...resource, properties };
}

/** A path with an odd number of segments after its last `providers` names a collection. */
function isCollection(lower: string): boolean {
  const segments = lower.split('/').filter((segment) => segment !== '');
  const provider = segments.lastIndexOf('providers');
  return (segments.length - provider) % 2 === 1;
}

function typeOf(path: string): string {
  const segments = path.split('/');
  const provider = segments.lastIndexOf('providers');
  return [segments[provider + 1], ...segments.slice(provider + 2).filter((_, index) => index % 2 === 0)].join('/');
}

function scopeOfAssignment(id: string): string {
  return id.toLowerCase().split('/providers/microsoft.authorization/')[0]!;
}

function guidFrom(text: string): string {
  let hash = 0;
  for (const character of text.toLowerCase()) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return `66666666-6666-4666-8666-${hash.toString(16).padStart(12, '0')}`;
}

function notFound(path: string): Answer {
  return refuse(404, 'ResourceNotFound', `${path} was not found.`);
}

function refuse(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } };
}

/** An unsigned token with claims, as far as the tool reads one. */
export function fakeToken(claims: Record<string, string>): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}
