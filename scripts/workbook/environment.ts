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
}

export interface WorkbookEnvironment {
  now: Date;
  runQuery(query: string, window: TimeWindow | undefined, signal?: AbortSignal): Promise<QueryOutcome>;
  resources: readonly PreviewResource[];
}

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';

function resource(type: string, name: string): PreviewResource {
  return {
    id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-sentinel/providers/${type}/${name}`,
    name,
    type: type.toLowerCase(),
    resourceGroup: 'rg-sentinel',
    subscriptionId: SUBSCRIPTION,
    location: 'westeurope',
  };
}

/** The one workspace of the preview, invented; pickers of resources offer it and nothing else. */
export const PREVIEW_RESOURCES: readonly PreviewResource[] = [
  resource('Microsoft.OperationalInsights/workspaces', 'contoso-sentinel'),
];

export const PREVIEW_SUBSCRIPTION = {
  id: `/subscriptions/${SUBSCRIPTION}`,
  name: 'Contoso',
  subscriptionId: SUBSCRIPTION,
};

/**
 * A Resource Graph query over the preview's resources as a KQL text of its own. Pickers ask Resource Graph which
 * workspaces there are; its tables are names of any case, and a query may start with an operator.
 */
export function resourceGraphQuery(query: string, resources: readonly PreviewResource[]): string {
  const text = (value: string) => JSON.stringify(value);
  const rows = resources.map((one) =>
    [
      text(one.id),
      text(one.name),
      text(one.type),
      text(one.resourceGroup),
      text(one.subscriptionId),
      text(one.location),
      text(''),
      'dynamic({})',
      'dynamic({})',
      text(''),
    ].join(','),
  );
  const schema =
    '(id:string,name:string,type:string,resourceGroup:string,subscriptionId:string,location:string,kind:string,properties:dynamic,tags:dynamic,tenantId:string)';
  const container = (id: string, name: string, type: string) =>
    [
      text(id),
      text(name),
      text(type),
      text(name),
      text(SUBSCRIPTION),
      text(''),
      text(''),
      'dynamic({})',
      'dynamic({})',
      text(''),
    ].join(',');
  const containers = [
    container(PREVIEW_SUBSCRIPTION.id, PREVIEW_SUBSCRIPTION.name, 'microsoft.resources/subscriptions'),
    container(
      `${PREVIEW_SUBSCRIPTION.id}/resourceGroups/rg-sentinel`,
      'rg-sentinel',
      'microsoft.resources/subscriptions/resourcegroups',
    ),
  ];
  const tables: [string, string[]][] = [
    ['resources', rows],
    ['resourcecontainers', containers],
  ];
  const lets = tables.flatMap(([name, values]) => {
    const wanted = [...new Set(query.match(new RegExp(`\\b${name}\\b`, 'gi')) ?? []), `preview_${name}`];
    return wanted.map((one) => `let ${one} = datatable${schema}[${values.join(',')}];`);
  });
  const starts =
    /^\s*(where|project|summarize|extend|distinct|order|sort|top|take|limit|mv-?expand|join|count)\b/i.test(query);
  return `${lets.join('\n')}\n${starts ? 'preview_resources\n| ' : ''}${query}`;
}
