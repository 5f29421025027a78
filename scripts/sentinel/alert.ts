/** A security alert that an analytics rule raised. */
import type { AlertSeverity, RuleKind } from '../content/model.ts';
import type { Value } from '../engines/query-engine.ts';
import type { Entity } from './entity.ts';

/** A result row by column name. */
export type Row = Readonly<Record<string, Value>>;

export interface Alert {
  /** A GUID made of the rule, the run and the position, so that the same story gives the same alert. */
  readonly id: string;
  readonly rule: { readonly slug: string; readonly id: string; readonly name: string; readonly kind: RuleKind };
  readonly title: string;
  readonly description: string;
  readonly severity: AlertSeverity;
  readonly tactics: readonly string[];
  readonly techniques: readonly string[];
  readonly entities: readonly Entity[];
  /** Custom details: key to its distinct values. */
  readonly customDetails: Readonly<Record<string, readonly string[]>>;
  /** `alertDynamicProperties` with their values: RemediationSteps, AlertLink, ... */
  readonly dynamicProperties: Readonly<Record<string, string>>;
  /** When the run that raised it ended, ISO 8601. */
  readonly raisedAt: string;
  /** Earliest and latest `TimeGenerated` of the rows behind it; the window of the run where they have none. */
  readonly startTime: string;
  readonly endTime: string;
  /** The result rows behind it. */
  readonly rows: readonly Row[];
  /** True for the one alert that stands for all rows beyond the limit of alerts in a run. */
  readonly summary: boolean;
  /** What the service dropped or cut while it made the alert, in words. */
  readonly losses: readonly string[];
}
