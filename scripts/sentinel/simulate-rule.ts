/** One analytics rule on a virtual clock: its runs, its alerts, its incidents. */

import { durationMs, HOUR } from '../content/duration.ts';
import type { PreparedQuery, QueryEngine, QueryResult } from '../engines/query-engine.ts';
import type { Catalog } from '../kql/catalog.ts';
import type { Alert } from './alert.ts';
import { groupIncidents } from './group-incidents.ts';
import type { Incident, IncidentTask } from './incident.ts';
import { type QuietProbe, quietProbe } from './probe/quiet-probe.ts';
import { WITNESS } from './probe/witness.ts';
import { type DeployedRule, exceedsThreshold, raiseAlerts } from './raise-alerts.ts';
import { type RowSpan, type RowTime, type Run, runsOf, runsThatSee, runsWithin, widestVisibility } from './schedule.ts';

export interface Simulation {
  readonly alerts: readonly Alert[];
  readonly incidents: readonly Incident[];
  /** Runs that the clock holds, and queries that were really run to know the outcome of all of them. */
  readonly runs: number;
  readonly executed: number;
}

export interface SimulationOptions {
  clock: { from: Date; to: Date };
  tasks?: readonly IncidentTask[];
  /** Times at which analysts close the open incidents of the rule, in milliseconds since 1970. */
  closedAt?: readonly number[];
  /** Times of the recorded rows by table; absent: nothing is known of them. */
  rowTimes?: ReadonlyMap<string, readonly RowTime[]>;
  /**
   * Run the text with its functions inlined. Default: the one that calls them, which binds several times faster and
   * becomes the same SQL.
   */
  inlined?: boolean;
  /** Run every run one by one instead of proving stretches of them quiet at once. Slow; for checking the shortcut. */
  everyRun?: boolean;
  signal?: AbortSignal;
}

/** Below this many runs, running them costs no more than proving them quiet. */
const RUNS_PER_LEAF = 1;

const probes = new WeakMap<Catalog, Map<string, QuietProbe>>();

/**
 * Runs a rule over the rows that `engine` holds.
 * @param catalog what the engine binds queries with.
 * @throws KqlError when the engine refuses the rule's query.
 */
export async function simulateRule(
  deployed: DeployedRule,
  engine: QueryEngine,
  catalog: Catalog,
  options: SimulationOptions,
): Promise<Simulation> {
  const { rule } = deployed;
  const runs = runsOf(rule, options.clock);
  const query = deployed.storedQuery ?? rule.query;
  const runner = new Runner(await engine.prepare(options.inlined ? rule.query : query), options.signal);
  // A rule that fires on no rows needs every run: emptiness is its subject.
  const shortcut = !options.everyRun && !exceedsThreshold(rule, 0);
  const probe: QuietProbe = shortcut ? probeOf(query, catalog) : { kind: 'none' };
  const alerts: Alert[] = [];
  const suppression = rule.suppressionEnabled ? (durationMs(rule.suppressionDuration ?? '') ?? HOUR) : 0;
  let silentUntil = Number.NEGATIVE_INFINITY;
  for await (const { run, result } of results(runs, runner, probe, engine, options.rowTimes)) {
    if (run.at < silentUntil) continue;
    const raised = raiseAlerts(deployed, result, run);
    if (raised.length > 0 && suppression > 0) silentUntil = run.at + suppression;
    alerts.push(...raised);
  }
  const incidents = groupIncidents(rule, alerts, {
    ...(options.tasks && { tasks: options.tasks }),
    ...(options.closedAt && { closedAt: options.closedAt }),
  });
  return { alerts, incidents, runs: runs.length, executed: runner.executed };
}

function probeOf(query: string, catalog: Catalog): QuietProbe {
  const known = probes.get(catalog) ?? new Map<string, QuietProbe>();
  probes.set(catalog, known);
  const probe = known.get(query) ?? quietProbe(query, catalog);
  known.set(query, probe);
  return probe;
}

