/**
 * Conversion between types, as `tostring()`, `tolong()`, `todatetime()` and their siblings do it and as operators and
 * arguments need it. To dynamic, a value is wrapped: a string becomes a JSON string (`parse_json()` is another thing).
 */
import type { KustoType } from '../../engines/query-engine.ts';
import { MAX_TICKS, parseDatetime } from '../runtime/datetime.ts';
import { type Dynamic, dynamicToJson, parseDynamic } from '../runtime/dynamic.ts';
import { formatReal, parseBool, parseInteger, parseReal } from '../runtime/real.ts';
import { formatTimespan, parseTimespan } from '../runtime/timespan.ts';
import type { FunctionContext, RuntimeFunction, SqlExpression } from './registry.ts';

const INT_MAX = 2_147_483_647;
const LONG_MAX = 9_223_372_036_854_775_807n;

/** Truncation and saturation of a real, as Kusto's `tolong` and `toint` have it. */
function realToInteger(value: number, bits: 32 | 64): bigint | null {
  if (Number.isNaN(value)) return null;
  const max = bits === 32 ? BigInt(INT_MAX) : LONG_MAX;
  if (value >= Number(max)) return max;
  if (value <= -Number(max)) return -max - 1n;
  return BigInt(Math.trunc(value));
}

function dynamicToInteger(value: Dynamic, bits: 32 | 64): bigint | null {
  if (typeof value === 'bigint') return BigInt.asIntN(bits, value);
  if (typeof value === 'number') return realToInteger(value, bits);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'string' ? (parseInteger(value, bits) ?? null) : null;
}

function dynamicToReal(value: Dynamic): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' ? (parseReal(value) ?? null) : null;
}

function dynamicToBool(value: Dynamic): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value) !== 0;
  return typeof value === 'string' ? (parseBool(value) ?? null) : null;
}

function dynamicToDatetime(value: Dynamic): bigint | null {
  if (typeof value === 'bigint') return value >= 0n && value <= MAX_TICKS ? value : null;
  return typeof value === 'string' ? (parseDatetime(value) ?? null) : null;
}

function dynamicToTimespan(value: Dynamic): bigint | null {
  if (typeof value === 'bigint') return value;
  return typeof value === 'string' ? (parseTimespan(value) ?? null) : null;
}

type Returns = RuntimeFunction['returns'];

function one<T>(name: string, parameter: Returns, returns: Returns, evaluate: (value: T) => unknown): RuntimeFunction {
  return {
    name,
    parameters: [parameter],
    returns,
    evaluate: (value) => (evaluate(value as T) ?? null) as ReturnType<RuntimeFunction['evaluate']>,
  };
}

/** The TypeScript functions that conversions call for the texts that SQL cannot read exactly. */
export const conversionFunctions: readonly RuntimeFunction[] = [
  one('kql_real_text', 'DOUBLE', 'VARCHAR', formatReal),
  one('kql_real_json', 'DOUBLE', 'VARCHAR', dynamicToJson),
  one('kql_timespan_text', 'BIGINT', 'VARCHAR', formatTimespan),
  one('kql_text_to_long', 'VARCHAR', 'BIGINT', (text: string) => parseInteger(text, 64)),
  one('kql_text_to_int', 'VARCHAR', 'BIGINT', (text: string) => parseInteger(text, 32)),
  one('kql_text_to_real', 'VARCHAR', 'DOUBLE', parseReal),
  one('kql_text_to_bool', 'VARCHAR', 'BOOLEAN', parseBool),
  one('kql_text_to_datetime', 'VARCHAR', 'BIGINT', parseDatetime),
  one('kql_text_to_timespan', 'VARCHAR', 'BIGINT', parseTimespan),
  one('kql_dynamic_to_long', 'VARCHAR', 'BIGINT', (json: string) => dynamicToInteger(parseDynamic(json), 64)),
  one('kql_dynamic_to_int', 'VARCHAR', 'BIGINT', (json: string) => dynamicToInteger(parseDynamic(json), 32)),
  one('kql_dynamic_to_real', 'VARCHAR', 'DOUBLE', (json: string) => dynamicToReal(parseDynamic(json))),
  one('kql_dynamic_to_bool', 'VARCHAR', 'BOOLEAN', (json: string) => dynamicToBool(parseDynamic(json))),
  one('kql_dynamic_to_datetime', 'VARCHAR', 'BIGINT', (json: string) => dynamicToDatetime(parseDynamic(json))),
  one('kql_dynamic_to_timespan', 'VARCHAR', 'BIGINT', (json: string) => dynamicToTimespan(parseDynamic(json))),
];

