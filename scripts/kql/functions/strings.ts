/** Text functions. https://learn.microsoft.com/kusto/query/scalar-functions#string-functions */
import { dynamicToText } from '../runtime/dynamic.ts';
import * as text from '../runtime/text.ts';
import { convert } from './conversion.ts';
import { type FunctionTable, sqlFunction, typescriptFunction } from './define.ts';
import type { ScalarLowering, SqlExpression } from './registry.ts';

const asText = (args: readonly SqlExpression[], context: Parameters<ScalarLowering>[1]): string[] =>
  args.map((argument) => convert(argument, 'string', context));

/** Concatenation of two or more texts; none of them is NULL. */
const concat = (texts: readonly string[]): string => (texts.length ? `(${texts.join(' || ')})` : "''");

/** Elements of a dynamic array as texts; null elements are empty. */
const elementTexts = (json: string): string =>
  `list_transform(json_extract_string(${json}, '$[*]'), lambda e: coalesce(e, ''))`;

/** No text is longer. */
const LONGEST = 2_147_483_646;

const substring: ScalarLowering = ([source, start, length], context) => {
  const s = context.once({ sql: convert(source as SqlExpression, 'string', context), type: 'string' }).sql;
  const from = context.once({
    ...(start as SqlExpression),
    sql: convert(start as SqlExpression, 'long', context),
    type: 'long',
  });
  const first =
    typeof from.constant === 'bigint' && from.constant >= 0n && from.constant < LONGEST
      ? String(from.constant + 1n)
      : `CASE WHEN ${from.sql} < 0 THEN greatest(length(${s}) + ${from.sql}, 0) + 1 ELSE least(${from.sql}, ${LONGEST}) + 1 END`;
  const count = length ? `, least(greatest(${convert(length, 'long', context)}, 0), ${LONGEST})` : '';
  return `coalesce(substr(${s}, ${first}${count}), '')`;
};

const split: ScalarLowering = ([source, delimiter, index], context) => {
  const parts = `string_split(${convert(source as SqlExpression, 'string', context)}, ${(delimiter as SqlExpression).sql})`;
  if (!index) return `CAST(to_json(${parts}) AS VARCHAR)`;
  const i = convert(index, 'long', context);
  return `CAST(to_json(list_filter([(${parts})[${i} + 1]], lambda e: e IS NOT NULL)) AS VARCHAR)`;
};

const indexof: ScalarLowering = (args, context) => {
  if (args.length === 2) {
    const [source, match] = asText(args, context);
    return `(CAST(strpos(${source}, ${match}) AS BIGINT) - 1)`;
  }
  return searched(args, context);
};
const searched = typescriptFunction(
  'kql_indexof',
  ['string', 'string', 'long?', 'long?', 'long?'],
  'long',
  text.indexOf,
);

/** Not a string: empty is null. */
const isEmpty = (argument: SqlExpression | undefined, context: Parameters<ScalarLowering>[1]): string => {
  const value = argument as SqlExpression;
  if (value.type !== 'string' && value.type !== 'dynamic') return `(${value.sql} IS NULL)`;
  return `(${convert(value, 'string', context)} = '')`;
};
const isNull = (argument: SqlExpression | undefined): string =>
  argument?.type === 'string' ? 'FALSE' : `(${argument?.sql} IS NULL)`;

const isempty: ScalarLowering = ([value], context) => isEmpty(value, context);
const isnotempty: ScalarLowering = ([value], context) => `(NOT ${isEmpty(value, context)})`;
const isnull: ScalarLowering = ([value]) => isNull(value);
const isnotnull: ScalarLowering = ([value]) => `(NOT ${isNull(value)})`;

const codePointsToString = typescriptFunction('kql_codepoints_to_string', [], 'string', text.codePointsToString, {
  rest: 'dynamic',
});

const joinAny = typescriptFunction('kql_array_text', ['dynamic', 'string'], 'string', (array, delimiter) =>
  Array.isArray(array) ? array.map(dynamicToText).join(delimiter) : null,
);

