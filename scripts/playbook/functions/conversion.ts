/** Conversion and URI functions of the Workflow Definition Language. */
import { isObject, kindOf, type Value, type ValueObject } from '../value.ts';
import {
  any,
  decodeContent,
  define,
  encodeContent,
  FunctionError,
  type FunctionTable,
  list,
  normalizeInteger,
  printValue,
  scalarText,
  text,
} from './function.ts';
import { jsonOfXml, parseXml, textOfXml, xmlContent, xmlOfJson } from './xml.ts';

/** Parses JSON text into a value. @throws FunctionError */
export function parseJson(source: string): Value {
  try {
    return JSON.parse(source) as Value;
  } catch {
    throw new FunctionError(`json(): the text is not JSON: ${JSON.stringify(source.slice(0, 60))}`);
  }
}

function json([value]: Value[]): Value {
  if (typeof value === 'string') return /^\s*</.test(value) ? jsonOfXml(parseXml(value)) : parseJson(value);
  const content = decodeContent(value ?? null);
  if (content !== undefined) {
    const source = content.toString('utf8').replace(/^\uFEFF/, '');
    return /^\s*</.test(source) ? jsonOfXml(parseXml(source)) : parseJson(source);
  }
  if (value === null || value === undefined) throw new FunctionError('json() of null');
  return value;
}

function int([value]: Value[]): Value {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' && /^\s*[+-]?\d{1,19}\s*$/.test(value))
    return normalizeInteger(BigInt(value.trim().replace(/^\+/, '')));
  throw new FunctionError(`int() takes an integer, not ${describe(value)}`);
}

function float([value]: Value[]): Value {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'string' && /^\s*[+-]?(\d[\d,]*(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(value))
    return Number(value.replaceAll(',', ''));
  throw new FunctionError(`float() takes a number, not ${describe(value)}`);
}

const describe = (value: Value | undefined): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : kindOf(value ?? null);

function bool([value]: Value[]): Value {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value) !== 0;
  if (typeof value === 'string' && /^\s*(true|false)\s*$/i.test(value)) return value.trim().toLowerCase() === 'true';
  if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return Number(value) !== 0;
  throw new FunctionError(`bool() takes true, false or a number, not ${describe(value)}`);
}

function bytesOf(value: Value | undefined, what: string): Buffer {
  const content = decodeContent(value ?? null);
  return content ?? Buffer.from(scalarText(value, what), 'utf8');
}

function fromBase64(value: Value | undefined, what: string): Buffer {
  const source = text(value, what).replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(source)) throw new FunctionError(`${what} is not base64`);
  return Buffer.from(source, 'base64');
}

const dataUriPattern = /^data:([^,;]*(?:;[^,;=]+=[^,;]*)*)(;base64)?,([\s\S]*)$/i;

function fromDataUri(value: Value | undefined, what: string): { bytes: Buffer; type: string } {
  const match = dataUriPattern.exec(text(value, what));
  if (!match) throw new FunctionError(`${what} is not a data URI`);
  const bytes = match[2] === undefined ? Buffer.from(decodePercent(match[3]!, what)) : fromBase64(match[3]!, what);
  return { bytes, type: match[1] || 'text/plain' };
}

function decodePercent(value: string, what: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new FunctionError(`${what} has a broken percent encoding`);
  }
}

