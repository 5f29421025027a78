/** Many runs in one statement answer what each of them answers alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';
import type { QueryOptions, QueryResult } from '../../scripts/engines/query-engine.ts';
import { translate } from '../../scripts/kql/translate.ts';
import { Random } from '../kql/random.ts';

const events = (name: string) => ({
  name,
  columns: [
    { name: 'TimeGenerated', type: 'datetime' as const },
    { name: 'User', type: 'string' as const },
    { name: 'Code', type: 'long' as const },
    { name: 'Bag', type: 'dynamic' as const },
  ],
});
const catalog = { tables: [events('T'), events('U')], functions: [], tableFunctions: [] };

const NOON = Date.parse('2026-11-24T12:00:00Z');
const WORKSPACES = 3;

let engine: LocalEngine;
beforeAll(async () => {
  engine = await LocalEngine.open({ catalog, threads: 1, workspaces: true });
  const random = new Random(7);
  for (let workspace = 0; workspace < WORKSPACES; workspace++) {
    for (const table of ['T', 'U']) {
      const rows = Array.from({ length: 4 + random.int(12) }, () => ({
        TimeGenerated: new Date(NOON - random.int(60) * 60_000).toISOString(),
        User: random.pick(['ann', 'Bob', '', `only${workspace}`]),
        Code: random.pick([0, 1, 2, null]),
        Bag: random.pick([['a', 'b'], { k: 'v' }, null, [`w${workspace}`]]),
      }));
      await engine.addRows(table, [{ workspace, rows }]);
    }
  }
});
afterAll(() => engine.close());

/** Every workspace at four times of the hour, each with a window of half an hour. */
const runs: QueryOptions[] = Array.from({ length: WORKSPACES * 4 }, (_, i) => {
  const to = new Date(NOON - (i % 4) * 15 * 60_000);
  return {
    workspace: Math.floor(i / 4),
    now: to,
    visibility: { timeGenerated: { from: new Date(to.getTime() - 30 * 60_000), to }, ingested: { to } },
  };
});

const sorted = ({ rows }: QueryResult): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** The rest of a query after tables that are read once, and after what is kept and read several times. */
const queries = [
  'T | where TimeGenerated > ago(10m)',
  'T | summarize n = count(), Last = max(TimeGenerated) by User | extend Age = now() - Last',
  'T | summarize n = count()',
  'T | summarize arg_max(TimeGenerated, *) by User',
  'T | where User in ((U | where Code == 1 | project User))',
  'T | extend Known = User in ((U | where Code == 1 | project User)) or Code == 2',
  'let M = materialize(U | where Code > 0); let Many = M | summarize n = dcount(Code) by User | where n > 1 | project User; M | where Code == 2 or User in (Many)',
  'let M = materialize(U | where Code > 0); let Many = M | summarize n = dcount(Code) by User | where n > 1 | project User; M | where Code == 2 or User !in~ (Many) | extend Some = User has_any (Many)',
  'let Users = toscalar(U | summarize make_set(User)); T | where User in (Users) | extend n = toscalar(T | count)',
  'let Users = toscalar(U | summarize make_list(User)); T | extend User = Users | mv-apply User to typeof(string) on (where User has "only" | summarize Found = take_any(User))',
  ...['innerunique', 'inner', 'leftouter', 'rightouter', 'leftanti', 'leftsemi', 'rightanti', 'rightsemi'].map(
    (kind) =>
      `T | project User, Code | join kind=${kind} (U | project User, Code, Twice = Code * 2) on User, $left.Code == $right.Code`,
  ),
  'T | lookup kind=leftouter (U | summarize Codes = count() by User) on User',
  'union withsource=Source T, (U | where Code == 1)',
  'T | mv-expand Item = Bag to typeof(string) | where Item startswith "w"',
  'T | mv-apply Item = Bag to typeof(string) on (where Item != "a" | summarize Items = make_list(Item))',
  'T | distinct User, Code',
  'T | summarize Users = array_sort_asc(make_set(User)), n = countif(Code == 1) by bin(TimeGenerated, 10m)',
  'let F = (X:(User:string), Low:string) { X | extend Low = Low | where tolower(User) != Low }; F((T | project User), "ann") | count',
  'T | where Code in (1, 2) | summarize n = count() by User | join kind=leftanti (U | where TimeGenerated > ago(20m)) on User',
];

/** Their rows have an order, which is kept. */
const ordered = [
  'T | sort by TimeGenerated desc, User asc, Code asc | project TimeGenerated, User, Code',
  'T | distinct TimeGenerated | top 3 by TimeGenerated desc',
  'T | sort by User asc, TimeGenerated asc, Code asc | extend Before = prev(User), n = row_number() | project User, TimeGenerated, Code, Before, n',
];

const bounds = { timeFrom: true, timeTo: true, ingestedTo: true, workspace: true };

describe('many runs in one statement', () => {
  it.each([...queries, ...ordered])('%s', async (query) => {
    const prepared = await engine.prepare(query);
    const each = [];
    for (const run of runs) each.push(await prepared.run(run));
    const all = await prepared.runAll!(runs);
    const rows = (result: QueryResult): unknown => (ordered.includes(query) ? result.rows : sorted(result));
    expect(all.map(rows)).toEqual(each.map(rows));
    // It was one statement, not the way back to runs one by one.
    await expect(engine.sql(translate(query, catalog).sqlOfEachRun(bounds))).resolves.toBeDefined();
  });

  it('goes back to one by one where DuckDB cannot', async () => {
    const query = 'T | project User, Code | join kind=fullouter (U | project User, Code) on User';
    const prepared = await engine.prepare(query);
    await expect(engine.sql(translate(query, catalog).sqlOfEachRun(bounds))).rejects.toThrow();
    const each = [];
    for (const run of runs) each.push(await prepared.run(run));
    expect((await prepared.runAll!(runs)).map(sorted)).toEqual(each.map(sorted));
  });

  it('looks for the columns of each run where they depend on its rows', async () => {
    const prepared = await engine.prepare('T | where isnotnull(Bag.k) | project Bag | evaluate bag_unpack(Bag)');
    expect(prepared.runAll).toBeUndefined();
  });

  it('is stopped by its signal', async () => {
    const prepared = await engine.prepare('T | count');
    await expect(prepared.runAll!(runs, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });

  it('answers nothing for no runs', async () => {
    expect(await (await engine.prepare('T | count')).runAll!([])).toEqual([]);
  });
});
