/** Functions on dynamic arrays and sets. https://learn.microsoft.com/kusto/query/scalar-functions#dynamicarray-functions */
import { type Dynamic, dynamicToJson, dynamicToNumber, isBag } from './dynamic.ts';
import { searchRange } from './text.ts';

/** A text that is the same for equal values: whole reals equal longs, the order of a bag's keys does not count. */
export function identity(value: Dynamic): string {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value).toString();
  if (Array.isArray(value)) return `[${value.map(identity).join(',')}]`;
  if (!isBag(value)) return dynamicToJson(value);
  const pairs = [...value].map(([key, item]) => `${JSON.stringify(key)}:${identity(item)}`).sort();
  return `{${pairs.join(',')}}`;
}

/** The values without repetitions, in the order of their first appearance. */
export function distinct(values: Iterable<Dynamic>): Dynamic[] {
  const found = new Map<string, Dynamic>();
  for (const value of values) {
    const key = identity(value);
    if (!found.has(key)) found.set(key, value);
  }
  return [...found.values()];
}

/** Arrays one after the other; what is no array is passed over. Null where nothing is one. */
export function concat(...arrays: Dynamic[]): Dynamic {
  const found = arrays.filter(Array.isArray) as Dynamic[][];
  return found.length ? found.flat() : null;
}

export function indexOf(
  array: Dynamic,
  value: Dynamic,
  start?: bigint,
  length?: bigint,
  occurrence = 1n,
): bigint | null {
  if (!Array.isArray(array)) return null;
  const range = searchRange(array.length, start, length);
  if (!range || occurrence < 1n) return null;
  const wanted = identity(value);
  let left = occurrence;
  for (let at = range.first; at < range.last; at++) {
    if (identity(array[at] ?? null) === wanted && --left === 0n) return BigInt(at);
  }
  return -1n;
}

/** `array_iff()`: branches may be arrays, read in step with the conditions, or one value for all. */
export function iff(conditions: Dynamic, whenTrue: Dynamic, whenFalse: Dynamic): Dynamic {
  if (!Array.isArray(conditions)) return null;
  const at = (branch: Dynamic, i: number): Dynamic => (Array.isArray(branch) ? (branch[i] ?? null) : branch);
  return conditions.map((condition, i) => {
    const truth = dynamicToNumber(condition);
    if (truth === undefined) return null;
    return truth !== 0 ? at(whenTrue, i) : at(whenFalse, i);
  });
}

export function rotate(array: Dynamic, count: bigint): Dynamic {
  if (!Array.isArray(array) || array.length === 0) return Array.isArray(array) ? [] : null;
  const size = array.length;
  const shift = ((Number(count) % size) + size) % size;
  return [...array.slice(shift), ...array.slice(0, shift)];
}

export function shift(array: Dynamic, count: bigint, fill: Dynamic = null): Dynamic {
  if (!Array.isArray(array)) return null;
  return array.map((_, i) => {
    const from = i + Number(count);
    return from >= 0 && from < array.length ? (array[from] ?? null) : fill;
  });
}

/** Both ends are included; negative positions count from the end. */
export function slice(array: Dynamic, start: bigint, end: bigint): Dynamic {
  if (!Array.isArray(array)) return null;
  const place = (position: bigint): number => Number(position < 0n ? position + BigInt(array.length) : position);
  return array.slice(Math.max(place(start), 0), Math.max(place(end) + 1, 0));
}

/** Pieces before each position. */
export function split(array: Dynamic, indices: Dynamic): Dynamic {
  if (!Array.isArray(array)) return null;
  const list = Array.isArray(indices) ? indices : [indices];
  if (!list.every((index) => typeof index === 'bigint')) return null;
  const places = list.map((index) => Number((index as bigint) < 0n ? (index as bigint) + BigInt(array.length) : index));
  places.sort((a, b) => a - b);
  return [0, ...places].map((from, i, all) => array.slice(from, all[i + 1]));
}

export function sum(array: Dynamic): number | null {
  if (!Array.isArray(array)) return null;
  let total = 0;
  for (const item of array) {
    const number = typeof item === 'boolean' ? undefined : dynamicToNumber(item);
    if (number === undefined) return null;
    total += number;
  }
  return total;
}

const RANK: Record<string, number> = { boolean: 0, bigint: 1, number: 1, string: 2, object: 3 };

