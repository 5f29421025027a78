/** The values that flow through a workflow: JSON, and integers beyond 2^53 (`ticks()` answers such numbers). */

export type Value = null | boolean | number | bigint | string | Value[] | ValueObject;
export interface ValueObject {
  [key: string]: Value;
}

export function isObject(value: Value | undefined): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets an own property whatever its name, so that a key `__proto__` of foreign JSON stays data. */
export function setOwn<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

/** An own property by name: exact first, then without regard to case; undefined where there is none. */
export function getOwn<T>(target: Readonly<Record<string, T>>, key: string): T | undefined {
  if (Object.hasOwn(target, key)) return target[key];
  const folded = key.toLowerCase();
  for (const name of Object.keys(target)) if (name.toLowerCase() === folded) return target[name];
  return undefined;
}

/** Compact JSON, as `string()` prints objects; big integers print their digits. */
export function toJson(value: Value, depth = 0): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object') return JSON.stringify(value);
  if (depth > maximumDepth) throw new RangeError('the value is nested too deeply');
  if (Array.isArray(value)) return `[${value.map((item) => toJson(item, depth + 1)).join(',')}]`;
  const members = Object.keys(value).map((key) => `${JSON.stringify(key)}:${toJson(value[key] ?? null, depth + 1)}`);
  return `{${members.join(',')}}`;
}

const maximumDepth = 500;

/** Deep equality as the platform compares tokens: by kind and value, members in any order. */
export function deepEqual(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (typeof left === 'number' && typeof right === 'bigint') return BigInt(right) === right && Number(right) === left;
  if (typeof left === 'bigint' && typeof right === 'number') return deepEqual(right, left);
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => deepEqual(item, right[index] ?? null));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && deepEqual(left[key] ?? null, right[key] ?? null))
  );
}

/** The name of the kind of a value, for messages. */
export function kindOf(value: Value): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'Array';
  switch (typeof value) {
    case 'string':
      return 'String';
    case 'boolean':
      return 'Boolean';
    case 'bigint':
      return 'Integer';
    case 'number':
      return Number.isInteger(value) ? 'Integer' : 'Float';
    default:
      return 'Object';
  }
}
