/** Values on their way into DuckDB and out of it. */
import { formatDatetime, parseDatetime } from '../kql/runtime/datetime.ts';
import { type Dynamic, dynamicToJson, parseDynamic } from '../kql/runtime/dynamic.ts';
import { formatTimespan, parseTimespan } from '../kql/runtime/timespan.ts';
import type { KustoType, Value } from './query-engine.ts';

/** What DuckDB takes for a cell of each Kusto type; see kql/functions/registry.ts. */
export type StoredValue = string | number | bigint | boolean | null;

/** Why a value does not fit its column. */
export class ValueError extends Error {}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * A JSON value as its column stores it. A missing value is null, or '' in a string column.
 * @throws ValueError when the value is of another type
 */
export function storedValue(value: unknown, type: KustoType): StoredValue {
  if (value === null || value === undefined) return type === 'string' ? '' : null;
  switch (type) {
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'bool':
      if (typeof value === 'boolean') return value;
      if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
      break;
    case 'int':
    case 'long': {
      const whole = wholeNumber(value);
      if (whole === undefined) break;
      return type === 'int' ? Number(whole) : whole;
    }
    case 'real':
      if (typeof value === 'number') return value;
      if (typeof value === 'bigint') return Number(value);
      if (typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value)) return Number(value);
      break;
    case 'decimal':
      if (typeof value === 'number' || typeof value === 'bigint') return String(value);
      if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return value;
      break;
    case 'datetime': {
      const ticks = value instanceof Date ? parseDatetime(value.toISOString()) : parseText(value, parseDatetime);
      if (ticks !== undefined) return ticks;
      break;
    }
    case 'timespan': {
      const ticks = parseText(value, parseTimespan);
      if (ticks !== undefined) return ticks;
      break;
    }
    case 'guid':
      if (typeof value === 'string' && GUID.test(value)) return value.toLowerCase();
      break;
    case 'dynamic':
      return dynamicText(value);
  }
  throw new ValueError(`${shown(value)} is not a ${type}`);
}

function parseText(value: unknown, parse: (text: string) => bigint | undefined): bigint | undefined {
  return typeof value === 'string' ? parse(value) : undefined;
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined;
}

/** Objects as they are; text that holds JSON, as the query API returns dynamic columns, is read; other text is a string. */
function dynamicText(value: unknown): string | null {
  if (typeof value !== 'string') {
    const json = jsonText(value);
    return json === 'null' ? null : json;
  }
  const text = value.trim();
  if (text === '') return null;
  if (/^[[{"]/.test(text)) {
    try {
      return dynamicToJson(parseDynamic(text));
    } catch {
      // Not JSON after all.
    }
  }
  return JSON.stringify(value);
}

/** Files are read with objects as maps, which keep the order of their keys and exact numbers; other rows have plain objects. */
function jsonText(value: unknown): string {
  if (value instanceof Map || typeof value === 'bigint') return dynamicToJson(value as Dynamic);
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item ?? null)).join(',')}]`;
  return JSON.stringify(value);
}

function shown(value: unknown): string {
  const text =
    value instanceof Map ? 'an object' : JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A text cell, as CSV files have it. An empty cell is null, or '' in a string column. */
export function storedText(text: string, type: KustoType): StoredValue {
  if (type === 'string') return text;
  if (text === '') return null;
  if (type === 'real') {
    const number = Number(text);
    if (Number.isNaN(number) && text !== 'NaN') throw new ValueError(`"${text}" is not a real`);
    return number;
  }
  return storedValue(type === 'datetime' ? (portalTime(text) ?? text) : text, type);
}

/** The portal's CSV export writes times as `4/28/2021, 2:32:14.029 PM`. */
function portalTime(text: string): string | undefined {
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4}), (\d{1,2}):(\d\d):(\d\d)(\.\d{1,7})? ([AP])M$/.exec(text);
  if (!match) return undefined;
  const [, month = '', day = '', year, hour, minute, second, fraction = '', half] = match;
  const hours = (Number(hour) % 12) + (half === 'P' ? 12 : 0);
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return `${date}T${String(hours).padStart(2, '0')}:${minute}:${second}${fraction}Z`;
}

/** A cell of a result as the engines answer it; see `Value`. */
export function resultValue(value: unknown, type: KustoType): Value {
  if (value === null || value === undefined) return type === 'string' ? '' : null;
  switch (type) {
    case 'long':
    case 'int':
      return typeof value === 'bigint' && !Number.isSafeInteger(Number(value)) ? value.toString() : Number(value);
    case 'real':
      return Number.isFinite(value) ? (value as number) : String(value);
    case 'datetime':
      return formatDatetime(value as bigint);
    case 'timespan':
      return formatTimespan(value as bigint);
    case 'dynamic':
      return dynamicValue(String(value));
    case 'bool':
      return Boolean(value);
    default:
      return String(value);
  }
}

function dynamicValue(json: string): Value {
  if (!/\d{16}/.test(json)) {
    try {
      return JSON.parse(json) as Value;
    } catch {
      return json;
    }
  }
  return plain(parseDynamic(json));
}

function plain(value: Dynamic): Value {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return value;
}
