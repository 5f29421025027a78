/** Arithmetic and comparison, https://learn.microsoft.com/kusto/query/numerical-operators and datetime-timespan-arithmetic. */
import type { KustoType } from '../../engines/query-engine.ts';
import { type Comparison, comparisonSql } from '../functions/comparison.ts';
import type { SqlExpression } from '../functions/registry.ts';
import type { SyntaxNode } from '../syntax.ts';
import { convert, lower } from './expression.ts';
import { constant } from './literals.ts';
import type { Scope } from './scope.ts';
import type { Translation } from './translation.ts';

const symbols: Readonly<Record<string, string>> = {
  AddExpression: '+',
  SubtractExpression: '-',
  MultiplyExpression: '*',
  DivideExpression: '/',
  ModuloExpression: '%',
};

export function scalarType(node: SyntaxNode, t: Translation): KustoType {
  const result = node.result;
  if (result?.kind === 'scalar') return result.type;
  return t.unsupported('an expression that is not scalar', node);
}

export function arithmetic(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const type = scalarType(node, t);
  const operator = symbols[node.kind] as string;
  let left = lower(node.field('Left') as SyntaxNode, scope, t);
  let right = lower(node.field('Right') as SyntaxNode, scope, t);
  const ticks = (e: SqlExpression) => e.type === 'datetime' || e.type === 'timespan';
  // A dynamic operand takes part as the number or the ticks that it holds.
  const other = (e: SqlExpression): KustoType => (ticks(e) ? (operator === '*' ? 'real' : 'timespan') : 'real');
  if (left.type === 'dynamic') left = convert(left, right.type === 'dynamic' ? 'real' : other(right), node, scope, t);
  if (right.type === 'dynamic') right = convert(right, other(left), node, scope, t);
  if (ticks(left) && right.type === 'decimal') right = convert(right, 'real', node, scope, t);
  if (ticks(right) && left.type === 'decimal') left = convert(left, 'real', node, scope, t);
  if (ticks(left) || ticks(right)) return timeArithmetic(operator, left, right, type, node, t);
  if (type === 'real' || type === 'decimal') {
    left = convert(left, type, node, scope, t);
    right = convert(right, type, node, scope, t);
    if (operator === '%') return { sql: realModulo(left.sql, right.sql), type };
    if (type === 'decimal' && (operator === '*' || operator === '/')) {
      return { sql: decimalProduct(operator, left.sql, right.sql), type };
    }
    return { sql: `(${left.sql} ${operator} ${right.sql})`, type };
  }
  if (type === 'dynamic') return t.unsupported(`${operator} of dynamic values`, node);
  const folded = foldIntegers(operator, left, right, type, node, t);
  if (folded) return folded;
  return { sql: integerArithmetic(operator, left.sql, right.sql, type), type };
}

/** Constants are computed here; one that leaves its range is an error, as Kusto finds it before the query runs. */
function foldIntegers(
  operator: string,
  left: SqlExpression,
  right: SqlExpression,
  type: KustoType,
  node: SyntaxNode,
  t: Translation,
): SqlExpression | undefined {
  const [a, b] = [left.constant, right.constant];
  if (typeof a !== 'bigint' || typeof b !== 'bigint' || !'+-*'.includes(operator)) return undefined;
  const value = operator === '+' ? a + b : operator === '-' ? a - b : a * b;
  if (BigInt.asIntN(type === 'int' ? 32 : 64, value) !== value) {
    return t.fail(`${a} ${operator} ${b} does not fit a ${type}`, node);
  }
  return constant(value, type);
}

/** Whole numbers wrap around at 64 (32) bits; a division by zero is null; the remainder is never negative. */
function integerArithmetic(operator: string, left: string, right: string, type: KustoType): string {
  const sql = type === 'int' ? 'INTEGER' : 'BIGINT';
  switch (operator) {
    case '/':
      return `(${left} // nullif(${right}, 0))::${sql}`;
    case '%':
      return `kql_mod(${left}, ${right})::${sql}`;
    default: {
      // DuckDB's TRY, which the fast form uses, takes no subquery inside.
      const wide = type === 'long' && `${left}${right}`.includes('(SELECT ');
      if (wide) return `kql_wrap_BIGINT(${left}::HUGEINT ${operator} ${right}::HUGEINT)`;
      const name = operator === '+' ? 'add' : operator === '-' ? 'subtract' : 'multiply';
      return `kql_${name}_${sql}(${left}, ${right})`;
    }
  }
}

/** DuckDB keeps a product of decimals only where it is small; what is not is computed as real. */
function decimalProduct(operator: string, left: string, right: string): string {
  const real = `TRY_CAST(${left}::DOUBLE ${operator} ${right}::DOUBLE AS DECIMAL(38,17))`;
  return operator === '*' ? `coalesce(TRY((${left} * ${right})::DECIMAL(38,17)), ${real})` : real;
}

