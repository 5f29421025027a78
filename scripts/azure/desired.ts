/** From the repository's content to the resources that Azure is to hold. Pure. */
import { functionParameters } from '../content/catalog.ts';
import { deployableQuery } from '../content/deployable-query.ts';
import type { AnalyticsRule, AutomationAction, AutomationRule, Content, Item } from '../content/model.ts';
import { isUserError, UserError } from '../diagnostics/errors.ts';
import { guidOf, type Json, type JsonObject } from './json.ts';
import { apiVersions, type Kind } from './kinds.ts';
import { type Fields, fieldsOf } from './normalize.ts';
import { desiredPlaybook, type PlaybookDeployment, playbookName } from './playbook-template.ts';
import { roleAssignments } from './role-assignments.ts';
import { paths, type Scope } from './scope.ts';
import type { Overlays, Target } from './target.ts';

/** One thing that is to be at the target. */
export interface DesiredItem {
  /** `kind/slug`: how people call it, and how a plan and a dependency name it. */
  key: string;
  kind: Kind;
  slug: string;
  /** The content's own id, the same at every target. */
  id: string;
  name: string;
  version: string;
  file: string;
  /** Undefined while it depends on something that does not exist yet. */
  resourceId: string | undefined;
  apiVersion: string;
  body: JsonObject;
  /** Properties sent at creation only. */
  initial?: JsonObject;
  fields: Fields;
  dependsOn: readonly string[];
  /** Playbooks are deployed as their template. */
  deployment?: PlaybookDeployment;
  /** Role assignments: the playbook whose identity gets the role. */
  principalOf?: string;
}

/** `kind id` of everything in the package, also of what a target leaves out. */
export function contentKeys(content: Content): Set<string> {
  const ids = (kind: Kind, list: readonly string[]): string[] => list.map((id) => `${kind} ${id.toLowerCase()}`);
  return new Set([
    ...ids(
      'watchlist',
      content.watchlists.map(({ value }) => value.id),
    ),
    ...ids(
      'function',
      content.functions.map(({ value }) => value.id),
    ),
    ...ids(
      'huntingQuery',
      content.huntingQueries.map(({ value }) => value.id),
    ),
    ...ids(
      'rule',
      content.rules.map(({ value }) => value.id),
    ),
    ...ids(
      'playbook',
      content.playbooks.map(({ source }) => guidOf('playbook', source.slug)),
    ),
    ...ids(
      'automationRule',
      content.automationRules.map(({ value }) => value.id),
    ),
    ...ids(
      'workbook',
      content.workbooks.map(({ value }) => value.id),
    ),
  ]);
}

/** What `desiredItems` cannot take from the repository. */
export interface DesiredInputs {
  target: Pick<Target, 'exclude' | 'overlays' | 'securityInsightsPrincipalId'>;
  scope: Scope;
  /** CSV of the first rows of a watchlist, by alias; absent: it is created empty. */
  initialRows: ReadonlyMap<string, string>;
  /** Gets a word for each playbook that is left out because its parameters are not set; absent: that is an error. */
  leftOut?: string[];
  /** Object ids of the managed identities of playbooks that exist already, by slug. */
  principals: ReadonlyMap<string, string>;
}

/**
 * Everything that the target is to hold, overlays applied, in the order of deployment.
 * @throws UserError where an overlay or exclusion names nothing, or a playbook's template cannot be evaluated.
 */
export function desiredItems(content: Content, inputs: DesiredInputs): DesiredItem[] {
  checkOverlays(content, inputs.target);
  const items: DesiredItem[] = [
    ...content.watchlists.map((item) => watchlist(item, inputs)),
    ...content.functions.map((item) => workspaceFunction(item, inputs.scope)),
    ...content.huntingQueries.map((item) => huntingQuery(item, content, inputs.scope)),
    ...content.rules.map((item) => analyticsRule(item, content, inputs)),
  ];
  const playbooks = content.playbooks.flatMap((item) => possiblePlaybook(item, inputs));
  items.push(...playbooks);
  items.push(...roleAssignments(playbooks, inputs));
  const made = new Set(playbooks.map((item) => item.key));
  const possible = (item: DesiredItem): boolean =>
    item.dependsOn.every((key) => !key.startsWith('playbook/') || made.has(key) || inputs.leftOut === undefined);
  items.push(...content.automationRules.map((item) => automationRule(item, content, inputs)).filter(possible));
  items.push(...content.workbooks.map((item) => workbook(item, inputs.scope)));
  const kept = items.filter((item) => !isExcluded(item, inputs.target.exclude));
  const keys = new Set(kept.map((item) => item.key));
  // What a target leaves out cannot be waited for.
  return kept.map((item) => ({ ...item, dependsOn: item.dependsOn.filter((key) => keys.has(key)) }));
}

