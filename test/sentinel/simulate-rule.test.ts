import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalyticsRule } from '../../scripts/content/model.ts';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';
import type { Catalog } from '../../scripts/kql/catalog.ts';
import { quietProbe } from '../../scripts/sentinel/probe/quiet-probe.ts';
import { simulateRule } from '../../scripts/sentinel/simulate-rule.ts';
import { rule } from './rules.ts';

const catalog: Catalog = {
  tables: ['T', 'U'].map((name) => ({
    name,
    columns: [
      { name: 'TimeGenerated', type: 'datetime' },
      { name: 'Id', type: 'string' },
      { name: 'User', type: 'string' },
      { name: 'Code', type: 'string' },
    ],
  })),
  functions: [
    { name: 'Watched', parameters: '()', body: "_GetWatchlist('W') | project Key = tolower(User)" },
    {
      name: 'Events',
      parameters: '()',
      body: `let Keys = Watched();
        union isfuzzy=true (datatable(Id:string) []), (T | where tolower(User) in (Keys) | extend Seen = max_of(ingestion_time(), TimeGenerated + 5m)), (U | where tolower(User) in (Keys) | extend Seen = max_of(ingestion_time(), TimeGenerated + 5m))
        | summarize FirstSeen = min(Seen), arg_max(Seen, *) by Id`,
    },
  ],
  tableFunctions: [
    {
      name: '_GetWatchlist',
      parameters: ['alias'],
      resolve: ([alias]) => ({ name: `watchlist:${alias}`, columns: [{ name: 'User', type: 'string' }] }),
    },
  ],
};
const clock = { from: new Date('2026-11-23T08:00:00Z'), to: new Date('2026-11-23T11:00:00Z') };
const at = (minutes: number): string => new Date(clock.from.getTime() + minutes * 60_000).toISOString();
const row = (generated: number, delay: number, fields: Record<string, string> = {}) => ({
  TimeGenerated: at(generated),
  _IngestionTime: at(generated + delay),
  Id: `id-${generated}`,
  User: 'Ann',
  Code: '0',
  ...fields,
});

let engine: LocalEngine;
beforeAll(async () => {
  engine = await LocalEngine.open({ catalog, threads: 1 });
  await engine.setTable('watchlist:W', [{ User: 'ANN' }], [{ name: 'User', type: 'string' }]);
});
afterAll(() => engine.close());

async function raisedAt(fields: Partial<AnalyticsRule>, rows: ReturnType<typeof row>[], everyRun = false) {
  await engine.setTable('T', rows);
  await engine.setTable('U', []);
  const { alerts } = await simulateRule({ slug: 'r', rule: rule(fields) }, engine, catalog, { clock, everyRun });
  return alerts.map((alert) => alert.raisedAt.slice(11, 16));
}

describe('runs over recorded rows', () => {
  it('a near-real-time rule raises within minutes of ingestion, however late that was', async () => {
    expect(await raisedAt({ kind: 'NRT' }, [row(10, 0.5), row(11, 60)])).toEqual(['08:13', '09:14']);
  });

  it('a scheduled rule sees only what was ingested when it runs, and misses what comes after its window', async () => {
    const fields = { queryFrequency: '5m', queryPeriod: '5m' };
    expect(await raisedAt(fields, [row(11, 2)])).toEqual(['08:20']);
    expect(await raisedAt(fields, [row(11, 30)])).toEqual([]);
    expect(
      await raisedAt({ queryFrequency: '5m', queryPeriod: '1h', query: 'T | where ingestion_time() > ago(5m)' }, [
        row(11, 30),
      ]),
    ).toEqual(['08:45']);
  });

  it('takes each row once by the first run that could see it', async () => {
    const query = 'T | where max_of(TimeGenerated + 5m, ingestion_time()) > ago(5m)';
    for (const delay of [0.1, 2, 4, 7, 40]) {
      expect(await raisedAt({ queryFrequency: '5m', queryPeriod: '1h', query }, [row(11, delay)])).toHaveLength(1);
    }
  });

  it('does not run while suppressed', async () => {
    const fields = { queryFrequency: '5m', queryPeriod: '1h', suppressionEnabled: true, suppressionDuration: '30m' };
    expect(await raisedAt(fields, [row(0.5, 1)])).toEqual(['08:10', '08:40']);
  });

  it('fires on absence where the threshold says so', async () => {
    const fields = { queryFrequency: '1h', queryPeriod: '1h', triggerOperator: 'lt' as const, triggerThreshold: 1 };
    expect(await raisedAt(fields, [row(30, 1)])).toEqual(['08:05', '10:05']);
  });

  it('answers a query over watchlists alone the same in every run', async () => {
    const fields = { queryFrequency: '1h', queryPeriod: '1h', query: "_GetWatchlist('W')" };
    expect(await raisedAt(fields, [])).toEqual(['08:05', '09:05', '10:05']);
  });
});

