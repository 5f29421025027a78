/** The report for people: scenarios, what is wrong and why, the matrix last. */
import pc from 'picocolors';
import { type Diagnostic, formatPlace } from '../../diagnostics/diagnostic.ts';
import type { Outcome, Problem } from '../compare.ts';
import type { Cell } from '../run-scenarios.ts';
import type { Expectation, Scenario } from '../scenario.ts';
import { incidentText, rowsText } from './incident-text.ts';
import { matrix, matrixKey } from './matrix.ts';
import { printable, time } from './words.ts';

export interface TestRun {
  readonly rules: readonly string[];
  readonly scenarios: readonly Scenario[];
  readonly cells: readonly Cell[];
  /** Findings about scenarios: those with an error were not run. */
  readonly diagnostics: readonly Diagnostic[];
  readonly milliseconds: number;
}

export interface TextOptions {
  width: number;
  color: boolean;
  verbose: boolean;
}

/** Whether every scenario could be run and every cell is as expected. */
export function passed(run: TestRun): boolean {
  return (
    run.cells.every((cell) => cell.status !== 'wrong') &&
    run.diagnostics.every((diagnostic) => diagnostic.severity !== 'error')
  );
}

export function testReport(run: TestRun, options: TextOptions): string {
  const colors = pc.createColors(options.color);
  const sections: string[] = [];
  if (options.verbose) sections.push(...run.scenarios.flatMap((scenario) => incidentsOf(scenario, run, options)));
  if (run.diagnostics.length > 0) sections.push(run.diagnostics.map((item) => finding(item, colors)).join('\n'));
  sections.push(legend(run, options));
  const wrong = run.cells.filter((cell) => cell.status === 'wrong');
  // A query that the engine refuses is refused in every scenario: that is one thing to mend.
  const refused = new Map<string, Cell[]>();
  for (const cell of wrong) {
    if (cell.refused) refused.set(cell.rule, [...(refused.get(cell.rule) ?? []), cell]);
    else sections.push(explain(cell, run, colors));
  }
  for (const [rule, cells] of refused) {
    sections.push(
      `${colors.red('✗')} ${colors.bold(rule)} could not be run in ${cells.length} scenarios\n  ${cells[0]!.refused}`,
    );
  }
  sections.push(matrixKey(options.color));
  sections.push(matrix(run.rules, run.scenarios, run.cells, options));
  sections.push(summary(run, wrong.length, colors));
  return `${sections.join('\n\n')}\n`;
}

/** What a recording without expectations raised, in the order of time. */
export function recordingReport(run: TestRun, options: TextOptions): string {
  const colors = pc.createColors(options.color);
  const sections = run.diagnostics.map((item) => finding(item, colors));
  for (const scenario of run.scenarios) {
    const cells = run.cells.filter((cell) => cell.scenario === scenario.slug);
    const rows = scenario.tables.reduce((sum, table) => sum + table.rows.length, 0);
    sections.push(
      `${colors.bold(scenario.title)}\n${time(scenario.clock.from.toISOString())} to ${time(scenario.clock.to.toISOString())}, ${rows} rows of ${scenario.tables.map((table) => table.name).join(', ')}`,
    );
    const incidents = cells
      .flatMap((cell) => cell.incidents)
      .sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
    sections.push(...incidents.map((incident) => incidentText(incident, { ...options, rows: options.verbose })));
    sections.push(...cells.filter((cell) => cell.refused).map((cell) => explain(cell, run, colors)));
    const silent = cells.filter((cell) => cell.incidents.length === 0 && !cell.refused).length;
    sections.push(`${incidents.length} incidents of ${cells.length - silent} rules; ${silent} rules stayed quiet`);
  }
  return `${sections.join('\n\n')}\n`;
}

function incidentsOf(scenario: Scenario, run: TestRun, options: TextOptions): string[] {
  const colors = pc.createColors(options.color);
  const incidents = run.cells
    .filter((cell) => cell.scenario === scenario.slug)
    .flatMap((cell) => cell.incidents)
    .sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  if (incidents.length === 0) return [];
  return [
    colors.underline(`${scenario.slug}: ${scenario.title}`),
    ...incidents.map((incident) => incidentText(incident, options)),
  ];
}

