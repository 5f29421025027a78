/** Conditions that look into every column: those of search and find, and `where * has "x"`. */
import type { SqlExpression } from '../../functions/registry.ts';
import { walk } from '../../references.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { convert, lower, toBool } from '../expression.ts';
import { constant } from '../literals.ts';
import { compareValues } from '../operators.ts';
import type { RelationColumn } from '../relation.ts';
import type { Scope } from '../scope.ts';
import { textOperators, textTest } from '../text-operators.ts';
import type { Translation } from '../translation.ts';

/** Whether a condition has a `*` that stands for any column. */
export function looksEverywhere(condition: SyntaxNode): boolean {
  for (const node of walk(condition)) if (node.kind === 'StarExpression') return true;
  return false;
}

/** A condition in which a bare text looks into every column, and `*` stands for any of them. */
export function searchCondition(
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
    case 'StarExpression':
      return 'true';
    case 'StringLiteralExpression':
    case 'CompoundStringLiteralExpression': {
      const text = String(node.constant);
      return found(anywhere(text, columns, node, scope, t), text, sensitive, node, scope, t);
    }
    case 'SearchExpression': {
      const text = (node.field('Right') as SyntaxNode).constant;
      const left = node.field('Left') as SyntaxNode;
      if (typeof text !== 'string') return t.unsupported('a search for something that is not a constant text', node);
      const where = left.kind === 'StarExpression' ? anywhere(text, columns, node, scope, t) : lower(left, scope, t);
      return found(where, text, sensitive, node, scope, t);
    }
    default: {
      if (node.field('Left')?.kind !== 'StarExpression') return toBool(lower(node, scope, t), node, scope, t).sql;
      // Whether a negation is asked of any column or of all is not documented.
      if (/^Not|^BangTilde/.test(node.kind)) return t.unsupported('a negated test of *', node);
      const value = lower(node.field('Right') as SyntaxNode, scope, t);
      return any((column) => starTest(node, column, value, scope, t));
    }
  }
}

/**
 * The texts of all columns in one, so that a search tests a row once. The unit separator between them is no part of a
 * term, and no search can reach over it.
 */
function anywhere(
  text: string,
  columns: readonly RelationColumn[],
  node: SyntaxNode,
  scope: Scope,
  t: Translation,
): SqlExpression {
  if (text.includes('\u001f')) return t.unsupported('a search for a unit separator', node);
  const texts = columns.map((column) => `nullif(${convert(column, 'string', node, scope, t).sql}, '')`);
  const joined: SqlExpression = { sql: `concat_ws(chr(31), ${texts.join(', ') || "''"})`, type: 'string' };
  return { ...joined, sql: scope.hoist?.once(joined.sql) ?? joined.sql };
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
