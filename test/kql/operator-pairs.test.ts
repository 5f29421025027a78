/** Every operator behind every other: each pair is answered, or refused with a reason; none ends in a defect of the SQL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';
import { KqlError } from '../../scripts/kql/errors.ts';

const source =
  'datatable(t: datetime, s: string, n: long, d: dynamic)[datetime(2026-11-23T08:00), "a-1", 1, dynamic([1, "x"]), ' +
  'datetime(2026-11-23T09:30), "a", 3, dynamic({"k": 2}), datetime(2026-11-22), "b", long(null), dynamic(null)]';

const operators = [
  'where n > 1 and startofday(t) > ago(100d)',
  'extend z = startofday(t), n = n + 1',
  'project-rename m = n | extend n = m',
  'summarize n = sum(n), t = max(startofday(t)), d = make_list(s) by s',
  'summarize arg_max(t, *) by s',
  'sort by n desc, startofday(t) asc',
  'top 2 by startofday(t) desc',
  'sort by t asc | extend c = row_cumsum(n, s != prev(s)), q = next(s)',
  'mv-expand d',
  'mv-apply e = d on (where tostring(e) != "" | extend f = startofday(t) | summarize g = make_list(f))',
  'partition by s (top 1 by startofday(t))',
  'join kind=leftouter (datatable(s2: string, o: datetime)["a", datetime(2026-11-23)]) on $left.s == $right.s2',
  'union (datatable(s: string, n: long)["z", 9])',
  'parse s with a "-" b: long',
  'make-series n = sum(n) on t from startofday(ago(1d)) to endofday(now()) step 1d by s | mv-expand n to typeof(long), t to typeof(datetime) | extend d = dynamic([1])',
  'top-hitters 2 of s by n | extend n = 1, t = now(), d = dynamic({"a": 1})',
  'sort by t | scan declare (f: datetime) with (step a: startofday(t) > datetime(2020-01-01) => f = startofday(t);)',
  'evaluate bag_unpack(d, "u_") | extend d = dynamic([1])',
  'evaluate narrow() | extend s = Value, n = Row, t = now(), d = dynamic([3])',
];

let engine: LocalEngine;
beforeAll(async () => {
  engine = await LocalEngine.open({ catalog: { tables: [], functions: [], tableFunctions: [] }, threads: 1 });
});
afterAll(() => engine.close());

test.each(operators)('%s, and what may follow it', async (first) => {
  const now = new Date('2026-11-23T12:00:00Z');
  for (const second of operators) {
    const query = `${source} | sort by n asc | ${first} | ${second} | extend last = 1 | project-reorder last`;
    const outcome = await engine.query(query, { now }).catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome, `${query}\n${outcome.message}`).toBeInstanceOf(KqlError);
    else expect(outcome).toMatchObject({ columns: expect.arrayContaining([{ name: 'last', type: 'long' }]) });
  }
});
