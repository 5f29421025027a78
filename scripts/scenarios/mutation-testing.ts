/** Mutation testing: whether the scenarios notice a small mistake in a rule, or in a function that rules call. */
import { contentCatalog, kqlFunction } from '../content/catalog.ts';
import { calledFunctions } from '../content/deployable-query.ts';
import type { Content, WorkspaceFunction } from '../content/model.ts';
import { bodyAsQuery } from '../kql/function-body.ts';
import { applyMutant, type Mutant, mutantsOf } from './mutants.ts';
import { lackingTables } from './open-scenario.ts';
import { type Cell, runRule, type TestedRule, testedRules } from './run-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { WorkspacePool } from './workspace-pool.ts';

type MutatedContent = Pick<Content, 'rules' | 'functions' | 'watchlists'>;

/** A text of the package that is given mistakes: the query of a rule, or the body of a function. */
export type MutationTarget =
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string };

export interface MutantResult {
  readonly target: MutationTarget;
  readonly mutant: Mutant;
  /** Line of the change in the text, counted from 1. */
  readonly line: number;
  /** `killed` by a scenario, `survived` all of them, or `invalid`: the engine refuses it, so nobody could deploy it. */
  readonly status: 'killed' | 'survived' | 'invalid';
  readonly killedBy?: { readonly rule: string; readonly scenario: string };
  /** The lines that differ, as a diff shows them. */
  readonly before: string;
  readonly after: string;
}

export type MutationEvent =
  | { readonly type: 'target'; readonly target: MutationTarget; readonly mutants: number }
  /** A function that no rule calls: workbooks, playbooks and people do, and no scenario says what they must see. */
  | { readonly type: 'uncalled'; readonly function: string }
  /** The rule is wrong in this scenario without any mutant, so that the scenario proves nothing. */
  | { readonly type: 'skipped'; readonly rule: string; readonly scenario: string }
  | { readonly type: 'result'; readonly result: MutantResult };

/** The rules and functions of the package. */
export function mutationTargets(content: MutatedContent): MutationTarget[] {
  return [
    ...content.rules.map(({ source }) => ({ kind: 'rule' as const, name: source.slug })),
    ...content.functions.map(({ value }) => ({ kind: 'function' as const, name: value.FunctionAlias })),
  ];
}

/** The scenarios that concern a rule: those in which it fires, then its near misses. */
export function concerning(rule: string, scenarios: readonly Scenario[]): Scenario[] {
  const fires = (scenario: Scenario): boolean => scenario.expect.some((expectation) => expectation.rule === rule);
  return [
    ...scenarios.filter(fires),
    ...scenarios.filter((scenario) => !fires(scenario) && scenario.nearMiss.includes(rule)),
  ];
}

/**
 * Runs every mutant of the targets over the scenarios that concern the rule; those of a function over the scenarios of each
 * rule that calls it, until one notices.
 */
export async function* mutate(
  targets: readonly MutationTarget[],
  scenarios: readonly Scenario[],
  content: MutatedContent,
  signal?: AbortSignal,
): AsyncGenerator<MutationEvent> {
  const pool = new WorkspacePool(content, scenarios);
  const rules = testedRules(content);
  const proving = new Map<string, Scenario[]>();
  const options = signal ? { signal } : {};
  try {
    for (const target of targets) {
      const { text, mutants, mutated, noticing } = prepare(target, content, rules, scenarios);
      if (noticing.length === 0) {
        yield { type: 'uncalled', function: target.name };
        continue;
      }
      for (const rule of noticing) {
        if (proving.has(rule.slug)) continue;
        const chosen = concerning(rule.slug, scenarios);
        const originals = await runRule(rule, chosen, pool, options);
        proving.set(
          rule.slug,
          chosen.filter((_, i) => originals[i]!.status !== 'wrong'),
        );
        for (const cell of originals) {
          if (cell.status === 'wrong') yield { type: 'skipped', rule: rule.slug, scenario: cell.scenario };
        }
      }
      yield { type: 'target', target, mutants: mutants.length };
      let order = noticing;
      for (const mutant of mutants) {
        const { functions, change } = mutated(applyMutant(text, mutant));
        // What a mutant has bound and translated is not kept.
        const own = pool.withFunctions({ ...content, functions });
        let wrong: Cell | undefined;
        for (const { rule, chosen } of passes(order, proving, content)) {
          const cells = await runRule(change(rule), chosen, own, options);
          wrong = cells.find((cell) => cell.status === 'wrong');
          if (wrong) break;
        }
        const killer = wrong?.rule;
        // What noticed this mistake may well notice the next.
        if (killer) order = [...order.filter(({ slug }) => slug === killer), ...order.filter((r) => r.slug !== killer)];
        yield { type: 'result', result: resultOf(target, text, mutant, wrong) };
      }
    }
  } finally {
    await pool.close();
  }
}

