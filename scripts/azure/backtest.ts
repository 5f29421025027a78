/** The rules' queries over the real logs of past days, before anything is enabled: how many alerts, and at what cost. */
import pLimit from 'p-limit';
import { deployableQuery } from '../content/deployable-query.ts';
import { DAY, durationMs, MINUTE } from '../content/duration.ts';
import type { AnalyticsRule, Content } from '../content/model.ts';
import { isUserError } from '../diagnostics/errors.ts';
import type { LogAnalyticsResult, QueryCost } from '../engines/log-analytics-engine.ts';
import type { PreparedQuery, QueryEngine, QueryOptions } from '../engines/query-engine.ts';
import { explain } from './errors.ts';
import { readWatchlists, watchlistCalls, withWatchlists } from './inlined-watchlists.ts';

/** Scheduled rules run five minutes after their slot (scheduled-rules-overview). */
const runDelay = 5 * MINUTE;
/** Alerts of one run (customize-alert-details; near-real-time rules make fewer). */
const alertLimits = { Scheduled: 150, NRT: 30 } as const;

export interface DayCount {
  /** UTC. */
  day: string;
  alerts: number;
}

export interface RuleBacktest {
  rule: string;
  name: string;
  severity: string;
  /** `schedule`: every run as it would be; `daily`: one run a day over that day, where the runs would be too many. */
  windows: 'schedule' | 'daily';
  runs: number;
  alerts: number;
  days: DayCount[];
  partial: number;
  failed: number;
  /** The first failure. */
  error?: string;
  cost: QueryCost;
}

export interface BacktestOptions {
  to: Date;
  days: number;
  /** More runs than this of one rule are made daily. */
  maxRuns: number;
  concurrency: number;
  onEnd?: (result: RuleBacktest) => void;
}

interface Window {
  from: Date;
  to: Date;
}

/** The windows of a rule's runs, oldest first, and how they were cut. */
export function windowsOf(
  rule: AnalyticsRule,
  options: Pick<BacktestOptions, 'to' | 'days' | 'maxRuns'>,
): { kind: 'schedule' | 'daily'; windows: Window[] } {
  const frequency = rule.kind === 'NRT' ? MINUTE : (durationMs(rule.queryFrequency ?? '1h') ?? 60 * MINUTE);
  const period = rule.kind === 'NRT' ? MINUTE : (durationMs(rule.queryPeriod ?? '1h') ?? 60 * MINUTE);
  const scheduled = Math.floor((options.days * DAY) / frequency) <= options.maxRuns;
  const step = scheduled ? frequency : DAY;
  const length = scheduled ? period : Math.max(period, DAY);
  const end = Math.floor((options.to.getTime() - runDelay) / step) * step;
  const windows: Window[] = [];
  for (let to = end - options.days * DAY + step; to <= end; to += step)
    windows.push({ from: new Date(to - length), to: new Date(to) });
  return { kind: scheduled ? 'schedule' : 'daily', windows };
}

/** How many alerts a run with that many rows raises. */
export function alertsOf(rule: AnalyticsRule, rows: number): number {
  const threshold = rule.kind === 'NRT' ? 0 : (rule.triggerThreshold ?? 0);
  const operator = rule.kind === 'NRT' ? 'gt' : (rule.triggerOperator ?? 'gt');
  const met = { gt: rows > threshold, lt: rows < threshold, eq: rows === threshold, ne: rows !== threshold }[operator];
  if (!met) return 0;
  return rule.eventGroupingSettings?.aggregationKind === 'AlertPerResult'
    ? Math.min(Math.max(rows, 1), alertLimits[rule.kind])
    : 1;
}

/** Runs each rule; one that the workspace refuses is told and does not stop the others. */
export async function backtest(
  engine: QueryEngine,
  content: Content,
  rules: Content['rules'],
  options: BacktestOptions,
): Promise<RuleBacktest[]> {
  const limit = pLimit(options.concurrency);
  const results: RuleBacktest[] = [];
  const queries = rules.map(({ value }) => deployableQuery(value.query, content));
  const lists = await readWatchlists(
    engine,
    queries.flatMap((query) => watchlistCalls(query).map(({ alias }) => alias)),
  );
  for (const [index, { source, value }] of rules.entries()) {
    const { kind, windows } = windowsOf(value, options);
    const query = await engine.prepare(withWatchlists(queries[index]!, lists));
    const result: RuleBacktest = {
      rule: source.slug,
      name: value.name,
      severity: value.severity,
      windows: kind,
      runs: 0,
      alerts: 0,
      days: [],
      partial: 0,
      failed: 0,
      cost: {},
    };
    const perDay = new Map<string, number>();
    const run = async (window: Window): Promise<void> => {
      // A query that is refused once is refused every time.
      if (result.failed > 0 && result.runs === 0) return;
      await runOnce(query, value, window, result, perDay);
    };
    const [first, ...rest] = windows;
    if (first) await run(first);
    await Promise.all(rest.map((window) => limit(() => run(window))));
    result.days = [...perDay].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, alerts]) => ({ day, alerts }));
    results.push(result);
    options.onEnd?.(result);
  }
  return results;
}

async function runOnce(
  query: PreparedQuery,
  rule: AnalyticsRule,
  window: Window,
  result: RuleBacktest,
  perDay: Map<string, number>,
): Promise<void> {
  const asked: QueryOptions = { now: window.to, visibility: { timeGenerated: window } };
  try {
    const answer: LogAnalyticsResult = await query.run(asked);
    result.runs++;
    if (answer.partial !== undefined) result.partial++;
    const alerts = alertsOf(rule, answer.rows.length);
    result.alerts += alerts;
    // A run at midnight belongs to the day that it looks at.
    const day = new Date(window.to.getTime() - 1).toISOString().slice(0, 10);
    perDay.set(day, (perDay.get(day) ?? 0) + alerts);
    addCost(result.cost, answer.cost);
  } catch (error) {
    const told = explain(error);
    if (!isUserError(told)) throw error;
    if (/^(not-logged-in|token-refused|permission-missing|endpoint-unreachable|certificate-untrusted)$/.test(told.code))
      throw told;
    result.failed++;
    result.error ??= told.message;
  }
}

function addCost(total: QueryCost, cost: QueryCost | undefined): void {
  for (const name of ['cpuSeconds', 'rowsScanned', 'bytesScanned'] as const) {
    if (cost?.[name] !== undefined) total[name] = (total[name] ?? 0) + cost[name];
  }
}
