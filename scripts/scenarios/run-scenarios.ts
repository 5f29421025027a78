/** Runs analytics rules over scenarios: one cell a rule and scenario, told as a stream of events. */
import { deployableQuery } from '../content/deployable-query.ts';
import type { Content } from '../content/model.ts';
import { parseTriageGuide } from '../content/triage-guide.ts';
import type { QueryEngine } from '../engines/query-engine.ts';
import type { Catalog } from '../kql/catalog.ts';
import { KqlError } from '../kql/errors.ts';
import type { Alert } from '../sentinel/alert.ts';
import type { Incident, IncidentTask } from '../sentinel/incident.ts';
import type { DeployedRule } from '../sentinel/raise-alerts.ts';
import type { RowTime } from '../sentinel/schedule.ts';
import { type Simulation, simulateInWorkspaces } from '../sentinel/simulate-rule.ts';
import { compare, outcomesOf, type Problem } from './compare.ts';
import { type Detection, detectionsOf } from './detection-time.ts';
import { parseTime } from './recorded-rows.ts';
import type { Expectation, Scenario } from './scenario.ts';

/** A rule as it is deployed, with the tasks of its triage guide. */
export interface TestedRule extends DeployedRule {
  readonly tasks: readonly IncidentTask[];
}

export interface Cell {
  readonly rule: string;
  readonly scenario: string;
  /** `fired` and `quiet` are as expected; `wrong` is not, or the rule could not be run. */
  readonly status: 'fired' | 'quiet' | 'wrong';
  /** The scenario names the rule as one that almost fires. */
  readonly nearMiss: boolean;
  readonly expected: readonly Expectation[];
  readonly problems: readonly Problem[];
  /** Why the rule could not be run: the engine refused its query. */
  readonly refused?: string;
  readonly alerts: readonly Alert[];
  readonly incidents: readonly Incident[];
  readonly detections: readonly Detection[];
  /** Runs on the virtual clock, queries that had to be executed for them, and how long that took. */
  readonly runs: number;
  readonly executed: number;
  readonly milliseconds: number;
}

export type TestEvent =
  | { readonly type: 'rule'; readonly rule: string }
  | { readonly type: 'cell'; readonly cell: Cell };

/** Scenarios whose workspaces bind a query in the same way, and the engine that holds their rows. */
export interface WorkspaceGroup {
  readonly engine: Pick<QueryEngine, 'prepare'>;
  readonly catalog: Catalog;
  /** The deployed form of a rule is run, with its functions inlined. */
  readonly inlined: boolean;
  /** `workspace` is what the engine knows the rows of the scenario by; absent: it has no others. */
  readonly members: readonly { readonly scenario: Scenario; readonly workspace?: number }[];
}

/** The workspaces of scenarios. */
export interface ScenarioWorkspaces {
  /** The scenarios by how their workspaces bind the query. */
  groupsFor(query: string, scenarios: readonly Scenario[]): Promise<WorkspaceGroup[]>;
  close(): Promise<void>;
}

export interface RunOptions {
  /** Run every run one by one: for checking that the shortcut changes nothing. */
  everyRun?: boolean;
  /** Only the cells that a scenario names: what it expects, and what it comes near to. One that names none runs whole. */
  named?: boolean;
  signal?: AbortSignal;
}

/** The rules of the content in the form in which they are deployed. */
export function testedRules(content: Pick<Content, 'rules' | 'functions'>): TestedRule[] {
  return content.rules.map(({ source, value, guide }) => ({
    slug: source.slug,
    rule: { ...value, query: deployableQuery(value.query, content) },
    storedQuery: value.query,
    tasks: guide ? parseTriageGuide(guide.text).tasks.map(({ title, description }) => ({ title, description })) : [],
  }));
}

/** Runs every rule over every scenario, rule by rule. */
export async function* runScenarios(
  rules: readonly TestedRule[],
  scenarios: readonly Scenario[],
  workspaces: ScenarioWorkspaces,
  options: RunOptions = {},
): AsyncGenerator<TestEvent> {
  for (const rule of rules) {
    yield { type: 'rule', rule: rule.slug };
    const chosen = options.named ? scenarios.filter((scenario) => isNamed(rule, scenario)) : scenarios;
    for (const cell of await runRule(rule, chosen, workspaces, options)) yield { type: 'cell', cell };
  }
}

