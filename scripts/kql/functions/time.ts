/** datetime and timespan functions; both are ticks in BIGINT. https://learn.microsoft.com/kusto/query/scalar-functions#datetimetimespan-functions */

import { makeDatetime, makeTimespan } from '../runtime/calendar.ts';
import { datetimeFormatTokens, formatDatetimeAs } from '../runtime/datetime.ts';
import { formatTimespanAs, timespanFormatTokens } from '../runtime/timespan.ts';
import { localToUtc, utcToLocal } from '../runtime/timezone.ts';
import { attempt, convert, inDatetimeRange, ticksOfTimestamp, timestampOf } from './conversion.ts';
import { constantText, type FunctionTable, sqlFunction, typescriptFunction } from './define.ts';
import type { FunctionContext, ScalarLowering, SqlExpression } from './registry.ts';

const DAY = 864_000_000_000n;
const HOUR = 36_000_000_000n;
const MAX_TICKS = '3155378975999999999';
const EPOCH = 621_355_968_000_000_000n;

/** An int of the calendar, such as the year. */
const field = (template: (t: string) => string): ScalarLowering =>
  sqlFunction(
    ['datetime'],
    ([t], context) => `CAST(${template(t as string)} AS ${context.resultType === 'int' ? 'INTEGER' : 'BIGINT'})`,
    {
      once: true,
    },
  );

/** Start of the calendar unit `offset` units away; ticks may leave the range of datetime. */
type Start = (t: string, offset: string) => string;

const calendarStart = (unit: 'month' | 'year'): Start => {
  const interval = unit === 'month' ? 'to_months' : 'to_years';
  return (t, offset) =>
    ticksOfTimestamp(attempt(`date_trunc('${unit}', ${timestampOf(t)}) + ${interval}(CAST(${offset} AS INTEGER))`));
};
const dayStart: Start = (t, offset) => attempt(`(${t} // ${DAY} + ${offset}) * ${DAY}`);
// day 0 is a Monday, weeks begin on Sunday
const weekStart: Start = (t, offset) =>
  attempt(`(${t} // ${DAY} - (${t} // ${DAY} + 1) % 7 + 7 * (${offset})) * ${DAY}`);

function startOf(start: Start): ScalarLowering {
  return (args, context) => {
    const [t, offset] = dateAndOffset(args, context);
    return inDatetimeRange(start(t, offset));
  };
}

function endOf(start: Start): ScalarLowering {
  return (args, context) => {
    const [t, offset] = dateAndOffset(args, context);
    return inDatetimeRange(`(${start(t, `(${offset} + 1)`)} - 1)`);
  };
}

function dateAndOffset([date, offset]: readonly SqlExpression[], context: FunctionContext): [string, string] {
  const t = context.once({ sql: convert(date as SqlExpression, 'datetime', context), type: 'datetime' }).sql;
  const n = offset ? context.once({ sql: convert(offset, 'long', context), type: 'long' }).sql : '0';
  return [t, n];
}

/** The smaller parts of a datetime, by their ticks. */
const UNIT_TICKS: Record<string, bigint> = {
  day: DAY,
  hour: HOUR,
  minute: 600_000_000n,
  second: 10_000_000n,
  millisecond: 10_000n,
  microsecond: 10n,
};

const PARTS: Record<string, (t: string) => string> = {
  year: (t) => `year(${timestampOf(t)})`,
  quarter: (t) => `quarter(${timestampOf(t)})`,
  month: (t) => `month(${timestampOf(t)})`,
  week_of_year: (t) => `week(${timestampOf(t)})`,
  weekofyear: (t) => `week(${timestampOf(t)})`,
  day: (t) => `day(${timestampOf(t)})`,
  dayofyear: (t) => `dayofyear(${timestampOf(t)})`,
  hour: (t) => `(${t} // ${HOUR} % 24)`,
  minute: (t) => `(${t} // 600000000 % 60)`,
  second: (t) => `(${t} // 10000000 % 60)`,
  millisecond: (t) => `(${t} // 10000 % 1000)`,
  microsecond: (t) => `(${t} // 10 % 1000000)`,
  nanosecond: (t) => `(${t} % 10000000 * 100)`,
};

const datetimePart: ScalarLowering = ([part, date], context) => {
  const name = constantText(part, 'the part', context).toLowerCase();
  const template = PARTS[name] ?? context.fail(`datetime_part(): unknown part '${name}'`);
  return field(template)([date as SqlExpression], context);
};

