import pc from 'picocolors';
import { formatPlace, type Severity } from '../diagnostics/diagnostic.ts';
import { countBySeverity, type Report } from './report.ts';

/** For people: where, what, why it matters, what to do; a summary line last. */
export function textReport(report: Report, color: boolean): string {
  const c = pc.createColors(color);
  const paint: Record<Severity, (text: string) => string> = { error: c.red, warning: c.yellow, info: c.cyan };
  const lines: string[] = [];
  for (const { code, severity, message, remedy, place } of report.diagnostics) {
    lines.push(`${c.bold(formatPlace(place))} ${paint[severity](severity)} ${message} ${c.dim(`(${code})`)}`);
    lines.push(`  ${c.dim('remedy:')} ${remedy}`);
  }
  const { error, warning, info } = countBySeverity(report.diagnostics);
  const found = [plural(error, 'error'), plural(warning, 'warning'), ...(info ? [plural(info, 'note')] : [])].join(
    ', ',
  );
  const summary = `${plural(report.files.length, 'file')} checked in ${(report.duration / 1000).toFixed(1)} s: ${found}`;
  if (lines.length > 0) lines.push('');
  lines.push(error > 0 ? c.red(summary) : warning > 0 ? c.yellow(summary) : c.green(summary));
  return `${lines.join('\n')}\n`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
