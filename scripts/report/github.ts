import type { Severity } from '../diagnostics/diagnostic.ts';
import { countBySeverity, type Report } from './report.ts';

const levels: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'notice' };

/**
 * Workflow commands that GitHub shows beside the changed lines
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands), and a summary line.
 */
export function githubAnnotations(report: Report): string {
  const lines = report.diagnostics.map(({ code, severity, message, remedy, place }) => {
    const properties = {
      file: place.file,
      line: place.start?.line,
      col: place.start?.column,
      endLine: place.end?.line,
      // GitHub refuses a column range over several lines.
      endColumn: place.end?.line === place.start?.line ? place.end?.column : undefined,
      title: code,
    };
    const list = Object.entries(properties)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
    return `::${levels[severity]} ${list.join(',')}::${escapeData(`${message}\n${remedy}`)}`;
  });
  const { error, warning } = countBySeverity(report.diagnostics);
  lines.push(`${report.files.length} files checked, ${error} errors, ${warning} warnings`);
  return `${lines.join('\n')}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
