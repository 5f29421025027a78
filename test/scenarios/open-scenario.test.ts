import { expect, test } from 'vitest';
import { tableSchemas } from '../../scripts/content/table-schemas.ts';
import { openScenario } from '../../scripts/scenarios/open-scenario.ts';
import type { Scenario } from '../../scripts/scenarios/scenario.ts';

const clock = { from: new Date('2026-11-23T08:00:00Z'), to: new Date('2026-11-23T09:00:00Z') };

const scenario: Scenario = {
  slug: 'late',
  folder: 'late',
  title: 'Rows that come late',
  story: '',
  clock,
  ingestionDelay: 4 * 60_000,
  nearMiss: [],
  watchlists: {},
  missingTables: [],
  closed: [],
  expect: [],
  judged: true,
  tables: [
    {
      name: 'SigninLogs',
      file: 'late/SigninLogs.ndjson',
      columns: tableSchemas().find((table) => table.name === 'SigninLogs')?.columns ?? [],
      rows: [
        {
          TimeGenerated: '2026-11-23T08:10:00Z',
          UserPrincipalName: 'em-01@contoso.com',
          _IngestionTime: '2026-11-23T08:14:00Z',
        },
      ],
    },
  ],
};

test('the rows of a scenario keep their times of ingestion, wherever their file is', async () => {
  const engine = await openScenario(scenario, { functions: [], watchlists: [] });
  try {
    const { rows } = await engine.query(
      'SigninLogs | project UserPrincipalName, delay = ingestion_time() - TimeGenerated',
    );
    expect(rows).toEqual([['em-01@contoso.com', '00:04:00']]);
    const early = { ingested: { to: new Date('2026-11-23T08:12:00Z') } };
    expect((await engine.query('SigninLogs | count', { visibility: early })).rows).toEqual([[0]]);
  } finally {
    await engine.close();
  }
});
