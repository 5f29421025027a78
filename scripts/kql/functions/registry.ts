/**
 * The contract of scalar functions: how a call is lowered to SQL, and how a function without an SQL equivalent is
 * written in TypeScript.
 *
 * How a value of each Kusto type stands in DuckDB:
 *
 * | Kusto    | DuckDB        | null                  | notes |
 * | -------- | ------------- | --------------------- | ----- |
 * | string   | VARCHAR       | never: '' instead     | a lowering that can meet NULL answers '' |
 * | bool     | BOOLEAN       | NULL                  | |
 * | int      | INTEGER       | NULL                  | |
 * | long     | BIGINT        | NULL                  | |
 * | real     | DOUBLE        | NULL                  | NaN and infinities are values |
 * | decimal  | DECIMAL(38,17)| NULL                  | |
 * | datetime | BIGINT        | NULL                  | ticks of 100 ns since 0001-01-01T00:00:00Z |
 * | timespan | BIGINT        | NULL                  | ticks of 100 ns |
 * | guid     | UUID          | NULL                  | |
 * | dynamic  | VARCHAR       | NULL (also JSON null) | compact JSON text: a string value has its quotes; never the text `null` |
 *
 * DuckDB's JSON functions answer the type JSON: cast to VARCHAR (free) before you return.
 */
import type { KustoType } from '../../engines/query-engine.ts';

/** A constant: bigint for int, long and the ticks of datetime and timespan; number for real; text for the others (dynamic: JSON). */
export type ConstantValue = string | number | bigint | boolean | null;

/** A lowered expression. */
export interface SqlExpression {
  /** SQL that can stand anywhere in an expression (put it in parentheses yourself where it is not atomic). */
  sql: string;
  type: KustoType;
  /** Present (also when null) for literals and what folds to one. */
  constant?: ConstantValue;
  /** A dynamic that is a path into another one: what `json_extract` was given, so that further steps and casts join it. */
  jsonPath?: { readonly target: string; readonly path: string };
}

/** What a lowering can ask for. */
export interface FunctionContext {
  /** The binder's result type of the call. The SQL that is returned must have this type. */
  readonly resultType: KustoType;
  /** The name as it was called. */
  readonly name: string;
  /** The scenario's clock, datetime ticks; the same for the whole query. */
  readonly now: SqlExpression;
  /**
   * Makes an argument that the SQL names more than once an atom: the expression is computed once in a stage before,
   * and the answer names its column. Literals and columns come back as they are.
   */
  once(expression: SqlExpression): SqlExpression;
  /** Says that the query calls this TypeScript function (see `runtimeFunctions`), and answers its SQL name. */
  runtime(name: string): string;
  /** Ends the translation: this call cannot be answered exactly. */
  refuse(why: string): never;
  /** Ends the translation as Kusto does: the call is an error there too. */
  fail(message: string): never;
}

/** SQL of a call. Arguments come in the order of the call; named arguments are already in the place of their parameter. */
export type ScalarLowering = (args: readonly SqlExpression[], context: FunctionContext) => string;

export type RuntimeType = 'BOOLEAN' | 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'VARCHAR' | 'UUID';

/** A value as a TypeScript function sees it: BIGINT as bigint, UUID as text; NULL as null. */
export type RuntimeValue = string | number | bigint | boolean | null;

/** A scalar function in TypeScript, registered in DuckDB when a query calls it. Slow: one call a row. */
export interface RuntimeFunction {
  /** SQL name, `kql_` first. */
  readonly name: string;
  readonly parameters: readonly RuntimeType[];
  /** Type of further arguments, any number of them. */
  readonly varArgs?: RuntimeType;
  readonly returns: RuntimeType;
  /** True: `evaluate` is called for NULL arguments as well; otherwise a NULL argument answers NULL. */
  readonly seesNull?: boolean;
  evaluate(...args: RuntimeValue[]): RuntimeValue;
}

/** SQL of a call with several results, such as `series_stats(x)` or `arg_max(a, b)`: one text a column of the binder's tuple. */
export type TupleLowering = (args: readonly SqlExpression[], context: FunctionContext) => readonly string[];

/** What the lowering of an aggregate can ask for besides. */
export interface AggregateContext extends FunctionContext {
  /**
   * ` ORDER BY ...` for aggregates that depend on the order of their input (`make_list`, `take_any`), where the input is
   * ordered; else ''.
   */
  readonly order: string;
  /**
   * Computes an aggregate once and answers the name of its value, for those that take all their columns from one row.
   * Absent where the aggregate is part of an expression.
   */
  readonly keep?: (sql: string) => string;
}

/**
 * An aggregate: one SQL text a result column. `arg_max(a, *)` comes with the star replaced by its columns.
 * The text is an aggregate expression and can stand in a SELECT with GROUP BY.
 */
export type AggregateLowering = (args: readonly SqlExpression[], context: AggregateContext) => readonly string[];

export { aggregates } from '../aggregates/table.ts';
export { sqlMacros } from './macros.ts';
export { refusedFunctions, runtimeFunctions, scalarFunctions, tupleFunctions } from './table.ts';
