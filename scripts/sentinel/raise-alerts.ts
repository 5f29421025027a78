/** From the result rows of one run to alerts, with the service's limits. */
import { createHash } from 'node:crypto';
import type { AlertDetailsOverride, AlertSeverity, AnalyticsRule } from '../content/model.ts';
import type { QueryResult } from '../engines/query-engine.ts';
import type { Alert, Row } from './alert.ts';
import { mapEntities } from './entity.ts';
import type { Run } from './schedule.ts';
import { cutToBytes, textOf } from './text.ts';

/** A rule as it is deployed. */
export interface DeployedRule {
  readonly slug: string;
  /** `query` is self-contained. */
  readonly rule: AnalyticsRule;
  /** The same query as it is written, calling stored functions: sooner bound, so that it serves to reason about. */
  readonly storedQuery?: string;
}

/** Alerts of one run; the last one is the summary (azure-docs, sentinel-service-limits.md). */
const ALERTS_PER_RUN = { Scheduled: 150, NRT: 30 } as const;

const NAME_BYTES = 256;
const DESCRIPTION_BYTES = 5 * 1024;
const PLACEHOLDERS_PER_FORMAT = 3;
const CUSTOM_DETAIL_KEYS = 20;
const CUSTOM_DETAIL_VALUES = 50;
const CUSTOM_DETAILS_BYTES = 2 * 1024;
const DYNAMIC_PROPERTY_BYTES = 5 * 1024;

export const SEVERITIES: readonly AlertSeverity[] = ['Informational', 'Low', 'Medium', 'High'];

/** specs, AlertRules.json, AttackTactic. */
const TACTICS: ReadonlySet<string> = new Set([
  'Reconnaissance',
  'ResourceDevelopment',
  'InitialAccess',
  'Execution',
  'Persistence',
  'PrivilegeEscalation',
  'DefenseEvasion',
  'CredentialAccess',
  'Discovery',
  'LateralMovement',
  'Collection',
  'Exfiltration',
  'CommandAndControl',
  'Impact',
  'PreAttack',
  'ImpairProcessControl',
  'InhibitResponseFunction',
]);

/** Whether a run with so many rows raises an alert. A near-real-time rule raises on any row. */
export function exceedsThreshold(
  rule: Pick<AnalyticsRule, 'kind' | 'triggerOperator' | 'triggerThreshold'>,
  rows: number,
): boolean {
  if (rule.kind === 'NRT') return rows > 0;
  const threshold = rule.triggerThreshold ?? 0;
  switch (rule.triggerOperator ?? 'gt') {
    case 'gt':
      return rows > threshold;
    case 'lt':
      return rows < threshold;
    case 'eq':
      return rows === threshold;
    case 'ne':
      return rows !== threshold;
  }
}

/** The rows of a result as objects. */
export function rowsOf(result: QueryResult): Row[] {
  const names = result.columns.map((column) => column.name);
  return result.rows.map((values) => Object.fromEntries(names.map((name, index) => [name, values[index] ?? null])));
}

/** The alerts that one run raises; none when the threshold is not crossed. */
export function raiseAlerts(deployed: DeployedRule, result: QueryResult, run: Run): Alert[] {
  const { rule } = deployed;
  const rows = inOrder(rowsOf(result));
  if (!exceedsThreshold(rule, rows.length)) return [];
  if (rule.eventGroupingSettings?.aggregationKind !== 'AlertPerResult') return [makeAlert(deployed, rows, run, 0)];
  const limit = ALERTS_PER_RUN[rule.kind];
  if (rows.length <= limit) return rows.map((row, index) => makeAlert(deployed, [row], run, index));
  const single = rows.slice(0, limit - 1).map((row, index) => makeAlert(deployed, [row], run, index));
  const rest = rows.slice(limit - 1);
  const summary = makeAlert(deployed, rest, run, limit - 1);
  return [...single, { ...summary, summary: true, losses: [...summary.losses, `stands for ${rest.length} results`] }];
}

/**
 * By time, then by what they say: a query answers its rows in no certain order, and the first one names the alert. What
 * is raised has to be the same each time a scenario is run.
 */
function inOrder(rows: readonly Row[]): Row[] {
  const key = (row: Row): string => `${String(row.TimeGenerated ?? '')}\n${JSON.stringify(row)}`;
  const keyed = rows.map((row) => ({ row, key: key(row) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ row }) => row);
}

function makeAlert({ slug, rule }: DeployedRule, rows: readonly Row[], run: Run, position: number): Alert {
  const losses: string[] = [];
  const first = rows[0];
  const override = rule.alertDetailsOverride ?? {};
  const mapped = mapEntities(rule.entityMappings, rows);
  losses.push(...mapped.losses);
  const title = render(override.alertDisplayNameFormat, first, rule.name, NAME_BYTES, 'title', losses);
  const description = render(
    override.alertDescriptionFormat,
    first,
    rule.description,
    DESCRIPTION_BYTES,
    'description',
    losses,
  );
  const dynamicProperties = dynamicPropertiesOf(override, first, losses);
  const { start, end } = activityTimes(rows, run);
  return {
    id: alertId(rule.id, run.at, position),
    rule: { slug, id: rule.id, name: rule.name, kind: rule.kind },
    title,
    description,
    severity: severityOf(override, first, rule.severity, losses),
    tactics: tacticsOf(override, first, rule.tactics, losses),
    techniques: dynamicProperties.Techniques?.split(/\s*,\s*/) ?? rule.relevantTechniques,
    entities: mapped.entities,
    customDetails: customDetailsOf(rule.customDetails ?? {}, rows, losses),
    dynamicProperties,
    raisedAt: new Date(run.at).toISOString(),
    startTime: start,
    endTime: end,
    rows,
    summary: false,
    losses,
  };
}

