/** One engine for the tests of a file, and scalar expressions as the shortest query. */
import { afterAll, beforeAll, expect } from 'vitest';
import { LocalEngine } from '../../../scripts/engines/local-engine.ts';
import type { Value } from '../../../scripts/engines/query-engine.ts';

let engine: LocalEngine | undefined;

/** Opens an engine for the file that calls it. */
export function useEngine(): void {
  beforeAll(async () => {
    engine = await LocalEngine.open({ catalog: { tables: [], functions: [], tableFunctions: [] }, threads: 1 });
  });
  afterAll(() => engine?.close());
}

const NOW = new Date('2026-11-24T12:00:00Z');

/** Rows of a query. */
export async function rows(query: string): Promise<Value[][]> {
  if (!engine) throw new Error('useEngine() comes first');
  return (await engine.query(query, { now: NOW })).rows;
}

/** Value of a scalar expression. */
export async function value(expression: string): Promise<Value | undefined> {
  return (await rows(`print x = ${expression}`))[0]?.[0];
}

/** Values of several expressions, by one query. */
export async function values(...expressions: string[]): Promise<Value[]> {
  const query = `print ${expressions.map((expression, i) => `x${i} = ${expression}`).join(', ')}`;
  return (await rows(query))[0] ?? [];
}

/** First cell of every row of a query. */
export async function column(query: string): Promise<(Value | undefined)[]> {
  return (await rows(query)).map((row) => row[0]);
}

/** Evaluates all expressions of a table by one query: `[expression, expected]`, so that a failure names its expression. */
export async function answers(cases: readonly (readonly [expression: string, expected: Value])[]): Promise<void> {
  const found = await values(...cases.map(([expression]) => expression));
  const show = (list: readonly Value[]) => Object.fromEntries(cases.map(([expression], i) => [expression, list[i]]));
  expect(show(found)).toEqual(show(cases.map(([, expected]) => expected)));
}
