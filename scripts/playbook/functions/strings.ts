/** String functions of the Workflow Definition Language. */
import type { Value } from '../value.ts';
import { formatNumber } from './dotnet-numbers.ts';
import {
  any,
  checkLength,
  define,
  FunctionError,
  type FunctionTable,
  integer,
  number,
  printValue,
  scalarText,
  text,
} from './function.ts';

const fold = (value: string): string => value.toLowerCase();

function concat(args: Value[]): Value {
  if (args.length > 0 && args.every(Array.isArray)) return (args as Value[][]).flat(1);
  const parts = args.map(printValue);
  checkLength(parts.reduce((sum, part) => sum + part.length, 0));
  return parts.join('');
}

function substring(args: Value[]): Value {
  const source = text(args[0], 'the text of substring()');
  const start = integer(args[1], 'the start of substring()');
  const length = args.length > 2 ? integer(args[2], 'the length of substring()') : source.length - start;
  if (start < 0 || length < 0 || start + length > source.length) {
    throw new FunctionError(
      `substring() from ${start} with length ${length} is outside of a text of length ${source.length}`,
    );
  }
  return source.slice(start, start + length);
}

function nthIndexOf(args: Value[]): Value {
  const source = fold(text(args[0], 'the text of nthIndexOf()'));
  const search = fold(text(args[1], 'the search text of nthIndexOf()'));
  const occurrence = integer(args[2], 'the occurrence of nthIndexOf()');
  if (occurrence === 0) throw new FunctionError('the occurrence of nthIndexOf() must not be 0');
  if (search === '') return 0;
  const found: number[] = [];
  for (let at = source.indexOf(search); at >= 0; at = source.indexOf(search, at + search.length)) found.push(at);
  return found.at(occurrence > 0 ? occurrence - 1 : occurrence) ?? -1;
}

function replace(args: Value[]): Value {
  const source = text(args[0], 'the text of replace()');
  const old = text(args[1], 'the old text of replace()');
  const replacement = text(args[2], 'the new text of replace()');
  if (old === '') throw new FunctionError('the old text of replace() must not be empty');
  const pieces = source.split(old);
  checkLength(source.length + pieces.length * replacement.length);
  return pieces.join(replacement);
}

const xmlEntities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Encodes the five characters that have a meaning in XML and HTML text and attributes. */
export function encodeXmlValue(value: string): string {
  return value.replace(/[&<>"']/g, (character) => xmlEntities[character]!);
}

function decodeXmlValue(value: string): string {
  return value.replace(/&(amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});/gi, (whole, name: string) => {
    if (name.startsWith('#')) {
      const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    }
    return { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[name.toLowerCase()]!;
  });
}

function encodeXmlName(value: string): string {
  return value
    .replace(/[^\p{L}\p{N}_.-]/gu, (character) => {
      const code = character.codePointAt(0)!;
      return `_x${code
        .toString(16)
        .toUpperCase()
        .padStart(code > 0xffff ? 8 : 4, '0')}_`;
    })
    .replace(/^[\d.-]/, (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`);
}

function decodeXmlName(value: string): string {
  return value.replace(/_x([0-9a-f]{4}|[0-9a-f]{8})_/gi, (whole, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

export const stringFunctions: FunctionTable = {
  concat: define(1, any, concat),
  substring: define(2, 3, substring),
  slice: define(2, 3, ([source, start, end]) =>
    text(source, 'the text of slice()').slice(
      integer(start, 'the start of slice()'),
      end === undefined ? undefined : integer(end, 'the end of slice()'),
    ),
  ),
  replace: define(3, 3, replace),
  guid: define(0, 1, ([format], environment) => {
    const guid = environment.guid();
    switch (format === undefined ? 'D' : text(format, 'the format of guid()').toUpperCase()) {
      case 'N':
        return guid.replaceAll('-', '');
      case 'B':
        return `{${guid}}`;
      case 'P':
        return `(${guid})`;
      case 'D':
      case '':
        return guid;
      default:
        throw new FunctionError(`guid() knows the formats D, N, B and P, not '${printValue(format ?? null)}'`);
    }
  }),
  toLower: define(1, 1, ([value]) => scalarText(value, 'the text of toLower()').toLowerCase()),
  toUpper: define(1, 1, ([value]) => scalarText(value, 'the text of toUpper()').toUpperCase()),
  indexOf: define(2, 2, ([source, search]) =>
    fold(text(source, 'the text of indexOf()')).indexOf(fold(text(search, 'the search text of indexOf()'))),
  ),
  lastIndexOf: define(2, 2, ([source, search]) =>
    fold(text(source, 'the text of lastIndexOf()')).lastIndexOf(fold(text(search, 'the search text of lastIndexOf()'))),
  ),
  nthIndexOf: define(3, 3, nthIndexOf),
  startsWith: define(2, 2, ([source, search]) =>
    fold(text(source, 'the text of startsWith()')).startsWith(fold(text(search, 'the search text of startsWith()'))),
  ),
  endsWith: define(2, 2, ([source, search]) =>
    fold(text(source, 'the text of endsWith()')).endsWith(fold(text(search, 'the search text of endsWith()'))),
  ),
  split: define(1, 2, ([source, separator]) => {
    const value = text(source, 'the text of split()');
    return separator === undefined ? value.split(/\s+/) : value.split(text(separator, 'the separator of split()'));
  }),
  trim: define(1, 1, ([value]) => text(value, 'the text of trim()').trim()),
  formatNumber: define(2, 3, ([value, format, locale]) =>
    formatNumber(
      number(value, 'the number of formatNumber()'),
      text(format, 'the format of formatNumber()'),
      locale === undefined ? 'en-US' : text(locale, 'the locale of formatNumber()'),
    ),
  ),
  trimByteOrderMark: define(1, 1, ([value]) => text(value, 'the text of trimByteOrderMark()').replace(/^\uFEFF/, '')),
  encodeXmlValue: define(1, 1, ([value]) => encodeXmlValue(scalarText(value, 'the value of encodeXmlValue()'))),
  decodeXmlValue: define(1, 1, ([value]) => decodeXmlValue(scalarText(value, 'the value of decodeXmlValue()'))),
  encodeXmlName: define(1, 1, ([value]) => encodeXmlName(text(value, 'the name of encodeXmlName()'))),
  decodeXmlName: define(1, 1, ([value]) => decodeXmlName(text(value, 'the name of decodeXmlName()'))),
};
