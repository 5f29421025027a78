/** search and find: rows of several tables in which something is found. */
import { walk } from '../../references.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { resultColumns } from '../pipeline.ts';
import { column, type Relation, type RelationColumn, sqlNull } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { parameter } from './join.ts';
import { same, select } from './project.ts';
import { searchCondition } from './search-condition.ts';
import { allTables, type Leg, operandLegs, sourceColumn, unionOf } from './union.ts';

export function search(node: SyntaxNode, scope: Scope, t: Translation, input?: Relation): Relation {
  const kind = parameter(node, 'kind') ?? 'default';
  if (!['default', 'case_insensitive', 'case_sensitive'].includes(kind))
    return t.unsupported(`search kind=${kind}`, node);
  const columns = resultColumns(node, t);
  const searched = columns.filter((column) => column.name !== '$table');
  const legs = searchedLegs(node, scope, t, 'search_arg', input);
  const condition = node.field('Condition') as SyntaxNode;
  const found = legs.map(({ relation, source }): Leg => {
    const wide = widened(relation, searched, searched);
    return { source, relation: filtered(relation, wide, condition, kind === 'case_sensitive', scope, t) };
  });
  return unionOf(found, columns, '$table', t);
}

/** What is searched: the input, the tables that are named, or the whole workspace. */
function searchedLegs(node: SyntaxNode, scope: Scope, t: Translation, unnamed: string, input?: Relation): Leg[] {
  const operands = node.field('InClause')?.items('Expressions') ?? [];
  if (!input && operands.length === 0) return allTables(t);
  const legs: Leg[] = input ? [{ relation: input, source: `${unnamed}0` }] : [];
  for (const operand of operands) legs.push(...operandLegs(operand, legs.length, false, scope, t, unnamed));
  return legs;
}

/**
 * A table as a part of all that is searched: the columns of the whole, those that it lacks as nulls. Each table is
 * filtered by itself, since a row of the whole workspace would have thousands of columns.
 */
function widened(
  relation: Relation,
  wanted: readonly RelationColumn[],
  all: readonly RelationColumn[],
): RelationColumn[] {
  return wanted.map(
    (target) =>
      ({ ...target, sql: sourceColumn(relation, target, all)?.sql ?? sqlNull(target.type) }) satisfies RelationColumn,
  );
}

/** The rows of a table that meet the condition, which sees the columns `wide`. */
function filtered(
  relation: Relation,
  wide: readonly RelationColumn[],
  condition: SyntaxNode,
  sensitive: boolean,
  scope: Scope,
  t: Translation,
): Relation {
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: { ...relation, columns: wide }, hoist };
  // All nulls of one type are alike: one of them stands for the columns that the table lacks.
  const distinct = [...new Map(wide.map((column) => [column.sql, column])).values()];
  const where = searchCondition(condition, distinct, sensitive, inner, t);
  return select(relation, same(relation.columns), t, { hoist, where });
}

export function find(node: SyntaxNode, scope: Scope, t: Translation, input?: Relation): Relation {
  const legs = searchedLegs(node, scope, t, 'find_arg', input);
  const columns = resultColumns(node, t);
  // Which properties the bag leaves out, and what a column of several types becomes, is not documented.
  if (columns.some((column) => column.name === 'pack_')) return t.unsupported('find with pack(*)', node);
  const source = parameter(node, 'withsource') ?? 'source_';
  for (const { name, type } of columns) {
    const types = legs.flatMap(({ relation }) => column(relation, name)?.type ?? []);
    if (types.some((other) => other !== type))
      return t.unsupported(`find with the column ${name} of several types`, node);
  }
  const condition = node.field('Condition') as SyntaxNode;
  const named = conditionColumns(condition, legs);
  const found = legs.map(({ relation, source: name }): Leg => {
    const lacking = named.filter((c) => !column(relation, c.name));
    refuseNegated(condition, lacking, t);
    const nulls = lacking.map((c): RelationColumn => ({ ...c, sql: sqlNull(c.type) }));
    return {
      source: name,
      relation: filtered(relation, [...relation.columns, ...nulls], condition, false, scope, t),
    };
  });
  return unionOf(found, columns, source, t);
}

/**
 * A table without a column that is compared cannot meet the comparison. Whether find leaves such a table out, or
 * compares with null, only shows in a test that a null meets; that is not documented.
 */
function refuseNegated(condition: SyntaxNode, lacking: readonly RelationColumn[], t: Translation): void {
  if (lacking.length === 0) return;
  const names = new Set(lacking.map((c) => c.name));
  for (const node of walk(condition)) {
    if (!/^Not|^BangTilde|^FunctionCall/.test(node.kind)) continue;
    const name = [...walk(node)].find((inner) => inner.symbol?.kind === 'column' && names.has(inner.symbol.name));
    if (name) t.unsupported(`find with this test of ${name.text}, which some tables lack`, node);
  }
}

/** The columns that a condition names, with the type that they have in the first table that has them. */
function conditionColumns(condition: SyntaxNode, legs: readonly Leg[]): RelationColumn[] {
  const names = new Set(
    [...walk(condition)].filter((node) => node.symbol?.kind === 'column').map((node) => node.symbol?.name ?? ''),
  );
  return [...names].flatMap((name) => {
    const found = legs.map(({ relation }) => column(relation, name)).find(Boolean);
    return found ? [found] : [];
  });
}