const datetimeAdd: ScalarLowering = ([part, amount, date], context) => {
  const name = constantText(part, 'the part', context).toLowerCase();
  const t = context.once({ sql: convert(date as SqlExpression, 'datetime', context), type: 'datetime' }).sql;
  const n = context.once({ sql: convert(amount as SqlExpression, 'long', context), type: 'long' }).sql;
  const months = { year: 12, quarter: 3, month: 1 }[name];
  if (months) {
    const moved = ticksOfTimestamp(attempt(`${timestampOf(t)} + to_months(CAST(${n} * ${months} AS INTEGER))`));
    return inDatetimeRange(`(${moved} + ${t} % 10)`);
  }
  if (name === 'nanosecond') return inDatetimeRange(`(${t} + ${n} // 100)`);
  const ticks = name === 'week' ? 7n * DAY : UNIT_TICKS[name];
  if (ticks === undefined) return context.fail(`datetime_add(): unknown part '${name}'`);
  return inDatetimeRange(attempt(`${t} + ${n} * ${ticks}`));
};

/** Boundaries of the unit that lie between; weeks begin on Sunday. */
const DIFF: Record<string, (t: string) => string> = {
  year: (t) => `year(${timestampOf(t)})`,
  quarter: (t) => `(year(${timestampOf(t)}) * 4 + quarter(${timestampOf(t)}))`,
  month: (t) => `(year(${timestampOf(t)}) * 12 + month(${timestampOf(t)}))`,
  week: (t) => `((${t} // ${DAY} + 1) // 7)`,
  nanosecond: (t) => `(${t} * 100)`,
};

const datetimeDiff: ScalarLowering = ([part, first, second], context) => {
  const name = constantText(part, 'the part', context).toLowerCase();
  const unit = UNIT_TICKS[name];
  const count = unit ? (t: string) => `(${t} // ${unit})` : DIFF[name];
  if (!count) return context.fail(`datetime_diff(): unknown part '${name}'`);
  if (name === 'nanosecond') {
    return sqlFunction(['datetime', 'datetime'], ([a, b]) => `((${a} - ${b}) * 100)`)(
      [first, second] as SqlExpression[],
      context,
    );
  }
  return sqlFunction(
    ['datetime', 'datetime'],
    ([a, b]) => `CAST(${count(a as string)} - ${count(b as string)} AS BIGINT)`,
    {
      once: true,
    },
  )([first, second] as SqlExpression[], context);
};

/** Unix time of a unit of so many ticks; fractions count. */
function unixTime(numerator: bigint, denominator = 1n): ScalarLowering {
  return ([number], context) => {
    const value = number as SqlExpression;
    const whole = value.type !== 'real' && value.type !== 'decimal';
    const text = convert(value, whole ? 'long' : 'real', context);
    const scaled = whole
      ? `(${text} * ${numerator} // ${denominator})`
      : `CAST(${text} * ${numerator} / ${denominator} AS BIGINT)`;
    return inDatetimeRange(context.once({ sql: `(${attempt(scaled)} + ${EPOCH})`, type: 'long' }).sql);
  };
}

const makeDate = typescriptFunction(
  'kql_make_datetime',
  ['long', 'long', 'long', 'long?', 'long?', 'real?'],
  'datetime',
  makeDatetime,
);
const makeSpan = typescriptFunction('kql_make_timespan', ['long', 'long', 'real?', 'real?'], 'timespan', makeTimespan);

const formatAnyDatetime = typescriptFunction('kql_format_datetime', ['datetime', 'string'], 'string', formatDatetimeAs);

/** Specifiers of `format_datetime()` that DuckDB's strftime has as well. */
const STRFTIME: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  yy: '%y',
  MM: '%m',
  M: '%-m',
  dd: '%d',
  d: '%-d',
  HH: '%H',
  H: '%-H',
  hh: '%I',
  h: '%-I',
  mm: '%M',
  m: '%-M',
  ss: '%S',
  s: '%-S',
  tt: '%p',
};

