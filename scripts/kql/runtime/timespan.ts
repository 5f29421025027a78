/** timespan values as ticks of 100 ns. https://learn.microsoft.com/kusto/query/scalar-data-types/timespan */
import {
  formatFraction,
  formatTokens,
  TICKS_PER_DAY,
  TICKS_PER_HOUR,
  TICKS_PER_MILLISECOND,
  TICKS_PER_MINUTE,
  TICKS_PER_SECOND,
} from './datetime.ts';

export interface SpanParts {
  negative: boolean;
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
  fraction: number;
}

function spanParts(ticks: bigint): SpanParts {
  const negative = ticks < 0n;
  const positive = negative ? -ticks : ticks;
  const time = Number(positive % TICKS_PER_DAY);
  return {
    negative,
    days: Number(positive / TICKS_PER_DAY),
    hours: Math.floor(time / 36_000_000_000),
    minutes: Math.floor(time / 600_000_000) % 60,
    seconds: Math.floor(time / 10_000_000) % 60,
    fraction: time % 10_000_000,
  };
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** `tostring()` of a timespan: "[-][d.]hh:mm:ss[.fffffff]". */
export function formatTimespan(ticks: bigint): string {
  const p = spanParts(ticks);
  const fraction = p.fraction === 0 ? '' : `.${pad(p.fraction, 7)}`;
  const time = `${pad(p.hours, 2)}:${pad(p.minutes, 2)}:${pad(p.seconds, 2)}${fraction}`;
  return `${p.negative ? '-' : ''}${p.days === 0 ? '' : `${p.days}.`}${time}`;
}

const UNITS: Record<string, bigint> = {
  d: TICKS_PER_DAY,
  day: TICKS_PER_DAY,
  days: TICKS_PER_DAY,
  h: TICKS_PER_HOUR,
  hr: TICKS_PER_HOUR,
  hrs: TICKS_PER_HOUR,
  hour: TICKS_PER_HOUR,
  hours: TICKS_PER_HOUR,
  m: TICKS_PER_MINUTE,
  min: TICKS_PER_MINUTE,
  minute: TICKS_PER_MINUTE,
  minutes: TICKS_PER_MINUTE,
  s: TICKS_PER_SECOND,
  sec: TICKS_PER_SECOND,
  second: TICKS_PER_SECOND,
  seconds: TICKS_PER_SECOND,
  ms: TICKS_PER_MILLISECOND,
  milli: TICKS_PER_MILLISECOND,
  millis: TICKS_PER_MILLISECOND,
  millisec: TICKS_PER_MILLISECOND,
  millisecond: TICKS_PER_MILLISECOND,
  milliseconds: TICKS_PER_MILLISECOND,
  micro: 10n,
  micros: 10n,
  microsec: 10n,
  microsecond: 10n,
  microseconds: 10n,
  tick: 1n,
  ticks: 1n,
};
const WITH_UNIT = /^([+-]?)(\d+)(?:\.(\d+))?\s*([a-z]+)$/i;
const CLOCK = /^(-)?(?:(\d+)[.:](?=\d+:\d+:))?(\d+):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/;

/** `totimespan()` of a text; undefined where it is no timespan. */
export function parseTimespan(text: string): bigint | undefined {
  const trimmed = text.trim();
  const amount = WITH_UNIT.exec(trimmed);
  if (amount) {
    const unit = UNITS[(amount[4] ?? '').toLowerCase()];
    if (unit === undefined) return undefined;
    const fraction = amount[3] ?? '';
    const scaled = (BigInt(`${amount[2]}${fraction}`) * unit) / 10n ** BigInt(fraction.length);
    return amount[1] === '-' ? -scaled : scaled;
  }
  if (/^-?\d+$/.test(trimmed)) return BigInt(trimmed) * TICKS_PER_DAY;
  const clock = CLOCK.exec(trimmed);
  if (!clock) return undefined;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = clock;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const whole =
    BigInt(days) * TICKS_PER_DAY +
    BigInt((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * TICKS_PER_SECOND;
  const ticks = whole + BigInt(fraction.padEnd(7, '0'));
  return sign === undefined ? ticks : -ticks;
}

const SPECIFIERS = /^(?:d{1,8}|f{1,7}|F{1,7}|HH?|hh?|mm?|ss?)$/;

/** Splits a `format_timespan()` format; undefined where Kusto knows a specifier not. */
export function timespanFormatTokens(format: string): string[] | undefined {
  return formatTokens(format, SPECIFIERS);
}

/** `format_timespan()`, https://learn.microsoft.com/kusto/query/format-timespan-function. */
export function formatTimespanAs(ticks: bigint, format: string): string | undefined {
  const found = timespanFormatTokens(format);
  if (!found) return undefined;
  const p = spanParts(ticks);
  const text = found.map((token) => formatSpanToken(token, p)).join('');
  return p.negative ? `-${text}` : text;
}

function formatSpanToken(token: string, p: SpanParts): string {
  const width = token.length;
  switch (token[0]) {
    case 'd':
      return pad(p.days, width);
    case 'H':
    case 'h':
      return pad(p.hours, width);
    case 'm':
      return pad(p.minutes, width);
    case 's':
      return pad(p.seconds, width);
    case 'f':
    case 'F':
      return formatFraction(token, p.fraction);
    default:
      return token;
  }
}
