/** Operators on text: https://learn.microsoft.com/kusto/query/datatypes-string-operators; `in` and `between` as well. */
import type { SqlExpression } from '../functions/registry.ts';
import { parseDynamic } from '../runtime/dynamic.ts';
import { isTermCharacter } from '../runtime/text.ts';
import type { SyntaxNode } from '../syntax.ts';
import { convert, lower } from './expression.ts';
import { constant } from './literals.ts';
import { comparable } from './operators.ts';
import { relationOf } from './pipeline.ts';
import { sqlText } from './relation.ts';
import type { Scope } from './scope.ts';
import type { Translation } from './translation.ts';

/** SQL of a test; `runtime` names a TypeScript function, see `Translation.callRuntime`. */
type TextTest = (text: string, pattern: SqlExpression, runtime: (name: string) => string) => string;

const contains: TextTest = (text, pattern) => `contains(${text}, ${pattern.sql})`;
const startsWith: TextTest = (text, pattern) => `starts_with(${text}, ${pattern.sql})`;
const endsWith: TextTest = (text, pattern) => `suffix(${text}, ${pattern.sql})`;
const equals: TextTest = (text, pattern) => `(${text} = ${pattern.sql})`;

/** The characters of ASCII that separate terms. RE2 compiles a class of all letters a thousand times slower. */
const ASCII_SEPARATOR = '[\\x00-/:-@\\[-`{-\\x7f]';

/**
 * The text occurs with no term character beside it; where the pattern itself begins or ends outside a term, nothing is
 * asked there. CASE, because AND evaluates both sides: only a text that contains the pattern is looked at closely.
 */
