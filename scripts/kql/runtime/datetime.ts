/**
 * datetime values as ticks: 100 ns since 0001-01-01T00:00:00Z, proleptic Gregorian, as .NET and Kusto count them.
 * Accepted texts: https://learn.microsoft.com/kusto/query/scalar-data-types/datetime (ISO 8601, RFC 822, RFC 850).
 */

export const TICKS_PER_MILLISECOND = 10_000n;
export const TICKS_PER_SECOND = 10_000_000n;
export const TICKS_PER_MINUTE = 600_000_000n;
export const TICKS_PER_HOUR = 36_000_000_000n;
export const TICKS_PER_DAY = 864_000_000_000n;
/** 1970-01-01T00:00:00Z. */
export const UNIX_EPOCH_TICKS = 621_355_968_000_000_000n;
/** 9999-12-31T23:59:59.9999999Z. */
export const MAX_TICKS = 3_155_378_975_999_999_999n;

export interface DateParts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** 0 to 9,999,999 ticks. */
  fraction: number;
}

/** Days since 0001-01-01 of a civil date (H. Hinnant's days_from_civil, shifted). */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 306;
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function daysInMonth(year: number, month: number): number {
  return month === 2 ? (isLeapYear(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Calendar fields of a datetime, UTC. */
export function dateParts(ticks: bigint): DateParts {
  const days = Number(ticks / TICKS_PER_DAY);
  const time = Number(ticks % TICKS_PER_DAY);
  const shifted = days + 306;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
    hour: Math.floor(time / 36_000_000_000),
    minute: Math.floor(time / 600_000_000) % 60,
    second: Math.floor(time / 10_000_000) % 60,
    fraction: time % 10_000_000,
  };
}

/** Ticks of calendar fields; undefined where a field is out of its range. */
export function ticksOf(parts: Partial<DateParts> & { year: number }): bigint | undefined {
  const { year, month = 1, day = 1, hour = 0, minute = 0, second = 0, fraction = 0 } = parts;
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return undefined;
  const time = BigInt((hour * 60 + minute) * 60 + second) * TICKS_PER_SECOND + BigInt(fraction);
  return BigInt(daysOf(year, month, day)) * TICKS_PER_DAY + time;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** `tostring()` of a datetime: "2026-11-22T10:11:12.1234567Z". */
export function formatDatetime(ticks: bigint): string {
  const p = dateParts(ticks);
  const time = `${pad(p.hour, 2)}:${pad(p.minute, 2)}:${pad(p.second, 2)}.${pad(p.fraction, 7)}`;
  return `${pad(p.year, 4)}-${pad(p.month, 2)}-${pad(p.day, 2)}T${time}Z`;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const TIME = String.raw`(?<hour>\d{1,2}):(?<minute>\d{1,2})(?::(?<second>\d{1,2})(?:[.,](?<fraction>\d{1,9}))?)?`;
const ZONE = String.raw`(?<zone>Z|GMT|UTC|[+-]\d{2}:?\d{2}|[+-]\d{1,2})`;
const FORMS = [
  /^(?<year>\d{4})-(?<month>\d{1,2})(?:-(?<day>\d{1,2}))?$/i,
  new RegExp(String.raw`^(?<year>\d{4})[-/](?<month>\d{1,2})[-/](?<day>\d{1,2})(?:(?:T|\s+)${TIME}\s*${ZONE}?)?$`, 'i'),
  new RegExp(
    String.raw`^(?<month>\d{1,2})/(?<day>\d{1,2})/(?<year>\d{4})(?:\s+${TIME}\s*(?<half>AM|PM)?\s*${ZONE}?)?$`,
    'i',
  ),
  new RegExp(
    String.raw`^(?:[a-z]{3,9},\s*)?(?<day>\d{1,2})[\s-](?<name>[a-z]{3,9})[\s-](?<year>\d{2}|\d{4})(?:\s+${TIME}\s*${ZONE}?)?$`,
    'i',
  ),
  new RegExp(
    String.raw`^(?:[a-z]{3,9},?\s+)?(?<name>[a-z]{3,9})\s+(?<day>\d{1,2}),?\s+(?<year>\d{4})(?:,?\s+${TIME}\s*(?<half>AM|PM)?\s*${ZONE}?)?$`,
    'i',
  ),
];

/** `todatetime()` of a text; undefined where it is no datetime. Without a zone the text is UTC. */
export function parseDatetime(text: string): bigint | undefined {
  const trimmed = text.trim();
  for (const form of FORMS) {
    const fields = form.exec(trimmed)?.groups;
    if (fields) return fromFields(fields);
  }
  return undefined;
}

function fromFields(fields: Record<string, string | undefined>): bigint | undefined {
  const month =
    fields.name === undefined ? Number(fields.month) : MONTHS.indexOf(fields.name.slice(0, 3).toLowerCase()) + 1;
  const yearText = fields.year ?? '';
  const year = yearText.length === 2 ? Number(yearText) + (Number(yearText) < 50 ? 2000 : 1900) : Number(yearText);
  let hour = Number(fields.hour ?? 0);
  if (fields.half !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (fields.half.toUpperCase() === 'PM' ? 12 : 0);
  }
  const local = ticksOf({
    year,
    month,
    day: Number(fields.day ?? 1),
    hour,
    minute: Number(fields.minute ?? 0),
    second: Number(fields.second ?? 0),
    fraction: Number((fields.fraction ?? '').padEnd(7, '0').slice(0, 7)),
  });
  if (local === undefined) return undefined;
  const ticks = local - zoneOffset(fields.zone);
  return ticks < 0n || ticks > MAX_TICKS ? undefined : ticks;
}

function zoneOffset(zone: string | undefined): bigint {
  const match = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone ?? '');
  if (!match) return 0n;
  const minutes = BigInt(match[2] ?? 0) * 60n + BigInt(match[3] ?? 0);
  return (match[1] === '-' ? -minutes : minutes) * TICKS_PER_MINUTE;
}

const SPECIFIERS = /^(?:f{1,7}|F{1,7}|dd?|hh?|HH?|mm?|MM?|ss?|yyyy|yy?|tt)$/;

/** Splits a `format_datetime()` format into its specifiers and delimiters; undefined where Kusto documents one not. */
export function datetimeFormatTokens(format: string): string[] | undefined {
  return formatTokens(format, SPECIFIERS);
}

/** Runs of one letter, and the delimiters ` /-:,._[]` between them; undefined where the format has anything else. */
export function formatTokens(format: string, specifiers: RegExp): string[] | undefined {
  const tokens = format.match(/([A-Za-z])\1*|[^A-Za-z]/g) ?? [];
  return tokens.every((token) => specifiers.test(token) || /^[ /\-:,._[\]]$/.test(token)) ? tokens : undefined;
}

/** The text of one fraction specifier: `f` keeps zeros, `F` drops those at the end. */
export function formatFraction(token: string, fraction: number): string {
  const digits = pad(fraction, 7).slice(0, token.length);
  return token.startsWith('f') ? digits : digits.replace(/0+$/, '');
}

/** `format_datetime()`, https://learn.microsoft.com/kusto/query/format-datetime-function. */
export function formatDatetimeAs(ticks: bigint, format: string): string | undefined {
  const found = datetimeFormatTokens(format);
  if (!found) return undefined;
  const p = dateParts(ticks);
  return found.map((token) => formatDateToken(token, p)).join('');
}

function formatDateToken(token: string, p: DateParts): string {
  const width = token.length;
  switch (token[0]) {
    case 'y':
      return width === 4 ? pad(p.year, 4) : width === 2 ? pad(p.year % 100, 2) : String(p.year % 100);
    case 'M':
      return pad(p.month, width);
    case 'd':
      return pad(p.day, width);
    case 'H':
      return pad(p.hour, width);
    case 'h':
      return pad(p.hour % 12 || 12, width);
    case 'm':
      return pad(p.minute, width);
    case 's':
      return pad(p.second, width);
    case 't':
      return p.hour < 12 ? 'AM' : 'PM';
    case 'f':
    case 'F':
      return formatFraction(token, p.fraction);
    default:
      return token;
  }
}