function isNamed(rule: TestedRule, scenario: Scenario): boolean {
  const names = [...scenario.nearMiss, ...scenario.expect.map((expectation) => expectation.rule)];
  return names.length === 0 || names.includes(rule.slug);
}

const rowTimes = new WeakMap<Scenario, ReadonlyMap<string, readonly RowTime[]>>();

function rowTimesOf(scenario: Scenario): ReadonlyMap<string, readonly RowTime[]> {
  const known = rowTimes.get(scenario);
  if (known) return known;
  const times = new Map(
    scenario.tables.map((table) => [
      table.name,
      table.rows.map((row) => {
        const generated = parseTime(row.TimeGenerated) ?? 0;
        return { generated, ingested: parseTime(row._IngestionTime) ?? generated };
      }),
    ]),
  );
  rowTimes.set(scenario, times);
  return times;
}

/** One rule over scenarios: a cell for each, in their order. */
export async function runRule(
  rule: TestedRule,
  scenarios: readonly Scenario[],
  workspaces: ScenarioWorkspaces,
  options: Pick<RunOptions, 'everyRun' | 'signal'> = {},
): Promise<Cell[]> {
  const cells = new Map<Scenario, Cell>();
  for (const group of await workspaces.groupsFor(rule.storedQuery ?? rule.rule.query, scenarios)) {
    for (const [scenario, cell] of await runGroup(rule, group, options)) cells.set(scenario, cell);
  }
  return scenarios.map((scenario) => cells.get(scenario)!);
}

async function runGroup(
  rule: TestedRule,
  group: WorkspaceGroup,
  options: Pick<RunOptions, 'everyRun' | 'signal'>,
): Promise<(readonly [Scenario, Cell])[]> {
  const started = performance.now();
  const { engine, catalog, inlined, members } = group;
  const own = members.map(({ scenario, workspace }) => ({
    clock: scenario.clock,
    ...(workspace !== undefined && { workspace }),
    tasks: rule.tasks,
    closedAt: scenario.closed.filter((closed) => closed.rule === rule.slug).map((closed) => closed.at.getTime()),
    rowTimes: rowTimesOf(scenario),
  }));
  const cost = (): number => (performance.now() - started) / members.length;
  try {
    const simulations = await simulateInWorkspaces(rule, engine, catalog, own, { inlined, ...options });
    return members.map(({ scenario }, i) => [scenario, cellOf(rule, scenario, simulations[i]!, cost())] as const);
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    const [only, ...others] = members;
    if (only && others.length === 0) return [[only.scenario, refusedCell(rule, only.scenario, error, cost())]];
    // A run may fail on the rows of one workspace: each alone.
    const alone: (readonly [Scenario, Cell])[] = [];
    for (const member of members) alone.push(...(await runGroup(rule, { ...group, members: [member] }, options)));
    return alone;
  }
}

function cellOf(rule: TestedRule, scenario: Scenario, simulation: Simulation, milliseconds: number): Cell {
  const { alerts, incidents, runs, executed } = simulation;
  const outcomes = outcomesOf(incidents, alerts);
  const expected = expectedOf(rule, scenario);
  const problems = scenario.judged ? compare(expected, outcomes) : [];
  return {
    rule: rule.slug,
    scenario: scenario.slug,
    status: problems.length > 0 ? 'wrong' : outcomes.length > 0 ? 'fired' : 'quiet',
    nearMiss: scenario.nearMiss.includes(rule.slug),
    expected,
    problems,
    alerts,
    incidents,
    detections: detectionsOf(outcomes, scenario),
    runs,
    executed,
    milliseconds,
  };
}

function refusedCell(rule: TestedRule, scenario: Scenario, error: KqlError, milliseconds: number): Cell {
  return {
    rule: rule.slug,
    scenario: scenario.slug,
    status: 'wrong',
    nearMiss: scenario.nearMiss.includes(rule.slug),
    expected: expectedOf(rule, scenario),
    problems: [],
    refused: error.message,
    alerts: [],
    incidents: [],
    detections: [],
    runs: 0,
    executed: 0,
    milliseconds,
  };
}

function expectedOf(rule: TestedRule, scenario: Scenario): Expectation[] {
  return scenario.expect.filter((expectation) => expectation.rule === rule.slug);
}