describe('proving stretches quiet', () => {
  const queries = [
    'T | where Code != "0"',
    'Events() | where FirstSeen >= ago(5m) and Code == "1"',
    'Events() | summarize New = countif(FirstSeen >= ago(5m)), n = count(), arg_max(TimeGenerated, Code) by User | where New > 0 and n >= 2',
    'T | join kind=inner (U | where Code == "1") on User | where TimeGenerated1 > TimeGenerated',
    'T | join kind=leftanti U on Id | where Code == "1"',
    'T | join kind=leftouter (U | summarize Last = max(TimeGenerated) by User) on User | where isempty(User1) or Last < ago(20m)',
    'T | summarize n = dcount(Id), First = min(TimeGenerated) by User | where n > 1 and First < ago(10m)',
    'let R = materialize(T | where Code == "1"); R | where User in ((U | where Code == "1" | project User)) | extend k = toscalar(R | count) | where k > 1',
    'T | summarize n = count() | where n > 2',
    'T | where ingestion_time() > now() - 5m | top 1 by TimeGenerated | where Code == "1"',
    'union (T | where Code == "2" | summarize n = count() by User), (U | project User, n = 1 | where User =~ "bob")',
    'T | sort by TimeGenerated asc | extend p = prev(Code) | where p == "1" and Code == "0"',
    'let F = (X:(Low:string, Code:string)) { X | lookup kind=inner Watched on $left.Low == $right.Key }; T | extend Low = tolower(User) | where Code == "1"',
    'T | mv-expand c = pack_array(Code, "9") to typeof(string) | where c == "1"',
    'T | distinct User, Code | where Code == "1"',
  ];
  const minute = fc.integer({ min: -30, max: 170 });
  const rows = fc.array(
    fc.record({
      generated: minute,
      delay: fc.constantFrom(1, 4, 12, 40),
      User: fc.constantFrom('Ann', 'ANN', 'bob'),
      Code: fc.constantFrom('0', '1', '2'),
      Id: fc.constantFrom('a', 'b', 'c', 'd'),
    }),
    { maxLength: 5 },
  );

  it.each(queries)('finds what run by run finds: %s', async (query) => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (t, u) => {
        const recorded = (made: typeof t) =>
          made.map(({ generated, delay, ...fields }) => row(generated, delay, fields));
        await engine.setTable('T', recorded(t));
        await engine.setTable('U', recorded(u));
        const times = (made: typeof t) =>
          made.map(({ generated, delay }) => ({
            generated: Date.parse(at(generated)),
            ingested: Date.parse(at(generated + delay)),
          }));
        const rowTimes = new Map([
          ['T', times(t)],
          ['U', times(u)],
        ]);
        for (const kind of [
          { queryFrequency: '5m', queryPeriod: '1h' },
          { queryFrequency: '30m', queryPeriod: '2h' },
        ]) {
          const deployed = { slug: 'r', rule: rule({ ...kind, query }) };
          const slow = await simulateRule(deployed, engine, catalog, { clock, everyRun: true });
          const fast = await simulateRule(deployed, engine, catalog, { clock, rowTimes });
          expect(fast.alerts).toEqual(slow.alerts);
        }
      }),
      { numRuns: 3, seed: 7 },
    );
  });

  it('keeps what selects rows, a floor of time and a count, and leaves out the rest', () => {
    const probe = quietProbe(queries[2]!, catalog);
    expect(probe.kind).toBe('probe');
    const text = probe.kind === 'probe' ? probe.query : '';
    expect(text).toContain('| extend __until = min_of(__until, __until_New)\n| where n >= 2');
    expect(text).toContain('FirstSeen = Seen');
    expect(text).not.toContain('min(Seen)');
    expect(quietProbe(queries[2]!, catalog)).toMatchObject({ tables: ['T', 'U'] });
  });

  it('knows what is the same in every run, and where nothing can be said', () => {
    expect(quietProbe('Watched() | summarize count()', catalog)).toEqual({ kind: 'constant' });
    expect(quietProbe('Watched() | extend t = now()', catalog)).toEqual({ kind: 'none' });
    expect(quietProbe('T | count', catalog)).toEqual({ kind: 'none' });
    expect(quietProbe('T | join kind=rightanti Watched on $left.User == $right.Key', catalog)).toEqual({
      kind: 'none',
    });
    expect(quietProbe('this is no query', catalog)).toEqual({ kind: 'none' });
  });
});
