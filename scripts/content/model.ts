/**
 * The content of the package, typed. Field names are those of the files (Azure-Sentinel's YAML formats, ARM), so that
 * a file moves to and from that repository unchanged.
 */

/** Where a content item was read from. `slug` is the file name without extension (playbooks and workbooks: the folder). */
export interface Source {
  file: string;
  slug: string;
  /** The whole text, for places in findings and for the content hash. */
  text: string;
}

export type RuleKind = 'Scheduled' | 'NRT';
export type AlertSeverity = 'High' | 'Medium' | 'Low' | 'Informational';

export interface EntityMapping {
  entityType: string;
  fieldMappings: { identifier: string; columnName: string }[];
}

export interface AlertDetailsOverride {
  alertDisplayNameFormat?: string;
  alertDescriptionFormat?: string;
  alertTacticsColumnName?: string;
  alertSeverityColumnName?: string;
  alertDynamicProperties?: { alertProperty: string; value: string }[];
}

export interface GroupingConfiguration {
  enabled: boolean;
  reopenClosedIncident: boolean;
  /** Azure-Sentinel YAML style, such as `5h`, or ISO 8601. */
  lookbackDuration: string;
  matchingMethod: 'AllEntities' | 'AnyAlert' | 'Selected';
  groupByEntities?: string[];
  groupByAlertDetails?: ('DisplayName' | 'Severity')[];
  groupByCustomDetails?: string[];
}

export interface RequiredDataConnector {
  connectorId: string;
  dataTypes: string[];
}

export interface AnalyticsRule {
  id: string;
  name: string;
  description: string;
  kind: RuleKind;
  severity: AlertSeverity;
  status?: string;
  requiredDataConnectors: RequiredDataConnector[];
  /** Scheduled only, Azure-Sentinel style: `5m`, `1h`, `14d`. */
  queryFrequency?: string;
  queryPeriod?: string;
  triggerOperator?: 'gt' | 'lt' | 'eq' | 'ne';
  triggerThreshold?: number;
  tactics: string[];
  relevantTechniques: string[];
  tags?: string[];
  query: string;
  entityMappings: EntityMapping[];
  customDetails?: Record<string, string>;
  alertDetailsOverride?: AlertDetailsOverride;
  eventGroupingSettings?: { aggregationKind: 'SingleAlert' | 'AlertPerResult' };
  incidentConfiguration?: { createIncident: boolean; groupingConfiguration?: GroupingConfiguration };
  suppressionEnabled?: boolean;
  suppressionDuration?: string;
  version: string;
}

export interface HuntingQuery {
  id: string;
  name: string;
  description: string;
  requiredDataConnectors: RequiredDataConnector[];
  tactics: string[];
  relevantTechniques: string[];
  tags?: string[];
  query: string;
  entityMappings?: EntityMapping[];
  customDetails?: Record<string, string>;
  version: string;
}

/** Azure-Sentinel's parser format. */
export interface WorkspaceFunction {
  id: string;
  Function: { Title: string; Version: string; LastUpdated: string };
  Category: string;
  FunctionName: string;
  FunctionAlias: string;
  FunctionParams?: { Name: string; Type: string; Default?: string; Description?: string }[];
  FunctionQuery: string;
}

export interface Watchlist {
  id: string;
  watchlistAlias: string;
  displayName: string;
  description: string;
  provider: string;
  itemsSearchKey: string;
  version: string;
  /** In the order of the CSV. Every column of a watchlist is a string to KQL. */
  columns: { name: string; description: string; required?: boolean }[];
  /** The sample rows of `<Alias>.csv`. */
  rows: Record<string, string>[];
}

export interface AutomationRule {
  id: string;
  name: string;
  description: string;
  version: string;
  order: number;
  enabled: boolean;
  triggersOn: 'Incidents' | 'Alerts';
  triggersWhen: 'Created' | 'Updated';
  /** Slugs of the analytics rules that it listens to (conditions on rule ids, never on titles); absent: all of ours. */
  analyticsRules?: string[];
  /** Further conditions in ARM's own shape (`conditionType`, `conditionProperties`). */
  conditions?: unknown[];
  expirationTimeUtc?: string;
  /** `Requirement:M1` says which requirement it answers for. */
  tags?: string[];
  actions: AutomationAction[];
}

export type AutomationAction =
  | { actionType: 'RunPlaybook'; playbook: string }
  | { actionType: 'ModifyProperties'; severity?: AlertSeverity; status?: string; labels?: string[]; owner?: string }
  | { actionType: 'AddIncidentTask'; title: string; description: string };

/** A gallery template and its description. */
export interface Workbook {
  slug: string;
  id: string;
  displayName: string;
  description: string;
  version: string;
  /** Ids of the requirements that it answers for. */
  requirements?: string[];
  template: unknown;
}

/** An ARM template of a Logic App. */
export interface Playbook {
  slug: string;
  title: string;
  version: string;
  template: unknown;
  readme: string;
}

export interface Item<T> {
  source: Source;
  value: T;
}

/** Everything in the package that could be read; what could not is in the diagnostics of the reader. */
export interface Content {
  /** Absolute path of the package. */
  root: string;
  rules: (Item<AnalyticsRule> & { guide?: Source })[];
  huntingQueries: Item<HuntingQuery>[];
  functions: Item<WorkspaceFunction>[];
  /** `source` is the definition, `csv` the file of its rows. */
  watchlists: (Item<Watchlist> & { csv?: Source })[];
  automationRules: Item<AutomationRule>[];
  /** `source` is workbook.json, `description` is workbook.yaml. */
  workbooks: (Item<Workbook> & { description?: Source })[];
  playbooks: Item<Playbook>[];
}
