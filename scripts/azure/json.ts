/** JSON values as Azure Resource Manager sends them, and the few operations on them that planning needs. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a dotted path, with property names compared without case (ARM does not keep case); undefined where absent. */
export function at(value: Json | undefined, path: string): Json | undefined {
  let current: Json | undefined = value;
  for (const name of path.split('.')) {
    if (!isObject(current)) return undefined;
    const found: string | undefined = Object.hasOwn(current, name)
      ? name
      : Object.keys(current).find((key) => key.toLowerCase() === name.toLowerCase());
    if (found === undefined) return undefined;
    current = current[found];
  }
  return current;
}

/** A copy of `value` with `replacement` at a dotted path (undefined removes it); objects on the way are made. */
export function withValue(value: JsonObject, path: string, replacement: Json | undefined): JsonObject {
  const [head, ...rest] = path.split('.');
  const name = Object.keys(value).find((key) => key.toLowerCase() === head!.toLowerCase()) ?? head!;
  const copy: JsonObject = { ...value };
  if (rest.length === 0) {
    if (replacement === undefined) delete copy[name];
    else copy[name] = replacement;
    return copy;
  }
  const inner = copy[name];
  copy[name] = withValue(isObject(inner) ? inner : {}, rest.join('.'), replacement);
  return copy;
}

/** RFC 8785 text: equal values give equal text. */
export function canonical(value: Json | undefined): string {
  return value === undefined ? 'absent' : (canonicalize(value) as string);
}

/** Twelve characters of SHA-256 over the canonical text: enough to tell field values apart, too little to carry them. */
export function fingerprint(value: Json | undefined): string {
  return createHash('sha256').update(canonical(value)).digest('base64url').slice(0, 12);
}

/** Deterministic GUID (RFC 9562, version 5) of a name within the package. */
export function guidOf(...parts: string[]): string {
  const namespace = Buffer.from('6f1d7c3a52b94e0e9a7b4c1d8e2f3a40', 'hex');
  const bytes = createHash('sha1').update(namespace).update(parts.join('|').toLowerCase()).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
