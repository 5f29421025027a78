/**
 * One form for equal settings. What the repository wants and what Azure holds both go through here, so that a difference
 * in case, order, spelling of a duration, or a property that the service adds, is none.
 */
import { parse as parseDuration } from 'tinyduration';
import { at, canonical, isObject, type Json, type JsonObject } from './json.ts';
import { type Field, type Kind, kindOf } from './kinds.ts';

/** The governed fields of a resource by path; a field that is absent, or holds the service's default, is left out. */
export type Fields = Readonly<Record<string, Json>>;

/** The fields of `resource` (as sent or as read), normalised. */
export function fieldsOf(kind: Kind, resource: JsonObject): Fields {
  const fields: Record<string, Json> = {};
  for (const field of kindOf(kind).fields) {
    const value = normalizeField(field, at(resource, field.path));
    if (value !== undefined) fields[field.path] = value;
  }
  return fields;
}

/** Properties whose value is a duration. */
const durations = new Set(['queryfrequency', 'queryperiod', 'suppressionduration', 'lookbackduration']);

/** Lists whose order means nothing. */
const sets = new Set([
  'tactics',
  'techniques',
  'subtechniques',
  'entitymappings',
  'fieldmappings',
  'groupbyentities',
  'groupbyalertdetails',
  'groupbycustomdetails',
  'alertdynamicproperties',
  'conditions',
  'innerconditions',
  'itemconditions',
  'propertyvalues',
  'labels',
  'tags',
]);

/** Properties whose value is a word of the API: compared without case. */
const words = new Set([
  'kind',
  'severity',
  'triggeroperator',
  'tactics',
  'entitytype',
  'aggregationkind',
  'matchingmethod',
  'groupbyentities',
  'groupbyalertdetails',
  'alertproperty',
  'triggerson',
  'triggerswhen',
  'conditiontype',
  'operator',
  'actiontype',
  'changetype',
  'arraytype',
  'arrayconditiontype',
  'propertyname',
  'status',
  'classification',
  'classificationreason',
  'state',
  'type',
  'category',
  'identifier',
]);

/** What the service stores where the body says nothing. */
const defaults: Readonly<Record<string, Json>> = {
  'properties.eventGroupingSettings': { aggregationKind: 'singlealert' },
  'properties.incidentConfiguration.createIncident': true,
  'properties.state': 'enabled',
  'properties.triggeringLogic.isEnabled': true,
};

/** The normal form of one field's value; undefined where nothing is set. */
export function normalizeField(field: Field, value: Json | undefined): Json | undefined {
  if (value === undefined || value === null) return defaults[field.path];
  const name = field.path.split('.').at(-1)!;
  let normal: Json | undefined;
  if (field.shape === 'opaque') normal = opaque(field.path, value);
  else if (field.shape === 'text') normal = typeof value === 'string' ? text(value) : value;
  else normal = plain(name.toLowerCase(), value);
  if (field.path.endsWith('groupingConfiguration')) normal = grouping(normal);
  if (field.path === 'tags') normal = ownTags(normal);
  return normal ?? defaults[field.path];
}

/** Line ends and white space at the ends of lines say nothing in KQL or prose. */
function text(value: string): string {
  return value
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}

function plain(name: string, value: Json): Json | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string') return plainText(name, value);
  if (Array.isArray(value)) {
    const items = value.map((item) => plain(name, item)).filter((item) => item !== undefined);
    if (items.length === 0) return undefined;
    if (name === 'actions') return [...items].sort((a, b) => orderOf(a) - orderOf(b));
    return sets.has(name) ? [...items].sort(byText) : items;
  }
  if (!isObject(value)) return value;
  const entries: [string, Json][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const normal = plain(key.toLowerCase(), inner);
    // The keys of custom details are names that the rule's author chose.
    if (normal !== undefined) entries.push([name === 'customdetails' ? key : lowerFirst(key), normal]);
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function plainText(name: string, value: string): string | undefined {
  if (value === '') return undefined;
  // A role is the same at every scope that its id is spelled with.
  if (name === 'roledefinitionid') return value.split('/').at(-1)!.toLowerCase();
  if (durations.has(name)) return duration(value);
  if (/^\/?subscriptions\//i.test(value)) return resourceId(value);
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)) return value.toLowerCase();
  if (words.has(name)) return value.toLowerCase();
  if (/timeutc$/.test(name) && !Number.isNaN(Date.parse(value))) return new Date(value).toISOString();
  return text(value);
}

/** An ARM id without case and without a slash at its end. */
export function resourceId(value: string): string {
  return `/${value.replace(/^\/+|\/+$/g, '')}`.toLowerCase();
}

/** `PT60M`, `PT1H` and .NET's `01:00:00` are one duration: its length in seconds, spelled `PT3600S`. */
export function duration(value: string): string {
  const clock = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?$/.exec(value);
  if (clock) {
    const [days, hours, minutes, seconds] = clock.slice(1).map((part) => Number(part ?? 0)) as [
      number,
      number,
      number,
      number,
    ];
    return `PT${((days * 24 + hours) * 60 + minutes) * 60 + seconds}S`;
  }
  try {
    const { weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0, years = 0, months = 0 } = parseDuration(value);
    // Years and months have no fixed length; they appear in retention only and stay as written.
    if (years || months) return value.toUpperCase();
    return `PT${(((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds}S`;
  } catch {
    return value;
  }
}

/** A JSON document whose parts the service does not touch, apart from the case of resource ids. */
function opaque(path: string, value: Json): Json | undefined {
  if (typeof value === 'string' && path.endsWith('serializedData')) {
    try {
      return opaque('', JSON.parse(value) as Json);
    } catch {
      return value;
    }
  }
  if (typeof value === 'string')
    return /^\/subscriptions\//i.test(value) ? resourceId(value) : value.replace(/\r\n?/g, '\n');
  if (Array.isArray(value)) return value.map((item) => opaque('', item) ?? null);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => [key, opaque('', inner) ?? null]);
  // A parameter that is a secret comes back without its value.
  const shown = path === 'properties.parameters' ? entries.filter(([, inner]) => !isSecret(inner)) : entries;
  if (path !== '' && shown.length === 0) return undefined;
  return Object.fromEntries(shown);
}

function isSecret(parameter: Json): boolean {
  if (!isObject(parameter)) return false;
  return (typeof parameter.type === 'string' && /^secure/i.test(parameter.type)) || !('value' in parameter);
}

/** Grouping that is off has no further settings that matter. */
function grouping(value: Json | undefined): Json | undefined {
  if (!isObject(value) || value.enabled === false) return undefined;
  const reopen = value.reopenClosedIncident === undefined ? { reopenClosedIncident: false } : {};
  return { ...value, ...reopen };
}

/** Tags that people and policies put on a resource are theirs; the package governs Sentinel's hidden ones. */
function ownTags(value: Json | undefined): Json | undefined {
  if (!isObject(value)) return undefined;
  const own = Object.entries(value).filter(([name]) => /^hidden-sentinel/i.test(name));
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

function orderOf(action: Json): number {
  return isObject(action) && typeof action.order === 'number' ? action.order : 0;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function byText(a: Json, b: Json): number {
  const [left, right] = [canonical(a), canonical(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
