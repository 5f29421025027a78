import { expect, test } from 'vitest';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';

const catalog = {
  tables: [{ name: 'Present', columns: [{ name: 'Time', type: 'datetime' as const }] }],
  functions: [],
  tableFunctions: [],
};

test('a missing table takes its whole leg out of a fuzzy union, and its columns with it', async () => {
  const engine = await LocalEngine.open({
    catalog,
    tables: [{ name: 'Present', rows: [{ Time: '2026-11-23T08:00:00Z' }] }],
  });
  const legs = ['(Absent | project Time = When)', '(Present | project Time)', '(datatable(Time:datetime) [])'];
  for (const order of [legs, [legs[1], legs[0], legs[2]], [legs[1], legs[2], legs[0]]]) {
    const result = await engine.query(`union isfuzzy=true ${order.join(', ')} | summarize arg_max(Time, *)`);
    expect(result.columns).toEqual([{ name: 'Time', type: 'datetime' }]);
    expect(result.rows).toEqual([['2026-11-23T08:00:00.0000000Z']]);
  }
  expect((await engine.query('Present | union isfuzzy=true Absent, Present | count')).rows).toEqual([[2]]);
  await engine.close();
});
