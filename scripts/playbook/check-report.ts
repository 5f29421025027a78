/** `playbook check` for people. */
import type { CheckedFile } from './check.ts';

/** One line for the file, and one for each workflow, problem and failed action. */
export function checkLine(result: CheckedFile): string {
  const lines = [`${result.status.padEnd(10)} ${result.file}`];
  for (const workflow of result.workflows) {
    const counts = Object.entries(workflow.results).map(([status, count]) => `${count} ${status.toLowerCase()}`);
    lines.push(
      `  ${workflow.name}: trigger ${workflow.trigger}, ${workflow.actions} actions (${counts.join(', ') || 'none ran'}), ${workflow.calls} calls, ${workflow.milliseconds} ms`,
    );
    for (const { action, code, message } of workflow.failed.slice(0, 10))
      lines.push(`    ${action || 'the run'} failed (${code}): ${message}`);
  }
  for (const item of result.unsupported) lines.push(`  not supported: ${item}`);
  for (const problem of result.problems.slice(0, 10)) lines.push(`  ${problem}`);
  return `${lines.join('\n')}\n`;
}
