/** mv-expand: one row for every element of a dynamic array or bag. */
import type { SyntaxNode } from '../../syntax.ts';
import { convert, lower } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import { hiddenColumns, type Relation } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { parameter } from './join.ts';
import { type Output, same, select } from './project.ts';

export function mvExpand(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const asArray = [parameter(node, 'bagexpansion'), parameter(node, 'kind')].includes('array');
  return expand(node, input, scope, t, asArray);
}

/** The rows of mv-expand and of the inside of mv-apply. */
export function expand(node: SyntaxNode, input: Relation, scope: Scope, t: Translation, asArray: boolean): Relation {
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const targets = resultColumns(node, t);
  const lists = node.items('Expressions').map((item) => {
    const named = item.field('Expression') as SyntaxNode;
    const name =
      named.kind === 'SimpleNamedExpression' ? (named.field('Name')?.symbol?.name ?? '') : (named.symbol?.name ?? '');
    const value = lower(named, inner, t);
    const type = item.field('ToTypeOf')?.field('TypeOf')?.items('Types')[0]?.symbol?.name;
    return { item, name, value, type, sql: `kql_elements(${value.sql}, ${asArray})`, hidden: t.fresh() };
  });
  const index = t.fresh();
  const columns = input.columns.map((c) => c.sql);
  const kept = [...columns, ...hiddenColumns(input)];
  const withLists = `(SELECT ${[...kept, ...lists.map((l) => `${l.sql} AS ${l.hidden}`)].join(', ')} FROM ${hoist.wrap(input.from)})`;
  const longest =
    lists.length === 1 ? `len(${lists[0]?.hidden})` : `greatest(${lists.map((l) => `len(${l.hidden})`).join(', ')})`;
  const limit = node.field('RowLimitClause')?.field('RowLimit');
  const end = limit ? `least(${longest}, ${lower(limit, scope, t).sql})` : longest;
  const expanded = `(SELECT *, unnest(range(0, ${end})) AS ${index} FROM ${withLists})`;
  const positions = t.stage(`SELECT * FROM ${expanded}`);
  const relation: Relation = {
    ...input,
    from: positions,
    order: [...(input.order ?? []), { sql: index, descending: false, nullsFirst: false }],
  };
  const outputs: Output[] = same(input.columns);
  for (const list of lists) {
    const target = targets.find((candidate) => candidate.name === list.name);
    if (!target) return t.unsupported('an unnamed expression here', list.item);
    const element = { sql: `nullif(${list.hidden}[${index} + 1], 'null')`, type: 'dynamic' as const };
    const value = target.type === 'dynamic' ? element : convert(element, target.type, list.item, scope, t);
    const at = outputs.findIndex((output) => output.name === list.name);
    const output = { name: target.name, type: target.type, sql: value.sql };
    if (at >= 0) outputs[at] = output;
    else outputs.push(output);
  }
  const indexName = parameter(node, 'with_itemindex');
  if (indexName) outputs.push({ name: indexName, type: 'long', sql: index });
  const reordered = targets.map((target) => outputs.find((output) => output.name === target.name));
  if (reordered.some((output) => !output)) return t.unsupported('this mv-expand', node);
  return select(relation, reordered as Output[], t, { heavy: true });
}
