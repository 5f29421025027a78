/**
 * Timestamps as .NET has them: 100 ns ticks since 0001-01-01, custom and standard format strings, Windows time zones.
 * Source: https://learn.microsoft.com/dotnet/standard/base-types/custom-date-and-time-format-strings.
 */
import { findIana } from 'windows-iana';
import { FunctionError } from './function.ts';

export const ticksPerMillisecond = 10_000n;
export const ticksPerSecond = 10_000_000n;
export const ticksPerDay = 864_000_000_000n;
/** Ticks of 1970-01-01. */
const unixEpoch = 621_355_968_000_000_000n;
/** Ticks of 10000-01-01, the first moment that .NET cannot hold. */
const endOfTime = 3_155_378_976_000_000_000n;

export function ticksOfMilliseconds(milliseconds: number): bigint {
  return unixEpoch + BigInt(Math.round(milliseconds)) * ticksPerMillisecond;
}

export function millisecondsOfTicks(ticks: bigint): number {
  const shifted = ticks - unixEpoch;
  return Number(
    (shifted - (((shifted % ticksPerMillisecond) + ticksPerMillisecond) % ticksPerMillisecond)) / ticksPerMillisecond,
  );
}

/** Checks that a moment is between the years 1 and 9999. */
export function checkTicks(ticks: bigint): bigint {
  if (ticks < 0n || ticks >= endOfTime) throw new FunctionError('the time is outside of the years 1 to 9999');
  return ticks;
}

const isoPattern =
  /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2}|[+-]\d{2}|UTC|GMT)?\s*$/i;
const americanPattern =
  /^\s*(\d{1,2})\/(\d{1,2})\/(\d{4})(?:[,\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(AM|PM)?)?\s*(Z|[+-]\d{2}:?\d{2}|UTC|GMT)?\s*$/i;
const compactPattern = /^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})(Z)?)?$/;

/** UTC ticks of a timestamp; without an offset it is taken as UTC. @throws FunctionError */
export function parseTimestamp(value: string): bigint {
  const iso = isoPattern.exec(value);
  if (iso) return fromParts(value, iso.slice(1, 4), iso.slice(4, 7), iso[7], iso[8]);
  const american = americanPattern.exec(value);
  if (american) {
    const [, month, day, year, hour, minute, second, fraction, half, zone] = american;
    let hours = Number(hour ?? 0);
    if (half !== undefined) hours = (hours % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
    return fromParts(value, [year, month, day], [String(hours), minute, second], fraction, zone);
  }
  const compact = compactPattern.exec(value);
  if (compact) return fromParts(value, compact.slice(1, 4), compact.slice(4, 7), undefined, compact[7]);
  // Names of months and days, as in RFC 1123; V8 reads these forms as .NET does when the zone is given.
  if (/[a-z]{3}/i.test(value) && value.length < 64) {
    const milliseconds = Date.parse(/(GMT|UTC|Z|[+-]\d{4})\s*$/i.test(value) ? value : `${value} UTC`);
    if (Number.isFinite(milliseconds)) return checkTicks(ticksOfMilliseconds(milliseconds));
  }
  throw new FunctionError(`'${value.slice(0, 60)}' is not a timestamp`);
}

function fromParts(
  value: string,
  date: (string | undefined)[],
  time: (string | undefined)[],
  fraction: string | undefined,
  zone: string | undefined,
): bigint {
  const [year, month, day] = date.map(Number) as [number, number, number];
  const [hour, minute, second] = time.map((part) => Number(part ?? 0)) as [number, number, number];
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  const valid =
    moment.getUTCMonth() === month - 1 && moment.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!valid || year < 1) throw new FunctionError(`'${value.slice(0, 60)}' is not a timestamp`);
  const seconds = BigInt(hour * 3600 + minute * 60 + second);
  const rest = BigInt((fraction ?? '').slice(0, 7).padEnd(7, '0'));
  return checkTicks(ticksOfMilliseconds(moment.getTime()) + seconds * ticksPerSecond + rest - offsetTicks(zone));
}

function offsetTicks(zone: string | undefined): bigint {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? '');
  if (!match) return 0n;
  const seconds = BigInt(Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60) * ticksPerSecond;
  return match[1] === '-' ? -seconds : seconds;
}

const standardFormats: Record<string, string> = {
  d: 'M/d/yyyy',
  D: 'dddd, MMMM d, yyyy',
  f: 'dddd, MMMM d, yyyy h:mm tt',
  F: 'dddd, MMMM d, yyyy h:mm:ss tt',
  g: 'M/d/yyyy h:mm tt',
  G: 'M/d/yyyy h:mm:ss tt',
  m: 'MMMM d',
  M: 'MMMM d',
  o: 'yyyy-MM-ddTHH:mm:ss.fffffffK',
  O: 'yyyy-MM-ddTHH:mm:ss.fffffffK',
  r: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  R: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  s: 'yyyy-MM-ddTHH:mm:ss',
  t: 'h:mm tt',
  T: 'h:mm:ss tt',
  u: "yyyy-MM-dd HH:mm:ss'Z'",
  U: 'dddd, MMMM d, yyyy h:mm:ss tt',
  y: 'MMMM yyyy',
  Y: 'MMMM yyyy',
};