type Lower = (sql: string, context: FunctionContext) => string;

/** Microseconds between 0001-01-01 and 1970-01-01. */
const EPOCH_MICROSECONDS = '62135596800000000';

/** A DuckDB TIMESTAMP of ticks (to the microsecond). */
export function timestampOf(ticks: string): string {
  return `make_timestamp(${ticks} // 10 - ${EPOCH_MICROSECONDS})`;
}

/** Ticks of a DuckDB TIMESTAMP. */
export function ticksOfTimestamp(timestamp: string): string {
  return `((epoch_us(${timestamp}) + ${EPOCH_MICROSECONDS}) * 10)`;
}

/** An expression whose overflow is null. DuckDB's TRY takes no subquery inside: then an overflow is an error. */
export function attempt(sql: string): string {
  return sql.includes('(SELECT ') ? `(${sql})` : `TRY(${sql})`;
}

/** Ticks where they are a datetime, else null: what lies outside the years 1 to 9999 has no value. */
export function inDatetimeRange(sql: string): string {
  return `CASE WHEN ${sql} BETWEEN 0 AND ${MAX_TICKS} THEN ${sql} END`;
}

const datetimeText: Lower = (x) => `(strftime(${timestampOf(x)}, '%Y-%m-%dT%H:%M:%S.%f') || ${x} % 10 || 'Z')`;

/** The decimal digits without the zeros that DECIMAL(38,17) adds; a whole number without a point keeps its own. */
const decimalText: Lower = (x) =>
  `regexp_replace(regexp_replace(CAST(${x} AS VARCHAR), '(\\.[0-9]*[1-9])0+$', '\\1'), '\\.0*$', '')`;

const TO_TEXT: Record<Exclude<KustoType, 'string'>, Lower> = {
  bool: (x) => `CASE ${x} WHEN TRUE THEN 'True' WHEN FALSE THEN 'False' ELSE '' END`,
  int: (x) => `coalesce(CAST(${x} AS VARCHAR), '')`,
  long: (x) => `coalesce(CAST(${x} AS VARCHAR), '')`,
  real: (x, c) =>
    `coalesce(CASE WHEN ${x} = trunc(${x}) AND abs(${x}) < 1e15 THEN CAST(CAST(${x} AS BIGINT) AS VARCHAR) ` +
    `ELSE ${c.runtime('kql_real_text')}(${x}) END, '')`,
  decimal: (x, c) => `coalesce(${decimalText(x, c)}, '')`,
  datetime: (x, c) => `coalesce(${datetimeText(x, c)}, '')`,
  timespan: (x, c) => `coalesce(${c.runtime('kql_timespan_text')}(${x}), '')`,
  guid: (x) => `coalesce(CAST(${x} AS VARCHAR), '')`,
  dynamic: (x) => `coalesce(json_extract_string(${x}, '$'), '')`,
};