/** .NET's Uri.EscapeDataString: everything but letters, digits and `-_.~`. */
export function encodeUriComponent(value: string): string {
  return encodeURIComponent(
    value.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD'),
  ).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

const encode = define(1, 1, ([value]) => encodeUriComponent(scalarText(value, 'the value of encodeUriComponent()')));
const decode = define(1, 1, ([value]) =>
  decodePercent(scalarText(value, 'the value of decodeUriComponent()'), 'the value of decodeUriComponent()'),
);

const base64ToString = define(1, 1, ([value]) => fromBase64(value, 'the value of base64ToString()').toString('utf8'));
const dataUriToBinary = define(1, 1, ([value]) => {
  const { bytes, type } = fromDataUri(value, 'the value of dataUriToBinary()');
  return encodeContent(bytes, type);
});

export const conversionFunctions: FunctionTable = {
  json: define(1, 2, json),
  xml: define(1, 1, ([value]) => {
    const content = decodeContent(value ?? null);
    if (content !== undefined) return xmlContent(textOfXml(parseXml(content.toString('utf8'))));
    if (typeof value === 'string') return xmlContent(textOfXml(parseXml(value)));
    if (isObject(value)) return xmlContent(xmlOfJson(value));
    throw new FunctionError(`xml() takes text or an object with one root property, not ${kindOf(value ?? null)}`);
  }),
  int: define(1, 2, int),
  float: define(1, 2, float),
  decimal: define(1, 1, float),
  string: define(1, 1, ([value]) => printValue(value ?? null)),
  bool: define(1, 1, bool),
  base64: define(1, 1, ([value]) => bytesOf(value, 'the value of base64()').toString('base64')),
  base64ToBinary: define(1, 1, ([value]) =>
    encodeContent(fromBase64(value, 'the value of base64ToBinary()'), 'application/octet-stream'),
  ),
  base64ToString,
  decodeBase64: base64ToString,
  binary: define(1, 1, ([value]) => encodeContent(bytesOf(value, 'the value of binary()'), 'application/octet-stream')),
  dataUri: define(1, 1, ([value]) => {
    const content = decodeContent(value ?? null);
    const type =
      content !== undefined && isObject(value) ? printValue(value['$content-type'] ?? '') : 'text/plain;charset=utf-8';
    return `data:${type};base64,${bytesOf(value, 'the value of dataUri()').toString('base64')}`;
  }),
  dataUriToBinary,
  decodeDataUri: dataUriToBinary,
  dataUriToString: define(1, 1, ([value]) =>
    fromDataUri(value, 'the value of dataUriToString()').bytes.toString('utf8'),
  ),
  utf8Length: define(1, 1, ([value]) => Buffer.byteLength(text(value, 'the value of utf8Length()'), 'utf8')),
  utf16Length: define(1, 1, ([value]) => text(value, 'the value of utf16Length()').length * 2),
  encodeUriComponent: encode,
  uriComponent: encode,
  decodeUriComponent: decode,
  uriComponentToString: decode,
  uriComponentToBinary: define(1, 1, ([value]) =>
    encodeContent(
      Buffer.from(
        decodePercent(text(value, 'the value of uriComponentToBinary()'), 'the value of uriComponentToBinary()'),
      ),
      'application/octet-stream',
    ),
  ),
  array: define(1, 1, ([value]) => (Array.isArray(value) ? value : [value ?? null])),
  createArray: define(0, any, (args) => args),
  ...formFunctions(),
};

/** `formDataValue` and its kin over an outputs object, which the evaluator puts in front of the written arguments. */
function formFunctions(): FunctionTable {
  const values = (outputs: Value | undefined, key: Value | undefined): string[] => {
    const body = isObject(outputs) ? (outputs.body ?? null) : null;
    const source = decodeContent(body)?.toString('utf8') ?? (typeof body === 'string' ? body : '');
    return new URLSearchParams(source).getAll(text(key, 'the key of the form data'));
  };
  const part = (outputs: Value | undefined, index: Value | undefined): Value => {
    const body = isObject(outputs) ? outputs.body : undefined;
    const parts = isObject(body) && Array.isArray(body.$multipart) ? list(body.$multipart, 'the parts') : [];
    const found = parts[Number(index)];
    if (found === undefined) throw new FunctionError(`the message has no part ${printValue(index ?? null)}`);
    return isObject(found) ? ((found as ValueObject).body ?? null) : found;
  };
  const value = define(2, 2, ([outputs, key]) => {
    const found = values(outputs, key);
    if (found.length !== 1)
      throw new FunctionError(`the form data has ${found.length} values '${printValue(key ?? null)}', not one`);
    return found[0]!;
  });
  const multi = define(2, 2, ([outputs, key]) => values(outputs, key));
  const multipart = define(2, 2, ([outputs, index]) => part(outputs, index));
  return {
    triggerFormDataValue: value,
    triggerFormDataMultiValues: multi,
    triggerMultipartBody: multipart,
    formDataValue: value,
    formDataMultiValues: multi,
    multipartBody: multipart,
  };
}

function url(value: Value | undefined, what: string): URL {
  try {
    return new URL(text(value, what));
  } catch (error) {
    if (error instanceof FunctionError) throw error;
    throw new FunctionError(`${what} is not an absolute URI`);
  }
}

export const uriFunctions: FunctionTable = {
  uriHost: define(1, 1, ([value]) => url(value, 'the value of uriHost()').hostname),
  uriPath: define(1, 1, ([value]) => url(value, 'the value of uriPath()').pathname),
  uriPathAndQuery: define(1, 1, ([value]) => {
    const parsed = url(value, 'the value of uriPathAndQuery()');
    return parsed.pathname + parsed.search;
  }),
  uriPort: define(1, 1, ([value]) => {
    const parsed = url(value, 'the value of uriPort()');
    return parsed.port === ''
      ? ({ 'http:': 80, 'https:': 443, 'ftp:': 21 }[parsed.protocol] ?? -1)
      : Number(parsed.port);
  }),
  uriScheme: define(1, 1, ([value]) => url(value, 'the value of uriScheme()').protocol.replace(/:$/, '')),
  uriQuery: define(1, 1, ([value]) => url(value, 'the value of uriQuery()').search),
};
