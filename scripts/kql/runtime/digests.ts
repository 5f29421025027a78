/**
 * The sketches of Kusto, kept exactly here: an HLL is the set of the values that it counts, a t-digest the sorted values
 * with their weights. Counts and percentiles are therefore exact where Kusto estimates them.
 */
import { distinct, identity } from './arrays.ts';
import { type Dynamic, dynamicToNumber, isBag } from './dynamic.ts';

const HLL = 'values';
const TDIGEST = 'weighted';

function listOf(sketch: Dynamic, key: string): Dynamic[] | undefined {
  const list = isBag(sketch) ? sketch.get(key) : undefined;
  return Array.isArray(list) ? list : undefined;
}

export function makeHll(values: Dynamic): Dynamic {
  return Array.isArray(values) && values.length ? new Map([[HLL, distinct(values)]]) : null;
}

export function mergeHll(...sketches: Dynamic[]): Dynamic {
  return makeHll(sketches.flatMap((sketch) => listOf(sketch, HLL) ?? []));
}

export function countHll(sketch: Dynamic): bigint | null {
  const values = listOf(sketch, HLL);
  return values ? BigInt(values.length) : null;
}

export const isHll = (sketch: Dynamic): boolean => listOf(sketch, HLL) !== undefined;

/** How many values two sketches share. */
export function commonHll(a: Dynamic, b: Dynamic): bigint | null {
  const [x, y] = [listOf(a, HLL), listOf(b, HLL)];
  if (!x || !y) return null;
  const keys = new Set(y.map(identity));
  return BigInt(x.filter((value) => keys.has(identity(value))).length);
}

type Weighted = { value: Dynamic; number: number; weight: number };

function weightedOf(sketch: Dynamic): Weighted[] {
  return (listOf(sketch, TDIGEST) ?? []).map((pair) => {
    const [value = null, weight = 1] = pair as Dynamic[];
    return { value, number: dynamicToNumber(value) ?? Number.NaN, weight: Number(weight) };
  });
}

function fromWeighted(items: readonly Weighted[]): Dynamic {
  if (items.length === 0) return null;
  const sorted = [...items].sort((a, b) => a.number - b.number);
  return new Map([[TDIGEST, sorted.map(({ value, weight }): Dynamic => [value, weight])]]);
}

/** From `[value, weight]` pairs; values without a weight count once, weights of zero or less not at all. */
export function makeDigest(pairs: Dynamic): Dynamic {
  if (!Array.isArray(pairs)) return null;
  const items = weightedOf(new Map([[TDIGEST, pairs]]));
  return fromWeighted(items.filter(({ number, weight }) => !Number.isNaN(number) && weight > 0));
}

export function mergeDigests(...sketches: Dynamic[]): Dynamic {
  return fromWeighted(sketches.flatMap(weightedOf));
}

export const isDigest = (sketch: Dynamic): boolean => listOf(sketch, TDIGEST) !== undefined;

/** The value at which the weights reach the percentile: nearest rank. */
export function percentileOf(sketch: Dynamic, percentile: number): Dynamic {
  const items = weightedOf(sketch);
  const total = items.reduce((sum, { weight }) => sum + weight, 0);
  const wanted = (total * percentile) / 100;
  let reached = 0;
  for (const item of items) {
    reached += item.weight;
    if (reached >= wanted - 1e-9) return item.value;
  }
  return items.at(-1)?.value ?? null;
}

export function percentilesOf(sketch: Dynamic, ...percentiles: Dynamic[]): Dynamic {
  if (!isDigest(sketch)) return null;
  const wanted = percentiles.flatMap((value) => (Array.isArray(value) ? value : [value]));
  return wanted.map((value) => percentileOf(sketch, dynamicToNumber(value) ?? 0));
}

/** How much weight lies at or below a value. */
export function rankOf(sketch: Dynamic, value: Dynamic): number | null {
  const limit = dynamicToNumber(value);
  if (!isDigest(sketch) || limit === undefined) return null;
  return weightedOf(sketch).reduce((sum, item) => (item.number <= limit ? sum + item.weight : sum), 0);
}