const token =
  /'([^']*)'|"([^"]*)"|\\(.)|%(.)|y{1,5}|M{1,4}|d{1,4}|H{1,2}|h{1,2}|m{1,2}|s{1,2}|f{1,7}|F{1,7}|t{1,2}|z{1,3}|K|g{1,2}|:|\/|[\s\S]/g;

/** Prints UTC ticks in a .NET format; `zone` is what `K` prints (`Z`, or nothing for a time without zone). */
export function formatTimestamp(ticks: bigint, format = 'o', zone: 'Z' | '' = 'Z', locale = 'en-US'): string {
  if (format.length === 1) {
    const standard = standardFormats[format];
    if (standard === undefined) throw new FunctionError(`'${format}' is not a format of dates`);
    return formatTimestamp(ticks, standard, zone, locale);
  }
  const date = new Date(millisecondsOfTicks(ticks));
  const fraction = (((ticks % ticksPerSecond) + ticksPerSecond) % ticksPerSecond).toString().padStart(7, '0');
  const named = (options: Intl.DateTimeFormatOptions): string => {
    try {
      return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(date);
    } catch {
      throw new FunctionError(`the locale '${locale}' is not known`);
    }
  };
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  const print = (part: string): string => {
    switch (part[0]) {
      case 'y':
        return part.length <= 2
          ? pad(date.getUTCFullYear() % 100, part.length)
          : pad(date.getUTCFullYear(), part.length);
      case 'M':
        if (part.length > 2) return named({ month: part.length === 3 ? 'short' : 'long' });
        return pad(date.getUTCMonth() + 1, part.length);
      case 'd':
        if (part.length > 2) return named({ weekday: part.length === 3 ? 'short' : 'long' });
        return pad(date.getUTCDate(), part.length);
      case 'H':
        return pad(date.getUTCHours(), part.length);
      case 'h':
        return pad(date.getUTCHours() % 12 || 12, part.length);
      case 'm':
        return pad(date.getUTCMinutes(), part.length);
      case 's':
        return pad(date.getUTCSeconds(), part.length);
      case 'f':
        return fraction.slice(0, part.length);
      case 'F':
        return fraction.slice(0, part.length).replace(/0+$/, '');
      case 't': {
        const half = date.getUTCHours() < 12 ? 'AM' : 'PM';
        return part.length === 1 ? half[0]! : half;
      }
      case 'z':
        return part.length === 1 ? '+0' : part.length === 2 ? '+00' : '+00:00';
      case 'K':
        return zone;
      case 'g':
        return 'A.D.';
      default:
        return part;
    }
  };
  return format.replace(token, (part: string, single?: string, double?: string, escaped?: string, percent?: string) => {
    const literal = single ?? double ?? escaped;
    if (literal !== undefined) return literal;
    return print(percent ?? part);
  });
}

/** IANA name of a Windows time zone id (or of an IANA name itself). @throws FunctionError */
function ianaZone(name: string): string {
  if (/^utc$/i.test(name)) return 'UTC';
  const [iana] = findIana(name as Parameters<typeof findIana>[0]);
  const candidate = iana ?? name;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: candidate });
    return candidate;
  } catch {
    throw new FunctionError(`the time zone '${name}' is not known`);
  }
}

/** How far local time is ahead of UTC at a UTC moment, in ticks. */
function zoneOffset(ticks: bigint, zone: string): bigint {
  const milliseconds = millisecondsOfTicks(ticks);
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(milliseconds);
  const part = (type: string): number => Number(parts.find((item) => item.type === type)?.value ?? 0);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return BigInt(local - Math.floor(milliseconds / 1000) * 1000) * ticksPerMillisecond;
}

export function utcToZone(ticks: bigint, zoneName: string): bigint {
  return checkTicks(ticks + zoneOffset(ticks, ianaZone(zoneName)));
}

export function zoneToUtc(local: bigint, zoneName: string): bigint {
  const zone = ianaZone(zoneName);
  const guess = local - zoneOffset(local, zone);
  return checkTicks(local - zoneOffset(guess, zone));
}

/** `[-][d.]hh:mm:ss[.fffffff]`, the constant format of a TimeSpan. */
export function formatTimeSpan(ticks: bigint): string {
  const size = ticks < 0n ? -ticks : ticks;
  const two = (value: bigint): string => value.toString().padStart(2, '0');
  const days = size / ticksPerDay;
  const seconds = (size % ticksPerDay) / ticksPerSecond;
  const fraction = size % ticksPerSecond;
  return `${ticks < 0n ? '-' : ''}${days > 0n ? `${days}.` : ''}${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}${fraction > 0n ? `.${fraction.toString().padStart(7, '0')}` : ''}`;
}
