/** Mutation testing: whether the scenarios notice a small mistake in a rule. */
import type { Content } from '../content/model.ts';
import { applyMutant, type Mutant, mutantsOf } from './mutants.ts';
import { scenarioCatalog } from './open-scenario.ts';
import { runRule, type TestedRule } from './run-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { WorkspacePool } from './workspace-pool.ts';

export interface MutantResult {
  readonly rule: string;
  readonly mutant: Mutant;
  /** Line of the change in the deployed query, counted from 1, and the name of the function that it stands in. */
  readonly line: number;
  readonly within?: string;
  /** `killed` by a scenario, `survived` all of them, or `invalid`: the engine refuses it, so nobody could deploy it. */
  readonly status: 'killed' | 'survived' | 'invalid';
  readonly killedBy?: string;
  /** The lines that differ, as a diff shows them. */
  readonly before: string;
  readonly after: string;
}

export type MutationEvent =
  | { readonly type: 'rule'; readonly rule: string; readonly mutants: number; readonly scenarios: readonly string[] }
  /** The rule is wrong in this scenario without any mutant, so that the scenario proves nothing. */
  | { readonly type: 'skipped'; readonly rule: string; readonly scenario: string }
  | { readonly type: 'result'; readonly result: MutantResult };

export interface MutationOptions {
  /** Leave the functions that are inlined into the rule alone. */
  ownTextOnly?: boolean;
  signal?: AbortSignal;
}

/** The scenarios that concern a rule: those in which it fires, then its near misses. */
export function concerning(rule: string, scenarios: readonly Scenario[]): Scenario[] {
  const fires = (scenario: Scenario): boolean => scenario.expect.some((expectation) => expectation.rule === rule);
  return [
    ...scenarios.filter(fires),
    ...scenarios.filter((scenario) => !fires(scenario) && scenario.nearMiss.includes(rule)),
  ];
}

/** Runs every mutant of one rule over the scenarios that concern it. */
export async function* mutateRule(
  rule: TestedRule,
  scenarios: readonly Scenario[],
  content: Pick<Content, 'functions' | 'watchlists'>,
  options: MutationOptions = {},
): AsyncGenerator<MutationEvent> {
  const chosen = concerning(rule.slug, scenarios);
  const { query } = rule.rule;
  const own = query.length - (rule.storedQuery ?? query).trim().length;
  const catalog = chosen[0] ? scenarioCatalog(chosen[0], content) : undefined;
  const mutants = (catalog ? mutantsOf(query, catalog) : []).filter(
    (mutant) => !options.ownTextOnly || mutant.start >= own,
  );
  yield { type: 'rule', rule: rule.slug, mutants: mutants.length, scenarios: chosen.map((scenario) => scenario.slug) };
  const pool = new WorkspacePool(content, chosen);
  try {
    const originals = await runRule(rule, chosen, pool, options);
    const proving = chosen.filter((_, i) => originals[i]!.status !== 'wrong');
    for (const scenario of chosen) {
      if (!proving.includes(scenario)) yield { type: 'skipped', rule: rule.slug, scenario: scenario.slug };
    }
    const { storedQuery: _, ...deployed } = rule;
    for (const mutant of mutants) {
      const mutated = { ...deployed, rule: { ...rule.rule, query: applyMutant(query, mutant) } };
      const cells = await runRule(mutated, proving, pool, options);
      const wrong = cells.find((cell) => cell.status === 'wrong');
      const status = wrong === undefined ? 'survived' : wrong.refused === undefined ? 'killed' : 'invalid';
      yield { type: 'result', result: describe(rule, mutant, status, wrong?.scenario) };
    }
  } finally {
    await pool.close();
  }
}

function describe(rule: TestedRule, mutant: Mutant, status: MutantResult['status'], killedBy?: string): MutantResult {
  const { query } = rule.rule;
  const from = query.lastIndexOf('\n', mutant.start - 1) + 1;
  const lineEnd = query.indexOf('\n', mutant.end);
  const to = lineEnd === -1 ? query.length : lineEnd;
  const within = [...query.slice(0, mutant.start).matchAll(/^let (\w+) = \([^)]*\) \{$/gm)].at(-1)?.[1];
  const closed = within !== undefined && query.slice(query.indexOf(`let ${within} = `), mutant.start).includes('\n};');
  return {
    rule: rule.slug,
    mutant,
    line: query.slice(0, mutant.start).split('\n').length,
    ...(within !== undefined && !closed && { within }),
    status,
    ...(status === 'killed' && killedBy !== undefined && { killedBy }),
    before: query.slice(from, to).trim(),
    after: (query.slice(from, mutant.start) + mutant.replacement + query.slice(mutant.end, to)).trim(),
  };
}
