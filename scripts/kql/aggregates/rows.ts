/** Aggregates that choose a row: the one with the greatest or least value, or any. */
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

/** All columns come from one row. Null values lose; where all are null, any row is as good. */
function extremeRow(call: 'arg_max' | 'arg_min'): AggregateLowering {
  return (args, context) => {
    const value = args[0];
    if (!value) return context.refuse('a value is missing');
    if (value.type === 'dynamic') return context.refuse('dynamic values have no order; convert them first');
    const row = packed(args);
    return columns(`coalesce(${call}(${row}, ${value.sql}), first(${row}))`, args);
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
