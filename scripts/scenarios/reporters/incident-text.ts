/** An incident as an analyst sees it. */
import pc from 'picocolors';
import type { Alert } from '../../sentinel/alert.ts';
import { describeEntity } from '../../sentinel/entity.ts';
import type { Incident } from '../../sentinel/incident.ts';
import { printable, rowLine, time, wrap } from './words.ts';

const ROWS_SHOWN = 5;

export interface IncidentTextOptions {
  width: number;
  color: boolean;
  /** Also the rows behind each alert. */
  rows?: boolean;
}

/** Title, severity, times, entities, details, tasks, alerts. */
export function incidentText(incident: Incident, options: IncidentTextOptions): string {
  const colors = pc.createColors(options.color);
  const severity = { High: colors.red, Medium: colors.yellow, Low: colors.cyan, Informational: colors.dim };
  const label = (name: string): string => colors.dim(name.padEnd(10));
  const lines = [
    `${severity[incident.severity](incident.severity.padEnd(8))} ${colors.bold(printable(incident.title))}`,
    `  ${label('raised')} ${time(incident.createdAt)}${
      incident.alerts.length > 1 ? `, ${incident.alerts.length} alerts until ${time(incident.updatedAt)}` : ''
    }`,
    `  ${label('rule')} ${incident.rule.slug} (${incident.rule.kind})`,
    `  ${label('ATT&CK')} ${incident.tactics.join(', ')} ${incident.techniques.join(', ')}`,
    ...incident.entities.map(
      (entity, index) => `  ${label(index === 0 ? 'entities' : '')} ${printable(describeEntity(entity))}`,
    ),
    ...Object.entries(incident.customDetails).map(
      ([key, values], index) => `  ${label(index === 0 ? 'details' : '')} ${key}: ${printable(values.join(' | '))}`,
    ),
    ...incident.tasks.map((task, index) => `  ${label(index === 0 ? 'tasks' : '')} ${index + 1}. ${task.title}`),
    ...lossesOf(incident.alerts).map((loss, index) => `  ${label(index === 0 ? 'dropped' : '')} ${printable(loss)}`),
  ];
  if (incident.description.trim() !== '') {
    lines.splice(2, 0, wrap(printable(incident.description.trim()), options.width, `  ${' '.repeat(11)}`));
  }
  if (options.rows) lines.push(...rowsText(incident.alerts).map((line) => `  ${line}`));
  return lines.join('\n');
}

/** The rows behind alerts, a few of them. */
export function rowsText(alerts: readonly Alert[]): string[] {
  const rows = alerts.flatMap((alert) => alert.rows);
  const shown = rows.slice(0, ROWS_SHOWN).map((row) => `row  ${printable(rowLine(row))}`);
  return rows.length > ROWS_SHOWN ? [...shown, `... and ${rows.length - ROWS_SHOWN} more rows`] : shown;
}

function lossesOf(alerts: readonly Alert[]): string[] {
  return [...new Set(alerts.flatMap((alert) => alert.losses))];
}