/** A playbook whose parameters nobody set is left out with a word, where the caller takes it. */
function possiblePlaybook(item: Content['playbooks'][number], inputs: DesiredInputs): DesiredItem[] {
  try {
    return [desiredPlaybook(item, inputs.scope, inputs.target.overlays)];
  } catch (error) {
    if (!isUserError(error) || error.code !== 'playbook-parameter-missing' || inputs.leftOut === undefined) throw error;
    const names = new Set(inputs.target.exclude.map((name) => name.toLowerCase()));
    const excluded = names.has('playbook') || names.has(`playbook/${item.source.slug}`.toLowerCase());
    if (!excluded) inputs.leftOut.push(`playbook/${item.source.slug} is left out: ${error.message}; ${error.remedy}`);
    return [];
  }
}

function isExcluded(item: DesiredItem, exclude: readonly string[]): boolean {
  const names = new Set(exclude.map((name) => name.toLowerCase()));
  const playbook = item.principalOf;
  if (playbook !== undefined && (names.has('playbook') || names.has(`playbook/${playbook}`.toLowerCase()))) return true;
  return names.has(item.kind.toLowerCase()) || names.has(item.key.toLowerCase());
}

function make(
  kind: Kind,
  source: { slug: string; file: string },
  header: { id: string; name: string; version: string; resourceId: string; apiVersion: string; dependsOn?: string[] },
  body: JsonObject,
): DesiredItem {
  const { id, name, version, resourceId, apiVersion } = header;
  return {
    key: `${kind}/${source.slug}`,
    kind,
    slug: source.slug,
    id: id.toLowerCase(),
    name,
    version,
    file: source.file,
    resourceId,
    apiVersion,
    body,
    fields: fieldsOf(kind, body),
    dependsOn: header.dependsOn ?? [],
  };
}

function watchlist({ source, value }: Content['watchlists'][number], inputs: DesiredInputs): DesiredItem {
  const resourceId = paths.watchlist(inputs.scope, value.watchlistAlias);
  const body = {
    properties: {
      displayName: value.displayName,
      description: value.description,
      provider: value.provider,
      source: `${value.watchlistAlias}.csv`,
      itemsSearchKey: value.itemsSearchKey,
    },
  };
  const { id, displayName: name, version } = value;
  const item = make('watchlist', source, { id, name, version, resourceId, apiVersion: apiVersions.sentinel }, body);
  const rows = inputs.initialRows.get(value.watchlistAlias);
  return rows === undefined
    ? item
    : { ...item, initial: { rawContent: rows, contentType: 'text/csv', numberOfLinesToSkip: 0 } };
}

function workspaceFunction({ source, value }: Content['functions'][number], scope: Scope): DesiredItem {
  const parameters = functionParameters(value);
  const body = {
    properties: {
      category: value.Category,
      displayName: value.Function.Title,
      query: value.FunctionQuery,
      functionAlias: value.FunctionAlias,
      ...(parameters === '' ? {} : { functionParameters: parameters }),
      version: 2,
    },
  };
  const header = {
    id: value.id,
    name: value.FunctionAlias,
    version: value.Function.Version,
    resourceId: paths.savedSearch(scope, value.id.toLowerCase()),
    apiVersion: apiVersions.savedSearch,
  };
  return make('function', source, header, body);
}

function huntingQuery(
  { source, value }: Content['huntingQueries'][number],
  content: Content,
  scope: Scope,
): DesiredItem {
  const tags = [
    { name: 'description', value: value.description.trim() },
    { name: 'tactics', value: value.tactics.join(',') },
    { name: 'techniques', value: value.relevantTechniques.join(',') },
  ].filter((tag) => tag.value !== '');
  const body = {
    // Self-contained like a rule, so that it runs wherever it is opened.
    properties: {
      category: 'Hunting Queries',
      displayName: value.name,
      query: deployableQuery(value.query, content),
      version: 2,
      tags,
    },
  };
  const header = {
    id: value.id,
    name: value.name,
    version: value.version,
    resourceId: paths.savedSearch(scope, value.id.toLowerCase()),
    apiVersion: apiVersions.savedSearch,
  };
  return make('huntingQuery', source, header, body);
}

const operators = { gt: 'GreaterThan', lt: 'LessThan', eq: 'Equal', ne: 'NotEqual' } as const;

