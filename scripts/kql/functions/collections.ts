/** Arrays, sets and bags. https://learn.microsoft.com/kusto/query/scalar-functions#dynamicarray-functions */
import * as arrays from '../runtime/arrays.ts';
import * as bags from '../runtime/bags.ts';
import { formatDatetime } from '../runtime/datetime.ts';
import { type Dynamic, isBag, parseDynamic } from '../runtime/dynamic.ts';
import { formatTimespan } from '../runtime/timespan.ts';
import { convert } from './conversion.ts';
import { type FunctionTable, sqlFunction, typescriptFunction } from './define.ts';
import { packArray, packBag, parseJson } from './dynamic.ts';
import type { ScalarLowering, SqlExpression, TupleLowering } from './registry.ts';
import { joinElements } from './strings.ts';

const RANGES = {
  long: typescriptFunction('kql_range_long', ['long', 'long', 'long'], 'dynamic', (a, b, step) =>
    arrays.range(a, b, step, (v) => v),
  ),
  real: typescriptFunction('kql_range_real', ['real', 'real', 'real'], 'dynamic', arrays.rangeOfReals),
  datetime: typescriptFunction('kql_range_datetime', ['datetime', 'datetime', 'timespan'], 'dynamic', (a, b, step) =>
    arrays.range(a, b, step, formatDatetime),
  ),
  timespan: typescriptFunction('kql_range_timespan', ['timespan', 'timespan', 'timespan'], 'dynamic', (a, b, step) =>
    arrays.range(a, b, step, formatTimespan),
  ),
};

const HOUR: SqlExpression = { sql: '36000000000::BIGINT', type: 'timespan', constant: 36_000_000_000n };
const ONE: SqlExpression = { sql: '1::BIGINT', type: 'long', constant: 1n };

const range: ScalarLowering = (args, context) => {
  const [start, stop, step] = args as SqlExpression[];
  const type = start?.type ?? 'long';
  if (type === 'datetime' || type === 'timespan') {
    return RANGES[type]([start, stop, step ?? HOUR] as SqlExpression[], context);
  }
  const kind = args.some((argument) => argument.type === 'real' || argument.type === 'decimal') ? 'real' : 'long';
  return RANGES[kind]([start, stop, step ?? ONE] as SqlExpression[], context);
};

const union = typescriptFunction('kql_set_union', [], 'dynamic', arrays.union, { rest: 'dynamic', seesNull: true });
const iff = typescriptFunction('kql_array_iff', ['dynamic', 'dynamic', 'dynamic'], 'dynamic', arrays.iff, {
  seesNull: true,
});

/** One array is a scalar; several are a tuple, see `collectionTuples`. */
function sortArray(descending: boolean): ScalarLowering {
  const name = descending ? 'kql_array_sort_desc' : 'kql_array_sort_asc';
  return typescriptFunction(
    name,
    ['dynamic', 'bool?'],
    'dynamic',
    (array, nullsLast) => arrays.sort([array], descending, nullsLast ?? true)[0],
  );
}
const sortAscending = sortArray(false);
const sortDescending = sortArray(true);

function sortArrays(direction: 'asc' | 'desc'): TupleLowering {
  return (args, context) => {
    const last = args.at(-1);
    const nullsLast = last?.type === 'bool' ? last.sql : 'TRUE';
    const lists = args.filter((argument) => argument.type !== 'bool').map((argument) => context.once(argument).sql);
    const call = `${context.runtime(`kql_array_sort_by_${direction}`)}(${[nullsLast, ...lists].join(', ')})`;
    const sorted = context.once({ sql: call, type: 'dynamic' }).sql;
    return lists.map((_, i) => `nullif(CAST(json_extract(${sorted}, '$[${i}]') AS VARCHAR), 'null')`);
  };
}

const arrayLength: ScalarLowering = sqlFunction(
  ['dynamic'],
  ([d]) => `CASE WHEN starts_with(${d}, '[') THEN CAST(json_array_length(${d}) AS BIGINT) END`,
  { once: true },
);

const extractJson: ScalarLowering = ([path, text, type], context) => {
  const steps = typeof path?.constant === 'string' ? bags.jsonPathSteps(path.constant) : undefined;
  if (!steps) return context.refuse('the JSON path has to be a constant of names and positions');
  const json = { sql: parseJson(text as SqlExpression, context), type: 'dynamic' } as const;
  const found = `${context.runtime('kql_extract_json')}(${(path as SqlExpression).sql}, ${json.sql})`;
  const result: SqlExpression = { sql: `coalesce(${found}, '')`, type: 'string' };
  return type ? convert(result, context.resultType, context) : result.sql;
};

