/** Checks for a terminal. Pure. */
import picocolors from 'picocolors';
import type { Check, CheckState } from './doctor.ts';

export function checksText(target: string, checks: readonly Check[], color: boolean): string {
  const colors = picocolors.createColors(color);
  const marks: Record<CheckState, string> = {
    ok: colors.green('ok     '),
    missing: colors.red('missing'),
    warning: colors.yellow('warning'),
    unknown: colors.dim('unknown'),
  };
  const lines = [colors.bold(target)];
  let group = '';
  for (const check of checks) {
    if (check.group !== group) {
      group = check.group;
      lines.push('', colors.bold(group));
    }
    lines.push(`  ${marks[check.state]} ${check.name}: ${check.detail}`);
    if (check.remedy !== undefined && check.state !== 'ok') lines.push(`          remedy: ${check.remedy}`);
  }
  const count = (state: CheckState): number => checks.filter((check) => check.state === state).length;
  lines.push(
    '',
    `${count('ok')} ok, ${count('missing')} missing, ${count('warning')} warnings, ${count('unknown')} unknown`,
  );
  return `${lines.join('\n')}\n`;
}
