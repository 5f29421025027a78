/** Durations of rules, in Azure-Sentinel's YAML style (`5m`, `1h`, `14d`) or ISO 8601 (`PT5M`, `P14D`). */
import { parse } from 'tinyduration';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const UNIT: Readonly<Record<string, number>> = { s: 1000, m: MINUTE, h: HOUR, d: DAY };

/**
 * Milliseconds of a duration, or undefined when the text is none. Months and years have no fixed length: undefined.
 */
export function durationMs(text: string): number | undefined {
  const short = /^(\d+)([smhd])$/.exec(text.trim());
  if (short) return Number(short[1]) * UNIT[short[2]!]!;
  if (!/^P/i.test(text.trim())) return undefined;
  try {
    const { years, months, weeks, days, hours, minutes, seconds, negative } = parse(text.trim().toUpperCase());
    if (years || months || negative) return undefined;
    return (
      (weeks ?? 0) * 7 * DAY + (days ?? 0) * DAY + (hours ?? 0) * HOUR + (minutes ?? 0) * MINUTE + (seconds ?? 0) * 1000
    );
  } catch {
    return undefined;
  }
}
