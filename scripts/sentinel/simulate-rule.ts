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

/** Where a rule is deployed, and for how long. */
export interface SimulatedWorkspace {
  clock: { from: Date; to: Date };
  /** Whose rows the rule sees, where the engine holds those of several workspaces. */
  workspace?: number;
  tasks?: readonly IncidentTask[];
  /** Times at which analysts close the open incidents of the rule, in milliseconds since 1970. */
  closedAt?: readonly number[];
  /** Times of the recorded rows by table; absent: nothing is known of them. */
  rowTimes?: ReadonlyMap<string, readonly RowTime[]>;
}

export interface SimulationOptions {
  /**
   * Run the text with its functions inlined. Default: the one that calls them, which binds several times faster and
   * becomes the same SQL.
   */
  inlined?: boolean;
  /** Run every run one by one instead of proving stretches of them quiet at once. Slow; for checking the shortcut. */
  everyRun?: boolean;
  signal?: AbortSignal;
}

/** Up to this many runs that one statement answers, to run them costs less than to bind the probe that may spare them. */
const FEW_RUNS = 256;

const probes = new WeakMap<Catalog, Map<string, QuietProbe>>();

/**
 * Runs a rule over the rows that `engine` holds.
 * @param catalog what the engine binds queries with.
 * @throws KqlError when the engine refuses the rule's query.
 */
export async function simulateRule(
  deployed: DeployedRule,
  engine: Pick<QueryEngine, 'prepare'>,
  catalog: Catalog,
  options: SimulatedWorkspace & SimulationOptions,
): Promise<Simulation> {
  return (await simulateInWorkspaces(deployed, engine, catalog, [options], options))[0]!;
}

/**
 * Runs a rule in several workspaces that bind its query in the same way, at little more cost than in one.
 * @returns one simulation a workspace, in their order.
 * @throws KqlError when the engine refuses the rule's query, or one of its runs.
 */
export async function simulateInWorkspaces(
  deployed: DeployedRule,
  engine: Pick<QueryEngine, 'prepare'>,
  catalog: Catalog,
  workspaces: readonly SimulatedWorkspace[],
  options: SimulationOptions = {},
): Promise<Simulation[]> {
  const { rule } = deployed;
  const query = deployed.storedQuery ?? rule.query;
  const prepared = await engine.prepare(options.inlined ? rule.query : query);
  const simulated = workspaces.map((workspace) => ({ ...workspace, runs: runsOf(rule, workspace.clock) }));
  // A rule that fires on no rows needs every run: emptiness is its subject.
  const shortcut = !options.everyRun && !exceedsThreshold(rule, 0);
  const probe: QuietProbe = shortcut ? probeOf(query, catalog) : { kind: 'none' };
  const found = await resultsIn(simulated, prepared, probe, engine, options);
  return simulated.map(({ runs, tasks, closedAt }, i) => {
    const { results, executed } = found[i]!;
    const alerts = alertsOf(deployed, results);
    const incidents = groupIncidents(rule, alerts, { ...(tasks && { tasks }), ...(closedAt && { closedAt }) });
    return { alerts, incidents, runs: runs.length, executed };
  });
}

function alertsOf(deployed: DeployedRule, results: readonly RunResult[]): Alert[] {
  const { rule } = deployed;
  const suppression = rule.suppressionEnabled ? (durationMs(rule.suppressionDuration ?? '') ?? HOUR) : 0;
  const alerts: Alert[] = [];
  let silentUntil = Number.NEGATIVE_INFINITY;
  for (const { run, result } of results) {
    if (run.at < silentUntil) continue;
    const raised = raiseAlerts(deployed, result, run);
    if (raised.length > 0 && suppression > 0) silentUntil = run.at + suppression;
    alerts.push(...raised);
  }
  return alerts;
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

interface WorkspaceRuns extends SimulatedWorkspace {
  /** In order of time. */
  runs: readonly Run[];
}

interface WorkspaceResults {
  /** The runs that may have found something, in order of time. Those left out are empty. */
  results: RunResult[];
  executed: number;
}

async function resultsIn(
  workspaces: readonly WorkspaceRuns[],
  prepared: PreparedQuery,
  probe: QuietProbe,
  engine: Pick<QueryEngine, 'prepare'>,
  { everyRun, signal }: SimulationOptions,
): Promise<WorkspaceResults[]> {
  if (probe.kind === 'constant') {
    const first = await runEach(prepared, workspaces, (runs) => runs.slice(0, 1), signal);
    return first.map((results, i) => {
      const result = results[0]?.result;
      const again = result?.rows.length ? workspaces[i]!.runs.map((run) => ({ run, result })) : [];
      return { results: again, executed: results.length };
    });
  }
  if (probe.kind === 'none') {
    const all = await runEach(prepared, workspaces, (runs) => runs, signal, everyRun);
    return all.map((results) => ({ results, executed: results.length }));
  }
  const candidates = workspaces.map((workspace) => {
    const { rowTimes, runs } = workspace;
    const rows = rowTimes && probe.tables.flatMap((table) => rowTimes.get(table) ?? []);
    return { ...workspace, runs: rows ? runsThatSee(runs, rows) : runs };
  });
  const count = candidates.reduce((sum, { runs }) => sum + runs.length, 0);
  if (count <= (prepared.runAll ? FEW_RUNS : 0)) {
    const all = await runEach(prepared, candidates, (runs) => runs, signal);
    return all.map((results) => ({ results, executed: results.length }));
  }
  const probed = await runEach(await engine.prepare(probe.query), candidates, widest, signal);
  const seen = candidates.map((workspace, i) => {
    const answer = probed[i]![0]?.result;
    if (!answer?.rows.length) return { ...workspace, runs: [] };
    return probe.witnessed ? { ...workspace, runs: runsWithin(workspace.runs, witnesses(answer)) } : workspace;
  });
  const all = await runEach(prepared, seen, (runs) => runs, signal);
  return all.map((results, i) => ({ results, executed: results.length + probed[i]!.length }));
}

/** One run that sees what any of the runs sees, at the time of the first. */
function widest(runs: readonly Run[]): Run[] {
  return runs.length === 0 ? [] : [{ at: runs[0]!.at, visibility: widestVisibility(runs) }];
}

/** Runs the query in the chosen runs of each workspace. */
async function runEach(
  query: PreparedQuery,
  workspaces: readonly WorkspaceRuns[],
  choose: (runs: readonly Run[]) => readonly Run[],
  signal: AbortSignal | undefined,
  oneByOne = false,
): Promise<RunResult[][]> {
  const chosen = workspaces.map(({ runs, workspace }) =>
    choose(runs).map((run) => ({
      run,
      options: { now: new Date(run.at), visibility: run.visibility, ...(workspace !== undefined && { workspace }) },
    })),
  );
  const options = chosen.flat().map((one) => one.options);
  const results: QueryResult[] = [];
  if (query.runAll && !oneByOne) results.push(...(await query.runAll(options, signal)));
  else for (const one of options) results.push(await query.run({ ...one, ...(signal && { signal }) }));
  let next = 0;
  return chosen.map((own) => own.map(({ run }) => ({ run, result: results[next++]! })));
}

/** When the rows count that any of the runs may find. */
function witnesses({ columns, rows }: QueryResult): RowSpan[] {
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

/** A datetime of a result in milliseconds since 1970. */
function milliseconds(value: unknown): number | undefined {
  return typeof value === 'string' ? Date.parse(value) : undefined;
}
