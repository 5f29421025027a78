/** Base64, compressed text, punycode and URL encoding. */
import { domainToUnicode } from 'node:url';
import { gunzipSync, inflateSync } from 'node:zlib';
import type { Dynamic } from './dynamic.ts';

/** The bytes of a base64 text; undefined where it is none, also without its padding. */
function bytesOf(base64: string): Buffer | undefined {
  return base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : undefined;
}

function textOf(bytes: Buffer | undefined): string | null {
  if (!bytes) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export function base64Encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

export function base64Decode(base64: string): string | null {
  return textOf(bytesOf(base64));
}

export function base64ToArray(base64: string): Dynamic {
  const bytes = bytesOf(base64);
  return bytes ? Array.from(bytes, BigInt) : null;
}

export function base64FromArray(array: Dynamic): string | null {
  if (!Array.isArray(array)) return null;
  if (!array.every((item) => typeof item === 'bigint' && item >= 0n && item <= 255n)) return null;
  return Buffer.from(array.map(Number)).toString('base64');
}

/** The first three groups of a guid are little-endian in its bytes, as in .NET. */
const GUID_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

export function base64FromGuid(guid: string): string {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  return Buffer.from(GUID_ORDER.map((i) => bytes[i] as number)).toString('base64');
}

export function base64ToGuid(base64: string): string | null {
  const bytes = bytesOf(base64);
  if (bytes?.length !== 16) return null;
  const hex = Buffer.from(GUID_ORDER.map((i) => bytes[i] as number)).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function decompressed(base64: string, inflate: (bytes: Buffer) => Buffer): string | null {
  const bytes = bytesOf(base64);
  if (!bytes) return null;
  try {
    return textOf(inflate(bytes));
  } catch {
    return null;
  }
}

export function gunzipBase64(base64: string): string | null {
  return decompressed(base64, (bytes) => gunzipSync(bytes));
}

export function inflateBase64(base64: string): string | null {
  return decompressed(base64, (bytes) => inflateSync(bytes));
}

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;

function adapt(delta: number, points: number, first: boolean): number {
  let left = first ? Math.floor(delta / 700) : delta >> 1;
  left += Math.floor(left / points);
  let k = 0;
  for (; left > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) left = Math.floor(left / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * left) / (left + 38));
}

const threshold = (k: number, bias: number): number => (k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias);
const digitText = (digit: number): string => String.fromCharCode(digit + (digit < 26 ? 97 : 22));

/** Punycode of a label without the `xn--` (RFC 3492). */
export function punycodeEncode(text: string): string {
  const points = Array.from(text, (character) => character.codePointAt(0) as number);
  const basic = points.filter((point) => point < 128);
  let output = basic.map((point) => String.fromCharCode(point)).join('') + (basic.length ? '-' : '');
  let [n, delta, bias, handled] = [128, 0, 72, basic.length];
  while (handled < points.length) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta++;
      if (point !== n) continue;
      let q = delta;
      for (let k = BASE; ; k += BASE) {
        const t = threshold(k, bias);
        if (q < t) break;
        output += digitText(t + ((q - t) % (BASE - t)));
        q = Math.floor((q - t) / (BASE - t));
      }
      output += digitText(q);
      bias = adapt(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return output;
}

/** The text of a punycode label without the `xn--`; null where it is none. */
export function punycodeDecode(label: string): string | null {
  const text = domainToUnicode(`xn--${label}`);
  return text === '' || text === `xn--${label}` ? null : text;
}

export function domainEncode(domain: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  const ascii = /^[\x00-\x7f]*$/;
  return domain
    .split('.')
    .map((label) => (ascii.test(label) ? label : `xn--${punycodeEncode(label)}`))
    .join('.');
}

export function domainDecode(domain: string): string | null {
  const labels = domain.split('.').map((label) => (label.startsWith('xn--') ? punycodeDecode(label.slice(4)) : label));
  return labels.includes(null) ? null : labels.join('.');
}

/** Percent encoding in lower case of all but letters, digits and `-_.!*()`. */
function percentEncode(text: string, space: string): string {
  return Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-_.!*()]/.test(character)) return character;
    return character === ' ' ? space : `%${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}

export const urlEncode = (text: string): string => percentEncode(text, '+');
export const urlEncodeComponent = (text: string): string => percentEncode(text, '%20');

export function urlDecode(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9a-fA-F]{2})+/g, (codes) => Buffer.from(codes.replaceAll('%', ''), 'hex').toString('utf8'));
}
