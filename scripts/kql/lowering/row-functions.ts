/** Functions that need more than their arguments: the row's own columns, its time of ingestion, its neighbours. */
import { packBag } from '../functions/dynamic.ts';
import { type SqlExpression, scalarFunctions } from '../functions/registry.ts';
import type { SyntaxNode } from '../syntax.ts';
import { callArguments } from './calls.ts';
import { contextOf, lower } from './expression.ts';
import { constant } from './literals.ts';
import { scalarType } from './operators.ts';
import { column, sqlNull } from './relation.ts';
import type { Scope } from './scope.ts';
import type { Translation } from './translation.ts';
import { windowFunctions } from './window-functions.ts';

export type RowFunction = (node: SyntaxNode, scope: Scope, t: Translation) => SqlExpression;

export const rowFunctions: ReadonlyMap<string, RowFunction> = new Map<string, RowFunction>([
  ['bin_auto', binAuto],
  ['column_ifexists', columnIfExists],
  ['columnifexists', columnIfExists],
  ['ingestion_time', ingestionTime],
  ['pack_all', packAll],
  ['bag_pack_columns', packColumns],
  ['column_names_of', columnNames],
  ['iscolumnexists', columnExists],
  ...windowFunctions,
]);

/**
 * bin() whose size, and the place where the bins start, are options of the query,
 * https://learn.microsoft.com/kusto/query/bin-auto-function.
 */
function binAuto(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const [value] = callArguments(node);
  const size = t.requestOptions.get('query_bin_auto_size');
  if (!value || !size) return t.unsupported('bin_auto() without the option query_bin_auto_size', node);
  const at = t.requestOptions.get('query_bin_auto_at');
  const type = scalarType(value, t);
  const args = [value, size, ...(at ? [at] : [])].map((argument) => lower(argument, scope, t));
  // A size of another kind, such as a number for a time, is an error of Kusto that the binder does not see.
  if (args.some((argument) => (type === 'datetime' ? !isTime(argument, args) : argument.type !== type))) {
    return t.unsupported(`bin_auto() of ${type} with these options`, node);
  }
  const lowering = scalarFunctions.get(at ? 'bin_at' : 'bin')!;
  return { sql: lowering(args, contextOf(node, 'bin_auto', type, scope, t)), type };
}

function isTime(argument: SqlExpression, args: readonly SqlExpression[]): boolean {
  return argument.type === (argument === args[1] ? 'timespan' : 'datetime');
}

/** The column where the rows have one of that name, else the default. */
function columnIfExists(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const [name, otherwise] = callArguments(node);
  const wanted = name && lower(name, scope, t).constant;
  if (typeof wanted !== 'string' || !otherwise) return t.unsupported('column_ifexists() without a constant name', node);
  const found = scope.relation && column(scope.relation, wanted);
  const value = found ? { sql: found.sql, type: found.type } : lower(otherwise, scope, t);
  const type = scalarType(node, t);
  if (value.type !== type) {
    if (value.constant === null) return { sql: sqlNull(type), type };
    return t.unsupported(`column_ifexists() with a default of another type than ${wanted}`, node);
  }
  return value;
}

function ingestionTime(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const name = scope.relation?.ingestion;
  if (!name) return t.unsupported('ingestion_time() of rows that do not come straight from a table', node);
  return { sql: name, type: 'datetime' };
}

/** A bag of all columns; with `true` without those that are null or empty. */
function packAll(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const [ignore] = callArguments(node);
  const columns = scope.relation?.columns ?? t.unsupported('pack_all() at this place', node);
  const args = columns.flatMap((c): SqlExpression[] => [constant(c.name, 'string'), { sql: c.sql, type: c.type }]);
  const all = packBag(args, contextOf(node, 'pack_all', 'dynamic', scope, t));
  const compact = ignore !== undefined && lower(ignore, scope, t).constant === true;
  return { sql: compact ? `${t.callRuntime('kql_bag_compact')}(${all})` : all, type: 'dynamic' };
}

/** A bag of the named columns. */
function packColumns(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const args = callArguments(node).flatMap((argument): SqlExpression[] => [
    constant(argument.symbol?.name ?? argument.text, 'string'),
    lower(argument, scope, t),
  ]);
  return { sql: packBag(args, contextOf(node, 'bag_pack_columns', 'dynamic', scope, t)), type: 'dynamic' };
}

function columnNames(node: SyntaxNode, _scope: Scope, t: Translation): SqlExpression {
  const result = callArguments(node)[0]?.result;
  if (result?.kind !== 'table') return t.unsupported('column_names_of() of what is no table', node);
  return constant(JSON.stringify(result.columns.map(({ name }) => name)), 'dynamic');
}

function columnExists(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const [name] = callArguments(node);
  const wanted = name && lower(name, scope, t).constant;
  if (typeof wanted !== 'string') return t.unsupported('iscolumnexists() without a constant name', node);
  return constant(scope.relation !== undefined && column(scope.relation, wanted) !== undefined, 'bool');
}
