/** Conditions, conversions by name, and the rest that is about no one type. */
import type { KustoType } from '../../engines/query-engine.ts';
import { convert } from './conversion.ts';
import { type FunctionTable, sqlFunction } from './define.ts';
import { parseJson } from './dynamic.ts';
import type { FunctionContext, ScalarLowering, SqlExpression } from './registry.ts';

const to =
  (type: KustoType): ScalarLowering =>
  ([value], context) =>
    convert(value as SqlExpression, type, context);

/** A branch as the type of the whole. */
const branch = (argument: SqlExpression | undefined, context: FunctionContext): string =>
  convert(argument as SqlExpression, context.resultType, context);

const condition = (argument: SqlExpression | undefined, context: FunctionContext): string =>
  convert(argument as SqlExpression, 'bool', context);

const iff: ScalarLowering = ([test, yes, no], context) =>
  `CASE WHEN ${condition(test, context)} THEN ${branch(yes, context)} ELSE ${branch(no, context)} END`;

const choose: ScalarLowering = (args, context) => {
  const cases: string[] = [];
  for (let i = 0; i + 2 < args.length; i += 2) {
    cases.push(`WHEN ${condition(args[i], context)} THEN ${branch(args[i + 1], context)}`);
  }
  return `CASE ${cases.join(' ')} ELSE ${branch(args.at(-1), context)} END`;
};

/** The first that is not null; of strings the first that is not empty. */
const coalesce: ScalarLowering = (args, context) => {
  const types = new Set(args.map(({ type }) => (type === 'int' ? 'long' : type)));
  if (types.has('long') && types.has('real')) context.fail('coalesce(): all arguments have to be of one type');
  const texts = args.map((argument) => branch(argument, context));
  if (context.resultType !== 'string') return `coalesce(${texts.join(', ')})`;
  return `coalesce(${texts.map((text) => `nullif(${text}, '')`).join(', ')}, '')`;
};

const parse: ScalarLowering = ([value], context) => {
  const argument = value as SqlExpression;
  if (argument.type === 'string' || argument.type === 'dynamic') return parseJson(argument, context);
  return convert(argument, 'dynamic', context);
};

export const conditionalFunctions: FunctionTable = {
  iff: iff,
  iif: iff,
  case: choose,
  coalesce,
  not: sqlFunction(['bool'], ([x]) => `(NOT ${x})`),
  assert: ([test, message], context) =>
    `CASE WHEN ${condition(test, context)} THEN TRUE ELSE error(${(message as SqlExpression).sql}) END`,
  tostring: to('string'),
  toint: to('int'),
  tolong: to('long'),
  todouble: to('real'),
  toreal: to('real'),
  todecimal: to('decimal'),
  tobool: to('bool'),
  toboolean: to('bool'),
  todatetime: to('datetime'),
  totimespan: to('timespan'),
  totime: to('timespan'),
  toguid: to('guid'),
  todynamic: parse,
  toobject: parse,
  parsejson: parse,
  parse_json: parse,
  tohex: ([value, width], context) => {
    const argument = value as SqlExpression;
    const number = convert(argument, 'long', context);
    // a negative int has 32 bits, a negative long 64
    const digits = argument.type === 'int' ? `lower(to_hex((${number}) & 4294967295))` : `lower(to_hex(${number}))`;
    if (!width) return `coalesce(${digits}, '')`;
    const hex = context.once({ sql: digits, type: 'string' }).sql;
    const size = `CAST(least(greatest(length(${hex}), ${convert(width, 'long', context)}), 64) AS INTEGER)`;
    return `coalesce(lpad(${hex}, ${size}, '0'), '')`;
  },
  new_guid: () => 'uuid()',
};
