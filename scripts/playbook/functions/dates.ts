/** Date functions of the Workflow Definition Language. */
import type { Value } from '../value.ts';
import {
  checkTicks,
  formatTimeSpan,
  formatTimestamp,
  millisecondsOfTicks,
  parseTimestamp,
  ticksOfMilliseconds,
  ticksPerDay,
  ticksPerSecond,
  utcToZone,
  zoneToUtc,
} from './dotnet-dates.ts';
import {
  define,
  FunctionError,
  type FunctionTable,
  integer,
  normalizeInteger,
  number,
  scalarText,
  text,
} from './function.ts';

const unitTicks: Record<string, bigint> = {
  second: ticksPerSecond,
  minute: 60n * ticksPerSecond,
  hour: 3600n * ticksPerSecond,
  day: ticksPerDay,
  week: 7n * ticksPerDay,
};

const optional = (value: Value | undefined, what: string): string | undefined =>
  value === undefined || value === null || value === '' ? undefined : text(value, what);

function timestamp(value: Value | undefined, what: string): bigint {
  return parseTimestamp(text(value, `the timestamp of ${what}`));
}

/** Adds a number of units; months and years follow the calendar and end on its last day. */
function addUnits(ticks: bigint, count: number, unit: string, what: string): bigint {
  const name = unit.trim().toLowerCase().replace(/s$/, '');
  const size = unitTicks[name];
  if (size !== undefined) return checkTicks(ticks + BigInt(count) * size);
  if (name !== 'month' && name !== 'year') throw new FunctionError(`${what} does not know the unit '${unit}'`);
  const date = new Date(millisecondsOfTicks(ticks));
  const months = count * (name === 'year' ? 12 : 1);
  if (Math.abs(months) > 120_000) throw new FunctionError('the time is outside of the years 1 to 9999');
  const day = date.getUTCDate();
  const target = new Date(date);
  target.setUTCDate(1);
  target.setUTCMonth(target.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(day, lastDay));
  const below = ticks - ticksOfMilliseconds(date.getTime());
  return checkTicks(ticksOfMilliseconds(target.getTime()) + below);
}

/** `addDays` and its kin take a real number too; it counts to the tick. */
function addFixed(name: string, unit: string) {
  return define(2, 3, ([start, count, format]) => {
    const ticks = timestamp(start, `${name}()`);
    const amount = number(
      typeof count === 'string' ? integer(count, `the number of ${name}()`) : count,
      `the number of ${name}()`,
    );
    const size = unitTicks[unit]!;
    const shift = Number.isInteger(Number(amount))
      ? BigInt(amount) * size
      : BigInt(Math.round(Number(amount) * Number(size)));
    return formatTimestamp(checkTicks(ticks + shift), optional(format, `the format of ${name}()`));
  });
}

function addInterval(name: string, sign: 1 | -1, relative: boolean) {
  return define(relative ? 2 : 3, relative ? 3 : 4, (args, environment) => {
    const [count, unit, format] = relative ? args : args.slice(1);
    const start = relative ? environment.nowTicks() : timestamp(args[0], `${name}()`);
    const ticks = addUnits(
      start,
      sign * integer(count, `the interval of ${name}()`),
      text(unit, `the unit of ${name}()`),
      `${name}()`,
    );
    return formatTimestamp(ticks, optional(format, `the format of ${name}()`));
  });
}

function startOf(name: string, floor: (ticks: bigint) => bigint) {
  return define(1, 2, ([value, format]) =>
    formatTimestamp(floor(timestamp(value, `${name}()`)), optional(format, `the format of ${name}()`)),
  );
}

function part(name: string, read: (date: Date) => number) {
  return define(1, 1, ([value]) => read(new Date(millisecondsOfTicks(timestamp(value, `${name}()`)))));
}

const startOfMonth = (ticks: bigint): bigint => {
  const date = new Date(millisecondsOfTicks(ticks));
  date.setUTCDate(1);
  date.setUTCHours(0, 0, 0, 0);
  return ticksOfMilliseconds(date.getTime());
};

const startOfYear = (date: Date): number => new Date(date).setUTCMonth(0, 1);

export const dateFunctions: FunctionTable = {
  utcNow: define(0, 1, ([format], environment) =>
    formatTimestamp(environment.nowTicks(), optional(format, 'the format of utcNow()')),
  ),
  getFutureTime: addInterval('getFutureTime', 1, true),
  getPastTime: addInterval('getPastTime', -1, true),
  addToTime: addInterval('addToTime', 1, false),
  subtractFromTime: addInterval('subtractFromTime', -1, false),
  addSeconds: addFixed('addSeconds', 'second'),
  addMinutes: addFixed('addMinutes', 'minute'),
  addHours: addFixed('addHours', 'hour'),
  addDays: addFixed('addDays', 'day'),
  dateDifference: define(2, 2, ([start, end]) =>
    formatTimeSpan(timestamp(end, 'dateDifference()') - timestamp(start, 'dateDifference()')),
  ),
  convertTimeZone: define(3, 4, ([value, from, to, format]) => {
    const utc = zoneToUtc(timestamp(value, 'convertTimeZone()'), text(from, 'the source zone of convertTimeZone()'));
    const local = utcToZone(utc, text(to, 'the destination zone of convertTimeZone()'));
    return formatTimestamp(local, optional(format, 'the format of convertTimeZone()'), '');
  }),
  convertToUtc: define(2, 3, ([value, from, format]) =>
    formatTimestamp(
      zoneToUtc(timestamp(value, 'convertToUtc()'), text(from, 'the zone of convertToUtc()')),
      optional(format, 'the format of convertToUtc()'),
    ),
  ),
  convertFromUtc: define(2, 3, ([value, to, format]) =>
    formatTimestamp(
      utcToZone(timestamp(value, 'convertFromUtc()'), text(to, 'the zone of convertFromUtc()')),
      optional(format, 'the format of convertFromUtc()'),
      '',
    ),
  ),
  formatDateTime: define(1, 3, ([value, format, locale]) =>
    formatTimestamp(
      timestamp(value, 'formatDateTime()'),
      optional(format, 'the format of formatDateTime()'),
      'Z',
      optional(locale, 'the locale of formatDateTime()'),
    ),
  ),
  parseDateTime: define(1, 3, ([value]) => formatTimestamp(timestamp(value, 'parseDateTime()'))),
  startOfHour: startOf('startOfHour', (ticks) => ticks - (ticks % unitTicks.hour!)),
  startOfDay: startOf('startOfDay', (ticks) => ticks - (ticks % ticksPerDay)),
  startOfMonth: startOf('startOfMonth', startOfMonth),
  dayOfWeek: part('dayOfWeek', (date) => date.getUTCDay()),
  dayOfMonth: part('dayOfMonth', (date) => date.getUTCDate()),
  dayOfYear: part('dayOfYear', (date) => Math.floor((date.getTime() - startOfYear(date)) / 86_400_000) + 1),
  ticks: define(1, 1, ([value]) => normalizeInteger(timestamp(value, 'ticks()'))),
  formatTimeSpan: define(1, 3, ([value]) => {
    const span = typeof value === 'string' ? value : undefined;
    if (span !== undefined && !/^\s*-?(\d+\.)?\d{1,2}:\d{2}(:\d{2}(\.\d{1,7})?)?\s*$/.test(span)) {
      throw new FunctionError(
        `'${scalarText(value, 'the value of formatTimeSpan()').slice(0, 60)}' is not a time span`,
      );
    }
    return span ?? formatTimeSpan(BigInt(integer(value, 'the value of formatTimeSpan()')));
  }),
};