function analyticsRule({ source, value }: Item<AnalyticsRule>, content: Content, inputs: DesiredInputs): DesiredItem {
  const overlay = inputs.target.overlays.rules?.[source.slug] ?? {};
  const body = ruleBody({ ...value, ...overlay }, deployableQuery(value.query, content), overlay.enabled ?? true);
  const header = {
    id: value.id,
    name: value.name,
    version: value.version,
    resourceId: paths.rule(inputs.scope, value.id.toLowerCase()),
    apiVersion: ruleApiVersion(body),
    dependsOn: content.watchlists
      .filter((item) => body.properties.query.includes(item.value.watchlistAlias))
      .map((item) => `watchlist/${item.source.slug}`),
  };
  return make('rule', source, header, body);
}

/** The rule as Sentinel's REST API takes it. */
export function ruleBody(value: AnalyticsRule, query: string, enabled: boolean) {
  const scheduled = value.kind === 'Scheduled';
  const grouping = value.incidentConfiguration?.groupingConfiguration;
  return {
    kind: value.kind as string,
    properties: {
      displayName: value.name,
      description: value.description
        .trim()
        .replace(/^'([\s\S]*)'$/, '$1')
        .trim(),
      severity: value.severity,
      enabled,
      query,
      ...(scheduled
        ? {
            queryFrequency: isoDuration(value.queryFrequency ?? '1h'),
            queryPeriod: isoDuration(value.queryPeriod ?? '1h'),
            triggerOperator: operators[value.triggerOperator ?? 'gt'],
            triggerThreshold: value.triggerThreshold ?? 0,
          }
        : {}),
      suppressionEnabled: value.suppressionEnabled ?? false,
      suppressionDuration: isoDuration(value.suppressionDuration ?? '5h'),
      tactics: value.tactics,
      // The stable API has no sub-techniques: T1078.004 is deployed as T1078.
      techniques: [...new Set(value.relevantTechniques.map((technique) => technique.split('.')[0]!))],
      ...(value.entityMappings.length === 0 ? {} : { entityMappings: value.entityMappings as unknown as Json }),
      ...(value.customDetails ? { customDetails: value.customDetails } : {}),
      ...(value.alertDetailsOverride ? { alertDetailsOverride: value.alertDetailsOverride as unknown as Json } : {}),
      eventGroupingSettings: { aggregationKind: value.eventGroupingSettings?.aggregationKind ?? 'SingleAlert' },
      incidentConfiguration: {
        createIncident: value.incidentConfiguration?.createIncident ?? true,
        ...(grouping
          ? {
              groupingConfiguration: {
                enabled: grouping.enabled,
                reopenClosedIncident: grouping.reopenClosedIncident,
                lookbackDuration: isoDuration(grouping.lookbackDuration),
                matchingMethod: grouping.matchingMethod,
                groupByEntities: grouping.groupByEntities ?? [],
                groupByAlertDetails: grouping.groupByAlertDetails ?? [],
                groupByCustomDetails: grouping.groupByCustomDetails ?? [],
              },
            }
          : {}),
      },
    },
  };
}

/** The API version that carries every property of the rule. */
export function ruleApiVersion(body: { kind: string; properties: JsonObject }): string {
  if (body.kind.toUpperCase() !== 'NRT') return apiVersions.sentinel;
  const override = body.properties.alertDetailsOverride;
  const dynamic = typeof override === 'object' && override !== null && 'alertDynamicProperties' in override;
  return dynamic ? apiVersions.nrtRuleNewest : apiVersions.nrtRule;
}

/** `5m`, `2h`, `14d` of Azure-Sentinel's YAML as ISO 8601; ISO 8601 stays. */
export function isoDuration(value: string): string {
  const match = /^(\d+)([smhd])$/i.exec(value.trim());
  if (!match) return value.trim().toUpperCase();
  const unit = match[2]!.toUpperCase();
  return unit === 'D' ? `P${match[1]}D` : `PT${match[1]}${unit}`;
}

