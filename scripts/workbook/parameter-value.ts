/** The value of a parameter in force, and the texts that `{Name}` and `{Name:format}` stand for. */
import { JSONPath } from 'jsonpath-plus';
import type { JsonRecord } from './lenient.ts';
import { grainOf, isoDuration, kqlTimespan, type TimeRange, timeRangeLabel } from './time-range.ts';

export interface Choice {
  value: string;
  label: string;
  group?: string;
  /** The row asked to be chosen from the start. */
  selected?: boolean;
}

export type ParameterKind = 'text' | 'choice' | 'time' | 'resource' | 'json';

/** One parameter in scope. `values` is empty where nothing is set. */
export interface ParameterValue {
  name: string;
  kind: ParameterKind;
  /**
   * set: has a value. unset: has none and needs none. waiting: is required and has none, or its own query waits.
   * failed: its query failed. unavailable: its source cannot be reached offline.
   */
  status: 'set' | 'unset' | 'waiting' | 'failed' | 'unavailable';
  values: Choice[];
  multi: boolean;
  quote: string;
  delimiter: string;
  time?: TimeRange;
  /** The raw JSON of an exported row, for `{Name:$.path}`. */
  isGlobal?: boolean;
  message?: string;
}

/** Where the text goes; Azure writes time ranges and several values differently into queries and into prose. */
export type SubstitutionContext = 'query' | 'text';

export function textParameter(name: string, value: string): ParameterValue {
  return {
    name,
    kind: 'text',
    status: value === '' ? 'unset' : 'set',
    values: value === '' ? [] : [{ value, label: value }],
    multi: false,
    quote: '',
    delimiter: ',',
  };
}

/** The value as text, as conditions and criteria compare it. */
export function plainText(parameter: ParameterValue): string {
  if (parameter.time) return timeRangeLabel(parameter.time);
  return parameter.values.map((one) => one.value).join(parameter.delimiter || ',');
}

const UNSET = '<unset>';

/**
 * The text of `{name}` (format empty) or `{name:format}`. Undefined: the format is unknown; Azure leaves the token as
 * it is. Source of the formats: Documentation/Parameters/*.md of Application-Insights-Workbooks.
 */
