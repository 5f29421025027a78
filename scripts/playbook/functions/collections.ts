/** Collection, logical and object functions of the Workflow Definition Language. */
import { deepEqual, getOwn, isObject, kindOf, setOwn, toJson, type Value, type ValueObject } from '../value.ts';
import {
  any,
  boolean,
  checkLength,
  define,
  FunctionError,
  type FunctionTable,
  integer,
  list,
  number,
  printValue,
  text,
} from './function.ts';

function contains([collection, search]: Value[]): Value {
  if (typeof collection === 'string') return collection.includes(printValue(search ?? null));
  if (Array.isArray(collection)) return collection.some((item) => deepEqual(item, search ?? null));
  if (isObject(collection)) return getOwn(collection, text(search, 'the key of contains()')) !== undefined;
  throw new FunctionError(`contains() takes a string, an array or an object, not ${kindOf(collection ?? null)}`);
}

function length([value]: Value[]): Value {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  throw new FunctionError(`length() takes a string or an array, not ${kindOf(value ?? null)}`);
}

function isEmpty([value]: Value[]): Value {
  if (value === null || value === undefined || value === '') return true;
  if (typeof value === 'string') return false;
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  throw new FunctionError(`empty() takes a string, an array or an object, not ${kindOf(value)}`);
}

const identityOf = (value: Value): string => (typeof value === 'string' ? `s${value}` : `j${toJson(value)}`);

