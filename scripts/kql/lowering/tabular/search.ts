/** search and find: rows of several tables in which something is found. */
import type { SqlExpression } from '../../functions/registry.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { convert, lower, toBool } from '../expression.ts';
import { constant } from '../literals.ts';
import { compareValues } from '../operators.ts';
import { resultColumns } from '../pipeline.ts';
import type { Relation, RelationColumn } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import { textOperators, textTest } from '../text-operators.ts';
import type { Translation } from '../translation.ts';
import { parameter } from './join.ts';
import { same, select } from './project.ts';
import { type Leg, operandLegs, unionOf } from './union.ts';

export function search(node: SyntaxNode, scope: Scope, t: Translation, input?: Relation, name?: string): Relation {
  const legs: Leg[] = input ? [{ relation: input, source: name ?? 'search_arg0' }] : [];
  const operands = node.field('InClause')?.items('Expressions') ?? [];
  if (!input && operands.length === 0)
    return t.unsupported('search over all tables', node, 'name them: search in (A, B)');
  for (const operand of operands) legs.push(...operandLegs(operand, legs.length, false, scope, t, 'search_arg'));
  const all = unionOf(legs, resultColumns(node, t), '$table', t);
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: all, hoist };
  const searched = all.columns.filter((column) => column.name !== '$table');
  const kind = parameter(node, 'kind') ?? 'default';
  if (!['default', 'case_insensitive', 'case_sensitive'].includes(kind))
    return t.unsupported(`search kind=${kind}`, node);
  const condition = node.field('Condition') as SyntaxNode;
  const where = searchCondition(condition, searched, kind === 'case_sensitive', inner, t);
  return select(all, same(all.columns), t, { hoist, where });
}

/** A condition in which a bare text looks into every column, and `*` stands for any of them. */
function searchCondition(
  node: SyntaxNode,
  columns: readonly RelationColumn[],
  sensitive: boolean,
  scope: Scope,
  t: Translation,
): string {
  const again = (name: string) => searchCondition(node.field(name) as SyntaxNode, columns, sensitive, scope, t);
  const any = (test: (column: RelationColumn) => string) => `(${columns.map(test).join(' OR ') || 'false'})`;
  switch (node.kind) {
    case 'AndExpression':
      return `(${again('Left')} AND ${again('Right')})`;
    case 'OrExpression':
      return `(${again('Left')} OR ${again('Right')})`;
    case 'ParenthesizedExpression':
      return again('Expression');
    case 'StringLiteralExpression':
    case 'CompoundStringLiteralExpression': {
      const text = String(node.constant);
      return any((column) => found(column, text, sensitive, node, scope, t));
    }
    case 'SearchExpression': {
      const text = (node.field('Right') as SyntaxNode).constant;
      const left = node.field('Left') as SyntaxNode;
      if (typeof text !== 'string') return t.unsupported('a search for something that is not a constant text', node);
      return left.kind === 'StarExpression'
        ? any((column) => found(column, text, sensitive, node, scope, t))
        : found(lower(left, scope, t), text, sensitive, node, scope, t);
    }
    default: {
      if (node.field('Left')?.kind !== 'StarExpression') return toBool(lower(node, scope, t), node, scope, t).sql;
      const value = lower(node.field('Right') as SyntaxNode, scope, t);
      return any((column) => starTest(node, column, value, scope, t));
    }
  }
}

/** `* has "x"` and `* == "x"` for one column. */
function starTest(node: SyntaxNode, column: SqlExpression, value: SqlExpression, scope: Scope, t: Translation): string {
  const text = convert(column, 'string', node, scope, t);
  if (textOperators.has(node.kind)) return textTest(node.kind, text, convert(value, 'string', node, scope, t), t);
  return compareValues(node.kind, value.type === 'string' ? text : column, value, node, scope, t);
}

/** Whether a column has a text as a term; `*` at an end leaves that end open. */
function found(
  column: SqlExpression,
  text: string,
  sensitive: boolean,
  node: SyntaxNode,
  scope: Scope,
  t: Translation,
): string {
  const [open, close] = [text.startsWith('*'), text.length > 1 && text.endsWith('*')];
  const term = text.slice(open ? 1 : 0, close ? -1 : undefined);
  if (term.includes('*')) return t.unsupported('a search with * inside', node);
  if (term === '') return `(${convert(column, 'string', node, scope, t).sql} <> '')`;
  const operator = open && close ? 'Contains' : open ? 'HasSuffix' : close ? 'HasPrefix' : 'Has';
  const kind = `${operator}${sensitive ? 'Cs' : ''}Expression`;
  return textTest(kind, convert(column, 'string', node, scope, t), constant(term, 'string'), t);
}

export function find(node: SyntaxNode, scope: Scope, t: Translation, input?: Relation): Relation {
  const legs: Leg[] = input ? [{ relation: input, source: 'find_arg0' }] : [];
  const operands = node.field('InClause')?.items('Expressions') ?? [];
  if (!input && operands.length === 0) return t.unsupported('find over all tables', node, 'name them: find in (A, B)');
  for (const operand of operands) legs.push(...operandLegs(operand, legs.length, false, scope, t, 'find_arg'));
  const columns = resultColumns(node, t);
  if (columns.some((column) => column.name === 'pack_')) return t.unsupported('find with pack(*)', node);
  const source = parameter(node, 'withsource') ?? 'source_';
  const hoist = new Hoist(t.fresh);
  const condition = node.field('Condition') as SyntaxNode;
  const filtered = legs.map(({ relation, source: name }) => {
    const inner: Scope = { ...scope, relation, hoist };
    const where = searchCondition(condition, relation.columns, false, inner, t);
    return { source: name, relation: select(relation, same(relation.columns), t, { where }) };
  });
  if (!hoist.isEmpty) return t.unsupported('find with this condition', condition);
  return unionOf(filtered, columns, source, t);
}
