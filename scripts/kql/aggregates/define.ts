/** How the tables of aggregates are written. To add one: put a row into the file of its family. */
import { convert } from '../functions/conversion.ts';
import type { AggregateContext, AggregateLowering, SqlExpression } from '../functions/registry.ts';

export type AggregateTable = Record<string, AggregateLowering>;

/** SQL of an aggregate over its arguments; `filter` is ` FILTER (WHERE ...)` or ''. */
export type AggregateTemplate = (args: readonly SqlExpression[], filter: string, context: AggregateContext) => string;

/** A FILTER clause of conditions that all have to hold. */
export function filterOf(...conditions: readonly (string | undefined)[]): string {
  const present = conditions.filter((condition) => condition !== undefined);
  return present.length ? ` FILTER (WHERE ${present.join(' AND ')})` : '';
}

/** The aggregate alone. */
export function plain(template: AggregateTemplate): AggregateLowering {
  return (args, context) => [template(args, '', context)];
}

/** Its `*if` variant: the last argument is the condition. */
export function conditional(template: AggregateTemplate): AggregateLowering {
  return (args, context) => [
    template(args.slice(0, -1), filterOf(convert(args.at(-1) as SqlExpression, 'bool', context)), context),
  ];
}

/** The condition inside of a filter clause, to join it with others. */
export function conditionOf(filter: string): string | undefined {
  return filter === '' ? undefined : filter.slice(' FILTER (WHERE '.length, -1);
}

export function argument(args: readonly SqlExpression[], i: number, context: AggregateContext): SqlExpression {
  return args[i] ?? context.refuse('an argument is missing');
}

/** An argument as the type of the result. */
export function asResult(expression: SqlExpression, context: AggregateContext): string {
  return convert(expression, context.resultType, context);
}

/** A constant whole number, such as the most elements of a list. */
export function constantSize(expression: SqlExpression | undefined, context: AggregateContext): bigint | undefined {
  if (expression === undefined) return undefined;
  if (typeof expression.constant === 'bigint') return expression.constant;
  return context.refuse('the size has to be a constant');
}