/** The rules with their scenarios; those whose workspace lacks something come last, because each is bound by itself. */
function* passes(
  rules: readonly TestedRule[],
  proving: ReadonlyMap<string, readonly Scenario[]>,
  content: MutatedContent,
): Generator<{ rule: TestedRule; chosen: Scenario[] }> {
  for (const lacking of [false, true]) {
    for (const rule of rules) {
      const chosen = (proving.get(rule.slug) ?? []).filter(
        (scenario) => lackingTables(scenario, content).length > 0 === lacking,
      );
      if (chosen.length > 0) yield { rule, chosen };
    }
  }
}

interface PreparedTarget {
  text: string;
  mutants: readonly Mutant[];
  /** The functions and the rules as they are with another text in the place of the target. */
  mutated: (text: string) => { functions: MutatedContent['functions']; change: (rule: TestedRule) => TestedRule };
  /** The rules whose scenarios may notice, those with most scenarios first. */
  noticing: readonly TestedRule[];
}

function prepare(
  target: MutationTarget,
  content: MutatedContent,
  rules: readonly TestedRule[],
  scenarios: readonly Scenario[],
): PreparedTarget {
  const catalog = contentCatalog(content);
  if (target.kind === 'rule') {
    const rule = rules.find(({ slug }) => slug === target.name)!;
    const text = rule.storedQuery ?? rule.rule.query;
    return {
      text,
      mutants: mutantsOf(text, catalog),
      mutated: (query) => ({
        functions: content.functions,
        change: (tested) => ({ ...tested, rule: { ...tested.rule, query }, storedQuery: query }),
      }),
      noticing: [rule],
    };
  }
  const { value } = content.functions.find((item) => item.value.FunctionAlias === target.name)!;
  const replaced = (body: string): MutatedContent['functions'] =>
    content.functions.map((item) =>
      item.value === value ? { ...item, value: { ...value, FunctionQuery: body } } : item,
    );
  return {
    text: value.FunctionQuery,
    mutants: bodyMutants(value, catalog),
    mutated: (body) => ({ functions: replaced(body), change: (rule) => rule }),
    noticing: rules
      .filter(({ storedQuery = '' }) => calledFunctions(storedQuery, content).includes(value))
      .sort((a, b) => concerning(b.slug, scenarios).length - concerning(a.slug, scenarios).length),
  };
}

/** The mutants of the body of a function, bound with its parameters. */
function bodyMutants(value: WorkspaceFunction, catalog: Parameters<typeof mutantsOf>[1]): Mutant[] {
  const { text, offset } = bodyAsQuery(kqlFunction(value));
  return mutantsOf(text, catalog)
    .filter((mutant) => mutant.start >= offset && mutant.end <= offset + value.FunctionQuery.length)
    .map((mutant) => ({ ...mutant, start: mutant.start - offset, end: mutant.end - offset }));
}

function resultOf(target: MutationTarget, text: string, mutant: Mutant, wrong: Cell | undefined): MutantResult {
  const from = text.lastIndexOf('\n', mutant.start - 1) + 1;
  const lineEnd = text.indexOf('\n', mutant.end);
  const to = lineEnd === -1 ? text.length : lineEnd;
  const status = wrong === undefined ? 'survived' : wrong.refused === undefined ? 'killed' : 'invalid';
  return {
    target,
    mutant,
    line: text.slice(0, mutant.start).split('\n').length,
    status,
    ...(wrong && status === 'killed' && { killedBy: { rule: wrong.rule, scenario: wrong.scenario } }),
    before: text.slice(from, to).trim(),
    after: (text.slice(from, mutant.start) + mutant.replacement + text.slice(mutant.end, to)).trim(),
  };
}
