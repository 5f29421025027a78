/** Small mistakes in a rule and in a function: which story notices, and which mistakes nobody does. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Content } from '../../scripts/content/model.ts';
import { readContent } from '../../scripts/content/read-content.ts';
import { loadScenarios } from '../../scripts/scenarios/load-scenarios.ts';
import { type MutantResult, type MutationTarget, mutate } from '../../scripts/scenarios/mutation-testing.ts';
import type { Scenario } from '../../scripts/scenarios/scenario.ts';

let content: Content;
let scenarios: Scenario[];
beforeAll(async () => {
  ({ content } = await readContent('.'));
  ({ scenarios } = await loadScenarios('.', content, ['watchlist-emptied', 'admin-lockout']));
});

/** The content with the query of watchlist-empty replaced. */
function withQuery(query: string): Content {
  const rules = content.rules.map((item) =>
    item.source.slug === 'watchlist-empty' ? { ...item, value: { ...item.value, query } } : item,
  );
  return { ...content, rules };
}

async function resultsOf(target: MutationTarget, of: Content): Promise<MutantResult[]> {
  const results: MutantResult[] = [];
  for await (const event of mutate([target], scenarios, of)) if (event.type === 'result') results.push(event.result);
  return results;
}

describe('mutants', () => {
  it('of a rule are killed by the story in which it fires, at their line of its query', async () => {
    const results = await resultsOf({ kind: 'rule', name: 'watchlist-empty' }, content);
    expect(results.length).toBeGreaterThan(0);
    const killed = results.filter((result) => result.status === 'killed');
    expect(killed.map((result) => result.killedBy)).toContainEqual({
      rule: 'watchlist-empty',
      scenario: 'watchlist-emptied',
    });
    const lines = content.rules.find(({ source }) => source.slug === 'watchlist-empty')!.value.query.split('\n');
    for (const { line, before } of results) expect(lines[line - 1]?.trim()).toBe(before.split('\n')[0]);
  });

  it('survive where no story tells them from the rule', async () => {
    const { value } = content.rules.find(({ source }) => source.slug === 'watchlist-empty')!;
    const query = `${value.query.trimEnd()}\n| extend Spare = iff(1 > 0, 'a', 'b')\n| project-away Spare`;
    const results = await resultsOf({ kind: 'rule', name: 'watchlist-empty' }, withQuery(query));
    const spare = results.filter(({ before }) => before.includes('Spare'));
    expect(spare.length).toBeGreaterThan(0);
    expect(spare.map((result) => result.status)).toEqual(spare.map(() => 'survived'));
  });

  it('of a function are tried with the rules that call it', async () => {
    const name = 'BreakGlassSetting';
    const results = await resultsOf({ kind: 'function', name }, content);
    expect(results.map((result) => result.target)).toEqual(results.map(() => ({ kind: 'function', name })));
    expect(results.filter((result) => result.status === 'killed')).not.toEqual([]);
    const body = content.functions.find(({ value }) => value.FunctionAlias === name)!.value.FunctionQuery.split('\n');
    for (const { line, before } of results) expect(body[line - 1]).toContain(before.split('\n')[0]);
  });

  it('of a function that no rule calls are not tried at all', async () => {
    const events = [];
    for await (const event of mutate([{ kind: 'function', name: 'BreakGlassDrills' }], scenarios, content)) {
      events.push(event);
    }
    expect(events).toEqual([{ type: 'uncalled', function: 'BreakGlassDrills' }]);
  });
}, 120_000);