function distinct(values: Value[]): Value[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const identity = identityOf(value);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

function mergeObjects(objects: ValueObject[]): ValueObject {
  const merged: ValueObject = {};
  for (const object of objects) for (const key of Object.keys(object)) setOwn(merged, key, object[key] ?? null);
  return merged;
}

function union(args: Value[]): Value {
  if (args.every(Array.isArray)) return distinct((args as Value[][]).flat(1));
  if (args.every(isObject)) return mergeObjects(args as ValueObject[]);
  throw new FunctionError(`union() takes arrays or objects, not ${args.map(kindOf).join(' and ')}`);
}

function intersection(args: Value[]): Value {
  if (args.every(Array.isArray)) {
    const [first = [], ...others] = args as Value[][];
    const sets = others.map((other) => new Set(other.map(identityOf)));
    return distinct(first.filter((item) => sets.every((set) => set.has(identityOf(item)))));
  }
  if (args.every(isObject)) {
    const [first = {}, ...others] = args as ValueObject[];
    const common: ValueObject = {};
    for (const key of Object.keys(first)) {
      const value = first[key] ?? null;
      if (others.every((other) => Object.hasOwn(other, key) && deepEqual(other[key] ?? null, value)))
        setOwn(common, key, value);
    }
    return common;
  }
  throw new FunctionError(`intersection() takes arrays or objects, not ${args.map(kindOf).join(' and ')}`);
}

function end(which: 'first' | 'last', [value]: Value[]): Value {
  if (typeof value === 'string') return (which === 'first' ? value[0] : value.at(-1)) ?? '';
  const items = list(value, `the collection of ${which}()`);
  return (which === 'first' ? items[0] : items.at(-1)) ?? null;
}

/** Order of numbers, of texts (by code unit) and of booleans; other kinds have none. */
export function compare(left: Value | undefined, right: Value | undefined, what: string): number {
  if (
    (typeof left === 'number' || typeof left === 'bigint') &&
    (typeof right === 'number' || typeof right === 'bigint')
  ) {
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  throw new FunctionError(
    `${what} compares two numbers or two strings, not ${kindOf(left ?? null)} and ${kindOf(right ?? null)}`,
  );
}

function sort([collection, property]: Value[]): Value {
  const items = list(collection, 'the collection of sort()');
  const key = property === undefined ? undefined : text(property, 'the property of sort()');
  const of = (item: Value): Value => (key === undefined ? item : isObject(item) ? (getOwn(item, key) ?? null) : null);
  return [...items].sort((left, right) => compare(of(left), of(right), 'sort()'));
}

function chunk([value, size]: Value[]): Value {
  const step = integer(size, 'the size of chunk()');
  if (step < 1) throw new FunctionError('the size of chunk() must be at least 1');
  const source = typeof value === 'string' ? value : list(value, 'the collection of chunk()');
  const chunks: Value[] = [];
  for (let at = 0; at < source.length; at += step) chunks.push(source.slice(at, at + step));
  return chunks;
}

export const collectionFunctions: FunctionTable = {
  contains: define(2, 2, contains),
  length: define(1, 1, length),
  sort: define(1, 2, sort),
  reverse: define(1, 1, ([value]) =>
    typeof value === 'string'
      ? [...value].reverse().join('')
      : [...list(value, 'the collection of reverse()')].reverse(),
  ),
  empty: define(1, 1, isEmpty),
  intersection: define(1, any, intersection),
  union: define(1, any, union),
  first: define(1, 1, (args) => end('first', args)),
  last: define(1, 1, (args) => end('last', args)),
  take: define(2, 2, ([value, count]) => {
    const taken = Math.max(0, integer(count, 'the count of take()'));
    return typeof value === 'string' ? value.slice(0, taken) : list(value, 'the collection of take()').slice(0, taken);
  }),
  skip: define(2, 2, ([value, count]) => {
    const skipped = Math.max(0, integer(count, 'the count of skip()'));
    return typeof value === 'string' ? value.slice(skipped) : list(value, 'the collection of skip()').slice(skipped);
  }),
  join: define(2, 2, ([value, separator]) => {
    const parts = list(value, 'the collection of join()').map(printValue);
    const between = text(separator, 'the separator of join()');
    checkLength(parts.reduce((sum, part) => sum + part.length + between.length, 0));
    return parts.join(between);
  }),
  chunk: define(2, 2, chunk),
};

export const logicalFunctions: FunctionTable = {
  // Only the chosen branch of if() is evaluated; the evaluator sees to that and calls this with both all the same.
  if: define(3, 3, ([condition, yes, no]) =>
    boolean(condition, 'the condition of if()') ? (yes ?? null) : (no ?? null),
  ),
  equals: define(2, 2, ([left, right]) => deepEqual(left ?? null, right ?? null)),
  and: define(1, any, (args) => args.map((arg) => boolean(arg, 'each argument of and()')).every(Boolean)),
  or: define(1, any, (args) => args.map((arg) => boolean(arg, 'each argument of or()')).some(Boolean)),
  not: define(1, 1, ([value]) => !boolean(value, 'the argument of not()')),
  less: define(2, 2, ([left, right]) => compare(left, right, 'less()') < 0),
  lessOrEquals: define(2, 2, ([left, right]) => compare(left, right, 'lessOrEquals()') <= 0),
  greater: define(2, 2, ([left, right]) => compare(left, right, 'greater()') > 0),
  greaterOrEquals: define(2, 2, ([left, right]) => compare(left, right, 'greaterOrEquals()') >= 0),
  isInt: define(1, 1, ([value]) => /^\s*[+-]?\d+\s*$/.test(printValue(value ?? null))),
  isFloat: define(1, 2, ([value]) => /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(printValue(value ?? null))),
};

function objectOf(value: Value | undefined, what: string): ValueObject {
  if (isObject(value)) return value;
  throw new FunctionError(`${what} must be an object, not ${kindOf(value ?? null)}`);
}

export const objectFunctions: FunctionTable = {
  coalesce: define(1, any, (args) => args.find((arg) => arg !== null) ?? null),
  addProperty: define(3, 3, ([object, name, value]) => {
    const key = text(name, 'the name of addProperty()');
    const source = objectOf(object, 'the object of addProperty()');
    if (Object.hasOwn(source, key))
      throw new FunctionError(`addProperty(): the object has a property '${key}' already; setProperty() replaces it`);
    const result = mergeObjects([source]);
    setOwn(result, key, value ?? null);
    return result;
  }),
  setProperty: define(3, 3, ([object, name, value]) => {
    const result = mergeObjects([objectOf(object, 'the object of setProperty()')]);
    setOwn(result, text(name, 'the name of setProperty()'), value ?? null);
    return result;
  }),
  removeProperty: define(2, 2, ([object, name]) => {
    const result = mergeObjects([objectOf(object, 'the object of removeProperty()')]);
    delete result[text(name, 'the name of removeProperty()')];
    return result;
  }),
  mergeObjects: define(2, any, (args) =>
    mergeObjects(args.map((arg) => objectOf(arg, 'each argument of mergeObjects()'))),
  ),
};

export const mathFunctions: FunctionTable = {
  min: define(1, any, (args) => extreme(args, -1, 'min()')),
  max: define(1, any, (args) => extreme(args, 1, 'max()')),
  rand: define(2, 2, ([from, to], environment) => {
    const low = integer(from, 'the minimum of rand()');
    const high = integer(to, 'the maximum of rand()');
    if (low > high) throw new FunctionError('the minimum of rand() must not be above its maximum');
    return low + Math.floor(environment.random() * (high - low));
  }),
  range: define(2, 2, ([from, count]) => {
    const start = integer(from, 'the start of range()');
    const size = integer(count, 'the count of range()');
    if (size < 0) throw new FunctionError('the count of range() must not be negative');
    checkLength(size * 10);
    return Array.from({ length: size }, (_, index) => start + index);
  }),
};

function extreme(args: Value[], sign: number, what: string): Value {
  const values = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
  if (values.length === 0) throw new FunctionError(`${what} of nothing`);
  return values
    .map((value) => number(value, `each argument of ${what}`))
    .reduce((best, value) => (compare(value, best, what) === sign ? value : best));
}
