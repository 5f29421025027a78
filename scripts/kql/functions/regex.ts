/** Regular expressions: Kusto and DuckDB both use RE2 syntax. https://learn.microsoft.com/kusto/query/regex */
import { convert } from './conversion.ts';
import { type FunctionTable, sqlFunction, sqlString } from './define.ts';
import type { FunctionContext, ScalarLowering, SqlExpression } from './registry.ts';

/** Capture groups of a pattern in their order, each with its name if it has one; other `(?` are none. */
function captureGroups(pattern: string): (string | undefined)[] {
  const plain = pattern.replace(/\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\w+:\]|[^\]\\])*\]/g, '');
  return [...plain.matchAll(/\((?!\?)|\(\?P?<(?![=!])(\w*)/g)].map(([, name]) => name);
}

function groupCount(pattern: string): number {
  return captureGroups(pattern).length;
}

const text = (argument: SqlExpression | undefined, context: FunctionContext): string =>
  convert(argument as SqlExpression, 'string', context);

const extract: ScalarLowering = ([regex, group, source], context) => {
  const pattern = text(regex, context);
  const s = text(source, context);
  const number = group?.constant;
  if (typeof number !== 'bigint') return context.refuse('the capture group has to be a constant');
  if (typeof regex?.constant === 'string' && number > BigInt(groupCount(regex.constant))) return "''";
  if (number < 0n || number > 9n) return context.refuse('the capture group has to be 0 to 9');
  const found = `coalesce(regexp_extract(${s}, ${pattern}, ${number}), '')`;
  if (context.resultType === 'string') return found;
  return convert({ sql: found, type: 'string' }, context.resultType, context);
};

/** One group: an array of texts. Several: an array of arrays. Without a match: null. */
const extractAll: ScalarLowering = (args, context) => {
  const [regex, source] = [args[0], args.at(-1)];
  if (typeof regex?.constant !== 'string') return context.refuse('the regular expression has to be constant');
  const groups =
    args.length === 3
      ? chosenGroups(args[1] as SqlExpression, captureGroups(regex.constant), context)
      : allGroups(regex.constant, context);
  const s = context.once({ sql: text(source, context), type: 'string' }).sql;
  const lists = groups.map((group) => `regexp_extract_all(${s}, ${regex.sql}, ${group})`);
  const one = lists.length === 1;
  const zipped = one
    ? (lists[0] as string)
    : `list_transform(list_zip(${lists.join(', ')}), lambda m: [${lists.map((_, i) => `m[${i + 1}]`).join(', ')}])`;
  return `nullif(CAST(to_json(${zipped}) AS VARCHAR), '[]')`;
};

function allGroups(pattern: string, context: FunctionContext): number[] {
  const count = groupCount(pattern);
  if (count === 0) context.fail('extract_all(): the regular expression has to have a capturing group');
  if (count > 9) context.refuse('the regular expression has more than nine groups');
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** By number, or by name, as in `dynamic(['first', 2])`. */
function chosenGroups(
  argument: SqlExpression,
  groups: readonly (string | undefined)[],
  context: FunctionContext,
): number[] {
  const chosen: unknown = typeof argument.constant === 'string' ? JSON.parse(argument.constant) : undefined;
  const numbers = (Array.isArray(chosen) ? chosen : []).map((group: unknown) =>
    typeof group === 'string' ? groups.indexOf(group) + 1 || -1 : Number(group),
  );
  const valid = numbers.length > 0 && numbers.every((n) => Number.isInteger(n) && n >= 0 && n <= groups.length);
  if (!valid) return context.refuse('the capture groups have to be constant numbers or names of groups');
  if (numbers.some((n) => n > 9)) return context.refuse('a capture group after the ninth');
  return numbers;
}

/** A pattern bound to the start or the end of the text. */
function anchored(regex: SqlExpression | undefined, before: string, after: string, context: FunctionContext): string {
  if (typeof regex?.constant === 'string') return sqlString(`${before}(?:${regex.constant})${after}`);
  return `('${before}(?:' || ${text(regex, context)} || ')${after}')`;
}

/**
 * The characters of a pattern that is a set of them, once or more: `\s+`, `[\s{}]+`, `x*`. Undefined for every other one.
 * `\s` is RE2's: https://github.com/google/re2/wiki/Syntax
 */
function characterSet(pattern: string): string | undefined {
  const one = /^(?:\\[sdtnr]|[A-Za-z0-9 "'\-_/:;,#@&%=<>~!])[+*]$/.exec(pattern);
  const many = /^\[((?:\\[sdtnr\\\][{}()"'./-]|[A-Za-z0-9 "'{}().,;:/_#@&%=<>~!?*+$|])+)\][+*]$/.exec(pattern);
  const members = many?.[1] ?? (one ? pattern.slice(0, -1) : undefined);
  return members?.replace(/\\(.)/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
}

const ESCAPES: Readonly<Record<string, string>> = { s: '\t\n\f\r ', d: '0123456789', t: '\t', n: '\n', r: '\r' };

/** Without a regular expression where the pattern is a set of characters: each costs a compilation in every run. */
function trimmed(end: 'start' | 'end'): ScalarLowering {
  return ([regex, source], context) => {
    const set = typeof regex?.constant === 'string' ? characterSet(regex.constant) : undefined;
    if (set === undefined) {
      const pattern = end === 'start' ? anchored(regex, '^', '', context) : anchored(regex, '', '$', context);
      return `regexp_replace(${text(source, context)}, ${pattern}, '')`;
    }
    const s = context.once({ sql: text(source, context), type: 'string' }).sql;
    const [outer, trim] = end === 'start' ? [`left(${s}, 1)`, 'ltrim'] : [`right(${s}, 1)`, 'rtrim'];
    const characters = [...new Set(set)].map(sqlString).join(', ');
    return `(CASE WHEN ${outer} IN (${characters}) THEN ${trim}(${s}, ${sqlString(set)}) ELSE ${s} END)`;
  };
}
const trimStart = trimmed('start');
const trimEnd = trimmed('end');

const replaceRegex: ScalarLowering = ([source, regex, rewrite], context) =>
  `regexp_replace(${text(source, context)}, ${text(regex, context)}, ${text(rewrite, context)}, 'g')`;

/** `indexof_regex()`; matches do not overlap. */
const indexofRegex: ScalarLowering = (args, context) => {
  const [source, pattern, start, length, occurrence] = args;
  if (typeof pattern?.constant !== 'string') return context.refuse('the regular expression has to be constant');
  const s = context.once({ sql: text(source, context), type: 'string' }).sql;
  const number = (argument: SqlExpression | undefined, fallback: bigint): bigint => {
    if (argument === undefined) return fallback;
    return typeof argument.constant === 'bigint'
      ? argument.constant
      : context.refuse('start, length and occurrence have to be constant');
  };
  const [from, count, nth] = [number(start, 0n), number(length, -1n), number(occurrence, 1n)];
  if (from < 0n || count < -1n || nth < 1n) return 'NULL::BIGINT';
  const part = count === -1n ? `substr(${s}, ${from + 1n})` : `substr(${s}, ${from + 1n}, ${count})`;
  // what stands between matches, and the matches, up to the one that is asked for
  const matches = `regexp_extract_all(${part}, ${pattern.sql})`;
  const gaps = `regexp_split_to_array(${part}, ${pattern.sql})`;
  const before = `list_sum(list_transform((${gaps})[1:${nth}], lambda e: length(e))) + coalesce(list_sum(list_transform((${matches})[1:${nth - 1n}], lambda e: length(e))), 0)`;
  return `CASE WHEN len(${matches}) < ${nth} THEN -1 ELSE CAST(${before} + ${from} AS BIGINT) END`;
};

export const regexFunctions: FunctionTable = {
  extract,
  extract_all: extractAll,
  extractall: extractAll,
  replace_regex: replaceRegex,
  replace: ([regex, rewrite, source], context) => replaceRegex([source, regex, rewrite] as SqlExpression[], context),
  trim_start: trimStart,
  trim_end: trimEnd,
  trim: (args, context) =>
    trimEnd([args[0] as SqlExpression, { sql: trimStart(args, context), type: 'string' }], context),
  regex_quote: sqlFunction(['string'], ([s]) => `regexp_escape(${s})`),
  indexof_regex: indexofRegex,
};
