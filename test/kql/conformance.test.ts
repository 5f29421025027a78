import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';

const cases = readFileSync('test/kql/conformance.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line): { id: string; query: string } => JSON.parse(line));

let engine: LocalEngine;
beforeAll(async () => {
  engine = await LocalEngine.open({ catalog: { tables: [], functions: [], tableFunctions: [] } });
});
afterAll(() => engine.close());

test.each(cases)('the query $id, which is compared with the real engine, is answered locally', async ({ query }) => {
  expect((await engine.query(query)).rows.length).toBeGreaterThan(0);
});
