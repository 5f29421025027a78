/** mv-apply and partition: a sub-query over every sub-table. */
import type { SyntaxNode } from '../../syntax.ts';
import { lower } from '../expression.ts';
import { relationOf, resultColumns } from '../pipeline.ts';
import { column, hiddenColumns, type Relation } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { expand } from './mv-expand.ts';

/** mv-apply: each row becomes the table of its elements, and the sub-query runs over each of them. */
export function mvApply(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  if (node.field('ContextIdClause')) return t.unsupported('mv-apply with an id', node);
  const subquery = node.field('Subquery')?.field('Expression') as SyntaxNode;
  const id = t.fresh();
  const from = t.stage(`SELECT *, row_number() OVER () AS ${id} FROM ${input.from}`, { heavy: true });
  const rows: Relation = { ...input, from, partition: [...(input.partition ?? []), id], partitionSource: from };
  const expanded = expand(node, rows, scope, t);
  const answer = relationOf(subquery, { environment: scope.environment, relation: expanded }, t);
  const columns = resultColumns(node, t);
  const taken = columns.map((target) => {
    const made = column(answer, target.name);
    if (made) return `a.${made.sql} AS ${target.sql}`;
    const kept = column(input, target.name);
    return kept ? `r.${kept.sql} AS ${target.sql}` : t.unsupported(`the column ${target.name} of mv-apply`, node);
  });
  const hidden = hiddenColumns(input).map((name) => `r.${name}`);
  const inner = (answer.order ?? []).filter((key) => !input.order?.some((other) => other.sql === key.sql));
  const carried = inner.filter((key) => key.sql !== id).map((key) => `a.${key.sql}`);
  const stage = t.stage(
    `SELECT ${[...taken, ...hidden, `r.${id} AS ${id}`, ...carried].join(', ')} FROM ${from} AS r JOIN ${answer.from} AS a ON r.${id} = a.${id}`,
    { heavy: true },
  );
  const order = [...(input.order ?? []), { sql: id, descending: false, nullsFirst: false }, ...inner];
  return {
    from: stage,
    columns,
    ...(input.order && { order }),
    ...(input.partition && { partition: input.partition }),
    ...(input.partitionSource && { partitionSource: input.partitionSource }),
    ...(input.ingestion && { ingestion: input.ingestion }),
  };
}

/** partition: one sub-table for every value of a column. */
export function partition(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const operand = node.field('Operand') as SyntaxNode;
  if (input.partition) return t.unsupported('partition inside another sub-query', node);
  const hoist = new Hoist(t.fresh);
  const key = lower(node.field('ByExpression') as SyntaxNode, { ...scope, relation: input, hoist }, t);
  const id = t.fresh();
  const from = t.stage(`SELECT *, ${key.sql} AS ${id} FROM ${hoist.wrap(input.from)}`, { heavy: true });
  const rows: Relation = { ...input, from, partition: [id], partitionSource: from };
  const subquery = operand.field('Subquery') ?? operand.field('Expression') ?? operand;
  const answer = relationOf(subquery, { environment: scope.environment, relation: rows }, t);
  const { partition: _keys, partitionSource: _source, order, ...rest } = answer;
  return { ...rest, ...(order && { order: order.filter((entry) => entry.sql !== id) }) };
}
