/** Functions over neighbouring rows, https://learn.microsoft.com/kusto/query/window-functions. */
import type { KustoType } from '../../engines/query-engine.ts';
import type { SqlExpression } from '../functions/registry.ts';
import type { SyntaxNode } from '../syntax.ts';
import { callArguments, functionName } from './calls.ts';
import { lower, toBool } from './expression.ts';
import { scalarType } from './operators.ts';
import { orderBy, sqlNull, sqlTypes } from './relation.ts';
import type { RowFunction } from './row-functions.ts';
import type { Scope } from './scope.ts';
import type { Translation } from './translation.ts';

/** The rows in their order, inside their sub-table; with `more` also inside what it names. */
function over(scope: Scope, more: readonly string[] = [], frame = ''): string {
  const relation = scope.relation;
  const partition = [...(relation?.partition ?? []), ...more];
  const order = relation && orderBy(relation);
  const by = partition.length ? `PARTITION BY ${partition.join(', ')} ` : '';
  return `OVER (${by}${order ? `ORDER BY ${order}` : ''}${order && frame ? ` ${frame}` : ''})`;
}

const RUNNING = 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW';

/** A window value is computed in a stage before, so that it can stand anywhere, even inside another one. */
function hoisted(sql: string, node: SyntaxNode, scope: Scope, t: Translation): string {
  if (!scope.hoist || !scope.relation) return t.unsupported(`${functionName(node)}() at this place`, node);
  if (!scope.relation.serialized) {
    return t.fail(`${functionName(node)}() needs rows in an order: sort or serialize them first`, node);
  }
  return scope.hoist.once(sql);
}

/** Numbers the runs of rows that a restart condition cuts; empty where there is none. */
function restarts(node: SyntaxNode | undefined, scope: Scope, t: Translation): string[] {
  if (!node) return [];
  const condition = lower(node, scope, t);
  if (condition.constant === false) return [];
  const flag = toBool(condition, node, scope, t).sql;
  return [hoisted(`count(*) FILTER (${flag}) ${over(scope, [], RUNNING)}`, node, scope, t)];
}

function rowNumber(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const [start, restart] = callArguments(node);
  const runs = restarts(restart, scope, t);
  const number = hoisted(`row_number() ${over(scope, runs)}`, node, scope, t);
  if (!start) return { sql: number, type: 'long' };
  return { sql: `(${lower(start, scope, t).sql} + ${number} - 1)::BIGINT`, type: 'long' };
}

function neighbour(sql: 'lag' | 'lead') {
  return (node: SyntaxNode, scope: Scope, t: Translation): SqlExpression => {
    const [value, offset, otherwise] = callArguments(node);
    const type = scalarType(node, t);
    const of = lower(value as SyntaxNode, scope, t);
    const distance = offset ? lower(offset, scope, t).sql : '1';
    const fallback = otherwise ? lower(otherwise, scope, t) : undefined;
    if (fallback && fallback.type !== of.type && fallback.constant !== null && !isNumber(fallback.type)) {
      return t.unsupported(`${functionName(node)}() with a default of another type`, node);
    }
    const missing = !fallback || fallback.constant === null ? sqlNull(of.type) : fallback.sql;
    const call = `${sql}(${of.sql}, ${distance}, ${missing}::${sqlTypes[of.type]}) ${over(scope)}`;
    return { sql: hoisted(call, node, scope, t), type };
  };
}

function isNumber(type: KustoType): boolean {
  return ['int', 'long', 'real', 'decimal'].includes(type);
}

function cumulativeSum(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const [term, restart] = callArguments(node);
  const type = scalarType(node, t);
  const value = lower(term as SyntaxNode, scope, t);
  const sum = `sum(coalesce(${value.sql}, 0)) ${over(scope, restarts(restart, scope, t), RUNNING)}`;
  return { sql: `${hoisted(sum, node, scope, t)}::${sqlTypes[type]}`, type };
}

/** True where the term differs from the one of the row before, and in the first row. */
function changes(node: SyntaxNode, runs: readonly string[], scope: Scope, t: Translation): string {
  const [term] = callArguments(node);
  const value = lower(term as SyntaxNode, scope, t).sql;
  const before = hoisted(`lag(${value}) ${over(scope, runs)}`, node, scope, t);
  const first = hoisted(`row_number() ${over(scope, runs)}`, node, scope, t);
  return hoisted(`(${first} = 1 OR ${value} IS DISTINCT FROM ${before})`, node, scope, t);
}

function denseRank(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const runs = restarts(callArguments(node)[1], scope, t);
  const changed = changes(node, runs, scope, t);
  return { sql: hoisted(`count(*) FILTER (${changed}) ${over(scope, runs, RUNNING)}`, node, scope, t), type: 'long' };
}

function minRank(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const runs = restarts(callArguments(node)[1], scope, t);
  const changed = changes(node, runs, scope, t);
  const position = hoisted(`row_number() ${over(scope, runs)}`, node, scope, t);
  const rank = `max(CASE WHEN ${changed} THEN ${position} END) ${over(scope, runs, RUNNING)}`;
  return { sql: hoisted(rank, node, scope, t), type: 'long' };
}

/** The time at which the session of the row began; a session ends by its length, by a gap, or by the restart condition. */
function windowSession(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const [time, length, gap, restart] = callArguments(node);
  const type = scalarType(node, t);
  const value = lower(time as SyntaxNode, scope, t).sql;
  const flag = restart ? toBool(lower(restart, scope, t), restart, scope, t).sql : 'false';
  const order = scope.relation && orderBy(scope.relation);
  const whole = over(scope, [], 'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING');
  const list = (sql: string) =>
    hoisted(`to_json(list(${sql}${order ? ` ORDER BY ${order}` : ''}) ${whole})::VARCHAR`, node, scope, t);
  const limits = [length, gap].map((limit) => lower(limit as SyntaxNode, scope, t).sql);
  const starts = hoisted(
    `${t.callRuntime('kql_window_session')}(${list(value)}, ${list(`coalesce(${flag}, false)`)}, ${limits.join(', ')})`,
    node,
    scope,
    t,
  );
  const position = hoisted(`row_number() ${over(scope)}`, node, scope, t);
  return { sql: `json_extract(${starts}, '$[' || (${position} - 1) || ']')::${sqlTypes[type]}`, type };
}

export const windowFunctions: readonly (readonly [string, RowFunction])[] = [
  ['row_number', rowNumber],
  ['prev', neighbour('lag')],
  ['next', neighbour('lead')],
  ['row_cumsum', cumulativeSum],
  ['row_rank_dense', denseRank],
  ['row_rank', denseRank],
  ['row_rank_min', minRank],
  ['row_window_session', windowSession],
];
