/** Aggregates that choose a row: the one with the greatest or least value, or any. */

import type { KustoType } from '../../engines/query-engine.ts';
import { convert } from '../functions/conversion.ts';
import type { AggregateContext, AggregateLowering, SqlExpression } from '../functions/registry.ts';
import { type AggregateTable, filterOf } from './define.ts';

const packed = (args: readonly SqlExpression[]): string =>
  `struct_pack(${args.map((argument, i) => `c${i} := ${argument.sql}`).join(', ')})`;

/** Columns of a chosen row; a string of no row is ''. */
function columns(row: string, args: readonly SqlExpression[]): string[] {
  return args.map((argument, i) => {
    const field = `struct_extract(${row}, 'c${i}')`;
    return argument.type === 'string' ? `coalesce(${field}, '')` : field;
  });
}

/** What a null counts as, so that it only wins where there is nothing else; a string has no null. */
const least: Partial<Record<KustoType, readonly [string, string]>> = {
  bool: ['false', 'true'],
  int: ['-2147483648', '2147483647'],
  long: ["'-9223372036854775808'::BIGINT", '9223372036854775807'],
  datetime: ['-1', '9223372036854775807'],
  timespan: ["'-9223372036854775808'::BIGINT", '9223372036854775807'],
  real: ["'-inf'::DOUBLE", "'inf'::DOUBLE"],
};

/**
 * All columns come from one row: DuckDB's arg_max keeps the first of equal rows, the same for each column. Null values
 * lose; where all are null, any row is as good.
 */
function extremeRow(call: 'arg_max' | 'arg_min'): AggregateLowering {
  return (args, context) => {
    const value = args[0];
    if (!value) return context.refuse('a value is missing');
    if (value.type === 'dynamic') return context.refuse('dynamic values have no order; convert them first');
    const atom = context.once(value);
    const worst = least[value.type]?.[call === 'arg_max' ? 0 : 1];
    if (!worst && value.type !== 'string') {
      const row = packed(args);
      const chosen = `coalesce(${call}(${row}, ${value.sql}), first(${row}))`;
      return columns(args.length > 1 && context.keep ? context.keep(chosen) : chosen, args);
    }
    const key = worst ? `coalesce(${atom.sql}, ${worst})` : atom.sql;
    return args.map((argument, i) => {
      const sql = i === 0 ? `${call.slice(4)}(${atom.sql})` : `${call}_null(${argument.sql}, ${key})`;
      return argument.type === 'string' ? `coalesce(${sql}, '')` : sql;
    });
  };
}

/** One column: any value that is there. Several: one row. */
function anyRow(args: readonly SqlExpression[], filter: string, context: AggregateContext): string[] {
  const [first, ...more] = args;
  if (!first) return context.refuse('a column is missing');
  if (more.length > 0) return columns(`first(${packed(args)}${context.order})${filter}`, args);
  if (first.type === 'string') return [`coalesce(any_value(nullif(${first.sql}, '')${context.order})${filter}, '')`];
  return [`any_value(${first.sql}${context.order})${filter}`];
}

const any: AggregateLowering = (args, context) => anyRow(args, '', context);
const anyIf: AggregateLowering = (args, context) =>
  anyRow(args.slice(0, -1), filterOf(convert(args.at(-1) as SqlExpression, 'bool', context)), context);

export const rowAggregates: AggregateTable = {
  arg_max: extremeRow('arg_max'),
  argmax: extremeRow('arg_max'),
  arg_min: extremeRow('arg_min'),
  argmin: extremeRow('arg_min'),
  any,
  take_any: any,
  anyif: anyIf,
  take_anyif: anyIf,
};
