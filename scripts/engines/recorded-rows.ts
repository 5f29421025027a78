/** Recorded rows on an engine that has none of our tables: they travel inside each query, and nothing is written there. */
import { UserError } from '../diagnostics/errors.ts';
import type { Catalog } from '../kql/catalog.ts';
import { INGESTION_TIME } from './inlined-data.ts';
import type { PreparedQuery, QueryEngine, QueryOptions, QueryResult, Value } from './query-engine.ts';
import { selfContainedQuery } from './self-contained-query.ts';

/** The text of one request: Kusto refuses longer ones (query limits, https://learn.microsoft.com/kusto/concepts/query-limits). */
const QUERY_TEXT_LIMIT = 2_000_000;

export interface RecordedRows {
  catalog: Catalog;
  tables: readonly { name: string; rows: readonly Record<string, unknown>[] }[];
}

/**
 * A query with the rows that each run can see, as one text that `execute` hands to the engine.
 * @throws KqlError when the query does not bind; when it runs, UserError where the rows make it longer than Kusto takes.
 */
export function prepareWithRows(
  query: string,
  { catalog, tables }: RecordedRows,
  execute: (text: string, options: QueryOptions) => Promise<QueryResult>,
): PreparedQuery {
  const prepared = selfContainedQuery(query, catalog);
  return {
    columns: prepared.columns,
    run: async (options: QueryOptions = {}) => {
      const text = prepared.text(options, (name) => tables.find((table) => table.name === name)?.rows ?? []);
      if (text.length > QUERY_TEXT_LIMIT) {
        throw new UserError('KUSTO_QUERY_TOO_LONG', {
          what: `with its rows the query is ${text.length} characters long; Kusto takes ${QUERY_TEXT_LIMIT}`,
          remedy: 'use a scenario with fewer rows in the window of this rule, or run it on the local engine',
        });
      }
      return withoutIngestion(await execute(text, options));
    },
  };
}

/** A workspace that answers over recorded rows instead of its own logs. Closing it closes the workspace's engine. */
export function overRecordedRows(workspace: QueryEngine, rows: RecordedRows): QueryEngine {
  // The text has its own clock and its own rows: the workspace is given neither, only the signal to stop.
  const prepare = async (query: string): Promise<PreparedQuery> =>
    prepareWithRows(query, rows, (text, { signal }) => workspace.query(text, signal === undefined ? {} : { signal }));
  return {
    name: workspace.name,
    prepare,
    query: async (query, options = {}) => (await prepare(query)).run(options),
    close: () => workspace.close(),
  };
}

/** The ingestion time travelled as a column of its own; the service has no such column. */
function withoutIngestion(result: QueryResult): QueryResult {
  const kept = result.columns
    .map((column, i) => ({ column, i }))
    .filter(({ column }) => column.name !== INGESTION_TIME);
  if (kept.length === result.columns.length) return result;
  return {
    ...result,
    columns: kept.map(({ column }) => column),
    rows: result.rows.map((row) => kept.map(({ i }) => row[i] as Value)),
  };
}