function term(before: boolean, after: boolean): TextTest {
  return (text, pattern, runtime) => {
    const found = `contains(${text}, ${pattern.sql})`;
    const inTypeScript = (): string => `${runtime('kql_has_term')}(${text}, ${pattern.sql}, ${before}, ${after})`;
    if (typeof pattern.constant !== 'string') return `(CASE WHEN ${found} THEN ${inTypeScript()} ELSE ${found} END)`;
    const wanted = pattern.constant;
    if (wanted === '') return 'true';
    const head = before && isTermCharacter([...wanted][0]) ? `(?:^|${ASCII_SEPARATOR})` : '';
    const tail = after && isTermCharacter([...wanted].at(-1)) ? `(?:$|${ASCII_SEPARATOR})` : '';
    if (!head && !tail) return found;
    const ascii = `regexp_matches(${text}, ${sqlText(`(?s)${head}${escapeRegex(wanted)}${tail}`)})`;
    return (
      `(CASE WHEN ${found} THEN CASE WHEN strlen(${text}) = length(${text}) THEN ${ascii} ` +
      `ELSE ${inTypeScript()} END ELSE ${found} END)`
    );
  };
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

const tests: Readonly<Record<string, TextTest>> = {
  Contains: contains,
  StartsWith: startsWith,
  EndsWith: endsWith,
  Has: term(true, true),
  HasPrefix: term(true, false),
  HasSuffix: term(false, true),
};

interface TextOperator {
  test: TextTest;
  fold: boolean;
  negated: boolean;
}

/** Operators by node kind: `Has`, `NotHas`, `HasCs`, `NotHasCs` and so on. */
export const textOperators: ReadonlyMap<string, TextOperator> = new Map([
  ...Object.entries(tests).flatMap(([name, test]): [string, TextOperator][] => [
    [`${name}Expression`, { test, fold: true, negated: false }],
    [`Not${name}Expression`, { test, fold: true, negated: true }],
    [`${name}CsExpression`, { test, fold: false, negated: false }],
    [`Not${name}CsExpression`, { test, fold: false, negated: true }],
  ]),
  ['EqualTildeExpression', { test: equals, fold: true, negated: false }],
  ['BangTildeExpression', { test: equals, fold: true, negated: true }],
  ['MatchesRegexExpression', { test: (text, p) => `regexp_matches(${text}, ${p.sql})`, fold: false, negated: false }],
]);

/** The expression folded for a comparison without case. */
function folded(expression: SqlExpression): SqlExpression {
  if (typeof expression.constant === 'string') return constant(expression.constant.toLowerCase(), 'string');
  return { sql: `lower(${expression.sql})`, type: 'string' };
}

export function textOperator(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const text = asText(lower(node.field('Left') as SyntaxNode, scope, t), node, scope, t);
  const pattern = asText(lower(node.field('Right') as SyntaxNode, scope, t), node, scope, t);
  return { sql: textTest(node.kind, text, pattern, t), type: 'bool' };
}

/** SQL of a text operator by its node kind, such as `NotHasCsExpression`. */
export function textTest(kind: string, text: SqlExpression, pattern: SqlExpression, t: Translation): string {
  const operator = textOperators.get(kind) as TextOperator;
  const [left, right] = operator.fold ? [folded(text), folded(pattern)] : [text, pattern];
  const sql = operator.test(left.sql, right, (name) => t.callRuntime(name));
  return operator.negated ? `(NOT ${sql})` : sql;
}

function asText(expression: SqlExpression, node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  return convert(expression, 'string', node, scope, t);
}

/** The values of a list in parentheses: dynamic arrays that are constant are spread, the rest stand for themselves. */
function listItems(
  node: SyntaxNode,
  scope: Scope,
  t: Translation,
): { values: SqlExpression[]; arrays: SqlExpression[] } {
  const values: SqlExpression[] = [];
  const arrays: SqlExpression[] = [];
  for (const item of node.items('Expressions')) {
    const value = lower(item, scope, t);
    if (value.type !== 'dynamic') {
      values.push(value);
      continue;
    }
    if (typeof value.constant !== 'string') {
      arrays.push(value);
      continue;
    }
    const parsed = parseDynamic(value.constant);
    for (const element of Array.isArray(parsed) ? parsed : [parsed]) {
      if (element === null) continue;
      if (typeof element === 'object') return t.unsupported('a list with nested dynamic values', item);
      const type = typeof element === 'string' ? 'string' : typeof element === 'bigint' ? 'long' : typeof element;
      values.push(constant(element, type === 'number' ? 'real' : type === 'boolean' ? 'bool' : (type as 'long')));
    }
  }
  return { values, arrays };
}

/** `in`, `!in`, `in~`, `!in~`; a null is in no list. */
export function inExpression(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  // The binder names them by what they are not: `in` is InExpression, `in~` is InCsExpression.
  const fold = node.kind.includes('Cs');
  const negated = node.kind.startsWith('Not');
  const left = lower(node.field('Left') as SyntaxNode, scope, t);
  const list = node.field('Right') as SyntaxNode;
  const tests: string[] = [];
  const only = list.items('Expressions');
  const comparedWith = (value: SqlExpression): [string, string] => {
    const [a, b] = comparable(left, value, node, scope, t);
    return fold && a.type === 'string' ? [folded(a).sql, folded(b).sql] : [a.sql, b.sql];
  };
  if (only.length === 1 && only[0]?.result?.kind === 'table') {
    const relation = relationOf(only[0], scope, t);
    const first = relation.columns[0];
    if (!first) return t.unsupported('in with a table without columns', node);
    const [a, b] = comparedWith({ sql: first.sql, type: first.type });
    tests.push(
      t.eachRun
        ? `list_contains((SELECT list(${b}) FROM ${relation.from} WHERE ${first.sql} IS NOT NULL), ${a})`
        : `${a} IN (SELECT ${b} FROM ${relation.from} WHERE ${first.sql} IS NOT NULL)`,
    );
  } else {
    const { values, arrays } = listItems(list, scope, t);
    const groups = new Map<string, string[]>();
    for (const value of values) {
      if (value.constant === null) continue;
      const [a, b] = comparedWith(value);
      groups.set(a, [...(groups.get(a) ?? []), b]);
    }
    for (const [a, items] of groups) tests.push(`${a} IN (${items.join(', ')})`);
    for (const array of arrays) {
      const text = fold ? folded(asText(left, node, scope, t)) : asText(left, node, scope, t);
      const elements = `coalesce(from_json(${array.sql}, '["VARCHAR"]'), [])`;
      tests.push(`list_contains(${fold ? `list_transform(${elements}, lambda e: lower(e))` : elements}, ${text.sql})`);
    }
  }
  const sql = tests.length ? `coalesce(${tests.join(' OR ')}, false)` : 'false';
  return { sql: negated ? `(NOT ${sql})` : sql, type: 'bool' };
}

/** `has_any` and `has_all`: terms without case. */
export function listTermExpression(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const any = node.kind === 'HasAnyExpression';
  const text = folded(asText(lower(node.field('Left') as SyntaxNode, scope, t), node, scope, t));
  const list = node.field('Right') as SyntaxNode;
  const test = (pattern: SqlExpression): string => term(true, true)(text.sql, pattern, (name) => t.callRuntime(name));
  const first = list.items('Expressions')[0];
  const tests: string[] = [];
  if (first?.result?.kind === 'table') {
    const relation = relationOf(first, scope, t);
    const source = relation.columns[0];
    if (!source) return t.unsupported('a table without columns here', node);
    const pattern = folded(asText({ sql: source.sql, type: source.type }, node, scope, t));
    const aggregate = any ? 'bool_or' : 'bool_and';
    const condition = `list_${aggregate}(list_transform((SELECT list(${pattern.sql}) FROM ${relation.from}), lambda p: ${test({ sql: 'p', type: 'string' })}))`;
    tests.push(`coalesce(${condition}, false)`);
  } else {
    const { values, arrays } = listItems(list, scope, t);
    for (const value of values) tests.push(test(folded(asText(value, node, scope, t))));
    for (const array of arrays) {
      const elements = `coalesce(from_json(${array.sql}, '["VARCHAR"]'), [])`;
      const each = test({ sql: 'p', type: 'string' });
      tests.push(
        `coalesce(list_${any ? 'bool_or' : 'bool_and'}(list_transform(list_transform(${elements}, lambda e: lower(e)), lambda p: ${each})), false)`,
      );
    }
  }
  return { sql: `(${tests.join(any ? ' OR ' : ' AND ') || 'false'})`, type: 'bool' };
}

/** `between (a .. b)`, both ends included; a datetime may end in a timespan that counts from the start. */
export function betweenExpression(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const value = lower(node.field('Left') as SyntaxNode, scope, t);
  const couple = node.field('Right') as SyntaxNode;
  const from = lower(couple.field('First') as SyntaxNode, scope, t);
  let to = lower(couple.field('Second') as SyntaxNode, scope, t);
  if (from.type === 'datetime' && to.type === 'timespan') {
    to = { sql: `(${from.sql} + ${to.sql})`, type: 'datetime' };
  }
  const [a, low] = comparable(value, from, node, scope, t);
  const [b, high] = comparable(value, to, node, scope, t);
  const sql = `(${a.sql} >= ${low.sql} AND ${b.sql} <= ${high.sql})`;
  return { sql: node.kind.startsWith('Not') ? `(NOT ${sql})` : sql, type: 'bool' };
}
