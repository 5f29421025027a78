/** parse, parse-where and parse-kv: columns out of text. */
import type { KustoType } from '../../../engines/query-engine.ts';
import type { SqlExpression } from '../../functions/registry.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { convert, lower } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import { type Relation, sqlNull, sqlText } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { parameter } from './join.ts';
import { type Output, same, select } from './project.ts';

interface Capture {
  name: string;
  type: KustoType;
  node: SyntaxNode;
}

interface Pattern {
  regex: string;
  captures: Capture[];
}

/** What a column may look like in the text; the types that are not here take any text and are converted. */
const shapes: Partial<Record<KustoType, string>> = {
  int: '[-+]?\\d+',
  long: '[-+]?\\d+',
  real: '[-+]?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?',
  decimal: '[-+]?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?',
};

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

/** Groups of the pattern's own do not count: only the columns are captured. */
function withoutGroups(regex: string): string {
  return regex.replace(/\\.|\[(?:\\.|[^\]])*\]|\((?:\?P?<\w+>)?(?!\?)/gs, (part) =>
    part.startsWith('(') ? '(?:' : part,
  );
}

/** The pattern as one regular expression over the whole text, https://learn.microsoft.com/kusto/query/parse-operator. */
function patternOf(node: SyntaxNode, mode: string, t: Translation): Pattern {
  const captures: Capture[] = [];
  const regexMode = mode === 'regex';
  const anything = regexMode ? '.*' : '.*?';
  const last = node.items('Patterns').at(-1);
  let regex = '';
  for (const item of node.items('Patterns')) {
    if (item.kind === 'StarExpression') {
      regex += item === last ? '.*' : anything;
      continue;
    }
    if (item.kind === 'NameDeclaration' || item.kind === 'NameAndTypeDeclaration') {
      const declared = item.kind === 'NameDeclaration' ? item : (item.field('Name') as SyntaxNode);
      const result = declared.result;
      const type = result?.kind === 'scalar' ? result.type : 'string';
      captures.push({ name: declared.symbol?.name ?? declared.text, type, node: item });
      const shape = mode === 'relaxed' ? undefined : shapes[type];
      regex += `(?P<c${captures.length}>${shape ?? (item === last ? '.*' : anything)})`;
      continue;
    }
    const text = item.constant;
    if (typeof text !== 'string') return t.unsupported('a pattern of parse that is not a constant string', item);
    regex += regexMode ? `(?:${withoutGroups(text)})` : escapeRegex(text);
  }
  const flags = regexMode ? (parameter(node, 'flags') ?? '') : 's';
  if (!/^[imsU]*$/.test(flags)) return t.unsupported(`parse flags=${flags}`, node);
  return { regex: `${flags ? `(?${flags})` : ''}^${regex}$`, captures };
}

function parsed(node: SyntaxNode, input: Relation, scope: Scope, t: Translation, onlyMatches: boolean): Relation {
  const mode = parameter(node, 'kind') ?? 'simple';
  if (!['simple', 'regex', 'relaxed'].includes(mode)) return t.unsupported(`parse kind=${mode}`, node);
  const { regex, captures } = patternOf(node, mode, t);
  if (captures.length === 0) return onlyMatches ? t.unsupported('parse-where without columns', node) : input;
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const source = node.field('Expression') as SyntaxNode;
  const text = hoist.once(convert(lower(source, inner, t), 'string', source, inner, t).sql);
  const names = captures.map((_, i) => sqlText(`c${i + 1}`)).join(', ');
  const found = hoist.once(`regexp_matches(${text}, ${sqlText(regex)})`);
  const groups = hoist.once(`regexp_extract(${text}, ${sqlText(regex.replaceAll(/\(\?P<c\d+>/g, '('))}, [${names}])`);
  const values = captures.map((capture, i) => {
    const part: SqlExpression = { sql: `${groups}.c${i + 1}`, type: 'string' };
    return capture.type === 'string' ? part : convert(part, capture.type, capture.node, inner, t);
  });
  // In the strict modes one value that does not fit its type undoes them all.
  const typed = values.filter((_, i) => captures[i]?.type !== 'string').map((value) => `${value.sql} IS NOT NULL`);
  const fits = mode === 'relaxed' || typed.length === 0 ? found : hoist.once(`(${[found, ...typed].join(' AND ')})`);
  const outputs = merged(node, input, t, (name) => {
    const at = captures.findIndex((capture) => capture.name === name);
    const value = values[at];
    if (!value) return undefined;
    return `CASE WHEN ${fits} THEN ${value.sql} ELSE ${sqlNull(value.type)} END`;
  });
  return select(input, outputs, t, { hoist, ...(onlyMatches && { where: fits }) });
}

/**
 * The binder's columns: those that the operator makes, the others from the input. A column that exists already is
 * replaced in its place; the binder lists it twice.
 */
export function merged(
  node: SyntaxNode,
  input: Relation,
  t: Translation,
  made: (name: string) => string | undefined,
): Output[] {
  const before = new Map(same(input.columns).map((output) => [output.name, output]));
  const outputs = new Map<string, Output>();
  for (const { name, type } of resultColumns(node, t)) {
    const sql = made(name) ?? before.get(name)?.sql;
    outputs.set(
      name,
      sql === undefined ? t.unsupported(`the column ${name} at this place`, node) : { name, type, sql },
    );
  }
  return [...outputs.values()];
}

export function parse(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  return parsed(node, input, scope, t, false);
}

export function parseWhere(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  return parsed(node, input, scope, t, true);
}

/** parse-kv: keys and values that are told apart by delimiters. */
export function parseKv(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const options = new Map<string, string>();
  for (const property of node.field('WithClause')?.items('Properties') ?? []) {
    const value = property.field('Expression');
    options.set(property.field('Name')?.text ?? '', String(value?.constant ?? value?.text ?? ''));
  }
  const columns = (node.field('Keys')?.items('Columns') ?? []).map((column) => {
    const name = column.field('Name') as SyntaxNode;
    const type = (name.result?.kind === 'scalar' ? name.result.type : 'string') as KustoType;
    return { name: name.symbol?.name ?? name.text, type, node: column };
  });
  const source = node.field('Expression') as SyntaxNode;
  const text = convert(lower(source, inner, t), 'string', source, inner, t).sql;
  const keys = JSON.stringify(columns.map((column) => column.name));
  const bag = hoist.once(
    `${t.callRuntime('kql_parse_kv')}(${text}, ${sqlText(keys)}, ${sqlText(JSON.stringify(Object.fromEntries(options)))})`,
  );
  const outputs = merged(node, input, t, (name) => {
    const at = columns.findIndex((column) => column.name === name);
    const column = columns[at];
    if (!column) return undefined;
    const value: SqlExpression = { sql: `coalesce(json_extract_string(${bag}, '$[${at}]'), '')`, type: 'string' };
    return convert(value, column.type, column.node, inner, t).sql;
  });
  return select(input, outputs, t, { hoist });
}
