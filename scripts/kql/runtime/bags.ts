/** Functions on property bags, and paths into them. */
import { type Bag, type Dynamic, dynamicToText, isBag } from './dynamic.ts';

/** `$.a.b['c'][0]` as steps; undefined where the text is no such path. */
export function jsonPathSteps(path: string): (string | number)[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: (string | number)[] = [];
  const step = /\.([^.[\]'"]+)|\[\s*(-?\d+)\s*\]|\[\s*'([^']*)'\s*\]|\[\s*"([^"]*)"\s*\]/y;
  for (let at = 1; at < path.length; at = step.lastIndex) {
    step.lastIndex = at;
    const match = step.exec(path);
    if (!match) return undefined;
    steps.push(match[2] === undefined ? (match[1] ?? match[3] ?? match[4] ?? '') : Number(match[2]));
  }
  return steps;
}

/** The value at a path; undefined where there is none. */
export function valueAt(value: Dynamic, steps: readonly (string | number)[]): Dynamic | undefined {
  let current: Dynamic | undefined = value;
  for (const step of steps) {
    if (typeof step === 'number') current = Array.isArray(current) ? current.at(step) : undefined;
    else current = isBag(current) ? current.get(step) : undefined;
    if (current === undefined) return undefined;
  }
  return current;
}

/** A key as it stands, or steps where it is a JSON path. */
function stepsOf(key: string): readonly (string | number)[] {
  return (key.startsWith('$') ? jsonPathSteps(key) : undefined) ?? [key];
}

/** `bag_merge()`: the leftmost value of a key stays; what is no bag is passed over. */
export function merge(...values: Dynamic[]): Dynamic {
  const bags = values.filter(isBag);
  if (bags.length === 0) return null;
  const merged: Bag = new Map();
  for (const bag of bags) for (const [key, value] of bag) if (!merged.has(key)) merged.set(key, value);
  return merged;
}

export function hasKey(bag: Dynamic, key: string): boolean | null {
  return isBag(bag) ? valueAt(bag, stepsOf(key)) !== undefined : null;
}

function without(value: Dynamic, steps: readonly (string | number)[]): Dynamic {
  const [step, ...rest] = steps;
  if (!isBag(value) || typeof step !== 'string' || !value.has(step)) return value;
  const copy: Bag = new Map(value);
  if (rest.length === 0) copy.delete(step);
  else copy.set(step, without(value.get(step) ?? null, rest));
  return copy;
}

export function removeKeys(bag: Dynamic, keys: Dynamic): Dynamic {
  if (!isBag(bag) || !Array.isArray(keys)) return isBag(bag) ? bag : null;
  return keys.reduce((left: Dynamic, key) => (typeof key === 'string' ? without(left, stepsOf(key)) : left), bag);
}

function withValue(value: Dynamic, steps: readonly (string | number)[], item: Dynamic): Dynamic {
  const [step, ...rest] = steps;
  if (step === undefined) return item;
  const copy: Bag = new Map(isBag(value) ? value : []);
  const inner = copy.get(String(step)) ?? null;
  copy.delete(String(step));
  copy.set(String(step), withValue(inner, rest, item));
  return copy;
}

export function setKey(bag: Dynamic, key: string, value: Dynamic): Dynamic {
  return isBag(bag) ? withValue(bag, stepsOf(key), value) : null;
}

/** `bag_zip()`: keys that are no strings are passed over, missing values are null. */
export function zipBag(keys: Dynamic, values: Dynamic): Dynamic {
  if (!Array.isArray(keys)) return null;
  const list = Array.isArray(values) ? values : [];
  const bag: Bag = new Map();
  keys.forEach((key, i) => {
    if (typeof key === 'string') bag.set(key, list[i] ?? null);
  });
  return bag;
}

/** All paths in a bag; the elements of an array share the path `[0]`. */
export function treePath(value: Dynamic): Dynamic {
  if (!isBag(value) && !Array.isArray(value)) return null;
  const paths = new Set<string>();
  const walk = (item: Dynamic, path: string): void => {
    if (path) paths.add(path);
    if (isBag(item)) for (const [key, inner] of item) walk(inner, `${path}['${key}']`);
    else if (Array.isArray(item)) for (const inner of item) walk(inner, `${path}[0]`);
  };
  walk(value, '');
  return [...paths];
}

/** JSON with the keys of every bag in order, so that equal values have equal texts. */
export function sorted(value: Dynamic): Dynamic {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isBag(value)) return value;
  return new Map([...value].map(([key, item]) => [key, sorted(item)] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function typeName(value: Dynamic): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isBag(value)) return 'dictionary';
  return { bigint: 'long', number: 'double', boolean: 'bool', string: 'string' }[typeof value as string] ?? 'dynamic';
}

/** `extract_json()`: the text at a path of a JSON text, '' without one. */
export function extractJson(path: string, value: Dynamic): string {
  const steps = jsonPathSteps(path);
  const found = steps && valueAt(value, steps);
  return found === undefined ? '' : dynamicToText(found);
}