interface RunResult {
  run: Run;
  result: QueryResult;
}

/** Counts the queries, so that the cost of a simulation can be seen. */
class Runner {
  executed = 0;
  readonly #query: PreparedQuery;
  readonly #signal: AbortSignal | undefined;

  constructor(query: PreparedQuery, signal: AbortSignal | undefined) {
    this.#query = query;
    this.#signal = signal;
  }

  async run(run: Run): Promise<QueryResult> {
    return this.#execute(this.#query, [run]);
  }

  /** Whether the probe proves that none of the runs finds anything. */
  async quiet(probe: PreparedQuery, runs: readonly Run[]): Promise<boolean> {
    return (await this.#execute(probe, runs)).rows.length === 0;
  }

  /** When the rows count that any of the runs may find. */
  async witnesses(probe: PreparedQuery, runs: readonly Run[]): Promise<RowSpan[]> {
    const { columns, rows } = await this.#execute(probe, runs);
    const at = WITNESS.map((name) => columns.findIndex((column) => column.name === name));
    return rows.map((row) => {
      const [generated, ingested, lastGenerated, lastIngested, until] = at.map((i) => milliseconds(row[i]));
      // A row without times was not recorded: it is there in every run.
      return {
        first: { generated: generated ?? Number.NEGATIVE_INFINITY, ingested: ingested ?? Number.NEGATIVE_INFINITY },
        last: {
          generated: lastGenerated ?? Number.POSITIVE_INFINITY,
          ingested: lastIngested ?? Number.POSITIVE_INFINITY,
        },
        ...(until !== undefined && { until }),
      };
    });
  }

  #execute(query: PreparedQuery, runs: readonly Run[]): Promise<QueryResult> {
    this.#signal?.throwIfAborted();
    this.executed++;
    return query.run({
      now: new Date(runs[0]!.at),
      visibility: widestVisibility(runs),
      ...(this.#signal && { signal: this.#signal }),
    });
  }
}

/** The runs that may have found something, in order of time, with their results. Those left out are empty. */
async function* results(
  runs: readonly Run[],
  runner: Runner,
  probe: QuietProbe,
  engine: QueryEngine,
  rowTimes: SimulationOptions['rowTimes'],
): AsyncGenerator<RunResult> {
  if (runs.length === 0) return;
  if (probe.kind === 'constant') {
    const result = await runner.run(runs[0]!);
    if (result.rows.length > 0) for (const run of runs) yield { run, result };
    return;
  }
  if (probe.kind === 'none') {
    for (const run of runs) yield { run, result: await runner.run(run) };
    return;
  }
  const rows = rowTimes && probe.tables.flatMap((table) => rowTimes.get(table) ?? []);
  const candidates = rows ? runsThatSee(runs, rows) : runs;
  if (candidates.length === 0) return;
  const prepared = await engine.prepare(probe.query);
  if (!probe.witnessed) {
    yield* bisect(candidates, runner, prepared);
    return;
  }
  const witnesses = await runner.witnesses(prepared, candidates);
  for (const run of runsWithin(candidates, witnesses)) yield { run, result: await runner.run(run) };
}

/** A datetime of a result in milliseconds since 1970. */
function milliseconds(value: unknown): number | undefined {
  return typeof value === 'string' ? Date.parse(value) : undefined;
}

async function* bisect(runs: readonly Run[], runner: Runner, probe: PreparedQuery): AsyncGenerator<RunResult> {
  if (runs.length <= RUNS_PER_LEAF) {
    for (const run of runs) yield { run, result: await runner.run(run) };
    return;
  }
  if (await runner.quiet(probe, runs)) return;
  const half = Math.floor(runs.length / 2);
  yield* bisect(runs.slice(0, half), runner, probe);
  yield* bisect(runs.slice(half), runner, probe);
}