/** A constant format is SQL where strftime knows its specifiers. */
const formatDatetime: ScalarLowering = (args, context) => {
  const [date, format] = args;
  if (typeof format?.constant !== 'string') return formatAnyDatetime(args, context);
  const tokens = datetimeFormatTokens(format.constant);
  if (!tokens) return context.refuse(`the format '${format.constant}' has a specifier that Kusto does not document`);
  const known = tokens.every((token) => STRFTIME[token] ?? (/^f+$/.test(token) || !/[A-Za-z]/.test(token)));
  if (!known) return formatAnyDatetime(args, context);
  const t = context.once({ sql: convert(date as SqlExpression, 'datetime', context), type: 'datetime' }).sql;
  const texts: string[] = [];
  let pattern = '';
  const flush = (): void => {
    if (pattern) texts.push(`strftime(${timestampOf(t)}, '${pattern}')`);
    pattern = '';
  };
  for (const token of tokens) {
    if (token.startsWith('f')) {
      flush();
      texts.push(`substr(lpad(CAST(${t} % 10000000 AS VARCHAR), 7, '0'), 1, ${token.length})`);
    } else pattern += STRFTIME[token] ?? token;
  }
  flush();
  return texts.length ? `coalesce(${texts.join(' || ')}, '')` : "''";
};
const formatTimespan = typescriptFunction('kql_format_timespan', ['timespan', 'string'], 'string', formatTimespanAs, {
  check: ([, format], context) => {
    if (typeof format?.constant === 'string' && !timespanFormatTokens(format.constant)) {
      context.refuse(`the format '${format.constant}' has a specifier that Kusto does not document`);
    }
  },
});

const weekOfYear = field((t) => `week(${timestampOf(t)})`);
const monthOfYear = field((t) => `month(${timestampOf(t)})`);

export const timeFunctions: FunctionTable = {
  now: ([offset], context) =>
    offset ? `(${context.now.sql} + ${convert(offset, 'timespan', context)})` : context.now.sql,
  ago: ([span], context) => `(${context.now.sql} - ${convert(span as SqlExpression, 'timespan', context)})`,
  startofday: startOf(dayStart),
  startofweek: startOf(weekStart),
  startofmonth: startOf(calendarStart('month')),
  startofyear: startOf(calendarStart('year')),
  endofday: endOf(dayStart),
  endofweek: endOf(weekStart),
  endofmonth: endOf(calendarStart('month')),
  endofyear: endOf(calendarStart('year')),
  // a datetime at the end of time has no day of the week
  dayofweek: sqlFunction(
    ['datetime'],
    ([t]) => `CASE WHEN ${t} < ${MAX_TICKS} THEN (${t} // ${DAY} + 1) % 7 * ${DAY} END`,
    {
      once: true,
    },
  ),
  dayofmonth: field((t) => `day(${timestampOf(t)})`),
  dayofyear: field((t) => `dayofyear(${timestampOf(t)})`),
  monthofyear: monthOfYear,
  getmonth: monthOfYear,
  getyear: field((t) => `year(${timestampOf(t)})`),
  hourofday: field(PARTS.hour as (t: string) => string),
  week_of_year: weekOfYear,
  weekofyear: weekOfYear,
  datetime_part: datetimePart,
  datepart: datetimePart,
  datetime_add: datetimeAdd,
  datetime_diff: datetimeDiff,
  make_datetime: (args, context) =>
    args.length === 1 ? convert(args[0] as SqlExpression, 'datetime', context) : makeDate(args, context),
  make_timespan: (args, context) =>
    args.length === 1 ? convert(args[0] as SqlExpression, 'timespan', context) : makeSpan(args, context),
  format_datetime: formatDatetime,
  format_timespan: formatTimespan,
  unixtime_seconds_todatetime: unixTime(10_000_000n),
  unixtime_milliseconds_todatetime: unixTime(10_000n),
  unixtime_microseconds_todatetime: unixTime(10n),
  unixtime_nanoseconds_todatetime: unixTime(1n, 100n),
  datetime_utc_to_local: typescriptFunction('kql_utc_to_local', ['datetime', 'string'], 'datetime', utcToLocal),
  datetime_local_to_utc: typescriptFunction('kql_local_to_utc', ['datetime', 'string'], 'datetime', localToUtc),
  around: ([value, center, delta], context) => {
    const { type } = value as SqlExpression;
    const distance = type === 'datetime' ? 'timespan' : type;
    const v = context.once(value as SqlExpression).sql;
    const c = context.once({ sql: convert(center as SqlExpression, type, context), type }).sql;
    const d = context.once({ sql: convert(delta as SqlExpression, distance, context), type: distance }).sql;
    return `(${v} BETWEEN ${c} - ${d} AND ${c} + ${d})`;
  },
};