export const collectionFunctions: FunctionTable = {
  array_length: arrayLength,
  arraylength: arrayLength,
  array_concat: typescriptFunction('kql_array_concat', [], 'dynamic', arrays.concat, {
    rest: 'dynamic',
    seesNull: true,
  }),
  array_iff: iff,
  array_iif: iff,
  array_index_of: typescriptFunction(
    'kql_array_index_of',
    ['dynamic', 'dynamic', 'long?', 'long?', 'long?'],
    'long',
    arrays.indexOf,
  ),
  array_reverse: typescriptFunction('kql_array_reverse', ['dynamic'], 'dynamic', (array: Dynamic) =>
    Array.isArray(array) ? [...array].reverse() : null,
  ),
  array_rotate_left: typescriptFunction('kql_array_rotate_left', ['dynamic', 'long'], 'dynamic', arrays.rotate),
  array_rotate_right: typescriptFunction('kql_array_rotate_right', ['dynamic', 'long'], 'dynamic', (array, count) =>
    arrays.rotate(array, -count),
  ),
  array_shift_left: typescriptFunction(
    'kql_array_shift_left',
    ['dynamic', 'long', 'dynamic?'],
    'dynamic',
    arrays.shift,
  ),
  array_shift_right: typescriptFunction(
    'kql_array_shift_right',
    ['dynamic', 'long', 'dynamic?'],
    'dynamic',
    (array, count, fill) => arrays.shift(array, -count, fill),
  ),
  array_slice: typescriptFunction('kql_array_slice', ['dynamic', 'long', 'long'], 'dynamic', arrays.slice),
  array_split: typescriptFunction('kql_array_split', ['dynamic', 'dynamic'], 'dynamic', arrays.split),
  array_sum: typescriptFunction('kql_array_sum', ['dynamic'], 'real', arrays.sum),
  array_sort_asc: sortAscending,
  array_sort_desc: sortDescending,
  array_strcat: joinElements,
  repeat: typescriptFunction('kql_repeat', ['dynamic', 'long'], 'dynamic', arrays.repeat, { seesNull: true }),
  range,
  zip: typescriptFunction('kql_zip', [], 'dynamic', arrays.zip, { rest: 'dynamic', seesNull: true }),
  set_union: union,
  set_intersect: typescriptFunction('kql_set_intersect', [], 'dynamic', arrays.intersect, { rest: 'dynamic' }),
  set_difference: typescriptFunction('kql_set_difference', [], 'dynamic', arrays.difference, { rest: 'dynamic' }),
  set_has_element: typescriptFunction('kql_set_has_element', ['dynamic', 'dynamic'], 'bool', arrays.hasElement),
  set_equals: typescriptFunction('kql_set_equals', ['dynamic', 'dynamic'], 'bool', arrays.setEquals),
  jaccard_index: typescriptFunction('kql_jaccard', ['dynamic', 'dynamic'], 'real', arrays.jaccard),
  pack_array: packArray,
  bag_pack: packBag,
  pack: packBag,
  pack_dictionary: packBag,
  bag_keys: sqlFunction(
    ['dynamic'],
    ([d]) => `CASE WHEN starts_with(${d}, '{') THEN CAST(to_json(json_keys(${d})) AS VARCHAR) END`,
    { once: true },
  ),
  bag_has_key: typescriptFunction('kql_bag_has_key', ['dynamic', 'string'], 'bool', bags.hasKey),
  bag_merge: typescriptFunction('kql_bag_merge', [], 'dynamic', bags.merge, { rest: 'dynamic', seesNull: true }),
  bag_remove_keys: typescriptFunction('kql_bag_remove_keys', ['dynamic', 'dynamic'], 'dynamic', bags.removeKeys),
  bag_set_key: typescriptFunction('kql_bag_set_key', ['dynamic', 'string', 'dynamic'], 'dynamic', bags.setKey, {
    seesNull: true,
  }),
  bag_zip: typescriptFunction('kql_bag_zip', ['dynamic', 'dynamic'], 'dynamic', bags.zipBag, { seesNull: true }),
  treepath: typescriptFunction('kql_treepath', ['dynamic'], 'dynamic', bags.treePath),
  parse_json: ([text], context) => parseJson(text as SqlExpression, context),
  dynamic_to_json: sqlFunction(
    ['dynamic'],
    ([d], context) => `coalesce(${context.runtime('kql_canonical_json')}(${d}), '')`,
  ),
  gettype: ([value], context) => {
    const { type, sql } = value as SqlExpression;
    return type === 'dynamic' ? `${context.runtime('kql_dynamic_type')}(${sql})` : `'${type}'`;
  },
  extract_json: extractJson,
  extractjson: extractJson,
};

export const collectionTuples: Readonly<Record<string, TupleLowering>> = {
  array_sort_asc: sortArrays('asc'),
  array_sort_desc: sortArrays('desc'),
};

// what lowerings call by name
typescriptFunction(
  'kql_array_sort_by_asc',
  ['bool'],
  'dynamic',
  (nullsLast: boolean, ...lists: Dynamic[]) => arrays.sort(lists, false, nullsLast),
  { rest: 'dynamic', seesNull: true },
);
typescriptFunction(
  'kql_array_sort_by_desc',
  ['bool'],
  'dynamic',
  (nullsLast: boolean, ...lists: Dynamic[]) => arrays.sort(lists, true, nullsLast),
  { rest: 'dynamic', seesNull: true },
);
typescriptFunction('kql_parse_json', ['string'], 'dynamic', parseText);
typescriptFunction('kql_canonical_json', ['dynamic'], 'dynamic', bags.sorted);
typescriptFunction('kql_dynamic_type', ['dynamic'], 'string', bags.typeName, { seesNull: true });
typescriptFunction('kql_extract_json', ['string', 'dynamic'], 'string', bags.extractJson);
typescriptFunction('kql_bag_compact', ['dynamic'], 'dynamic', (bag: Dynamic) =>
  isBag(bag) ? new Map([...bag].filter(([, value]) => value !== null && value !== '')) : null,
);
typescriptFunction('kql_bag_normal', ['dynamic'], 'dynamic', (bag: Dynamic) => (isBag(bag) ? bag : null));

/** JSON text as its value; text that is no JSON is a string, an empty one null. */
function parseText(text: string): Dynamic {
  if (text.trim() === '') return null;
  try {
    return parseDynamic(text);
  } catch {
    return text;
  }
}