const TO_DYNAMIC: Record<Exclude<KustoType, 'dynamic'>, Lower> = {
  string: (x) => `CAST(to_json(${x}) AS VARCHAR)`,
  bool: (x) => `CAST(${x} AS VARCHAR)`,
  int: (x) => `CAST(${x} AS VARCHAR)`,
  long: (x) => `CAST(${x} AS VARCHAR)`,
  real: (x, c) =>
    `CASE WHEN ${x} = trunc(${x}) AND abs(${x}) < 1e15 THEN CAST(${x} AS BIGINT) || '.0' ` +
    `ELSE ${c.runtime('kql_real_json')}(${x}) END`,
  decimal: (x, c) => `('"' || ${decimalText(x, c)} || '"')`,
  datetime: (x, c) => `('"' || ${datetimeText(x, c)} || '"')`,
  timespan: (x, c) => `('"' || ${c.runtime('kql_timespan_text')}(${x}) || '"')`,
  guid: (x) => `('"' || CAST(${x} AS VARCHAR) || '"')`,
};

/** The low 32 bits as a signed integer. */
const wrapToInt: Lower = (x) => `CAST(xor(${x} & 4294967295, 2147483648) - 2147483648 AS INTEGER)`;

/** What is computed before the query runs, without a column, does not saturate: it becomes the least long. */
const isFolded = (x: string): boolean => !/["$]/.test(x);

const realToLong: Lower = (x) =>
  isFolded(x)
    ? `coalesce(${attempt(`CAST(trunc(${x}) AS BIGINT)`)}, CASE WHEN isfinite(${x}) THEN (-9223372036854775808) END)`
    : columnToLong(x);

const columnToLong = (x: string): string =>
  `CASE WHEN isnan(${x}) THEN NULL WHEN ${x} >= 9223372036854775807 THEN 9223372036854775807 ` +
  `WHEN ${x} <= -9223372036854775808 THEN (-9223372036854775808) ELSE CAST(trunc(${x}) AS BIGINT) END`;

const realToInt: Lower = (x) =>
  `CASE WHEN isnan(${x}) THEN NULL WHEN ${x} >= ${INT_MAX} THEN ${INT_MAX} ` +
  `WHEN ${x} <= -2147483648 THEN (-2147483648) ELSE CAST(trunc(${x}) AS INTEGER) END`;

/** Reads in SQL what a whole number writes, and the rest in TypeScript. */
function readWhole(type: 'BIGINT' | 'INTEGER', name: string): Lower {
  return (x, c) =>
    `CASE WHEN CAST(TRY_CAST(${x} AS ${type}) AS VARCHAR) = ${x} THEN TRY_CAST(${x} AS ${type}) ` +
    `WHEN ${x} = '' THEN NULL ELSE CAST(${c.runtime(name)}(${x}) AS ${type}) END`;
}

/** Reads what a regular expression vouches for in SQL, and the rest in TypeScript. */
function readReal(pattern: string, name: string): Lower {
  return (x, c) =>
    `CASE WHEN regexp_full_match(${x}, '${pattern}') THEN CAST(${x} AS DOUBLE) ` +
    `WHEN ${x} = '' THEN NULL ELSE ${c.runtime(name)}(${x}) END`;
}

const bare = (x: string): string => `trim(${x}, '"')`;

/** The form in which logs write times is read in SQL, every other one in TypeScript. */
const textToDatetime: Lower = (x, c) => `coalesce(kql_iso_ticks(${x}), ${c.runtime('kql_text_to_datetime')}(${x}))`;

type Conversions = Partial<Record<KustoType, Lower>>;

const TO_LONG: Conversions = {
  bool: (x) => `CAST(${x} AS BIGINT)`,
  int: (x) => `CAST(${x} AS BIGINT)`,
  real: realToLong,
  decimal: (x) => `TRY_CAST(trunc(${x}) AS BIGINT)`,
  string: readWhole('BIGINT', 'kql_text_to_long'),
  datetime: (x) => x,
  timespan: (x) => x,
  dynamic: readWhole('BIGINT', 'kql_dynamic_to_long'),
};

const TO: Record<KustoType, Conversions> = {
  string: TO_TEXT,
  dynamic: TO_DYNAMIC,
  long: TO_LONG,
  int: {
    bool: (x) => `CAST(${x} AS INTEGER)`,
    long: wrapToInt,
    real: realToInt,
    decimal: (x) => `TRY_CAST(trunc(${x}) AS INTEGER)`,
    string: readWhole('INTEGER', 'kql_text_to_int'),
    datetime: wrapToInt,
    timespan: wrapToInt,
    dynamic: readWhole('INTEGER', 'kql_dynamic_to_int'),
  },
  real: {
    bool: (x) => `CAST(CAST(${x} AS INTEGER) AS DOUBLE)`,
    int: (x) => `CAST(${x} AS DOUBLE)`,
    long: (x) => `CAST(${x} AS DOUBLE)`,
    decimal: (x) => `CAST(${x} AS DOUBLE)`,
    datetime: (x) => `CAST(${x} AS DOUBLE)`,
    timespan: (x) => `CAST(${x} AS DOUBLE)`,
    string: readReal('[+-]?[0-9]{1,200}(\\.[0-9]*)?', 'kql_text_to_real'),
    dynamic: readReal('-?[0-9]{1,200}(\\.[0-9]+)?', 'kql_dynamic_to_real'),
  },
  decimal: {
    bool: (x) => `CAST(CAST(${x} AS INTEGER) AS DECIMAL(38,17))`,
    int: (x) => `CAST(${x} AS DECIMAL(38,17))`,
    long: (x) => `CAST(${x} AS DECIMAL(38,17))`,
    real: (x) => `TRY_CAST(${x} AS DECIMAL(38,17))`,
    string: (x) => `TRY_CAST(${x} AS DECIMAL(38,17))`,
    dynamic: (x) => `TRY_CAST(${bare(x)} AS DECIMAL(38,17))`,
  },
  bool: {
    int: (x) => `(${x} <> 0)`,
    long: (x) => `(${x} <> 0)`,
    real: (x) => `(${x} <> 0)`,
    decimal: (x) => `(${x} <> 0)`,
    string: (x, c) =>
      `CASE lower(${x}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE WHEN '' THEN NULL ` +
      `ELSE ${c.runtime('kql_text_to_bool')}(${x}) END`,
    dynamic: (x, c) =>
      `CASE ${x} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE ELSE ${c.runtime('kql_dynamic_to_bool')}(${x}) END`,
  },
  datetime: {
    int: (x) => inDatetimeRange(`CAST(${x} AS BIGINT)`),
    long: (x) => inDatetimeRange(x),
    real: (x, c) => inDatetimeRange(`(${realToLong(x, c)})`),
    string: textToDatetime,
    dynamic: (x, c) =>
      `CASE WHEN starts_with(${x}, '"') THEN ${textToDatetime(bare(x), c)} ELSE ${c.runtime('kql_dynamic_to_datetime')}(${x}) END`,
  },
  timespan: {
    int: (x) => `CAST(${x} AS BIGINT)`,
    long: (x) => x,
    real: realToLong,
    string: (x, c) => `${c.runtime('kql_text_to_timespan')}(${x})`,
    dynamic: (x, c) => `${c.runtime('kql_dynamic_to_timespan')}(${x})`,
  },
  guid: {
    string: (x) => `TRY_CAST(${x} AS UUID)`,
    dynamic: (x) => `TRY_CAST(json_extract_string(${x}, '$') AS UUID)`,
  },
};

/** Conversions whose SQL names its operand once, so that the operand need not be atomic. */
function namesOperandOnce(sql: string, operand: string): boolean {
  return sql.split(operand).length <= 2;
}

/** The SQL of an expression as another type; the text is atomic or in parentheses. */
export function convert(expression: SqlExpression, to: KustoType, context: FunctionContext): string {
  if (expression.type === to) return expression.sql;
  const path = expression.jsonPath;
  if (path && to === 'string') return `coalesce(json_extract_string(${path.target}, ${path.path}), '')`;
  const lower = TO[to][expression.type];
  if (!lower) return context.refuse(`no conversion from ${expression.type} to ${to}`);
  const probe = lower('\u0000', context);
  const atomic = isFolded(expression.sql) || namesOperandOnce(probe, '\u0000');
  return `(${lower(atomic ? expression.sql : context.once(expression).sql, context)})`;
}
