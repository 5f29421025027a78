/** From alerts to incidents: creation, grouping, reopening. */

import { durationMs, HOUR } from '../content/duration.ts';
import type { AnalyticsRule, GroupingConfiguration } from '../content/model.ts';
import type { Alert } from './alert.ts';
import { type Entity, entityKey } from './entity.ts';
import type { Incident, IncidentTask } from './incident.ts';
import { SEVERITIES } from './raise-alerts.ts';

/** azure-docs, sentinel-service-limits.md. */
const ALERTS_PER_INCIDENT = 150;
const DEFAULT_LOOKBACK = 5 * HOUR;

export interface GroupingOptions {
  /** The "Tasks" of the rule's triage guide. */
  tasks?: readonly IncidentTask[];
  /** Times (milliseconds since 1970) at which analysts close every open incident of the rule. */
  closedAt?: readonly number[];
  /** Number of the first incident. Default 1. */
  firstNumber?: number;
}

/** An incident while it grows. */
interface OpenIncident {
  key: string;
  alerts: Alert[];
  closed: boolean;
  reopened: boolean;
}

/**
 * The incidents that the alerts of one rule make, in the order of creation. An alert joins the newest incident with the
 * same grouping key that holds an alert of the last `lookbackDuration` and fewer than 150 alerts; a closed one only when
 * the rule reopens closed incidents.
 */
export function groupIncidents(
  rule: Pick<AnalyticsRule, 'incidentConfiguration'>,
  alerts: readonly Alert[],
  options: GroupingOptions = {},
): Incident[] {
  if (rule.incidentConfiguration?.createIncident === false) return [];
  const grouping = rule.incidentConfiguration?.groupingConfiguration;
  const lookback = durationMs(grouping?.lookbackDuration ?? '') ?? DEFAULT_LOOKBACK;
  const closures = [...(options.closedAt ?? [])].sort((a, b) => a - b);
  const incidents: OpenIncident[] = [];
  const closeUntil = (time: number): void => {
    while (closures.length > 0 && closures[0]! <= time) {
      closures.shift();
      for (const incident of incidents) incident.closed = true;
    }
  };
  for (const alert of alerts) {
    const raised = Date.parse(alert.raisedAt);
    closeUntil(raised);
    const key = grouping?.enabled ? groupingKey(grouping, alert) : undefined;
    const joins = (incident: OpenIncident): boolean =>
      incident.key === key &&
      incident.alerts.length < ALERTS_PER_INCIDENT &&
      raised - Date.parse(incident.alerts.at(-1)!.raisedAt) <= lookback &&
      (!incident.closed || grouping!.reopenClosedIncident);
    const found = key === undefined ? undefined : incidents.findLast(joins);
    if (found === undefined) {
      incidents.push({ key: key ?? '', alerts: [alert], closed: false, reopened: false });
      continue;
    }
    found.alerts.push(alert);
    if (found.closed) {
      found.closed = false;
      found.reopened = true;
    }
  }
  closeUntil(Number.POSITIVE_INFINITY);
  return incidents.map((incident, index) => build(incident, (options.firstNumber ?? 1) + index, options.tasks ?? []));
}

function groupingKey(grouping: GroupingConfiguration, alert: Alert): string {
  const entities = (types?: readonly string[]): string[] =>
    alert.entities
      .filter((entity) => types === undefined || types.includes(entity.type))
      .map(entityKey)
      .sort();
  switch (grouping.matchingMethod) {
    case 'AnyAlert':
      return 'any';
    case 'AllEntities':
      return JSON.stringify(entities());
    case 'Selected':
      return JSON.stringify([
        entities(grouping.groupByEntities ?? []),
        (grouping.groupByAlertDetails ?? []).map((detail) => (detail === 'Severity' ? alert.severity : alert.title)),
        (grouping.groupByCustomDetails ?? []).map((key) => [...(alert.customDetails[key] ?? [])].sort()),
      ]);
  }
}

function build(incident: OpenIncident, number: number, tasks: readonly IncidentTask[]): Incident {
  const { alerts } = incident;
  const first = alerts[0]!;
  const severities = alerts.map((alert) => SEVERITIES.indexOf(alert.severity));
  return {
    number,
    id: first.id,
    rule: first.rule,
    title: first.title,
    description: first.description,
    severity: SEVERITIES[Math.max(...severities)]!,
    status: incident.closed ? 'Closed' : incident.reopened ? 'Active' : 'New',
    tactics: distinct(alerts.flatMap((alert) => alert.tactics)),
    techniques: distinct(alerts.flatMap((alert) => alert.techniques)),
    entities: distinctEntities(alerts.flatMap((alert) => alert.entities)),
    customDetails: mergedDetails(alerts),
    tasks,
    alerts,
    createdAt: first.raisedAt,
    updatedAt: alerts.at(-1)!.raisedAt,
  };
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function distinctEntities(entities: readonly Entity[]): Entity[] {
  return [...new Map(entities.map((entity) => [entityKey(entity), entity])).values()];
}

function mergedDetails(alerts: readonly Alert[]): Record<string, readonly string[]> {
  const merged = new Map<string, Set<string>>();
  for (const alert of alerts) {
    for (const [key, values] of Object.entries(alert.customDetails)) {
      const all = merged.get(key) ?? new Set();
      for (const value of values) all.add(value);
      merged.set(key, all);
    }
  }
  return Object.fromEntries([...merged].map(([key, values]) => [key, [...values]]));
}