function automationRule({ source, value }: Item<AutomationRule>, content: Content, inputs: DesiredInputs): DesiredItem {
  const overlay = inputs.target.overlays.automationRules?.[source.slug] ?? {};
  const rules = rulesOf(value, content, source.file);
  const incidents = value.triggersOn === 'Incidents';
  // On rule ids, never on titles: the Defender portal renames incidents.
  const conditions: Json[] = [
    {
      conditionType: 'Property',
      conditionProperties: {
        propertyName: incidents ? 'IncidentRelatedAnalyticRuleIds' : 'AlertAnalyticRuleIds',
        operator: 'Contains',
        propertyValues: rules.map((rule) => paths.rule(inputs.scope, rule.value.id.toLowerCase())),
      },
    },
    ...((value.conditions ?? []) as Json[]),
  ];
  const body = {
    properties: {
      displayName: value.name,
      order: overlay.order ?? value.order,
      triggeringLogic: {
        isEnabled: overlay.enabled ?? value.enabled,
        ...(value.expirationTimeUtc ? { expirationTimeUtc: value.expirationTimeUtc } : {}),
        triggersOn: value.triggersOn,
        triggersWhen: value.triggersWhen,
        conditions,
      },
      actions: value.actions.map((action, index) => automationAction(action, index + 1, content, inputs, source.file)),
    },
  };
  const playbooks = value.actions.flatMap((action) => (action.actionType === 'RunPlaybook' ? [action.playbook] : []));
  const header = {
    id: value.id,
    name: value.name,
    version: value.version,
    resourceId: paths.automationRule(inputs.scope, value.id.toLowerCase()),
    apiVersion: apiVersions.sentinel,
    dependsOn: [
      ...rules.map((rule) => `rule/${rule.source.slug}`),
      ...playbooks.map((slug) => `playbook/${slug}`),
      ...(playbooks.length > 0 ? ['roleAssignment/azure-security-insights'] : []),
    ],
  };
  return make('automationRule', source, header, body);
}

function rulesOf(value: AutomationRule, content: Content, file: string): Content['rules'] {
  if (value.analyticsRules === undefined) return content.rules;
  return value.analyticsRules.map((slug) => {
    const rule = content.rules.find((item) => item.source.slug === slug);
    if (rule === undefined) throw unknownReference(file, 'analytics rule', slug);
    return rule;
  });
}

function automationAction(
  action: AutomationAction,
  order: number,
  content: Content,
  inputs: DesiredInputs,
  file: string,
): JsonObject {
  const { actionType } = action;
  switch (action.actionType) {
    case 'RunPlaybook': {
      const playbook = content.playbooks.find((item) => item.source.slug === action.playbook);
      if (playbook === undefined) throw unknownReference(file, 'playbook', action.playbook);
      const name = playbookName(playbook, inputs.target.overlays);
      const actionConfiguration = {
        logicAppResourceId: paths.workflow(inputs.scope, name),
        tenantId: inputs.scope.tenant,
      };
      return { order, actionType, actionConfiguration };
    }
    case 'AddIncidentTask':
      return { order, actionType, actionConfiguration: { title: action.title, description: action.description } };
    case 'ModifyProperties': {
      const { severity, status, labels, owner } = action;
      const person =
        owner === undefined ? {} : { owner: /@/.test(owner) ? { userPrincipalName: owner } : { objectId: owner } };
      return {
        order,
        actionType,
        actionConfiguration: {
          ...(severity ? { severity } : {}),
          ...(status ? { status } : {}),
          ...(labels ? { labels: labels.map((labelName) => ({ labelName })) } : {}),
          ...person,
        },
      };
    }
  }
}

function workbook({ source, value }: Content['workbooks'][number], scope: Scope): DesiredItem {
  const body = {
    location: scope.location,
    kind: 'shared',
    properties: {
      displayName: value.displayName,
      description: value.description,
      serializedData: JSON.stringify(value.template),
      version: '1.0',
      category: 'sentinel',
      sourceId: scope.workspace,
    },
  };
  const header = {
    id: value.id,
    name: value.displayName,
    version: value.version,
    resourceId: paths.workbook(scope, value.id.toLowerCase()),
    apiVersion: apiVersions.workbook,
  };
  return make('workbook', source, header, body);
}

function unknownReference(file: string, what: string, slug: string): UserError {
  return new UserError('reference-unknown', {
    what: `${what} "${slug}" does not exist`,
    place: file,
    remedy: 'run `breakglass validate`; it names the file and the nearest name that exists',
  });
}

/** An overlay that names nothing is a typing mistake, and its setting would silently not apply. */
function checkOverlays(content: Content, target: DesiredInputs['target']): void {
  const known: Record<keyof Overlays, Set<string>> = {
    rules: new Set(content.rules.map((item) => item.source.slug)),
    automationRules: new Set(content.automationRules.map((item) => item.source.slug)),
    watchlists: new Set(content.watchlists.map((item) => item.value.watchlistAlias)),
    playbooks: new Set(content.playbooks.map((item) => item.source.slug)),
  };
  for (const [group, slugs] of Object.entries(known)) {
    for (const slug of Object.keys(target.overlays[group as keyof Overlays] ?? {})) {
      if (slugs.has(slug)) continue;
      throw new UserError('overlay-unknown', {
        what: `overlays.${group}.${slug} names nothing in the package`,
        remedy: `one of: ${[...slugs].join(', ') || '(there are none)'}`,
      });
    }
  }
}