/** `strcat_array()`; DuckDB joins by a constant text only. */
export const joinElements: ScalarLowering = (args, context) => {
  const [array, delimiter] = args;
  if (typeof delimiter?.constant !== 'string') return joinAny(args, context);
  const d = convert(array as SqlExpression, 'dynamic', context);
  return `coalesce(array_to_string(${elementTexts(d)}, ${delimiter.sql}), '')`;
};

export const stringFunctions: FunctionTable = {
  strlen: sqlFunction(['string'], ([s]) => `CAST(length(${s}) AS BIGINT)`),
  string_size: sqlFunction(['string'], ([s]) => `CAST(strlen(${s}) AS BIGINT)`),
  toupper: sqlFunction(['string'], ([s]) => `upper(${s})`),
  tolower: sqlFunction(['string'], ([s]) => `lower(${s})`),
  substring,
  split,
  strcat: (args, context) => concat(asText(args, context)),
  strcat_delim: (args, context) => {
    const [delimiter, ...rest] = asText(args, context);
    return rest.length === 0
      ? "''"
      : concat(rest.flatMap((part, i) => (i === 0 ? [part] : [delimiter as string, part])));
  },
  strcat_array: joinElements,
  strcmp: sqlFunction(
    ['string'],
    ([a, b]) => `CAST(CASE WHEN ${a} < ${b} THEN -1 WHEN ${a} > ${b} THEN 1 ELSE 0 END AS BIGINT)`,
    {
      once: true,
    },
  ),
  strrep: ([value, count, delimiter], context) => {
    const part = context.once({ sql: convert(value as SqlExpression, 'string', context), type: 'string' }).sql;
    // Kusto repeats up to 1,024 times
    const times = context.once({
      sql: `least(${convert(count as SqlExpression, 'long', context)}, 1024)`,
      type: 'long',
    }).sql;
    const between = delimiter ? convert(delimiter, 'string', context) : "''";
    return `CASE WHEN ${times} > 0 THEN repeat(${part} || ${between}, ${times} - 1) || ${part} ELSE '' END`;
  },
  reverse: typescriptFunction('kql_reverse', ['string'], 'string', (s) => [...s].reverse().join('')),
  indexof,
  countof: ([source, search, kind], context) => {
    const s = convert(source as SqlExpression, 'string', context);
    const p = convert(search as SqlExpression, 'string', context);
    const mode = kind === undefined ? 'normal' : kind.constant;
    if (mode === 'regex') return `CAST(len(regexp_extract_all(${s}, ${p})) AS BIGINT)`;
    if (mode !== 'normal') return context.refuse('the kind has to be "normal" or "regex"');
    return `${context.runtime('kql_countof')}(${s}, ${p})`;
  },
  replace_string: sqlFunction(['string'], ([s, lookup, rewrite]) => `replace(${s}, ${lookup}, ${rewrite})`),
  replace_strings: typescriptFunction(
    'kql_replace_strings',
    ['string', 'dynamic', 'dynamic'],
    'string',
    text.replaceStrings,
  ),
  translate: typescriptFunction('kql_translate', ['string', 'string', 'string'], 'string', text.translate),
  has_any_index: typescriptFunction('kql_has_any_index', ['string', 'dynamic'], 'long', text.hasAnyIndex),
  isempty,
  isnotempty,
  notempty: isnotempty,
  isnull,
  isnotnull,
  notnull: isnotnull,
  isascii: sqlFunction(['string'], ([s]) => `regexp_full_match(${s}, '[\\x00-\\x7F]*')`),
  isutf8: () => 'TRUE',
  unicode_codepoints_from_string: typescriptFunction('kql_codepoints', ['string'], 'dynamic', text.codePoints),
  to_utf8: typescriptFunction('kql_codepoints', ['string'], 'dynamic', text.codePoints),
  unicode_codepoints_to_string: codePointsToString,
  make_string: codePointsToString,
  format_bytes: typescriptFunction('kql_format_bytes', ['real', 'long?', 'string?'], 'string', text.formatBytes),
};

// what lowerings call by name
typescriptFunction('kql_has_term', ['string', 'string', 'bool', 'bool'], 'bool', text.hasTerm);
typescriptFunction('kql_countof', ['string', 'string'], 'long', text.countOverlapping);
