import { expect, test } from 'vitest';
import { deployableQuery } from '../../scripts/content/deployable-query.ts';
import { readContent } from '../../scripts/content/read-content.ts';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';
import { selfContainedQuery } from '../../scripts/engines/self-contained-query.ts';
import { loadScenarios } from '../../scripts/scenarios/load-scenarios.ts';
import { openScenario, scenarioCatalog, scenarioTables } from '../../scripts/scenarios/open-scenario.ts';

test('a rule answers the same where its rows travel inside the query', async () => {
  const { content } = await readContent('.');
  const { scenarios } = await loadScenarios('.', content, ['admin-lockout']);
  const scenario = scenarios[0];
  if (!scenario) throw new Error('the scenario admin-lockout is gone');
  const catalog = scenarioCatalog(scenario, content);
  const rows = new Map(scenarioTables(scenario, content).map((table) => [table.name, table.rows]));
  const stored = await openScenario(scenario, content);
  const empty = await LocalEngine.open({ catalog: { tables: [], functions: [], tableFunctions: [] } });
  const now = scenario.clock.to;
  for (const slug of ['sign-in-succeeded', 'session-timeline']) {
    const item = [...content.rules, ...content.huntingQueries].find(({ source }) => source.slug === slug);
    const query = deployableQuery(item?.value.query ?? '', content);
    const text = selfContainedQuery(query, catalog).text({ now }, (table) => rows.get(table) ?? []);
    const inlined = await empty.query(text, { now });
    const direct = await stored.query(query, { now });
    expect(direct.rows.length).toBeGreaterThan(0);
    const shown = direct.columns.map((column) => inlined.columns.findIndex(({ name }) => name === column.name));
    const same = (list: unknown[][]): string[] => list.map((row) => JSON.stringify(row)).sort();
    expect(same(inlined.rows.map((row) => shown.map((i) => row[i])))).toEqual(same(direct.rows));
  }
  await Promise.all([stored.close(), empty.close()]);
});
