/** The report for machines. */
import type { Alert } from '../../sentinel/alert.ts';
import type { Incident } from '../../sentinel/incident.ts';
import type { Problem } from '../compare.ts';
import type { Cell } from '../run-scenarios.ts';
import { passed, type TestRun } from './text.ts';

/** One result a rule and scenario, with the alerts (rows included) and incidents that were raised. */
export function jsonReport(run: TestRun): string {
  const count = (status: Cell['status']): number => run.cells.filter((cell) => cell.status === status).length;
  const report = {
    passed: passed(run),
    rules: run.rules.length,
    scenarios: run.scenarios.length,
    fired: count('fired'),
    quiet: count('quiet'),
    wrong: count('wrong'),
    milliseconds: Math.round(run.milliseconds),
    diagnostics: run.diagnostics,
    results: run.cells.map((cell) => ({
      rule: cell.rule,
      scenario: cell.scenario,
      status: cell.status,
      nearMiss: cell.nearMiss,
      ...(cell.refused === undefined ? {} : { refused: cell.refused }),
      timeToDetect: cell.detections.map(({ fromEvent, fromIngestion }) => ({
        fromEventSeconds: fromEvent / 1000,
        ...(fromIngestion === undefined ? {} : { fromIngestionSeconds: fromIngestion / 1000 }),
      })),
      problems: cell.problems.map(problemJson),
      incidents: cell.incidents.map(incidentJson),
      alerts: cell.alerts.map(alertJson),
      runs: cell.runs,
      queries: cell.executed,
      milliseconds: Math.round(cell.milliseconds),
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function problemJson(problem: Problem): object {
  const { kind } = problem;
  const outcome = 'outcome' in problem ? problem.outcome : undefined;
  return {
    kind,
    ...('expectation' in problem ? { expected: problem.expectation } : {}),
    ...(outcome ? { came: { title: outcome.title, severity: outcome.severity, raisedAt: outcome.raisedAt } } : {}),
    ...('differences' in problem ? { differences: problem.differences } : {}),
  };
}

/** An incident with the ids of its alerts. */
export function incidentJson({ alerts, ...incident }: Incident): object {
  return { ...incident, entities: incident.entities.map(entityJson), alertIds: alerts.map((alert) => alert.id) };
}

export function alertJson(alert: Alert): object {
  return { ...alert, entities: alert.entities.map(entityJson) };
}

function entityJson({ type, identifiers }: Alert['entities'][number]): object {
  return { type, ...identifiers };
}
