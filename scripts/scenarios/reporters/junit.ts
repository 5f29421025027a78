/** The report for build servers: a suite a scenario, a case a rule. */
import { formatPlace } from '../../diagnostics/diagnostic.ts';
import { escapeXml } from '../../report/junit.ts';
import type { Cell } from '../run-scenarios.ts';
import type { TestRun } from './text.ts';

export function junitReport(run: TestRun): string {
  const errors = run.diagnostics.filter((item) => item.severity === 'error');
  const failures = run.cells.filter((cell) => cell.status === 'wrong').length;
  const suites = run.scenarios.map((scenario) => {
    const cells = run.cells.filter((cell) => cell.scenario === scenario.slug);
    const failed = cells.filter((cell) => cell.status === 'wrong').length;
    const seconds = cells.reduce((sum, cell) => sum + cell.milliseconds, 0) / 1000;
    return [
      `  <testsuite name="${escapeXml(scenario.slug)}" tests="${cells.length}" failures="${failed}" errors="0" time="${seconds.toFixed(3)}">`,
      ...cells.map(testCase),
      '  </testsuite>',
    ].join('\n');
  });
  const unread = errors.map(
    (item) =>
      `    <testcase classname="scenarios" name="${escapeXml(formatPlace(item.place))}"><error type="${item.code}" message="${escapeXml(item.message)}">${escapeXml(item.remedy)}</error></testcase>`,
  );
  if (unread.length > 0) {
    suites.push(
      [
        `  <testsuite name="unreadable scenarios" tests="${unread.length}" failures="0" errors="${unread.length}">`,
        ...unread,
        '  </testsuite>',
      ].join('\n'),
    );
  }
  const tests = run.cells.length + unread.length;
  const seconds = (run.milliseconds / 1000).toFixed(3);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="${tests}" failures="${failures}" errors="${unread.length}" time="${seconds}">\n${suites.join('\n')}\n</testsuites>\n`;
}

function testCase(cell: Cell): string {
  const open = `    <testcase classname="${escapeXml(cell.scenario)}" name="${escapeXml(cell.rule)}" time="${(cell.milliseconds / 1000).toFixed(3)}"`;
  if (cell.status !== 'wrong') return `${open}/>`;
  const lines = [
    ...(cell.refused ? [cell.refused] : []),
    ...cell.problems.flatMap((problem) => {
      if (problem.kind === 'missed') return [`missed: expected by ${problem.expectation.at.toISOString()}`];
      if (problem.kind === 'unexpected') return [`unexpected: ${problem.outcome.raisedAt} ${problem.outcome.title}`];
      return problem.differences.map((difference) => `different: ${difference}`);
    }),
  ];
  return `${open}><failure type="${cell.problems[0]?.kind ?? 'refused'}" message="${escapeXml(lines[0] ?? '')}">${escapeXml(lines.join('\n'))}</failure></testcase>`;
}
