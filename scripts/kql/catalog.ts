/** What the binder has to know of a workspace: tables, functions, and functions whose result depends on an argument. */
import type { Column } from '../engines/query-engine.ts';

export interface TableSchema {
  name: string;
  columns: readonly Column[];
}

/** A stored function with a KQL body. */
export interface KqlFunction {
  name: string;
  /** Kusto syntax with parentheses, such as `(account:string, window:timespan=1h)`; `()` without parameters. */
  parameters: string;
  body: string;
}

/**
 * A tabular function that answers a stored table chosen by its constant string arguments, such as `_GetWatchlist('X')`.
 * `resolve` names the table with its schema, or answers undefined where there is none (Kusto then says so).
 */
export interface TableFunction {
  name: string;
  parameters: readonly string[];
  /** Tells what `resolve` answers from: two functions of one name with the same `version` answer alike. */
  version?: string;
  resolve(args: readonly string[]): TableSchema | undefined;
}

export interface Catalog {
  tables: readonly TableSchema[];
  functions: readonly KqlFunction[];
  tableFunctions: readonly TableFunction[];
  /** Files on this machine that stand for what an address of `externaldata` answers, by the address. */
  externalFiles?: ReadonlyMap<string, string>;
}