function realModulo(left: string, right: string): string {
  return `fmod(${left}, ${right})`;
}

function timeArithmetic(
  operator: string,
  left: SqlExpression,
  right: SqlExpression,
  type: KustoType,
  node: SyntaxNode,
  t: Translation,
): SqlExpression {
  const whole = (e: SqlExpression) => e.type !== 'real' && e.type !== 'decimal';
  switch (operator) {
    case '+':
    case '-':
      return { sql: `(${left.sql} ${operator} ${right.sql})`, type };
    case '*':
      if (whole(left) && whole(right)) return { sql: `(${left.sql} * ${right.sql})`, type };
      return { sql: `TRY(trunc(${left.sql} * ${right.sql})::BIGINT)`, type };
    case '/':
      if (type === 'real') return { sql: `(${left.sql}::DOUBLE / ${right.sql}::DOUBLE)`, type };
      if (whole(right)) return { sql: `(${left.sql} // nullif(${right.sql}, 0))`, type };
      return { sql: `TRY(trunc(${left.sql} / ${right.sql})::BIGINT)`, type };
    case '%':
      if (!whole(left) || !whole(right)) return t.unsupported('the remainder of a time and a real', node);
      return { sql: `kql_mod(${left.sql}, ${right.sql})`, type };
    default:
      return t.unsupported(`${operator} of times`, node);
  }
}

export function negate(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const value = lower(node.field('Expression') as SyntaxNode, scope, t);
  const type = scalarType(node, t);
  if (typeof value.constant === 'bigint')
    return constant(BigInt.asIntN(type === 'int' ? 32 : 64, -value.constant), type);
  if (typeof value.constant === 'number') return constant(-value.constant, type);
  // the negative of the least long is itself
  if (type === 'long' || type === 'timespan') return { sql: `kql_subtract_BIGINT(0, ${value.sql})`, type };
  return { sql: `(-${value.sql})`, type };
}

export function compare(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const left = lower(node.field('Left') as SyntaxNode, scope, t);
  const right = lower(node.field('Right') as SyntaxNode, scope, t);
  return { sql: compareValues(node.kind, left, right, node, scope, t), type: 'bool' };
}

/** SQL of a comparison by its node kind, such as `LessThanExpression`. */
export function compareValues(
  kind: string,
  left: SqlExpression,
  right: SqlExpression,
  node: SyntaxNode,
  scope: Scope,
  t: Translation,
): string {
  const [a, b] = comparable(left, right, node, scope, t);
  return comparisonSql(kind.replace('Expression', '') as Comparison, a, b);
}

const numeric: ReadonlySet<KustoType> = new Set<KustoType>(['int', 'long', 'real', 'decimal']);

/** Both operands as the type in which Kusto compares them. */
export function comparable(
  left: SqlExpression,
  right: SqlExpression,
  node: SyntaxNode,
  scope: Scope,
  t: Translation,
): [SqlExpression, SqlExpression] {
  if (left.type === right.type) return [left, right];
  if (numeric.has(left.type) && numeric.has(right.type)) return [left, right];
  if (left.type === 'dynamic') return [convert(left, widened(right), node, scope, t), right];
  if (right.type === 'dynamic') return [left, convert(right, widened(left), node, scope, t)];
  if (left.type === 'string') return fromText(left, right, node, scope, t);
  if (right.type === 'string') {
    const [b, a] = fromText(right, left, node, scope, t);
    return [a, b];
  }
  if (left.type === 'bool') return [convert(left, right.type, node, scope, t), right];
  if (right.type === 'bool') return [left, convert(right, left.type, node, scope, t)];
  return t.unsupported(`a comparison of ${left.type} with ${right.type}`, node);
}

/** A dynamic against a whole number may hold a fraction: it is compared as real, beside numbers too long for that as decimal. */
function widened(other: SqlExpression): KustoType {
  if (other.type !== 'int' && other.type !== 'long') return other.type;
  const exact = typeof other.constant === 'bigint' && BigInt(Number(other.constant)) === other.constant;
  return exact || other.type === 'int' ? 'real' : 'decimal';
}

/** A string against another type: the literal is converted to the column's type, https://learn.microsoft.com/kusto/query/datatypes-string-operators. */
function fromText(
  text: SqlExpression,
  other: SqlExpression,
  node: SyntaxNode,
  scope: Scope,
  t: Translation,
): [SqlExpression, SqlExpression] {
  if (text.constant !== undefined && other.constant === undefined) {
    return [convert(text, other.type, node, scope, t), other];
  }
  return [text, convert(other, 'string', node, scope, t)];
}
