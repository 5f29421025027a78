/** An incident as a SOC sees it. */
import type { AlertSeverity } from '../content/model.ts';
import type { Alert } from './alert.ts';
import type { Entity } from './entity.ts';

export interface IncidentTask {
  readonly title: string;
  readonly description: string;
}

export interface Incident {
  /** The incident number of the workspace, counted from 1 in the order of creation. */
  readonly number: number;
  /** A GUID made of its first alert. */
  readonly id: string;
  /** Slug and id of the analytics rule that created it. */
  readonly rule: Alert['rule'];
  /** Title and description of its first alert; the severity is the highest of its alerts. */
  readonly title: string;
  readonly description: string;
  readonly severity: AlertSeverity;
  readonly status: 'New' | 'Active' | 'Closed';
  readonly tactics: readonly string[];
  readonly techniques: readonly string[];
  /** Entities of all its alerts, each once. */
  readonly entities: readonly Entity[];
  readonly customDetails: Readonly<Record<string, readonly string[]>>;
  /** The "Tasks" section of the rule's triage guide. */
  readonly tasks: readonly IncidentTask[];
  /** In the order in which they were raised; the rows behind the incident are theirs. */
  readonly alerts: readonly Alert[];
  /** When it was created, and when the last alert joined, ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}
