/**
 * The sketches of Kusto, kept exactly here: an HLL is the set of the values that it counts, a t-digest the sorted values
 * with their weights. Counts and percentiles are therefore exact where Kusto estimates them.
 */
import { distinct } from './arrays.ts';
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