function compare(a: Dynamic, b: Dynamic): number {
  const rank = (RANK[typeof a] ?? 3) - (RANK[typeof b] ?? 3);
  if (rank !== 0) return rank;
  const [x, y] = typeof a === 'object' ? [dynamicToJson(a), dynamicToJson(b)] : [a, b];
  if (x === null || y === null) return 0;
  return x < y ? -1 : x > y ? 1 : 0;
}

/** `array_sort_asc()` and `array_sort_desc()`: sorts the first array and puts the others into the same order. */
export function sort(arrays: readonly Dynamic[], descending: boolean, nullsLast: boolean): Dynamic[] {
  const [first, ...rest] = arrays;
  if (!Array.isArray(first)) return arrays.map(() => null);
  const filled = [...first.keys()].filter((i) => first[i] !== null);
  const nulls = [...first.keys()].filter((i) => first[i] === null);
  filled.sort((i, j) => compare(first[i] as Dynamic, first[j] as Dynamic) * (descending ? -1 : 1) || i - j);
  const order = nullsLast ? [...filled, ...nulls] : [...nulls, ...filled];
  return [first, ...rest].map((array) =>
    Array.isArray(array) && array.length === first.length ? order.map((i) => array[i] ?? null) : null,
  );
}

export function zip(...arrays: Dynamic[]): Dynamic {
  const lists = arrays.map((array) => (Array.isArray(array) ? array : array === null ? [] : [array]));
  const size = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: size }, (_, i) => lists.map((list) => list[i] ?? null));
}

type SetFunction = (...sets: Dynamic[]) => Dynamic;

/** Only arrays are sets; anything else makes the answer null. */
function ofSets(evaluate: (first: Dynamic[], ...others: Dynamic[][]) => Dynamic): SetFunction {
  return (...sets) => (sets.every(Array.isArray) ? evaluate(...(sets as [Dynamic[], ...Dynamic[][]])) : null);
}

const keysOf = (set: Dynamic[]): Set<string> => new Set(set.map(identity));

export const union = ofSets((...sets) => distinct(sets.flat()));
export const intersect = ofSets((first, ...others) => {
  const keys = others.map(keysOf);
  return distinct(first).filter((value) => keys.every((set) => set.has(identity(value))));
});
export const difference = ofSets((first, ...others) => {
  const removed = keysOf(others.flat());
  return distinct(first).filter((value) => !removed.has(identity(value)));
});
export const setEquals = ofSets((first, second = []) => {
  const [a, b] = [keysOf(first), keysOf(second)];
  return a.size === b.size && [...a].every((key) => b.has(key));
});
export const jaccard = ofSets((first, second = []) => {
  const [a, b] = [keysOf(first), keysOf(second)];
  const common = [...a].filter((key) => b.has(key)).length;
  const all = a.size + b.size - common;
  return all === 0 ? Number.NaN : common / all;
});

export function hasElement(set: Dynamic, value: Dynamic): boolean | null {
  return Array.isArray(set) ? keysOf(set).has(identity(value)) : null;
}

const RANGE_LIMIT = 1_048_576;

/** `repeat()`: null where the array would be longer than Kusto makes one. */
export function repeat(value: Dynamic, count: bigint): Dynamic {
  return count > BigInt(RANGE_LIMIT) ? null : Array.from({ length: Math.max(0, Number(count)) }, () => value);
}

/** Values from start to stop by step; none where the step leads away, undefined where it is nothing. */
function steps(start: number, stop: number, step: number): number[] | undefined {
  if (step === 0) return undefined;
  const values: number[] = [];
  for (let value = start; step > 0 ? value <= stop : value >= stop; value = start + values.length * step) {
    if (values.push(value) === RANGE_LIMIT) break;
  }
  return values;
}

/** `range()` of reals. */
export function rangeOfReals(start: number, stop: number, step: number): Dynamic {
  return steps(start, stop, step) ?? null;
}

/** `range()` of longs, or of ticks that `item` makes a text of. */
export function range(start: bigint, stop: bigint, step: bigint, item: (value: bigint) => Dynamic): Dynamic {
  const count = step === 0n ? undefined : (stop - start) / step;
  if (count === undefined) return null;
  if (count < 0n || (step > 0n ? stop < start : stop > start)) return [];
  const size = Math.min(Number(count) + 1, RANGE_LIMIT);
  return Array.from({ length: size }, (_, i) => item(start + BigInt(i) * step));
}
