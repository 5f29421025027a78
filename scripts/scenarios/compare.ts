/** Compares what a rule raised in a scenario with what the scenario expects. */
import type { AlertSeverity } from '../content/model.ts';
import type { Alert } from '../sentinel/alert.ts';
import { describeEntity, type Entity } from '../sentinel/entity.ts';
import type { Incident } from '../sentinel/incident.ts';
import type { Expectation, ExpectedEntity } from './scenario.ts';

/** An incident, or an alert of a rule that creates none: what an expectation is about. */
export interface Outcome {
  readonly title: string;
  readonly description: string;
  readonly severity: AlertSeverity;
  readonly raisedAt: string;
  readonly entities: readonly Entity[];
  readonly customDetails: Readonly<Record<string, readonly string[]>>;
  readonly alerts: readonly Alert[];
}

export type Problem =
  /** Expected, and nothing came. */
  | { readonly kind: 'missed'; readonly expectation: Expectation }
  /** Something came that differs; `differences` says in what, in words. */
  | {
      readonly kind: 'different';
      readonly expectation: Expectation;
      readonly outcome: Outcome;
      readonly differences: readonly string[];
    }
  /** Something came that nobody expects. */
  | { readonly kind: 'unexpected'; readonly outcome: Outcome };

export function outcomesOf(incidents: readonly Incident[], alerts: readonly Alert[]): Outcome[] {
  if (incidents.length > 0) return incidents.map((incident) => ({ ...incident, raisedAt: incident.createdAt }));
  return alerts.map((alert) => ({ ...alert, alerts: [alert] }));
}

/**
 * Every expectation takes the outcome that fits it; those that are left over are told as pairs with the fewest
 * differences, then as missed or unexpected.
 */
export function compare(expectations: readonly Expectation[], outcomes: readonly Outcome[]): Problem[] {
  const wanted = expectations.flatMap((expectation) => Array<Expectation>(expectation.count ?? 1).fill(expectation));
  const free = new Set(outcomes);
  const unmet: Expectation[] = [];
  for (const expectation of wanted) {
    const fitting = [...free].find((outcome) => differences(expectation, outcome).length === 0);
    if (fitting) free.delete(fitting);
    else unmet.push(expectation);
  }
  const problems: Problem[] = [];
  for (const expectation of unmet) {
    const nearest = [...free]
      .map((outcome) => ({ outcome, differences: differences(expectation, outcome) }))
      .sort((a, b) => a.differences.length - b.differences.length)[0];
    if (nearest) {
      free.delete(nearest.outcome);
      problems.push({ kind: 'different', expectation, ...nearest });
    } else problems.push({ kind: 'missed', expectation });
  }
  problems.push(...[...free].map((outcome): Problem => ({ kind: 'unexpected', outcome })));
  return problems;
}

/** In what an outcome differs from an expectation, one phrase each. */
export function differences(expectation: Expectation, outcome: Outcome): string[] {
  const found: string[] = [];
  const raised = Date.parse(outcome.raisedAt);
  if (raised > expectation.at.getTime()) {
    found.push(`raised ${time(outcome.raisedAt)}, expected no later than ${time(expectation.at.toISOString())}`);
  }
  if (expectation.quietBefore && raised < expectation.quietBefore.getTime()) {
    found.push(`raised ${time(outcome.raisedAt)}, expected not before ${time(expectation.quietBefore.toISOString())}`);
  }
  if (expectation.title !== undefined && expectation.title !== outcome.title) {
    found.push(`title "${outcome.title}", expected "${expectation.title}"`);
  }
  const { description } = expectation;
  if (typeof description === 'string' && description !== outcome.description) {
    found.push(`description "${outcome.description}", expected "${description}"`);
  }
  if (Array.isArray(description)) {
    for (const text of description as readonly string[]) {
      if (!outcome.description.includes(text)) found.push(`description "${outcome.description}" lacks "${text}"`);
    }
  }
  if (expectation.severity !== undefined && expectation.severity !== outcome.severity) {
    found.push(`severity ${outcome.severity}, expected ${expectation.severity}`);
  }
  for (const entity of expectation.entities ?? []) {
    if (!outcome.entities.some((candidate) => carries(candidate, entity))) {
      const { type, ...identifiers } = entity;
      const came = outcome.entities.filter((candidate) => candidate.type === type).map(describeEntity);
      found.push(`no ${type} entity with ${list(identifiers)}${came.length > 0 ? `; came: ${came.join('; ')}` : ''}`);
    }
  }
  const details = Object.entries(expectation.customDetails ?? {}).flatMap(([key, wanted]) =>
    (typeof wanted === 'string' ? [wanted] : wanted).map((value) => [key, value] as const),
  );
  for (const [key, value] of details) {
    const values = outcome.customDetails[key];
    if (!values?.includes(value)) {
      found.push(
        `custom detail ${key} is ${values ? values.map((v) => `"${v}"`).join(', ') : 'absent'}, expected "${value}"`,
      );
    }
  }
  if (expectation.alerts !== undefined && expectation.alerts !== outcome.alerts.length) {
    found.push(`${outcome.alerts.length} alerts, expected ${expectation.alerts}`);
  }
  return found;
}

function carries(entity: Entity, expected: ExpectedEntity): boolean {
  const { type, ...identifiers } = expected;
  return (
    entity.type === type &&
    Object.entries(identifiers).every(
      ([name, value]) => entity.identifiers[name]?.toLowerCase() === value.toLowerCase(),
    )
  );
}

function list(identifiers: Readonly<Record<string, string>>): string {
  return Object.entries(identifiers)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function time(iso: string): string {
  return iso.replace(/\.000Z$/, 'Z');
}
