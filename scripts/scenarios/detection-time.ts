/** How long after an event, and after its ingestion, the analyst learns of it. */

import type { Outcome } from './compare.ts';
import { parseTime } from './recorded-rows.ts';
import type { Scenario } from './scenario.ts';

/** Milliseconds from the earliest row behind an incident. */
export interface Detection {
  readonly fromEvent: number;
  /** From the time at which that row could be queried; absent where no recorded row carries its time. */
  readonly fromIngestion?: number;
}

/** One detection for each outcome whose rows say when it happened: `TimeGenerated`, which is that of a recorded row. */
export function detectionsOf(outcomes: readonly Outcome[], scenario: Scenario): Detection[] {
  if (outcomes.length === 0) return [];
  const ingestion = ingestionTimes(scenario);
  return outcomes.flatMap((outcome): Detection[] => {
    const first = outcome.alerts[0]!;
    if (!first.rows.some((row) => typeof row.TimeGenerated === 'string')) return [];
    const event = Date.parse(first.startTime);
    const raised = Date.parse(outcome.raisedAt);
    const ingested = ingestion.get(event);
    return [{ fromEvent: raised - event, ...(ingested !== undefined && { fromIngestion: raised - ingested }) }];
  });
}

const known = new WeakMap<Scenario, ReadonlyMap<number, number>>();

/** Earliest time of ingestion of the rows of each `TimeGenerated`, in milliseconds. */
function ingestionTimes(scenario: Scenario): ReadonlyMap<number, number> {
  const found = known.get(scenario);
  if (found) return found;
  const times = new Map<number, number>();
  for (const row of scenario.tables.flatMap((table) => table.rows)) {
    const generated = parseTime(row.TimeGenerated);
    const ingested = parseTime(row._IngestionTime);
    if (generated === undefined || ingested === undefined) continue;
    times.set(generated, Math.min(ingested, times.get(generated) ?? ingested));
  }
  known.set(scenario, times);
  return times;
}
