/**
 * Comparisons of two operands of one type. With one null operand `==` is false and `!=` true; of two nulls they are null;
 * an order with a null is null (https://learn.microsoft.com/kusto/query/scalar-data-types/null-values). Not-a-number
 * equals nothing and has no order, where DuckDB takes it for the greatest number.
 */
import type { SqlExpression } from './registry.ts';

export type Comparison = 'Equal' | 'NotEqual' | 'LessThan' | 'LessThanOrEqual' | 'GreaterThan' | 'GreaterThanOrEqual';

const SYMBOLS: Readonly<Record<Comparison, string>> = {
  Equal: '=',
  NotEqual: '<>',
  LessThan: '<',
  LessThanOrEqual: '<=',
  GreaterThan: '>',
  GreaterThanOrEqual: '>=',
};

/** A bare column or literal, cheap to name twice and open to DuckDB's filter pushdown. */
const PLAIN = /^(?:[lr]\.)?"[^"]+"$/;

const isValue = (e: SqlExpression): boolean => e.constant !== undefined && e.constant !== null;

/** Whether an operand can be not-a-number. */
function canBeNan(e: SqlExpression): boolean {
  return e.type === 'real' && (typeof e.constant !== 'number' || Number.isNaN(e.constant));
}

export function comparisonSql(comparison: Comparison, a: SqlExpression, b: SqlExpression): string {
  const test = `${a.sql} ${SYMBOLS[comparison]} ${b.sql}`;
  if (comparison !== 'Equal' && comparison !== 'NotEqual') {
    // not-a-number is the greatest in DuckDB: it has to be shut out where it would win
    const winner = comparison.startsWith('Less') ? b : a;
    return canBeNan(winner) ? `(${test} AND NOT isnan(${winner.sql}))` : `(${test})`;
  }
  const equal = comparison === 'Equal';
  const nan = canBeNan(a) && canBeNan(b);
  const exact = nan ? `(${test} ${equal ? 'AND NOT' : 'OR'} isnan(${a.sql}))` : `(${test})`;
  if (a.type === 'string' && b.type === 'string') return exact;
  if (isValue(a) || isValue(b)) {
    const other = isValue(a) ? b : a;
    if (!PLAIN.test(other.sql)) return `coalesce(${exact}, ${equal ? 'FALSE' : 'TRUE'})`;
    return equal ? `(${exact} AND ${other.sql} IS NOT NULL)` : `(${exact} OR ${other.sql} IS NULL)`;
  }
  return `CASE WHEN (${a.sql} IS NULL) = (${b.sql} IS NULL) THEN ${exact} ELSE ${equal ? 'FALSE' : 'TRUE'} END`;
}
