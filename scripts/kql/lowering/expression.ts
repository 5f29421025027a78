/** Scalar expressions: one function that knows every node kind, and hands the larger families to their own files. */
import type { KustoType } from '../../engines/query-engine.ts';
import { convert as convertTo } from '../functions/conversion.ts';
import type { FunctionContext, SqlExpression } from '../functions/registry.ts';
import type { SyntaxNode } from '../syntax.ts';
import { lowerCall, scalarOf } from './calls.ts';
import { constant, dynamicLiteral, literal } from './literals.ts';
import { arithmetic, compare, negate } from './operators.ts';
import { element, path } from './paths.ts';
import { column, sqlNull } from './relation.ts';
import { isAtom, type Scope } from './scope.ts';
import { betweenExpression, inExpression, listTermExpression, textOperator, textOperators } from './text-operators.ts';
import type { Translation } from './translation.ts';

const arithmeticKinds = new Set([
  'AddExpression',
  'SubtractExpression',
  'MultiplyExpression',
  'DivideExpression',
  'ModuloExpression',
]);
const comparisonKinds = new Set([
  'EqualExpression',
  'NotEqualExpression',
  'LessThanExpression',
  'LessThanOrEqualExpression',
  'GreaterThanExpression',
  'GreaterThanOrEqualExpression',
]);

/** Lowers a scalar expression. @throws KqlUnsupported with the place of what is not answered. */
export function lower(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const kind = node.kind;
  if (kind === 'DynamicExpression') return dynamicLiteral(node, t);
  if (kind.endsWith('LiteralExpression')) return literal(node, t);
  if (arithmeticKinds.has(kind)) return arithmetic(node, scope, t);
  if (comparisonKinds.has(kind)) return compare(node, scope, t);
  if (textOperators.has(kind)) return textOperator(node, scope, t);
  switch (kind) {
    case 'ParenthesizedExpression':
      return lower(node.field('Expression') as SyntaxNode, scope, t);
    case 'SimpleNamedExpression':
      return lower(node.field('Expression') as SyntaxNode, scope, t);
    case 'NameReference':
      return nameReference(node, scope, t);
    case 'PathExpression':
      return path(node, scope, t);
    case 'ElementExpression':
      return element(node, scope, t);
    case 'AndExpression':
    case 'OrExpression': {
      const left = toBool(lower(node.field('Left') as SyntaxNode, scope, t), node, scope, t);
      const right = toBool(lower(node.field('Right') as SyntaxNode, scope, t), node, scope, t);
      return { sql: `(${left.sql} ${kind === 'AndExpression' ? 'AND' : 'OR'} ${right.sql})`, type: 'bool' };
    }
    case 'UnaryMinusExpression':
      return negate(node, scope, t);
    case 'UnaryPlusExpression':
      return lower(node.field('Expression') as SyntaxNode, scope, t);
    case 'InExpression':
    case 'InCsExpression':
    case 'NotInExpression':
    case 'NotInCsExpression':
      return inExpression(node, scope, t);
    case 'HasAnyExpression':
    case 'HasAllExpression':
      return listTermExpression(node, scope, t);
    case 'BetweenExpression':
    case 'NotBetweenExpression':
      return betweenExpression(node, scope, t);
    case 'FunctionCallExpression':
    case 'ToScalarExpression':
      return lowerCall(node, scope, t);
    default:
      return t.unsupported(node.kind.replace(/Expression$/, ' expression'), node);
  }
}

function nameReference(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const symbol = node.symbol;
  const name = symbol?.name ?? node.text;
  if (symbol?.kind === 'column') {
    const local = scope.locals?.get(name);
    if (local) return local;
    const found = scope.relation && column(scope.relation, name);
    if (found) return { sql: found.sql, type: found.type };
    return t.unsupported(`the column ${name} at this place`, node);
  }
  const binding = scope.environment.find(name);
  if (binding?.kind === 'scalar') return binding.value();
  if (binding?.kind === 'table') return scalarOf(binding.relation(), t);
  return lowerCall(node, scope, t);
}

/** What a scalar function can ask for while it is lowered. */
export function contextOf(
  node: SyntaxNode,
  name: string,
  resultType: KustoType,
  scope: Scope,
  t: Translation,
): FunctionContext {
  return {
    resultType,
    name,
    now: t.now,
    once: (expression) => {
      if (isAtom(expression.sql) || !scope.hoist) return expression;
      return { ...expression, sql: scope.hoist.once(expression.sql) };
    },
    runtime: (runtime) => t.callRuntime(runtime),
    refuse: (why) => t.unsupported(`${name}()`, node, why),
    fail: (message) => t.fail(message, node),
  };
}

/** The expression as another type, by Kusto's own conversion function. */
export function convert(
  expression: SqlExpression,
  to: KustoType,
  node: SyntaxNode,
  scope: Scope,
  t: Translation,
): SqlExpression {
  if (expression.type === to) return expression;
  if (expression.constant === null) return { sql: sqlNull(to), type: to, ...(to !== 'string' && { constant: null }) };
  if (typeof expression.constant === 'bigint' && (to === 'long' || to === 'int')) {
    return constant(expression.constant, to);
  }
  if (expression.type === 'int' && to === 'long') return { sql: `${expression.sql}::BIGINT`, type: to };
  const context = contextOf(node, `a conversion of ${expression.type} to ${to}`, to, scope, t);
  return { sql: convertTo(expression, to, context), type: to };
}

/** A condition: Kusto takes a number or a dynamic there as well. */
export function toBool(expression: SqlExpression, node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  return convert(expression, 'bool', node, scope, t);
}
