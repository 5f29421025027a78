/** Order and number of rows: sort, top, take, count, distinct; render is metadata. */
import type { SyntaxNode } from '../../syntax.ts';
import { lower } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import { hiddenColumns, type OrderKey, orderBy, type Relation, subTables } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { SelectItem, Translation } from '../translation.ts';
import { same, select } from './project.ts';
import { grouped } from './summarize.ts';

/** Adds the keys as hidden columns; rows that are equal keep the order that they had. */
export function ordered(items: readonly SyntaxNode[], input: Relation, scope: Scope, t: Translation): Relation {
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const keys: OrderKey[] = [];
  const hidden: SelectItem[] = [];
  for (const item of items) {
    const clause = item.kind === 'OrderedExpression' ? item.field('Ordering') : undefined;
    const node = item.kind === 'OrderedExpression' ? (item.field('Expression') as SyntaxNode) : item;
    const value = lower(node, inner, t);
    if (value.type === 'dynamic') return t.fail('rows cannot be sorted by a dynamic value', node);
    const descending = clause?.field('AscOrDescKeyword')?.text !== 'asc';
    const nulls = clause?.field('NullsClause')?.field('FirstOrLastKeyword')?.text;
    const name = t.fresh();
    hidden.push({ sql: value.sql, name });
    // Ascending puts nulls first, descending last, https://learn.microsoft.com/kusto/query/sort-operator.
    keys.push({ sql: name, descending, nullsFirst: nulls ? nulls === 'first' : !descending });
  }
  const from = t.select([...keptColumns(input), ...hidden], `FROM ${hoist.wrap(input.from)}`);
  return { ...input, from, order: [...keys, ...(input.order ?? [])], serialized: true };
}

export function sort(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  return ordered(node.items('Expressions'), input, scope, t);
}

/** The first rows in the order that they have. */
export function limited(input: Relation, count: string, t: Translation): Relation {
  const order = orderBy(input);
  if (input.partition?.length) {
    const rank = t.fresh();
    const over = `PARTITION BY ${input.partition.join(', ')}${order ? ` ORDER BY ${order}` : ''}`;
    const ranked = `(SELECT *, row_number() OVER (${over}) AS ${rank} FROM ${input.from})`;
    return select({ ...input, from: ranked }, same(input.columns), t, { where: `${rank} <= ${count}` });
  }
  const rest = `FROM ${input.from}${order ? ` ORDER BY ${order}` : ''} LIMIT ${count}`;
  return { ...input, from: t.select(keptColumns(input), rest, { heavy: true }) };
}

function keptColumns(input: Relation): SelectItem[] {
  return [...input.columns.map((column) => column.sql), ...hiddenColumns(input)].map((sql) => ({ sql, name: sql }));
}

export function take(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  return limited(input, lower(node.field('Expression') as SyntaxNode, scope, t).sql, t);
}

export function top(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const sorted = ordered([node.field('ByExpression') as SyntaxNode], input, scope, t);
  return limited(sorted, lower(node.field('Expression') as SyntaxNode, scope, t).sql, t);
}

export function count(node: SyntaxNode, input: Relation, _scope: Scope, t: Translation): Relation {
  const columns = resultColumns(node, t);
  return grouped(input, columns, [{ sql: 'count(*)', name: columns[0]?.sql ?? '"Count"' }], 0, input.from, t);
}

export function distinct(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const columns = resultColumns(node, t);
  const items = node.items('Expressions');
  const star = items.length === 1 && items[0]?.kind === 'StarExpression';
  const values = star ? input.columns.map((column) => column.sql) : items.map((item) => lower(item, inner, t).sql);
  const keys = input.partition ?? [];
  const list = [...values.map((sql, i) => `${sql} AS ${columns[i]?.sql}`), ...keys];
  const from = t.stage(`SELECT DISTINCT ${list.join(', ')} FROM ${hoist.wrap(input.from)}`, { heavy: true });
  return { from, columns, ...subTables(input) };
}

/** How the rows are to be drawn; they stay what they are. */
export function render(node: SyntaxNode, input: Relation, _scope: Scope, t: Translation): Relation {
  const properties: Record<string, string> = {};
  for (const property of node.field('WithClause')?.items('Properties') ?? []) {
    const name = property.field('Name')?.text;
    const value = property.field('Expression');
    if (name && value) properties[name] = value.constant === undefined ? value.text : String(value.constant);
  }
  t.visualization = { kind: node.field('ChartType')?.text ?? 'table', properties };
  return input;
}
