/** When an analytics rule runs, and which rows each run can see. */

import { durationMs, MINUTE } from '../content/duration.ts';
import type { AnalyticsRule } from '../content/model.ts';
import type { Visibility } from '../engines/query-engine.ts';

/** One run of a rule. All times in milliseconds since 1970. */
export interface Run {
  /** When the query is run: what `now()` answers, and the time at which an alert is raised. */
  readonly at: number;
  readonly visibility: Visibility;
}

/**
 * Scheduled rules run five minutes after their slot, so that the window ends five minutes ago
 * (azure-docs, scheduled-rules-overview.md).
 */
export const SCHEDULED_DELAY = 5 * MINUTE;

/** Near-real-time rules run every minute with a delay of two minutes (azure-docs, near-real-time-rules.md). */
export const NRT_FREQUENCY = MINUTE;
export const NRT_DELAY = 2 * MINUTE;

/**
 * The runs of a rule whose time lies in `[from, to]`.
 *
 * Scheduled: slots count from `from`; a run sees `TimeGenerated` of `[slot - queryPeriod, slot)` and only rows that were
 * ingested before it runs. A row is first visible to the run whose `now()` follows both `TimeGenerated + 5m` and the
 * ingestion time: rules that want each row once compare `max_of(TimeGenerated + 5m, ingestion_time())` with
 * `ago(queryFrequency)`.
 * NRT: a run sees the rows ingested in one minute, which ended two minutes before it.
 *
 * @throws RangeError when the rule has no frequency or period; validation reports that before.
 */
export function runsOf(
  rule: Pick<AnalyticsRule, 'kind' | 'queryFrequency' | 'queryPeriod'>,
  clock: { from: Date; to: Date },
): Run[] {
  const from = clock.from.getTime();
  const to = clock.to.getTime();
  const runs: Run[] = [];
  if (rule.kind === 'NRT') {
    const first = Math.ceil(from / NRT_FREQUENCY) * NRT_FREQUENCY;
    for (let at = first; at <= to; at += NRT_FREQUENCY) {
      const end = at - NRT_DELAY;
      runs.push({ at, visibility: { ingested: { from: new Date(end - NRT_FREQUENCY), to: new Date(end) } } });
    }
    return runs;
  }
  const frequency = durationMs(rule.queryFrequency ?? '');
  const period = durationMs(rule.queryPeriod ?? '');
  if (!frequency || !period) throw new RangeError('a scheduled rule needs queryFrequency and queryPeriod');
  for (let slot = from; slot + SCHEDULED_DELAY <= to; slot += frequency) {
    const at = slot + SCHEDULED_DELAY;
    runs.push({
      at,
      visibility: {
        timeGenerated: { from: new Date(slot - period), to: new Date(slot) },
        ingested: { to: new Date(at) },
      },
    });
  }
  return runs;
}

/** When a recorded row was made and taken in, in milliseconds since 1970. */
export interface RowTime {
  readonly generated: number;
  readonly ingested: number;
}

/** When a group of recorded rows can be seen: from its first row on, while its last one is, and no later than `until`. */
export interface RowSpan {
  readonly first: RowTime;
  readonly last: RowTime;
  readonly until?: number;
}

/** The runs that see at least one of the rows, in their order. */
export function runsThatSee(runs: readonly Run[], rows: readonly RowTime[]): Run[] {
  return runsWithin(
    runs,
    rows.map((row) => ({ first: row, last: row })),
  );
}

/** The runs that can see a row of at least one of the groups, in their order. */
export function runsWithin(runs: readonly Run[], spans: readonly RowSpan[]): Run[] {
  // Windows move forward from run to run: each row is seen by one stretch of runs.
  const changes = new Int32Array(runs.length + 1);
  for (const { first, last, until } of spans) {
    const start = Math.max(
      firstRun(
        runs,
        ({ visibility: { timeGenerated: window } }) => !window?.to || first.generated < window.to.getTime(),
      ),
      firstRun(runs, ({ visibility: { ingested: window } }) => !window?.to || first.ingested < window.to.getTime()),
    );
    const end = Math.min(
      firstRun(runs, ({ visibility: { timeGenerated: window } }) => isBefore(last.generated, window?.from)),
      firstRun(runs, ({ visibility: { ingested: window } }) => isBefore(last.ingested, window?.from)),
      firstRun(runs, ({ at }) => until !== undefined && at > until),
    );
    if (start >= end) continue;
    changes[start]!++;
    changes[end]!--;
  }
  let seen = 0;
  return runs.filter((_, index) => {
    seen += changes[index]!;
    return seen > 0;
  });
}

function isBefore(time: number, from: Date | undefined): boolean {
  return from !== undefined && time < from.getTime();
}

/** Index of the first run for which the condition holds; it then holds for all later ones. */
function firstRun(runs: readonly Run[], holds: (run: Run) => boolean): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(runs[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A visibility that sees every row that any of the runs sees. `runs` is not empty and in order of time. */
export function widestVisibility(runs: readonly Run[]): Visibility {
  const first = runs[0]!.visibility;
  const last = runs.at(-1)!.visibility;
  const span = (key: keyof Visibility): Visibility[keyof Visibility] => {
    const from = first[key]?.from;
    const to = last[key]?.to;
    return { ...(from && { from }), ...(to && { to }) };
  };
  return {
    ...(first.timeGenerated && { timeGenerated: span('timeGenerated')! }),
    ...(first.ingested && { ingested: span('ingested')! }),
  };
}
