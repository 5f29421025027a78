/** An analytics rule of ARM JSON, or as Azure answers it, in the package's YAML. Pure. */
import { stringify } from 'yaml';
import { UserError } from '../diagnostics/errors.ts';
import { at, isObject, type Json, type JsonObject } from './json.ts';

const triggers: Readonly<Record<string, string>> = { greaterthan: 'gt', lessthan: 'lt', equal: 'eq', notequal: 'ne' };

/**
 * The rules in an ARM template, an export of the portal, an answer of the REST API or one resource.
 * @throws UserError where there is none.
 */
export function rulesIn(value: Json): JsonObject[] {
  const list = isObject(value) ? (value.resources ?? value.value ?? [value]) : value;
  const candidates = Array.isArray(list)
    ? list.filter(isObject)
    : isObject(list)
      ? Object.values(list).filter(isObject)
      : [];
  const rules = candidates.filter(
    (item) =>
      /^(scheduled|nrt)$/i.test(String(item.kind)) &&
      isObject(item.properties) &&
      typeof item.properties.query === 'string',
  );
  if (rules.length === 0) {
    throw new UserError('import-nothing', {
      what: 'no scheduled or near-real-time analytics rule in it',
      remedy: 'give an exported rule (portal, Analytics, Export), an ARM template, or an answer of the REST API',
    });
  }
  return rules;
}

/** A GUID of the rule's own name or id; ARM exports wrap it into expressions. */
export function ruleId(rule: JsonObject): string | undefined {
  const guid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?!.*[0-9a-f]{8}-(?:[0-9a-f]{4}-){3})/i;
  return (guid.exec(String(rule.name ?? '')) ?? guid.exec(String(rule.id ?? '')))?.[0]?.toLowerCase();
}

/** File name from the rule's name. */
export function slugOf(rule: JsonObject): string {
  const name = String(at(rule, 'properties.displayName') ?? 'imported-rule');
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'imported-rule'
  );
}

/** The rule as YAML, its fields in the order of Azure-Sentinel's files. @param newId for a rule without one. */
export function ruleYaml(rule: JsonObject, newId: () => string): string {
  const properties = rule.properties as JsonObject;
  const kind = String(rule.kind).toUpperCase() === 'NRT' ? 'NRT' : 'Scheduled';
  const get = (path: string): Json | undefined => unescaped(at(properties, path));
  const override = get('alertDetailsOverride');
  const incident = get('incidentConfiguration');
  const document: Record<string, Json | undefined> = {
    id: ruleId(rule) ?? newId(),
    name: get('displayName'),
    description: get('description') ?? '',
    severity: get('severity'),
    requiredDataConnectors: [],
    ...(kind === 'Scheduled'
      ? {
          queryFrequency: shortDuration(String(get('queryFrequency') ?? 'PT1H')),
          queryPeriod: shortDuration(String(get('queryPeriod') ?? 'PT1H')),
          triggerOperator: triggers[String(get('triggerOperator') ?? 'GreaterThan').toLowerCase()] ?? 'gt',
          triggerThreshold: get('triggerThreshold') ?? 0,
        }
      : {}),
    tactics: get('tactics') ?? [],
    relevantTechniques: [...new Set([...(listOf(get('subTechniques')) ?? []), ...(listOf(get('techniques')) ?? [])])],
    query: `${String(get('query'))
      .replace(/\r\n?/g, '\n')
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .trim()}\n`,
    entityMappings: get('entityMappings') ?? [],
    customDetails: get('customDetails'),
    alertDetailsOverride: override,
    eventGroupingSettings: get('eventGroupingSettings'),
    incidentConfiguration: isObject(incident) ? withShortWindow(incident) : undefined,
    ...(get('suppressionEnabled') === true
      ? { suppressionEnabled: true, suppressionDuration: shortDuration(String(get('suppressionDuration'))) }
      : {}),
    version: String(get('templateVersion') ?? '1.0.0'),
    kind,
  };
  const kept = Object.fromEntries(
    Object.entries(document)
      .map(([name, value]) => [name, withoutNull(value)])
      .filter(([, value]) => value !== undefined),
  );
  return stringify(kept, { lineWidth: 0, blockQuote: 'literal' });
}

function listOf(value: Json | undefined): Json[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** ARM escapes texts that begin with a bracket. */
function unescaped(value: Json | undefined): Json | undefined {
  return typeof value === 'string' && value.startsWith('[[') ? value.slice(1) : value;
}

function withoutNull(value: Json | undefined): Json | undefined {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map((item) => withoutNull(item) ?? null);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]): [string, Json][] =>
      inner === null ? [] : [[name, withoutNull(inner)!]],
    ),
  );
}

function withShortWindow(incident: JsonObject): JsonObject {
  const grouping = incident.groupingConfiguration;
  if (!isObject(grouping) || typeof grouping.lookbackDuration !== 'string') return incident;
  return {
    ...incident,
    groupingConfiguration: { ...grouping, lookbackDuration: shortDuration(grouping.lookbackDuration) },
  };
}

/** `PT5M` as `5m`; what has several units stays ISO 8601. */
export function shortDuration(iso: string): string {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/i.exec(iso);
  if (!match) return iso;
  const parts = [match[1] && `${match[1]}d`, match[2] && `${match[2]}h`, match[3] && `${match[3]}m`].filter(Boolean);
  return parts.length === 1 ? (parts[0] as string) : iso;
}
