import { describe, expect, it } from 'vitest';
import { atClock, LogAnalyticsEngine } from '../../scripts/engines/log-analytics-engine.ts';
import { overRecordedRows } from '../../scripts/engines/recorded-rows.ts';
import { FakeAzure, type FakeOptions, world } from './fake-azure.ts';

function engine(
  queries: NonNullable<FakeOptions['queries']>,
  fault?: FakeOptions['fault'],
): { engine: LogAnalyticsEngine; azure: FakeAzure } {
  const azure = new FakeAzure({ queries, ...(fault ? { fault } : {}) });
  const options = {
    workspaceId: world.customerId,
    credential: azure.credential,
    endpoint: 'https://api.loganalytics.io',
    audience: 'https://api.loganalytics.io',
  };
  return {
    azure,
    engine: new LogAnalyticsEngine({ ...options, httpClient: azure, timing: { retry: 0, throttle: 0 } }),
  };
}

const table = {
  name: 'PrimaryResult',
  columns: [
    { name: 'T', type: 'datetime' },
    { name: 'D', type: 'dynamic' },
    { name: 'S', type: 'string' },
    { name: 'N', type: 'long' },
  ],
  rows: [
    ['2026-11-22T10:11:12.1234567Z', '{"a":[1]}', 'x', 5],
    ['2026-11-22T10:11:12Z', null, '', null],
  ],
};

describe('a workspace as an engine', () => {
  it('keeps times to the tick and dynamic values as JSON', async () => {
    const { engine: workspace, azure } = engine(() => ({
      body: {
        tables: [table],
        statistics: { query: { executionTime: 0.5, inputDatasetStatistics: { rows: { scanned: 77 } } } },
      },
    }));
    const result = await workspace.query('T', {
      visibility: { timeGenerated: { from: new Date('2026-11-22T00:00:00Z'), to: new Date('2026-11-23T00:00:00Z') } },
    });
    expect(result.rows).toEqual([
      ['2026-11-22T10:11:12.1234567Z', { a: [1] }, 'x', 5],
      ['2026-11-22T10:11:12.0000000Z', null, '', null],
    ]);
    expect(result.cost).toEqual({ cpuSeconds: 0.5, rowsScanned: 77 });
    expect(azure.requests[0]?.path).toBe(`/v1/workspaces/${world.customerId}/query`);
    expect(azure.requests[0]?.body).toEqual({
      query: 'T',
      timespan: '2026-11-22T00:00:00.000Z/2026-11-23T00:00:00.000Z',
    });
  });

  it('answers a part of the rows with the reason', async () => {
    const { engine: workspace } = engine(() => ({
      body: {
        tables: [table],
        error: { code: 'PartialError', message: 'There were some errors', details: [{ message: 'too many rows' }] },
      },
    }));
    const result = await workspace.query('T');
    expect(result.partial).toBe('too many rows');
    expect(result.rows).toHaveLength(2);
  });

  it('waits out throttling without Retry-After', async () => {
    const { engine: workspace, azure } = engine(
      () => ({ body: { tables: [table] } }),
      (index) => (index < 3 ? { kind: 'status', status: 429 } : undefined),
    );
    expect((await workspace.query('T')).rows).toHaveLength(2);
    expect(azure.requests).toHaveLength(4);
  });

  it('tells a refused query', async () => {
    const { engine: workspace } = engine(() => ({
      status: 400,
      body: { error: { code: 'BadArgumentError', message: 'no such table' } },
    }));
    await expect(workspace.query('Nope')).rejects.toMatchObject({ code: 'query-refused' });
  });
});

describe('recorded rows on a workspace', () => {
  it('travel inside the query with their own clock, and leave no trace in the answer', async () => {
    const answer = {
      name: 'PrimaryResult',
      columns: [
        { name: 'UserId', type: 'string' },
        { name: '_IngestionTime', type: 'datetime' },
      ],
      rows: [['adele', '2026-11-23T07:54:00Z']],
    };
    const { engine: workspace, azure } = engine(() => ({ body: { tables: [answer] } }));
    const columns = [
      { name: 'TimeGenerated', type: 'datetime' as const },
      { name: 'UserId', type: 'string' as const },
    ];
    const recorded = overRecordedRows(workspace, {
      catalog: { tables: [{ name: 'SigninLogs', columns }], functions: [], tableFunctions: [] },
      tables: [
        {
          name: 'SigninLogs',
          rows: [
            { TimeGenerated: '2026-11-23T07:50:00Z', UserId: 'adele', _IngestionTime: '2026-11-23T07:54:00Z' },
            { TimeGenerated: '2026-11-23T07:55:00Z', UserId: 'late', _IngestionTime: '2026-11-23T08:30:00Z' },
          ],
        },
      ],
    });
    const now = new Date('2026-11-23T08:00:00Z');
    const result = await recorded.query('SigninLogs | where TimeGenerated > ago(1h)', {
      now,
      visibility: { ingested: { to: now } },
    });
    expect(result.columns).toEqual([{ name: 'UserId', type: 'string' }]);
    expect(result.rows).toEqual([['adele']]);
    const query = (azure.requests[0]?.body as { query: string } | undefined)?.query ?? '';
    expect(query).toContain('datetime(2026-11-23T08:00:00.000Z)');
    expect(query).toContain('"adele"');
    expect(query).not.toContain('"late"');
    expect(query).not.toMatch(/\bago\(/);
  });

  it('are refused before they are sent where the binder refuses the query', async () => {
    const { engine: workspace, azure } = engine(() => ({ body: {} }));
    const catalog = { tables: [], functions: [], tableFunctions: [] };
    await expect(overRecordedRows(workspace, { catalog, tables: [] }).query('Nope | count')).rejects.toThrow();
    expect(azure.requests).toEqual([]);
  });
});

it('moves now() and ago() to the clock, outside strings and comments only', () => {
  const now = new Date('2026-11-23T12:00:00Z');
  const at = 'datetime(2026-11-23T12:00:00.000Z)';
  expect(atClock('T | where A > ago(1h) and B < now() // now()', now)).toBe(
    `T | where A > (${at} - (1h)) and B < (${at} + (0s)) // now()`,
  );
  expect(atClock('print ago(2 * (1d)), now(-1d), "ago(1h)"', now)).toBe(
    `print (${at} - (2 * (1d))), (${at} + (-1d)), "ago(1h)"`,
  );
});
