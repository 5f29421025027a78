/** A scenario: a recorded story with the alerts that it must raise. */
import type { AlertSeverity } from '../content/model.ts';
import type { Place } from '../diagnostics/diagnostic.ts';
import type { RecordedTable } from '../engines/inlined-data.ts';

/** The rows of `<Table>.ndjson`; each carries `_IngestionTime`. */
export interface ScenarioTable extends RecordedTable {
  readonly file: string;
}

/** An entity that an alert must carry: `type` and any of its identifiers. */
export interface ExpectedEntity {
  readonly type: string;
  readonly [identifier: string]: string;
}

/** One incident (a rule that creates none: one alert) that a rule must raise. */
export interface Expectation {
  /** Slug of the analytics rule. */
  readonly rule: string;
  /** Raised no later than. */
  readonly at: Date;
  /** The rule must not have raised it before. */
  readonly quietBefore?: Date;
  readonly title?: string;
  /** The whole description of the first alert, or texts that it must hold. */
  readonly description?: string | readonly string[];
  readonly severity?: AlertSeverity;
  readonly entities?: readonly ExpectedEntity[];
  /** Every value must be among the values of the custom detail. */
  readonly customDetails?: Readonly<Record<string, string | readonly string[]>>;
  /** How many alerts the incident holds at the end of the story. */
  readonly alerts?: number;
  /** How many incidents like this one; 1 unless said. */
  readonly count?: number;
  /** Where it stands in scenario.yaml. */
  readonly place?: Place;
}

export interface Scenario {
  readonly slug: string;
  readonly folder: string;
  /** The scenario.yaml; absent for a folder that holds only rows, which expects nothing. */
  readonly file?: string;
  readonly title: string;
  readonly story: string;
  readonly clock: { readonly from: Date; readonly to: Date };
  /** Milliseconds. */
  readonly ingestionDelay: number;
  /** Slugs of the rules that almost fire here and must not. */
  readonly nearMiss: readonly string[];
  /** Rows that replace the shipped sample rows of a watchlist, by alias. An empty list is an emptied watchlist. */
  readonly watchlists: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>;
  /** Tables that this workspace does not have. */
  readonly missingTables: readonly string[];
  /** When analysts close the open incidents of a rule. */
  readonly closed: readonly { readonly rule: string; readonly at: Date }[];
  readonly expect: readonly Expectation[];
  /** False for a recording that does not say what it expects: nothing in it can be wrong. */
  readonly judged: boolean;
  readonly tables: readonly ScenarioTable[];
}
