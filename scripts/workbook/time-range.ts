/** Time ranges of workbooks: the value of a time range parameter, its label, its grain and its window. */
import { isRecord, numberOf, recordOf, textOf } from './lenient.ts';

/** `durationMs` counts back from the end; absolute ranges have both bounds. */
export interface TimeRange {
  kind: 'relative' | 'absolute';
  durationMs: number;
  start: Date;
  end: Date;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The choices that Azure offers where a parameter lists none (Documentation/Parameters/Time.md). */
export const DEFAULT_DURATIONS: readonly number[] = [
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  4 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  3 * DAY,
  7 * DAY,
  14 * DAY,
  30 * DAY,
  60 * DAY,
  90 * DAY,
];

export function relativeRange(durationMs: number, now: Date): TimeRange {
  return { kind: 'relative', durationMs, start: new Date(now.getTime() - durationMs), end: now };
}

/**
 * The range that a parameter's value means: `{durationMs}`, `{startTime|createdTime, endTime}`, a bare number of
 * milliseconds, `24h`, `PT24H`, or `from/to`. Undefined for anything else.
 */
export function parseTimeRange(value: unknown, now: Date): TimeRange | undefined {
  if (isRecord(value)) return parseRecord(value, now);
  const text = textOf(value)?.trim();
  if (text === undefined || text === '') return undefined;
  if (text.startsWith('{')) {
    try {
      return parseTimeRange(JSON.parse(text), now);
    } catch {
      return undefined;
    }
  }
  const [from, to, more] = text.split('/');
  if (from !== undefined && to !== undefined && more === undefined) return absoluteRange(from, to);
  const duration = parseDuration(text);
  return duration === undefined ? undefined : relativeRange(duration, now);
}

function parseRecord(value: Record<string, unknown>, now: Date): TimeRange | undefined {
  const duration = numberOf(value.durationMs);
  const start = textOf(value.startTime) ?? (value.isInitialTime === false ? textOf(value.createdTime) : undefined);
  const end = textOf(value.endTime);
  if (start !== undefined && end !== undefined) return absoluteRange(start, end);
  if (start !== undefined && duration !== undefined && duration > 0) {
    const from = Date.parse(start);
    if (!Number.isNaN(from)) return absoluteRange(start, new Date(from + duration).toISOString());
  }
  if (end !== undefined && duration !== undefined && duration > 0) {
    const until = Date.parse(end);
    if (!Number.isNaN(until)) return absoluteRange(new Date(until - duration).toISOString(), end);
  }
  return duration === undefined || duration <= 0 ? undefined : relativeRange(duration, now);
}

/** An absolute range of two texts that `Date` understands; undefined where one is not a date or they are reversed. */
export function absoluteRange(from: string, to: string): TimeRange | undefined {
  const start = new Date(from);
  const end = new Date(to);
  const durationMs = end.getTime() - start.getTime();
  if (!(durationMs > 0)) return undefined;
  return { kind: 'absolute', durationMs, start, end };
}

function parseDuration(text: string): number | undefined {
  const short = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)?$/.exec(text);
  if (short) {
    const unit = { ms: 1, s: 1000, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY }[short[2] ?? 'ms'] ?? 1;
    return Number(short[1]) * unit || undefined;
  }
  const iso = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!iso) return undefined;
  const [, weeks, days, hours, minutes, seconds] = iso.map((part) => Number(part ?? 0));
  return (
    (weeks ?? 0) * 7 * DAY +
      (days ?? 0) * DAY +
      (hours ?? 0) * HOUR +
      (minutes ?? 0) * MINUTE +
      (seconds ?? 0) * 1000 || undefined
  );
}

/** "Last 24 hours", or the two bounds. */
export function timeRangeLabel(range: TimeRange): string {
  if (range.kind === 'absolute') return `${shortDate(range.start)} to ${shortDate(range.end)}`;
  return `Last ${durationLabel(range.durationMs)}`;
}

/** "24 hours", "7 days", "30 minutes": the largest unit that divides the duration; days from two days on. */
export function durationLabel(durationMs: number): string {
  const units: [number, string][] = [
    [DAY, 'day'],
    [HOUR, 'hour'],
    [MINUTE, 'minute'],
    [1000, 'second'],
  ];
  for (const [size, name] of units) {
    const count = durationMs / size;
    if (Number.isInteger(count) && (size !== DAY || count > 1)) return `${count} ${name}${count === 1 ? '' : 's'}`;
  }
  return `${durationMs} ms`;
}

/** A KQL timespan literal of a duration: `1d`, `36h`, `30m`, `45s`, `1500ms`. */
export function kqlTimespan(durationMs: number): string {
  for (const [size, unit] of [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'm'],
    [1000, 's'],
  ] as const) {
    if (durationMs % size === 0) return `${durationMs / size}${unit}`;
  }
  return `${Math.round(durationMs)}ms`;
}

/** The step that charts use over a range: the finest that keeps it under about a hundred points. */
export function grainOf(range: TimeRange): string {
  const steps = [
    MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
  ];
  const step = steps.find((size) => range.durationMs / size <= 60) ?? (range.durationMs > 90 * DAY ? 7 * DAY : DAY);
  return kqlTimespan(step);
}

/** ISO 8601 duration, such as `PT24H` or `P30D`. */
export function isoDuration(durationMs: number): string {
  if (durationMs % DAY === 0 && durationMs > DAY) return `P${durationMs / DAY}D`;
  if (durationMs % HOUR === 0) return `PT${durationMs / HOUR}H`;
  if (durationMs % MINUTE === 0) return `PT${durationMs / MINUTE}M`;
  return `PT${durationMs / 1000}S`;
}

function shortDate(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** The durations that a parameter lists in `typeSettings.selectableValues`, or Azure's own. */
export function selectableDurations(settings: Record<string, unknown>): number[] {
  const listed = Array.isArray(settings.selectableValues) ? settings.selectableValues : [];
  const durations = listed.flatMap((one) => numberOf(recordOf(one).durationMs) ?? []).filter((one) => one > 0);
  return durations.length > 0 ? [...new Set(durations)] : [...DEFAULT_DURATIONS];
}
