import { expect, it } from 'vitest';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';

it('answers a prepared query right after the rows beneath it changed', async () => {
  const table = { name: 'T', columns: [{ name: 'n', type: 'long' as const }] };
  const engine = await LocalEngine.open({ catalog: { tables: [table], functions: [], tableFunctions: [] } });
  await engine.setTable('T', [{ n: 1 }, { n: 2 }]);
  const query = await engine.prepare('T | where n > 100');
  expect((await query.run()).rows).toEqual([]);
  await engine.setTable('T', [{ n: 200 }]);
  expect((await query.run()).rows).toEqual([[200]]);
  await engine.close();
});