function legend({ scenarios, cells }: TestRun, options: TextOptions): string {
  const colors = pc.createColors(options.color);
  const slugWidth = Math.max(0, ...scenarios.map((scenario) => scenario.slug.length));
  return scenarios
    .map((scenario, index) => {
      const own = cells.filter((cell) => cell.scenario === scenario.slug);
      const wrong = own.filter((cell) => cell.status === 'wrong').length;
      const fired = own.filter((cell) => cell.incidents.length + cell.alerts.length > 0).length;
      const figures = wrong > 0 ? colors.red(`${wrong} wrong`) : fired > 0 ? `${fired} fired` : 'quiet';
      const head = `${colors.dim(String(index + 1).padStart(3))}  ${scenario.slug.padEnd(slugWidth)}  `;
      const room = Math.max(20, options.width - slugWidth - 7 - 12);
      return `${head}${cut(printable(scenario.title), room).padEnd(room)}  ${figures}`;
    })
    .join('\n');
}

/** One wrong cell: what was expected, what came, and the rows behind. */
function explain(cell: Cell, run: TestRun, colors: ReturnType<typeof pc.createColors>): string {
  const number = run.scenarios.findIndex((scenario) => scenario.slug === cell.scenario) + 1;
  const lines = [
    `${colors.red('✗')} ${colors.bold(cell.rule)} in ${number} ${colors.bold(cell.scenario)}`,
    ...(cell.refused ? [`  not run  ${cell.refused}`] : []),
    ...cell.problems.flatMap((problem) => problemLines(problem, cell)),
  ];
  return lines.join('\n');
}

function problemLines(problem: Problem, cell: Cell): string[] {
  switch (problem.kind) {
    case 'missed':
      return [`  expected ${expected(problem.expectation)}`, '  came     nothing'];
    case 'different':
      return [
        `  expected ${expected(problem.expectation)}`,
        `  came     ${came(problem.outcome)}`,
        ...problem.differences.map((difference) => `           ${printable(difference)}`),
        ...rowsText(problem.outcome.alerts).map((line) => `           ${line}`),
      ];
    case 'unexpected':
      return [
        `  expected ${cell.nearMiss ? 'nothing (a near miss)' : cell.expected.length > 0 ? 'no further incident' : 'nothing'}`,
        `  came     ${came(problem.outcome)}`,
        ...rowsText(problem.outcome.alerts).map((line) => `           ${line}`),
      ];
  }
}

function expected(expectation: Expectation): string {
  const parts = [
    `by ${time(expectation.at.toISOString())}`,
    expectation.severity,
    expectation.title === undefined ? undefined : `"${expectation.title}"`,
    expectation.place ? `(${formatPlace(expectation.place)})` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join('  ');
}

function came(outcome: Outcome): string {
  const alerts = outcome.alerts.length > 1 ? `  (${outcome.alerts.length} alerts)` : '';
  return printable(`at ${time(outcome.raisedAt)}  ${outcome.severity}  "${outcome.title}"${alerts}`);
}

function finding(item: Diagnostic, colors: ReturnType<typeof pc.createColors>): string {
  const paint = { error: colors.red, warning: colors.yellow, info: colors.dim }[item.severity];
  return `${formatPlace(item.place)}: ${paint(item.severity)} ${item.code}: ${printable(item.message)}\n  remedy: ${item.remedy}`;
}

function summary(run: TestRun, wrong: number, colors: ReturnType<typeof pc.createColors>): string {
  const errors = run.diagnostics.filter((item) => item.severity === 'error').length;
  const never = run.rules.filter((rule) =>
    run.cells.every((cell) => cell.rule !== rule || cell.incidents.length + cell.alerts.length === 0),
  );
  const parts = [
    `${run.rules.length} rules, ${run.scenarios.length} scenarios`,
    wrong > 0 ? colors.red(`${wrong} wrong`) : colors.green('all as expected'),
    ...(errors > 0 ? [colors.red(`${errors} scenario errors`)] : []),
    ...(never.length > 0 && run.scenarios.length > 1 ? [colors.yellow(`never fired: ${never.join(', ')}`)] : []),
    `${(run.milliseconds / 1000).toFixed(1)} s`,
  ];
  return parts.join(', ');
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
