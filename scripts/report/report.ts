/** One stream of findings, many forms. Each form is a pure function from a report to text. */
import type { Diagnostic, Severity } from '../diagnostics/diagnostic.ts';
import { githubAnnotations } from './github.ts';
import { junitReport } from './junit.ts';
import { sarifReport } from './sarif.ts';
import { textReport } from './text.ts';

/** What was checked and what was found. */
export interface Report {
  /** What ran, such as `breakglass validate`. */
  tool: string;
  /** Files that were checked, as they stand in places. */
  files: readonly string[];
  diagnostics: readonly Diagnostic[];
  /** Milliseconds. */
  duration: number;
}

export const reportFormats = ['text', 'json', 'sarif', 'junit', 'github'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** The report as text; `color` only concerns the text form. */
export function renderReport(report: Report, format: ReportFormat, color = false): string {
  switch (format) {
    case 'text':
      return textReport(report, color);
    case 'json':
      return jsonReport(report);
    case 'sarif':
      return sarifReport(report);
    case 'junit':
      return junitReport(report);
    case 'github':
      return githubAnnotations(report);
  }
}

/** How many findings there are of each severity. */
export function countBySeverity(diagnostics: readonly Diagnostic[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { error: 0, warning: 0, info: 0 };
  for (const { severity } of diagnostics) counts[severity]++;
  return counts;
}

/** By file, then by place, then by code: the same findings always print the same. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...diagnostics].sort(
    (a, b) =>
      compare(a.place.file, b.place.file) ||
      (a.place.start?.line ?? 0) - (b.place.start?.line ?? 0) ||
      (a.place.start?.column ?? 0) - (b.place.start?.column ?? 0) ||
      compare(a.code, b.code) ||
      compare(a.message, b.message),
  );
}

function jsonReport(report: Report): string {
  const counts = countBySeverity(report.diagnostics);
  const value = {
    tool: report.tool,
    files: report.files.length,
    errors: counts.error,
    warnings: counts.warning,
    infos: counts.info,
    durationMs: Math.round(report.duration),
    diagnostics: report.diagnostics,
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
