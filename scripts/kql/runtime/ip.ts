/** IPv4 and IPv6 addresses with prefixes. https://learn.microsoft.com/kusto/query/ipv4-ipv6-lookup and the pages of each function. */
import type { Dynamic } from './dynamic.ts';

export interface Address {
  value: bigint;
  /** Length of the prefix in bits. */
  prefix: number;
}

const V4_MAPPED = 0xffffn << 32n;
const OCTETS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

function masked(value: bigint, prefix: number, bits: number): bigint {
  const host = BigInt(bits - prefix);
  return (value >> host) << host;
}

function octets(text: string): bigint | undefined {
  const match = OCTETS.exec(text);
  if (!match) return undefined;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const octet = Number(match[i]);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return BigInt(value);
}

/** Splits `address/prefix`; undefined where the prefix is no number up to `bits`. */
function withPrefix(text: string, bits: number): { address: string; prefix: number } | undefined {
  const [address = '', suffix, more] = text.trim().split('/');
  if (more !== undefined || (suffix !== undefined && !/^\d{1,3}$/.test(suffix))) return undefined;
  const prefix = suffix === undefined ? bits : Number(suffix);
  return prefix <= bits ? { address, prefix } : undefined;
}

/** An IPv4 address, with the prefix that it names (32 without one). */
export function parseV4(text: string): Address | undefined {
  const parts = withPrefix(text, 32);
  const value = parts && octets(parts.address);
  return value === undefined ? undefined : { value, prefix: parts?.prefix ?? 32 };
}

function groups(text: string): bigint | undefined {
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  const split = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [left, right] = [split(head), split(tail ?? '')];
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  let value = 0n;
  for (const group of [...left, ...Array<string>(missing).fill('0'), ...right]) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  return value;
}

/** An IPv6 address; an IPv4 address is the mapped one, and a prefix behind dotted octets counts theirs. */
function parseV6(text: string): Address | undefined {
  const v4 = parseV4(text);
  if (v4) return { value: V4_MAPPED | v4.value, prefix: v4.prefix + 96 };
  const parts = withPrefix(text, 128);
  if (!parts) return undefined;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(parts.address);
  if (!dotted) {
    const value = groups(parts.address);
    return value === undefined ? undefined : { value, prefix: parts.prefix };
  }
  const low = octets(dotted[2] ?? '');
  if (low === undefined) return undefined;
  const value = groups(`${dotted[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`);
  if (value === undefined) return undefined;
  return { value, prefix: text.includes('/') && parts.prefix <= 32 ? parts.prefix + 96 : parts.prefix };
}

function prefixOf(prefix: bigint | undefined, bits: number): number | undefined {
  if (prefix === undefined) return bits;
  return prefix >= 0n && prefix <= BigInt(bits) ? Number(prefix) : undefined;
}

export function v4ToLong(text: string, prefix?: bigint): bigint | null {
  const address = parseV4(text);
  const bits = prefixOf(prefix, 32);
  return address && bits !== undefined ? masked(address.value, Math.min(address.prefix, bits), 32) : null;
}

function compare(
  a: Address | undefined,
  b: Address | undefined,
  prefix: bigint | undefined,
  bits: number,
): bigint | null {
  const limit = prefixOf(prefix, bits);
  if (!a || !b || limit === undefined) return null;
  const length = Math.min(a.prefix, b.prefix, limit);
  const [x, y] = [masked(a.value, length, bits), masked(b.value, length, bits)];
  return x < y ? -1n : x > y ? 1n : 0n;
}

export function compareV4(a: string, b: string, prefix?: bigint): bigint | null {
  return compare(parseV4(a), parseV4(b), prefix, 32);
}

export function matchV4(a: string, b: string, prefix?: bigint): boolean | null {
  const order = compareV4(a, b, prefix);
  return order === null ? null : order === 0n;
}

/** An IPv4 address in IPv6 clothes compares as the mapped one. */
function comparable(address: Address | undefined): Address | undefined {
  const compatible = address && address.value >> 32n === 0n && address.value > 0xffffn;
  return address && compatible ? { ...address, value: address.value | V4_MAPPED } : address;
}

export function compareV6(a: string, b: string, prefix?: bigint): bigint | null {
  return compare(comparable(parseV6(a)), comparable(parseV6(b)), prefix, 128);
}

