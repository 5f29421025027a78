/** Texts of alerts: values of result rows, and the limits that the service cuts at. */
import type { Value } from '../engines/query-engine.ts';

/** A cell as text; null and absent are empty, dynamic values are JSON. */
export function textOf(value: Value | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The longest beginning of `text` that fits `bytes` bytes of UTF-8, never half a character. */
export function cutToBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let used = 0;
  let cut = '';
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    cut += character;
  }
  return cut;
}
