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
  const expansions = node.items('Expressions').map((item): Expansion => {
    const named = item.field('Expression') as SyntaxNode;
    const value = lower(named, inner, t);
    if (value.type !== 'dynamic') return t.unsupported(`mv-expand of a ${value.type}`, item);
    const type = item.field('ToTypeOf')?.field('TypeOf')?.items('Types')[0]?.symbol?.name ?? 'dynamic';
    const elements = `kql_elements(${value.sql}, ${asArray})`;
    const list = limit ? `list_slice(${elements}, 1, ${limit})` : elements;
    return { node: item, name: expandedName(named, t), type: type as KustoType, list, element: t.fresh() };
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

/** The column that an expanded expression fills: the name that it is given, the column that it is, or the binder's. */
function expandedName(named: SyntaxNode, t: Translation): string {
  if (named.kind === 'SimpleNamedExpression') {
    const name = named.field('Name') as SyntaxNode;
    return name.symbol?.name ?? name.text;
  }
  if (named.kind === 'NameReference') return named.symbol?.name ?? named.text;
  return implicitName(named) ?? t.unsupported('an unnamed expression here', named);
}

/** The name that Kusto makes of a path: `d.a.b` is `d_a_b`. */
function implicitName(node: SyntaxNode): string | undefined {
  if (node.kind === 'NameReference') return node.symbol?.name ?? node.text;
  if (node.kind === 'PathExpression') {
    const owner = implicitName(node.field('Expression') as SyntaxNode);
    return owner && `${owner}_${node.field('Selector')?.text}`;
  }
  return undefined;
}
