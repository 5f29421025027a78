/** What the evaluation asks of the outside: a clock, an answer to queries, and the resources of the preview. */
import type { QueryResult } from '../engines/query-engine.ts';

/** The rows that Azure would let a query see: its time context. Absent: the query sets its own. */
export interface TimeWindow {
  from: Date;
  to: Date;
}

/**
 * rows: the answer; `note` says what the data lacks (a table that no connector fills here).
 * error: Azure refuses the query as well. failed: this engine cannot answer it. unavailable: it reads from outside.
 */
export type QueryOutcome =
  | { status: 'rows'; result: QueryResult; note?: string }
  | { status: 'error'; message: string }
  | { status: 'failed'; message: string }
  | { status: 'unavailable'; message: string };

export interface PreviewResource {
  /** ARM id. */
  id: string;
  name: string;
  /** Lower case, such as `microsoft.operationalinsights/workspaces`. */
  type: string;
  resourceGroup: string;
  subscriptionId: string;
  location: string;
  properties: Readonly<Record<string, string>>;
}

export interface WorkbookEnvironment {
  now: Date;
  runQuery(query: string, window: TimeWindow | undefined, signal?: AbortSignal): Promise<QueryOutcome>;
  resources: readonly PreviewResource[];
}

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
const GROUP = 'rg-sentinel';
export const WORKSPACE_TYPE = 'microsoft.operationalinsights/workspaces';
const WORKSPACE_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.OperationalInsights/workspaces/contoso-sentinel`;

/**
 * The one workspace of the preview, invented, with the solution by which Sentinel's own pickers find it. Pickers of
 * resources offer these and nothing else.
 */
export const PREVIEW_RESOURCES: readonly PreviewResource[] = [
  {
    id: WORKSPACE_ID,
    name: 'contoso-sentinel',
    type: WORKSPACE_TYPE,
    resourceGroup: GROUP,
    subscriptionId: SUBSCRIPTION,
    location: 'westeurope',
    properties: { customerId: '00000000-0000-0000-0000-000000000002' },
  },
  {
    id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.OperationsManagement/solutions/SecurityInsights(contoso-sentinel)`,
    name: 'SecurityInsights(contoso-sentinel)',
    type: 'microsoft.operationsmanagement/solutions',
    resourceGroup: GROUP,
    subscriptionId: SUBSCRIPTION,
    location: 'westeurope',
    properties: { workspaceResourceId: WORKSPACE_ID },
  },
];

export const PREVIEW_SUBSCRIPTION = {
  id: `/subscriptions/${SUBSCRIPTION}`,
  name: 'Contoso',
  subscriptionId: SUBSCRIPTION,
};

const GRAPH_COLUMNS =
  "(id:string,name:string,type:string,resourceGroup:string,subscriptionId:string,location:string,['kind']:string,tenantId:string,properties:dynamic,tags:dynamic)";

function graphRow(one: PreviewResource): string {
  const texts = [one.id, one.name, one.type, one.resourceGroup, one.subscriptionId, one.location, '', ''];
  return `${texts.map((text) => JSON.stringify(text)).join(',')},dynamic(${JSON.stringify(one.properties)}),dynamic({})`;
}

/** The table of a query that names none. */
const IMPLIED = 'preview_resources';

/**
 * A Resource Graph query over the preview's resources as a KQL text of its own. Pickers ask Resource Graph which
 * workspaces there are; its tables are names of any case, and a query may start with an operator.
 */
export function resourceGraphQuery(query: string, resources: readonly PreviewResource[]): string {
  const container = { subscriptionId: SUBSCRIPTION, location: '', properties: {} };
  const containers: PreviewResource[] = [
    {
      ...container,
      id: PREVIEW_SUBSCRIPTION.id,
      name: PREVIEW_SUBSCRIPTION.name,
      type: 'microsoft.resources/subscriptions',
      resourceGroup: '',
    },
    {
      ...container,
      id: `${PREVIEW_SUBSCRIPTION.id}/resourceGroups/${GROUP}`,
      name: GROUP,
      type: 'microsoft.resources/subscriptions/resourcegroups',
      resourceGroup: GROUP,
    },
  ];
  const tables: [string, readonly PreviewResource[]][] = [
    ['resources', resources],
    ['resourcecontainers', containers],
  ];
  const lets = tables.flatMap(([name, rows]) => {
    const wanted = [...new Set(query.match(new RegExp(`\\b${name}\\b`, 'gi')) ?? [])];
    if (name === 'resources') wanted.push(IMPLIED);
    return wanted.map((one) => `let ${one} = datatable${GRAPH_COLUMNS}[${rows.map(graphRow).join(',')}];`);
  });
  const text = query.replace(/^\s*\|/, '').trimStart();
  const starts = /^(where|project|summarize|extend|distinct|order|sort|top|take|limit|mv-?expand|join|count)\b/i.test(
    text,
  );
  return `${lets.join('\n')}\n${starts ? `${IMPLIED}\n| ` : ''}${text}`;
}
