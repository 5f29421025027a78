/** What runs a KQL query: the local engine, a Log Analytics workspace or a Kusto cluster. */

/** Kusto's scalar types, https://learn.microsoft.com/kusto/query/scalar-data-types. */
export type KustoType =
  | 'bool'
  | 'datetime'
  | 'decimal'
  | 'dynamic'
  | 'guid'
  | 'int'
  | 'long'
  | 'real'
  | 'string'
  | 'timespan';

export interface Column {
  name: string;
  type: KustoType;
}

/**
 * A cell. datetime: "2026-11-22T10:11:12.1234567Z"; timespan: "[-][d.]hh:mm:ss[.fffffff]"; guid: lower case;
 * long beyond 2^53 and decimal: text; not-a-number and infinities: "NaN", "Infinity", "-Infinity";
 * dynamic: the JSON value; a null of any type: null. Strings are never null.
 */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** What `| render` asks for; the rows are not changed by it. */
export interface Visualization {
  kind: string;
  properties: Record<string, string>;
}

export interface QueryResult {
  columns: Column[];
  rows: Value[][];
  visualization?: Visualization;
  /** Set when the service answered with only a part of the rows; says why. */
  partial?: string;
}

/** The rows that a run can see, as the service restricts them. Bounds are inclusive at `from`, exclusive at `to`. */
export interface Visibility {
  /** Window over `TimeGenerated`. */
  timeGenerated?: { from?: Date; to?: Date };
  /** Window over the time of ingestion. */
  ingested?: { from?: Date; to?: Date };
}

export interface QueryOptions {
  /** What `now()` answers, and `ago()` counts from. Default: the machine's clock, taken once for the query. */
  now?: Date;
  visibility?: Visibility;
  /** Whose rows the run sees, where the engine holds those of several workspaces. */
  workspace?: number;
  signal?: AbortSignal;
}

/** A query that was parsed and bound once and runs many times, each time at another `now` and visibility. */
export interface PreparedQuery {
  readonly columns: readonly Column[];
  run(options?: QueryOptions): Promise<QueryResult>;
  /** The results of many runs in their order, at less cost than one by one; absent where the engine cannot. */
  runAll?(runs: readonly QueryOptions[], signal?: AbortSignal): Promise<QueryResult[]>;
}

export interface QueryEngine {
  readonly name: 'local' | 'log-analytics' | 'kusto';
  /** @throws KqlError when the query is refused: its diagnostics carry code, message and range. */
  prepare(query: string): Promise<PreparedQuery>;
  /** `prepare` and `run` in one. */
  query(query: string, options?: QueryOptions): Promise<QueryResult>;
  close(): Promise<void>;
}
