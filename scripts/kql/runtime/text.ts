/** Text functions that SQL has no words for. Positions count code points. */
import { type Dynamic, dynamicToText } from './dynamic.ts';

/** Where a search begins and how many starting positions it may try. A negative start counts from the end. */
export function searchRange(size: number, start = 0n, length = -1n): { first: number; last: number } | undefined {
  if (length < -1n) return undefined;
  const first = start < 0n ? Math.max(size + Number(start), 0) : Number(start);
  const last = length === -1n ? size : Math.min(size, first + Number(length));
  return { first, last };
}

/** `indexof()`: zero-based position of the n-th occurrence, -1 without one, null for a length or occurrence that makes no sense. */
export function indexOf(
  source: string,
  match: string,
  start?: bigint,
  length?: bigint,
  occurrence = 1n,
): bigint | null {
  const characters = [...source];
  const range = searchRange(characters.length, start, length);
  if (!range || occurrence < 1n) return null;
  const wanted = [...match];
  let left = occurrence;
  for (let at = range.first; at < range.last && at + wanted.length <= characters.length; at++) {
    if (wanted.every((character, i) => characters[at + i] === character) && --left === 0n) return BigInt(at);
  }
  return -1n;
}

/** Occurrences of a text, which may overlap. */
export function countOverlapping(source: string, search: string): bigint {
  if (search === '') return 0n;
  let count = 0n;
  for (let at = source.indexOf(search); at >= 0; at = source.indexOf(search, at + 1)) count++;
  return count;
}

/** Each lookup in turn replaces what no earlier one has replaced; a replacement that is no text leaves what it found. */
export function replaceStrings(source: string, lookups: Dynamic, rewrites: Dynamic): string | null {
  if (!Array.isArray(lookups) || !Array.isArray(rewrites) || lookups.length !== rewrites.length) return null;
  let parts: { text: string; done: boolean }[] = [{ text: source, done: false }];
  lookups.forEach((lookup, i) => {
    const replacement = rewrites[i];
    if (typeof lookup !== 'string' || lookup === '') return;
    const rewrite = { text: typeof replacement === 'string' ? replacement : lookup, done: true };
    parts = parts.flatMap((part) =>
      part.done
        ? [part]
        : part.text
            .split(lookup)
            .flatMap((text, n) => (n === 0 ? [{ text, done: false }] : [rewrite, { text, done: false }])),
    );
  });
  return parts.map((part) => part.text).join('');
}

/** `translate()`: a replacement list that is shorter repeats its last character. */
export function translate(searchList: string, replacementList: string, source: string): string {
  const search = [...searchList];
  const replacement = [...replacementList];
  return [...source]
    .map((character) => {
      const at = search.indexOf(character);
      return at < 0 ? character : (replacement[Math.min(at, replacement.length - 1)] ?? '');
    })
    .join('');
}

export function codePoints(source: string): Dynamic {
  return Array.from(source, (character) => BigInt(character.codePointAt(0) ?? 0));
}

export function codePointsToString(...values: Dynamic[]): string | null {
  const points = values.flatMap((value) => (Array.isArray(value) ? value : [value]));
  if (!points.every((point) => typeof point === 'bigint' && point >= 0n && point <= 0x10ffffn)) return null;
  return points.map((point) => String.fromCodePoint(Number(point))).join('');
}

const LETTER = /[\p{L}\p{N}]/u;

/** Whether a character is part of a term; everything else separates terms. */
export function isTermCharacter(character: string | undefined): boolean {
  return character !== undefined && LETTER.test(character);
}

/**
 * Whether a text has another, with no term character before or after it where that is asked; both are folded already
 * where case does not count. Where the wanted text itself begins or ends outside a term, nothing is asked there.
 */
export function hasTerm(text: string, wanted: string, before: boolean, after: boolean): boolean {
  if (wanted === '') return true;
  const opens = before && isTermCharacter([...wanted][0]);
  const closes = after && isTermCharacter([...wanted].at(-1));
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const previous = [...text.slice(Math.max(0, at - 2), at)].at(-1);
    const next = [...text.slice(at + wanted.length, at + wanted.length + 2)][0];
    if (!(opens && isTermCharacter(previous)) && !(closes && isTermCharacter(next))) return true;
  }
  return false;
}

/** Index of the first element that the text has, else -1. */
export function hasAnyIndex(source: string, values: Dynamic): bigint | null {
  if (!Array.isArray(values)) return null;
  const text = source.toLowerCase();
  return BigInt(values.findIndex((value) => hasTerm(text, dynamicToText(value).toLowerCase(), true, true)));
}

const BYTE_UNITS = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** `format_bytes()`: the greatest unit of 1,024 that leaves at least one, or the unit asked for. */
export function formatBytes(size: number, precision = 0n, unit?: string): string | null {
  const asked = unit === undefined ? -1 : BYTE_UNITS.findIndex((name) => name.toLowerCase() === unit.toLowerCase());
  if (unit !== undefined && asked < 0) return null;
  let power = asked;
  if (power < 0) for (power = 0; power < 6 && Math.abs(size) >= 1024 ** (power + 1); ) power++;
  const digits = 10 ** Math.min(Math.max(Number(precision), 0), 15);
  const scaled = size / 1024 ** power;
  const rounded = (Math.sign(scaled) * Math.round(Math.abs(scaled) * digits)) / digits;
  return `${rounded} ${BYTE_UNITS[power]}`;
}
