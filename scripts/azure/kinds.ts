/** The kinds of things that are deployed: their order, their API versions, and the fields of each that the package governs. */

export type Kind =
  | 'watchlist'
  | 'function'
  | 'huntingQuery'
  | 'rule'
  | 'playbook'
  | 'roleAssignment'
  | 'automationRule'
  | 'workbook';

/** How a field is compared and shown. `text` is multi-line; `opaque` is JSON whose every part means something. */
export type FieldShape = 'value' | 'text' | 'opaque';

export interface Field {
  /** Dotted path in the resource. */
  path: string;
  shape?: FieldShape;
  /** The workspace may change it: its value is kept. */
  tunable?: boolean;
}

export interface KindDefinition {
  kind: Kind;
  /** For people, in the plural. */
  title: string;
  /** Sentinel's word for it in its metadata resource; a role assignment has none and is recorded nowhere. */
  metadataKind?: string;
  fields: readonly Field[];
}

/**
 * Stable versions where they are enough. Near-real-time rules exist in preview versions only; 2022-09-01-preview is the
 * one that the SDK models, and the newer one carries `alertDynamicProperties`
 * (azure-rest-api-specs, Microsoft.SecurityInsights).
 */
export const apiVersions = {
  sentinel: '2024-03-01',
  nrtRule: '2022-09-01-preview',
  nrtRuleNewest: '2025-07-01-preview',
  savedSearch: '2020-08-01',
  workspace: '2022-10-01',
  workbook: '2023-06-01',
  workflow: '2019-05-01',
  connection: '2016-06-01',
  deployment: '2024-03-01',
  resourceGroup: '2024-03-01',
  authorization: '2022-04-01',
  provider: '2021-04-01',
  diagnosticSettings: '2017-04-01-preview',
} as const;

const p = (name: string, more: Omit<Field, 'path'> = {}): Field => ({ path: `properties.${name}`, ...more });
const tunable = { tunable: true } as const;

const savedSearch: readonly Field[] = [
  p('displayName'),
  p('category'),
  p('query', { shape: 'text' }),
  p('functionAlias'),
  p('functionParameters'),
  p('version'),
  p('tags'),
];

/** In the order of deployment: nothing refers to what comes after it. */
export const kinds: readonly KindDefinition[] = [
  {
    kind: 'watchlist',
    title: 'watchlists',
    metadataKind: 'Watchlist',
    fields: [p('displayName'), p('description'), p('provider'), p('itemsSearchKey')],
  },
  { kind: 'function', title: 'functions', metadataKind: 'Parser', fields: savedSearch },
  { kind: 'huntingQuery', title: 'hunting queries', metadataKind: 'HuntingQuery', fields: savedSearch },
  {
    kind: 'rule',
    title: 'analytics rules',
    metadataKind: 'AnalyticsRule',
    fields: [
      { path: 'kind' },
      p('displayName'),
      p('description', { shape: 'text' }),
      p('severity', tunable),
      p('enabled', tunable),
      p('query', { shape: 'text' }),
      p('queryFrequency'),
      p('queryPeriod'),
      p('triggerOperator', tunable),
      p('triggerThreshold', tunable),
      p('suppressionEnabled'),
      p('suppressionDuration'),
      p('tactics'),
      p('techniques'),
      p('subTechniques'),
      p('entityMappings'),
      p('customDetails'),
      p('alertDetailsOverride'),
      p('eventGroupingSettings'),
      p('incidentConfiguration.createIncident'),
      p('incidentConfiguration.groupingConfiguration', tunable),
    ],
  },
  {
    kind: 'playbook',
    title: 'playbooks',
    metadataKind: 'Playbook',
    fields: [
      p('state'),
      p('definition', { shape: 'opaque' }),
      p('parameters', { shape: 'opaque' }),
      { path: 'identity.type' },
      { path: 'tags' },
      { path: 'connections', shape: 'opaque' },
    ],
  },
  {
    kind: 'roleAssignment',
    title: 'role assignments',
    fields: [p('roleDefinitionId'), p('principalId')],
  },
  {
    kind: 'automationRule',
    title: 'automation rules',
    metadataKind: 'AutomationRule',
    fields: [
      p('displayName'),
      p('order', tunable),
      p('triggeringLogic.isEnabled', tunable),
      p('triggeringLogic.expirationTimeUtc'),
      p('triggeringLogic.triggersOn'),
      p('triggeringLogic.triggersWhen'),
      p('triggeringLogic.conditions'),
      p('actions'),
    ],
  },
  {
    kind: 'workbook',
    title: 'workbooks',
    metadataKind: 'Workbook',
    fields: [
      { path: 'kind' },
      p('displayName'),
      p('description'),
      p('category'),
      p('sourceId'),
      p('serializedData', { shape: 'opaque' }),
    ],
  },
];

const byKind = new Map(kinds.map((definition) => [definition.kind, definition]));

export function kindOf(kind: Kind): KindDefinition {
  return byKind.get(kind)!;
}
