/** summarize: groups and aggregates. */
import { type AggregateContext, aggregates, type SqlExpression } from '../../functions/registry.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { callArguments, functionName } from '../calls.ts';
import { contextOf, lower } from '../expression.ts';
import { scalarType } from '../operators.ts';
import { resultColumns } from '../pipeline.ts';
import { orderBy, type Relation, type RelationColumn, subTables } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { typed } from './project.ts';

export function summarize(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const columns = resultColumns(node, t);
  const keys = node.field('ByClause')?.items('Expressions') ?? [];
  const items: string[] = [];
  let next = 0;
  const take = (): RelationColumn => columns[next++] ?? t.unsupported('this summarize', node);
  for (const key of keys) {
    const target = take();
    items.push(`${typed(lower(key, inner, t), target.type, key, t)} AS ${target.sql}`);
  }
  for (const item of node.items('Aggregates')) {
    const width = item.result?.kind === 'tuple' ? item.result.columns.length : 1;
    const targets = Array.from({ length: width }, take);
    const values = aggregateValues(item, targets, input, inner, t);
    items.push(...values.map((sql, i) => `${sql} AS ${targets[i]?.sql}`));
  }
  return grouped(input, columns, items, keys.length, hoist.wrap(input.from), t);
}

/**
 * The stage of a group: the first `keys` items are what it groups by. Without keys there is one row, of an empty table
 * too; inside mv-apply and partition that holds for every sub-table.
 */
export function grouped(
  input: Relation,
  columns: readonly RelationColumn[],
  items: readonly string[],
  keys: number,
  from: string,
  t: Translation,
): Relation {
  const partition = input.partition ?? [];
  const groups = [...Array.from({ length: keys }, (_, i) => `${i + 1}`), ...partition];
  const by = groups.length ? ` GROUP BY ${groups.join(', ')}` : '';
  let sql = `SELECT ${[...items, ...partition].join(', ')} FROM ${from}${by}`;
  if (keys === 0 && partition.length > 0 && input.partitionSource) {
    const ids = partition.join(', ');
    const names = columns.map((column) => column.sql).join(', ');
    sql += `
UNION ALL SELECT e.*, i.* FROM (SELECT ${items.join(', ')} FROM ${from} WHERE false) AS e(${names}),
(SELECT DISTINCT ${ids} FROM ${input.partitionSource} WHERE (${ids}) NOT IN (SELECT (${ids}) FROM ${input.from})) AS i`;
  }
  return { from: t.stage(sql, { heavy: true }), columns, ...subTables(input) };
}

/** SQL of one item of summarize: an aggregate alone may answer several columns, an expression over aggregates one. */
export function aggregateValues(
  item: SyntaxNode,
  targets: readonly RelationColumn[],
  input: Relation,
  scope: Scope,
  t: Translation,
): readonly string[] {
  const call = item.kind.endsWith('NamedExpression') ? (item.field('Expression') as SyntaxNode) : item;
  if (call.kind === 'FunctionCallExpression' && aggregates.has(functionName(call).toLowerCase())) {
    const values = aggregateCall(call, targets, input, scope, t);
    if (values.length !== targets.length) return t.unsupported(`${functionName(call)}() with these columns`, item);
    return values;
  }
  const aggregate = (inner: SyntaxNode): SqlExpression | undefined => {
    if (!aggregates.has(functionName(inner).toLowerCase())) return undefined;
    const type = scalarType(inner, t);
    const [sql, ...rest] = aggregateCall(inner, [], input, scope, t);
    if (sql === undefined || rest.length) return t.unsupported(`${functionName(inner)}() with several columns`, inner);
    return { sql, type };
  };
  const [target] = targets;
  if (!target) return t.unsupported('this summarize', item);
  return [typed(lower(item, { ...scope, aggregate }, t), target.type, item, t)];
}

function aggregateCall(
  call: SyntaxNode,
  targets: readonly RelationColumn[],
  input: Relation,
  scope: Scope,
  t: Translation,
): readonly string[] {
  const name = functionName(call);
  const order = orderBy(input);
  const type = call.result?.kind === 'scalar' ? call.result.type : 'dynamic';
  const context: AggregateContext = {
    ...contextOf(call, name, type, scope, t),
    order: order ? ` ORDER BY ${order}` : '',
  };
  const args: SqlExpression[] = [];
  for (const argument of callArguments(call)) {
    if (argument.kind !== 'StarExpression') {
      args.push(lower(argument, scope, t));
      continue;
    }
    // The binder has named the columns of the star: what the arguments before it and the keys do not cover.
    for (const target of targets.slice(args.length)) {
      const source = input.columns.find((candidate) => candidate.name === target.name);
      args.push(source ?? t.unsupported(`the column ${target.name} of *`, argument));
    }
  }
  const lowering = aggregates.get(name.toLowerCase());
  return lowering ? lowering(args, context) : t.unsupported(`${name}()`, call);
}
