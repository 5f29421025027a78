/** ISO 8601 durations as milliseconds. */
import { parse } from 'tinyduration';
import { isObject, type Value } from '../value.ts';

/** Milliseconds of an ISO 8601 duration (a month counts 30 days, a year 365); undefined for anything else. */
export function parseDuration(value: Value | undefined): number | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const {
      years = 0,
      months = 0,
      weeks = 0,
      days = 0,
      hours = 0,
      minutes = 0,
      seconds = 0,
    } = parse(value.trim().toUpperCase());
    const total = (((years * 365 + months * 30 + weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds;
    return Number.isFinite(total) ? total * 1000 : undefined;
  } catch {
    return undefined;
  }
}

const unitMilliseconds: Record<string, number> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 2_592_000_000,
};

/** Milliseconds of `{ count, unit }`, as Wait actions and recurrences write it; undefined when it is not one. */
export function parseInterval(value: Value | undefined, countName = 'count', unitName = 'unit'): number | undefined {
  if (!isObject(value)) return undefined;
  const count = Number(value[countName]);
  const size = unitMilliseconds[String(value[unitName]).toLowerCase().replace(/s$/, '')];
  return Number.isFinite(count) && size !== undefined ? count * size : undefined;
}