export function formatParameter(
  parameter: ParameterValue,
  format: string,
  context: SubstitutionContext,
): string | undefined {
  const any = formatAny(parameter, format);
  if (any !== undefined) return any;
  if (parameter.kind === 'time') return formatTime(parameter.time, format, context);
  const empty = parameter.values.length === 0;
  switch (format) {
    case '':
      return empty && context === 'text' ? UNSET : expanded(parameter);
    case 'value':
    case 'query':
      return expanded(parameter);
    case 'label':
      return empty ? UNSET : parameter.values.map((one) => one.label).join(', ');
    case 'escape':
      return parameter.values
        .map((one) => one.value.replace(/[\\'"]/g, (character) => `\\${character}`).replace(/\r?\n/g, '\\n'))
        .join(parameter.delimiter || ',');
    case 'name':
      return parameter.values.map((one) => resourcePart(one.value, 'name')).join(', ');
    case 'id':
      return parameter.values.map((one) => one.value).join(',');
    case 'subscription':
    case 'subscriptionId':
    case 'resourcegroup':
    case 'resourceGroup':
    case 'resourcetype':
    case 'resourceType':
      return parameter.values.map((one) => resourcePart(one.value, format.toLowerCase() as 'subscription')).join(', ');
    case 'grid':
      return parameter.values.map((one) => `${one.label} | ${one.value}`).join('\n');
    default:
      return undefined;
  }
}

/** Whether a format exists at all, for lint; the kind is not known there. */
export function isKnownFormat(format: string): boolean {
  return format.startsWith('$') || KNOWN_FORMATS.has(format);
}

const KNOWN_FORMATS = new Set([
  ...['', 'value', 'query', 'label', 'escape', 'escapejson', 'base64', 'tomltojson', 'name', 'id', 'grid'],
  ...['subscription', 'subscriptionId', 'resourcegroup', 'resourceGroup', 'resourcetype', 'resourceType'],
  ...['start', 'end', 'grain', 'seconds', 'startISO', 'endISO', 'startDateISO', 'endDateISO', 'durationISO'],
]);

function formatAny(parameter: ParameterValue, format: string): string | undefined {
  const text = () => plainText(parameter);
  if (format === 'escapejson') return JSON.stringify(text()).slice(1, -1);
  if (format === 'base64') return Buffer.from(text(), 'utf8').toString('base64');
  if (format === 'tomltojson') return text();
  if (format.startsWith('$')) return jsonPath(text(), format);
  return undefined;
}

/** The value at a JSONPath of a JSON text; empty where the text is no JSON or nothing is there. */
export function jsonPath(text: string, path: string): string {
  try {
    const json: unknown = JSON.parse(text);
    const found: unknown = JSONPath({ path, json: json as JsonRecord, wrap: false, eval: false });
    if (found === undefined || found === null) return '';
    return typeof found === 'object' ? JSON.stringify(found) : String(found);
  } catch {
    return '';
  }
}

function expanded(parameter: ParameterValue): string {
  if (!parameter.multi) return parameter.values[0]?.value ?? '';
  const { quote } = parameter;
  return parameter.values.map((one) => `${quote}${one.value}${quote}`).join(parameter.delimiter || ',');
}

function formatTime(range: TimeRange | undefined, format: string, context: SubstitutionContext): string | undefined {
  if (range === undefined) {
    if (KNOWN_FORMATS.has(format)) return context === 'text' ? UNSET : '';
    return undefined;
  }
  switch (format) {
    case '':
      return context === 'text' ? timeRangeLabel(range) : timeFilter(range);
    case 'label':
      return timeRangeLabel(range);
    case 'value':
    case 'query':
      return timeFilter(range);
    case 'start':
      return context === 'query' ? dateLiteral(range.start) : readable(range.start);
    case 'end':
      return context === 'query' ? dateLiteral(range.end) : readable(range.end);
    case 'grain':
      return grainOf(range);
    case 'seconds':
      return String(Math.round(range.durationMs / 1000));
    case 'startISO':
      return range.start.toISOString();
    case 'endISO':
      return range.end.toISOString();
    case 'startDateISO':
      return range.start.toISOString().slice(0, 10);
    case 'endDateISO':
      return range.end.toISOString().slice(0, 10);
    case 'durationISO':
      return isoDuration(range.durationMs);
    case 'id':
    case 'name':
    case 'escape':
      return timeRangeLabel(range);
    default:
      return undefined;
  }
}

function timeFilter(range: TimeRange): string {
  if (range.kind === 'relative') return ` > ago(${kqlTimespan(range.durationMs)})`;
  return ` between (${dateLiteral(range.start)} .. ${dateLiteral(range.end)})`;
}

function dateLiteral(date: Date): string {
  return `datetime(${date.toISOString()})`;
}

function readable(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** One part of an ARM resource id; the text itself where it is no such id. */
export function resourcePart(
  id: string,
  part: 'name' | 'subscription' | 'subscriptionid' | 'resourcegroup' | 'resourcetype',
): string {
  const segments = id.split('/');
  const after = (word: string): string | undefined => {
    const index = segments.findIndex((one) => one.toLowerCase() === word);
    return index < 0 ? undefined : segments[index + 1];
  };
  switch (part) {
    case 'name':
      return segments.at(-1) ?? id;
    case 'subscription':
    case 'subscriptionid':
      return after('subscriptions') ?? id;
    case 'resourcegroup':
      return after('resourcegroups') ?? '';
    case 'resourcetype': {
      const index = segments.findIndex((one) => one.toLowerCase() === 'providers');
      if (index < 0) return '';
      const types = segments.slice(index + 2).filter((_, at) => at % 2 === 0);
      return [segments[index + 1], ...types].join('/').toLowerCase();
    }
  }
}
