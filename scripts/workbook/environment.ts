/** What the evaluation asks of the outside: a clock, an answer to queries, and the resources of the preview. */
import type { QueryResult } from '../engines/query-engine.ts';
import { resourcePart } from './parameter-value.ts';

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

/** How a note begins that tells what the data lacks. */
export const NOT_IN_DATA = 'Not in this data';

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

export const WORKSPACE_TYPE = 'microsoft.operationalinsights/workspaces';

/** The workspace that the pickers offer. */
export interface PreviewWorkspace {
  /** ARM id. */
  id: string;
  customerId: string;
  location: string;
}

/** The one workspace of a preview on recorded logs, invented. */
const INVENTED: PreviewWorkspace = {
  id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-sentinel/providers/Microsoft.OperationalInsights/workspaces/contoso-sentinel',
  customerId: '00000000-0000-0000-0000-000000000002',
  location: 'westeurope',
};

/** What pickers of resources offer: a workspace, and the solution by which Sentinel's own pickers find it. */
export function previewResources(workspace: PreviewWorkspace = INVENTED): readonly PreviewResource[] {
  const name = resourcePart(workspace.id, 'name');
  const shared = {
    resourceGroup: resourcePart(workspace.id, 'resourcegroup'),
    subscriptionId: resourcePart(workspace.id, 'subscription'),
    location: workspace.location,
  };
  const group = `/subscriptions/${shared.subscriptionId}/resourceGroups/${shared.resourceGroup}`;
  return [
    { ...shared, id: workspace.id, name, type: WORKSPACE_TYPE, properties: { customerId: workspace.customerId } },
    {
      ...shared,
      id: `${group}/providers/Microsoft.OperationsManagement/solutions/SecurityInsights(${name})`,
      name: `SecurityInsights(${name})`,
      type: 'microsoft.operationsmanagement/solutions',
      properties: { workspaceResourceId: workspace.id },
    },
  ];
}

/** The subscriptions of resources. */
export function subscriptionsOf(resources: readonly PreviewResource[]): { id: string; name: string }[] {
  const known: Record<string, string> = { [resourcePart(INVENTED.id, 'subscription')]: 'Contoso' };
  return [...new Set(resources.map((one) => one.subscriptionId))].map((one) => ({
    id: `/subscriptions/${one}`,
    name: known[one] ?? one,
  }));
}

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
  const groups = new Map(resources.map((one) => [`${one.subscriptionId}/${one.resourceGroup}`, one]));
  const containers: PreviewResource[] = [
    ...subscriptionsOf(resources).map(({ id, name }) => ({
      id,
      name,
      type: 'microsoft.resources/subscriptions',
      resourceGroup: '',
      subscriptionId: resourcePart(id, 'subscription'),
      location: '',
      properties: {},
    })),
    ...[...groups.values()].map(({ subscriptionId, resourceGroup }) => ({
      id: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`,
      name: resourceGroup,
      type: 'microsoft.resources/subscriptions/resourcegroups',
      resourceGroup,
      subscriptionId,
      location: '',
      properties: {},
    })),
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
