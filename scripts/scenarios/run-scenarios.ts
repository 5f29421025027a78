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
import { simulateRule } from '../sentinel/simulate-rule.ts';
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
  | { readonly type: 'started'; readonly rules: readonly string[]; readonly scenarios: readonly Scenario[] }
  | { readonly type: 'scenario'; readonly scenario: Scenario }
  | { readonly type: 'cell'; readonly cell: Cell }
  | { readonly type: 'ended'; readonly milliseconds: number };

/** The engine that holds the rows of a scenario, and what it binds a query with. */
export interface OpenedScenario {
  readonly engine: QueryEngine;
  readonly catalogFor: (query: string) => Promise<Catalog>;
  /** Whether the workspace lacks a table, or the rows of a watchlist, that the query reads. */
  readonly lacksTableOf: (query: string) => Promise<boolean>;
}

export type OpenEngine = (scenario: Scenario) => Promise<OpenedScenario>;

export interface RunOptions {
  open: OpenEngine;
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

/** Runs every rule over every scenario, scenario by scenario. */
export async function* runScenarios(
  rules: readonly TestedRule[],
  scenarios: readonly Scenario[],
  options: RunOptions,
): AsyncGenerator<TestEvent> {
  const started = performance.now();
  yield { type: 'started', rules: rules.map((rule) => rule.slug), scenarios };
  for (const scenario of scenarios) {
    yield { type: 'scenario', scenario };
    const opened = await options.open(scenario);
    try {
      for (const rule of rules) {
        if (options.named && !isNamed(rule, scenario)) continue;
        yield { type: 'cell', cell: await runCell(rule, scenario, opened, options) };
      }
    } finally {
      await opened.engine.close();
    }
  }
  yield { type: 'ended', milliseconds: performance.now() - started };
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

/** One rule over one scenario. */
export async function runCell(
  rule: TestedRule,
  scenario: Scenario,
  { engine, catalogFor, lacksTableOf }: OpenedScenario,
  options: Pick<RunOptions, 'everyRun' | 'signal'> = {},
): Promise<Cell> {
  const started = performance.now();
  const expected = scenario.expect.filter((expectation) => expectation.rule === rule.slug);
  const base = {
    rule: rule.slug,
    scenario: scenario.slug,
    nearMiss: scenario.nearMiss.includes(rule.slug),
    expected,
  };
  try {
    const query = rule.storedQuery ?? rule.rule.query;
    const catalog = await catalogFor(query);
    const { alerts, incidents, runs, executed } = await simulateRule(rule, engine, catalog, {
      clock: scenario.clock,
      tasks: rule.tasks,
      // A missing table takes its leg out of a union in the text; inside of a stored function it cannot.
      inlined: await lacksTableOf(query),
      rowTimes: rowTimesOf(scenario),
      closedAt: scenario.closed.filter((closed) => closed.rule === rule.slug).map((closed) => closed.at.getTime()),
      ...(options.everyRun && { everyRun: true }),
      ...(options.signal && { signal: options.signal }),
    });
    const outcomes = outcomesOf(incidents, alerts);
    const problems = scenario.judged ? compare(expected, outcomes) : [];
    return {
      ...base,
      status: problems.length > 0 ? 'wrong' : outcomes.length > 0 ? 'fired' : 'quiet',
      problems,
      alerts,
      incidents,
      detections: detectionsOf(outcomes, scenario),
      runs,
      executed,
      milliseconds: performance.now() - started,
    };
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    return {
      ...base,
      status: 'wrong',
      problems: [],
      refused: error.message,
      alerts: [],
      incidents: [],
      detections: [],
      runs: 0,
      executed: 0,
      milliseconds: performance.now() - started,
    };
  }
}
