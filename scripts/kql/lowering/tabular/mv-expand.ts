/** mv-expand: one row for every element of a dynamic array or bag. */
import type { KustoType } from '../../../engines/query-engine.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { convert, lower } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import { column, hiddenColumns, type Relation } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { parameter } from './join.ts';
import { type Output, same, select } from './project.ts';

export function mvExpand(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const expanded = expand(node, input, scope, t);
  const outputs = resultColumns(node, t).map(({ name, type }) => {
    const source = column(expanded, name);
    return source ? { name, type, sql: source.sql } : t.unsupported(`the column ${name} of mv-expand`, node);
  });
  return select(expanded, outputs, t);
}

interface Expansion {
  node: SyntaxNode;
  name: string;
  type: KustoType;
  /** The list of elements, each as JSON text. */
  list: string;
  /** Hidden column with the element of the row. */
  element: string;
}

/**
 * The rows of mv-expand and of the inside of mv-apply: the columns of the input, where the expanded ones take their own
 * place or come last.
 */
export function expand(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const asArray = [parameter(node, 'bagexpansion'), parameter(node, 'kind')].includes('array');
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const limitNode = node.field('RowLimitClause')?.field('RowLimit');
  const limit = limitNode && lower(limitNode, scope, t).sql;
  const items = node.items('Expressions');
  const names = expandedNames(items, input, t);
  const expansions = items.map((item, i): Expansion => {
    const named = item.field('Expression') as SyntaxNode;
    const value = lower(named, inner, t);
    if (value.type !== 'dynamic') return t.unsupported(`mv-expand of a ${value.type}`, item);
    const type = item.field('ToTypeOf')?.field('TypeOf')?.items('Types')[0]?.symbol?.name ?? 'dynamic';
    const elements = `kql_elements(${value.sql}, ${asArray})`;
    const list = limit ? `list_slice(${elements}, 1, ${limit})` : elements;
    return { node: item, name: names[i] ?? UNNAMED, type: type as KustoType, list, element: t.fresh() };
  });
  // Lists beside each other are unnested in step; a shorter one goes on with nulls.
  const unnested = expansions.map(({ list, element }) => ({ sql: `unnest(${list})`, name: element, needed: true }));
  const indexName = parameter(node, 'with_itemindex');
  const index = t.fresh();
  if (indexName || input.order) {
    const lengths = expansions.map(({ list }) => `len(${list})`);
    const length = lengths.length > 1 ? `greatest(${lengths.join(', ')})` : lengths[0];
    unnested.push({ sql: `unnest(range(0, ${length}))`, name: index, needed: true });
  }
  const kept = [...input.columns.map((c) => c.sql), ...hiddenColumns(input)].map((name) => ({ sql: name, name }));
  const rows: Relation = {
    ...input,
    from: t.select([...kept, ...unnested], `FROM ${hoist.wrap(input.from)}`),
    ...(input.order && { order: [...input.order, { sql: index, descending: false, nullsFirst: false }] }),
  };
  const outputs: Output[] = same(input.columns);
  for (const { node: item, name, type, element } of expansions) {
    const value = { sql: `nullif(${element}, 'null')`, type: 'dynamic' as const };
    const sql = type === 'dynamic' ? value.sql : convert(value, type, item, scope, t).sql;
    const at = outputs.findIndex((output) => output.name === name);
    if (at >= 0) outputs[at] = { name, type, sql };
    else outputs.push({ name, type, sql });
  }
  if (indexName) outputs.push({ name: indexName, type: 'long', sql: index });
  return select(rows, outputs, t, { heavy: true });
}

/** Kusto's name for the first column that nothing names. */
const UNNAMED = 'Column1';

/**
 * The columns that the expanded expressions fill: `mv-expand todynamic(x)` fills x itself. A second one without a name,
 * and one beside a column of that name, is refused, since only the binder of the whole operator numbers them.
 */
function expandedNames(items: readonly SyntaxNode[], input: Relation, t: Translation): string[] {
  const names = items.map((item) => (item.field('Expression') as SyntaxNode).columnName);
  const twice = items.find((_, i) => names[i] !== undefined && names.indexOf(names[i]) < i);
  if (twice) t.unsupported('two expressions for one column here', twice);
  const unnamed = names.flatMap((name, i) => (name === undefined ? [items[i] as SyntaxNode] : []));
  const last = unnamed.at(-1);
  if (last && (unnamed.length > 1 || names.includes(UNNAMED) || column(input, UNNAMED))) {
    t.unsupported('several unnamed expressions here', last);
  }
  return names.map((name) => name ?? UNNAMED);
}
