/** The time context of an item: which rows Azure lets its query see. */
import type { TimeWindow } from './environment.ts';
import type { Scope } from './substitute.ts';
import { parseTimeRange } from './time-range.ts';

/**
 * The window of `timeContextFromParameter`, else of `timeContext.durationMs`; undefined where the query sets its own.
 * `waiting`: the parameter that it names has no value.
 */
export function itemWindow(
  item: { timeContextFromParameter?: string; durationMs?: number },
  scope: Scope,
  now: Date,
): TimeWindow | undefined | 'waiting' {
  if (item.timeContextFromParameter !== undefined) {
    const parameter = scope.get(item.timeContextFromParameter);
    const range = parameter?.time ?? parseTimeRange(parameter?.values[0]?.value, now);
    if (range) return { from: range.start, to: range.end };
    if (parameter && parameter.status !== 'set' && parameter.status !== 'unset') return 'waiting';
  }
  if (item.durationMs === undefined || item.durationMs <= 0) return undefined;
  return { from: new Date(now.getTime() - item.durationMs), to: now };
}
