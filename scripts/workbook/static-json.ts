/** Static JSON data sources (query type 8) and the rows of JSON parameters. */
import { JSONPath } from 'jsonpath-plus';
import type { Column, KustoType, QueryResult, Value } from '../engines/query-engine.ts';
import { isRecord, type JsonRecord, listOf, recordOf, textOf } from './lenient.ts';
import { parseLooseJson } from './loose-json.ts';

/**
 * The table of a static JSON query: its `content` (JSON text or JSON), through its `jsonpath` transformer if it has one.
 * Undefined where the content is no JSON. Source: Documentation/DataSources/Json.md.
 */
export function staticJsonResult(query: string): QueryResult | undefined {
  const source = parseLooseJson(query);
  if (source === undefined) return undefined;
  if (!isRecord(source) || !('content' in source)) return tableOf(source);
  const content = typeof source.content === 'string' ? parseLooseJson(source.content) : source.content;
  if (content === undefined) return source.content === '' ? { columns: [], rows: [] } : undefined;
  const transformer = listOf(source.transformers).find(isRecord);
  return transformer ? transform(content, recordOf(transformer.settings)) : tableOf(content);
}

/** Objects become rows with the union of their keys as columns; anything else a single column `value`. */
export function tableOf(content: unknown): QueryResult {
  const items = Array.isArray(content) ? content : [content];
  const records = items.filter(isRecord);
  if (records.length === 0) {
    const values = items.filter((item) => item !== null && item !== undefined) as Value[];
    return { columns: values.length === 0 ? [] : [column('value', values)], rows: values.map((value) => [value]) };
  }
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const rows = records.map((record) => names.map((name) => (record[name] ?? null) as Value));
  return { columns: names.map((name, at) => column(name, columnValues(rows, at))), rows };
}

function columnValues(rows: readonly Value[][], at: number): Value[] {
  return rows.map((row) => row[at] ?? null);
}

function transform(content: unknown, settings: JsonRecord): QueryResult {
  const tablePath = textOf(settings.tablePath);
  const found = tablePath ? query(content, tablePath) : content;
  const items = Array.isArray(found) ? found : found === undefined ? [] : [found];
  const definitions = listOf(settings.columns).filter(isRecord);
  if (definitions.length === 0) return tableOf(items);
  const rows = items.map((item) => definitions.map((definition) => cell(item, definition)));
  return {
    columns: definitions.map((definition, at) => ({
      name: textOf(definition.columnid) ?? textOf(definition.columnId) ?? textOf(definition.path) ?? `Column${at + 1}`,
      type: columnType(textOf(definition.columnType)) ?? column('', columnValues(rows, at)).type,
    })),
    rows,
  };
}

function cell(item: unknown, definition: JsonRecord): Value {
  const value = (query(item, textOf(definition.path) ?? '$') ?? null) as Value;
  const pattern = textOf(definition.substringRegexMatch);
  if (!pattern || typeof value !== 'string') return value;
  try {
    const replace = textOf(definition.substringReplace);
    const match = new RegExp(pattern).exec(value);
    if (replace) return value.replace(new RegExp(pattern), replace);
    return match ? (match[1] ?? match[0]) : value;
  } catch {
    return value;
  }
}

function query(json: unknown, path: string): unknown {
  if (typeof json !== 'object' || json === null) return path === '$' || path === '' ? json : undefined;
  const rooted = path === '' ? '$' : path.startsWith('$') ? path : `$.${path}`;
  try {
    return JSONPath({ path: rooted, json, wrap: false, eval: false });
  } catch {
    return undefined;
  }
}

function columnType(name: string | undefined): KustoType | undefined {
  const types = [
    'bool',
    'datetime',
    'decimal',
    'dynamic',
    'guid',
    'int',
    'long',
    'real',
    'string',
    'timespan',
  ] as const;
  return types.find((type) => type === name?.toLowerCase());
}

function column(name: string, values: readonly Value[]): Column {
  const filled = values.filter((value) => value !== null);
  const all = (test: (value: Value) => boolean) => filled.length > 0 && filled.every(test);
  if (all((value) => typeof value === 'number')) {
    return { name, type: filled.every((value) => Number.isInteger(value)) ? 'long' : 'real' };
  }
  if (all((value) => typeof value === 'boolean')) return { name, type: 'bool' };
  if (all((value) => typeof value === 'string' && ISO_DATE.test(value))) return { name, type: 'datetime' };
  return { name, type: filled.some((value) => typeof value === 'object') ? 'dynamic' : 'string' };
}

const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/;