export function matchV6(a: string, b: string, prefix?: bigint): boolean | null {
  const order = compareV6(a, b, prefix);
  return order === null ? null : order === 0n;
}

function inRange(address: Address | undefined, range: Address | undefined, bits: number): boolean | null {
  if (!address || !range) return null;
  return masked(address.value, range.prefix, bits) === masked(range.value, range.prefix, bits);
}

export function inV4Range(ip: string, range: string): boolean | null {
  return inRange(parseV4(ip), parseV4(range), 32);
}

export function inV6Range(ip: string, range: string): boolean | null {
  return inRange(parseV6(ip), parseV6(range), 128);
}

/** Ranges as arguments, or as one dynamic array of them. */
function texts(values: readonly Dynamic[]): string[] {
  return values
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter((v): v is string => typeof v === 'string');
}

export function inAnyV4Range(ip: string, ...ranges: Dynamic[]): boolean | null {
  return parseV4(ip) ? texts(ranges).some((range) => inV4Range(ip, range) === true) : null;
}

export function inAnyV6Range(ip: string, ...ranges: Dynamic[]): boolean | null {
  return parseV6(ip) ? texts(ranges).some((range) => inV6Range(ip, range) === true) : null;
}

/** RFC 1918. */
export const PRIVATE: readonly string[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

export function netmaskSuffix(ip: string): bigint | null {
  const address = parseV4(ip);
  return address ? BigInt(address.prefix) : null;
}

const dotted = (value: bigint): string => [24n, 16n, 8n, 0n].map((bits) => (value >> bits) & 255n).join('.');

/** `format_ipv4()`: of a text or a number; '' where it is no address. */
export function formatV4(ip: Dynamic, prefix?: bigint, withMask = false): string {
  const address = typeof ip === 'bigint' ? { value: ip, prefix: 32 } : typeof ip === 'string' ? parseV4(ip) : undefined;
  const bits = prefixOf(prefix, 32);
  if (!address || bits === undefined || address.value < 0n || address.value > 0xffffffffn) return '';
  const length = Math.min(address.prefix, bits);
  return `${dotted(masked(address.value, length, 32))}${withMask ? `/${length}` : ''}`;
}

/** `parse_ipv6()`: all eight groups with four digits; null where it is no address. */
export function canonicalV6(ip: string, prefix?: bigint): string | null {
  const address = parseV6(ip);
  const bits = prefixOf(prefix, 128);
  if (!address || bits === undefined) return null;
  const value = masked(address.value, Math.min(address.prefix, bits), 128);
  const digits = value.toString(16).padStart(32, '0');
  return (digits.match(/.{4}/g) ?? []).join(':');
}

/** `ipv4_range_to_cidr_list()`: the fewest blocks that cover the range. */
export function rangeToCidrs(first: string, last: string): Dynamic {
  const [a, b] = [parseV4(first), parseV4(last)];
  if (!a || !b || a.value > b.value) return null;
  const blocks: string[] = [];
  for (let at = a.value; at <= b.value; ) {
    let size = 0n;
    while (size < 32n && at % (2n << size) === 0n && at + (2n << size) - 1n <= b.value) size++;
    blocks.push(`${dotted(at)}/${32n - size}`);
    at += 1n << size;
  }
  return blocks;
}

const CANDIDATE = /(?<![A-Za-z0-9.])\d{1,3}(?:\.\d{1,3}){3}(?![A-Za-z0-9]|\.\d)/g;

/** The addresses in a text that no letter, digit or point touches. */
function addressesIn(source: string): string[] {
  return (source.match(CANDIDATE) ?? []).filter((ip) => octets(ip) !== undefined);
}

export function hasV4(source: string, ...ips: Dynamic[]): boolean {
  const wanted = new Set(texts(ips).filter((ip) => octets(ip) !== undefined));
  return addressesIn(source).some((ip) => wanted.has(ip));
}

/** A prefix ends with a point, or is a whole address. */
export function hasV4Prefix(source: string, ...prefixes: Dynamic[]): boolean {
  const wanted = texts(prefixes).filter(
    (prefix) => /^(?:\d{1,3}\.){1,3}$/.test(prefix) || octets(prefix) !== undefined,
  );
  const found = addressesIn(source);
  return wanted.some((prefix) => found.some((ip) => (prefix.endsWith('.') ? ip.startsWith(prefix) : ip === prefix)));
}