/** A name-based GUID: the same rule, run and position give the same alert. */
function alertId(ruleId: string, at: number, position: number): string {
  const digest = createHash('sha256').update(`${ruleId}/${at}/${position}`).digest('hex');
  return digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5');
}

/** Placeholders of an override take their values from the first row (azure-docs, customize-alert-details.md). */
function render(
  format: string | undefined,
  row: Row | undefined,
  fallback: string,
  bytes: number,
  what: string,
  losses: string[],
): string {
  if (format === undefined || row === undefined) return fallback;
  let used = 0;
  const text = format.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (placeholder, column: string) => {
    if (++used > PLACEHOLDERS_PER_FORMAT) {
      losses.push(`${what}: only ${PLACEHOLDERS_PER_FORMAT} placeholders are filled`);
      return placeholder;
    }
    if (!(column in row)) losses.push(`${what}: no column ${column}`);
    return textOf(row[column]);
  });
  const cut = cutToBytes(text, bytes);
  if (cut !== text) losses.push(`${what} cut to ${bytes} bytes`);
  return cut.trim() === '' ? fallback : cut;
}

function severityOf(
  override: AlertDetailsOverride,
  row: Row | undefined,
  fallback: AlertSeverity,
  losses: string[],
): AlertSeverity {
  const column = override.alertSeverityColumnName;
  if (!column || row === undefined) return fallback;
  const value = textOf(row[column]);
  const severity = SEVERITIES.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
  if (severity === undefined) losses.push(`"${value}" in ${column} is no severity; the rule's stays`);
  return severity ?? fallback;
}

function tacticsOf(
  override: AlertDetailsOverride,
  row: Row | undefined,
  fallback: readonly string[],
  losses: string[],
): readonly string[] {
  const column = override.alertTacticsColumnName;
  if (!column || row === undefined) return fallback;
  const value = row[column];
  const names = (Array.isArray(value) ? value.map(textOf) : textOf(value).split(',')).map((name) => name.trim());
  const known = names.filter((name) => TACTICS.has(name));
  const unknown = names.filter((name) => name !== '' && !TACTICS.has(name));
  if (unknown.length > 0) losses.push(`${unknown.join(', ')} in ${column} is no tactic`);
  return known.length > 0 ? known : fallback;
}

function dynamicPropertiesOf(
  override: AlertDetailsOverride,
  row: Row | undefined,
  losses: string[],
): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const { alertProperty, value } of override.alertDynamicProperties ?? []) {
    const text = textOf(row?.[value]);
    const cut = cutToBytes(text, DYNAMIC_PROPERTY_BYTES);
    if (cut !== text) losses.push(`${alertProperty} cut to ${DYNAMIC_PROPERTY_BYTES} bytes`);
    if (cut !== '') properties[alertProperty] = cut;
  }
  return properties;
}

function customDetailsOf(
  columns: Readonly<Record<string, string>>,
  rows: readonly Row[],
  losses: string[],
): Record<string, readonly string[]> {
  const details: Record<string, string[]> = {};
  const entries = Object.entries(columns);
  if (entries.length > CUSTOM_DETAIL_KEYS) losses.push(`custom details: only ${CUSTOM_DETAIL_KEYS} keys are kept`);
  let bytes = 0;
  for (const [key, column] of entries.slice(0, CUSTOM_DETAIL_KEYS)) {
    const values = new Set(rows.map((row) => textOf(row[column])).filter((value) => value !== ''));
    if (values.size > CUSTOM_DETAIL_VALUES) {
      losses.push(`custom detail ${key}: only ${CUSTOM_DETAIL_VALUES} of ${values.size} values are kept`);
    }
    const kept: string[] = [];
    for (const value of [...values].slice(0, CUSTOM_DETAIL_VALUES)) {
      const size = Buffer.byteLength(value) + (kept.length === 0 ? Buffer.byteLength(key) : 0);
      if (bytes + size > CUSTOM_DETAILS_BYTES) {
        losses.push(`custom details exceed 2 KB: values of ${key} are dropped`);
        break;
      }
      bytes += size;
      kept.push(value);
    }
    if (kept.length > 0) details[key] = kept;
  }
  return details;
}

function activityTimes(rows: readonly Row[], run: Run): { start: string; end: string } {
  const times = rows
    .map((row) => row.TimeGenerated)
    .filter((value): value is string => typeof value === 'string' && !Number.isNaN(Date.parse(value)))
    .sort((a, b) => Date.parse(a) - Date.parse(b));
  const window = run.visibility.timeGenerated ?? run.visibility.ingested ?? {};
  return {
    start: times[0] ?? window.from?.toISOString() ?? new Date(run.at).toISOString(),
    end: times.at(-1) ?? window.to?.toISOString() ?? new Date(run.at).toISOString(),
  };
}
