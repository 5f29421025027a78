/** Calls: built-in scalar functions, functions of the query and of the workspace, and the few that need the rows around them. */
import { type SqlExpression, scalarFunctions, tupleFunctions } from '../functions/registry.ts';
import type { SyntaxNode } from '../syntax.ts';
import { contextOf, convert, lower } from './expression.ts';
import { constant } from './literals.ts';
import { scalarType } from './operators.ts';
import { relationOf } from './pipeline.ts';
import { column, orderBy, type Relation, sqlNull } from './relation.ts';
import { rowFunctions } from './row-functions.ts';
import { type Binding, Environment, type Scope } from './scope.ts';
import { bodyScope } from './statements.ts';
import type { Translation } from './translation.ts';

/** Lowers a call that answers a scalar. */
export function lowerCall(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  if (node.kind === 'ToScalarExpression') {
    return scalarOf(relationOf(node.field('Expression') as SyntaxNode, { environment: scope.environment }, t), t);
  }
  const name = functionName(node);
  const body = userFunctionBody(node);
  if (body) {
    return lowerOnce(node, scope, t, (constantCall) => {
      const { scope: last, expression } = bodyScope(body, callScope(node, scope, t), t);
      if (expression.result?.kind === 'table') return scalarOf(relationOf(expression, last, t), t);
      // What is hoisted belongs to the stage of this one call.
      return lower(expression, { ...last, ...(scope.hoist && !constantCall && { hoist: scope.hoist }) }, t);
    });
  }
  const special = scope.aggregate?.(node);
  if (special) return special;
  const row = rowFunctions.get(name.toLowerCase());
  if (row) return row(node, scope, t);
  const lowering = scalarFunctions.get(name.toLowerCase());
  if (!lowering) return t.unsupported(`${name}()`, node);
  const args = callArguments(node).map((argument) => lower(argument, scope, t));
  const type = scalarType(node, t);
  const sql = lowering(args, contextOf(node, name, type, scope, t));
  return { sql, type };
}

export function functionName(node: SyntaxNode): string {
  return node.symbol?.name ?? node.field('Name')?.text ?? node.text;
}

/** The arguments of a call in the order of the parameters, without their names. */
export function callArguments(node: SyntaxNode): SyntaxNode[] {
  const list = node.field('ArgumentList')?.items('Expressions') ?? [];
  if (!list.some((argument) => argument.kind === 'SimpleNamedExpression')) return [...list];
  const names = node.parameters().map((parameter) => parameter.name);
  const out: SyntaxNode[] = [];
  let next = 0;
  for (const argument of list) {
    const name = argument.kind === 'SimpleNamedExpression' ? argument.field('Name')?.text : undefined;
    const at = name === undefined ? -1 : names.indexOf(name);
    const value = at >= 0 ? (argument.field('Expression') as SyntaxNode) : argument;
    while (at < 0 && out[next]) next++;
    out[at >= 0 ? at : next++] = value;
  }
  return out;
}

/** The node at the top of a tree. */
export function rootOf(node: SyntaxNode): SyntaxNode {
  let root = node;
  while (root.parent) root = root.parent;
  return root;
}

/** The body of a function that has one: a `let` function, or one of the workspace. */
export function userFunctionBody(node: SyntaxNode): SyntaxNode | undefined {
  return node.symbol?.kind === 'function' ? node.calledBody() : undefined;
}

/**
 * What the body of a called function sees: the names before its own declaration, and its parameters.
 * @param input what `invoke` hands to the first parameter
 */
export function callScope(node: SyntaxNode, scope: Scope, t: Translation, input?: Relation): Scope {
  const name = functionName(node);
  const binding = scope.environment.find(name);
  let environment = binding?.kind === 'function' ? binding.environment : new Environment();
  const body = userFunctionBody(node);
  const declaration = binding?.kind === 'function' ? binding.declaration : undefined;
  if (body) t.bodies.set(rootOf(body), { name, declaration, call: node });
  const parameters = node.parameters();
  const args = callArguments(node);
  if (input) args.unshift(node);
  parameters.forEach((parameter, i) => {
    const argument = args[i];
    let bound: Binding;
    if (input && i === 0) bound = { kind: 'table', relation: () => input };
    else if (argument?.result?.kind === 'table') {
      bound = { kind: 'table', relation: once(() => relationOf(argument, { environment: scope.environment }, t)) };
    } else {
      const node = argument ?? parameter.defaultValue;
      if (!node) return;
      const outer: Scope = argument ? scope : { environment: new Environment() };
      bound = {
        kind: 'scalar',
        value: once(() => {
          const value = lower(node, outer, t);
          const type = parameter.types.length === 1 ? parameter.types[0] : undefined;
          const typed = type ? convert(value, type, node, outer, t) : value;
          if (typed.constant !== undefined || !scope.hoist || !argument) return typed;
          return { ...typed, sql: contextOf(node, name, typed.type, scope, t).once(typed).sql };
        }),
      };
    }
    environment = environment.with(parameter.name, bound);
  });
  return { environment };
}

/**
 * Lowers a call of a function with a KQL body; the same function with the same constant arguments is lowered once for the
 * whole query, because nothing else can change its answer.
 */
export function lowerOnce<T extends Relation | SqlExpression>(
  node: SyntaxNode,
  scope: Scope,
  t: Translation,
  make: (constantCall: boolean) => T,
): T {
  const args = callArguments(node);
  if (!args.every((argument) => argument.isConstant)) return make(false);
  const name = functionName(node);
  const binding: object | string = scope.environment.find(name) ?? name;
  const known = t.calls.get(binding) ?? new Map<string, Relation | SqlExpression>();
  t.calls.set(binding, known);
  const key = args.map((argument) => argument.text).join('\u0000');
  // A function answers either a table or a scalar, never one here and the other there.
  const made = (known.get(key) as T | undefined) ?? make(true);
  known.set(key, made);
  return made;
}

/** Lowers on first use, then keeps the answer. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The first cell of the first row: `toscalar`, and a table where a scalar is wanted. */
export function scalarOf(relation: Relation, t: Translation): SqlExpression {
  const first = relation.columns[0];
  if (!first) return constant(null, 'dynamic');
  const order = orderBy(relation);
  const row = `SELECT ${first.sql} AS "$scalar" FROM ${relation.from}${order ? ` ORDER BY ${order}` : ''} LIMIT 1`;
  const sql = `(SELECT "$scalar" FROM ${t.stage(row, { heavy: true })})`;
  return { sql: first.type === 'string' ? `coalesce(${sql}, ${sqlNull('string')})` : sql, type: first.type };
}

export function columnExpression(relation: Relation, name: string): SqlExpression | undefined {
  const found = column(relation, name);
  return found && { sql: found.sql, type: found.type };
}

/** A call with several results, such as `series_fit_line(x)`. */
export function tupleCall(node: SyntaxNode, scope: Scope, t: Translation): readonly string[] {
  const name = functionName(node).toLowerCase();
  const lowering = tupleFunctions.get(name);
  if (!lowering) return t.unsupported(`${name}()`, node);
  const args = callArguments(node).map((argument) => lower(argument, scope, t));
  return lowering(args, contextOf(node, name, 'dynamic', scope, t));
}
