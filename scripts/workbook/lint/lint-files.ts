/** Lints files, or the workbooks of the package, into one report. */
import { packageRoot } from '../../content/package-root.ts';
import { displayPath, readContent } from '../../content/read-content.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { type Report, sortDiagnostics } from '../../report/report.ts';
import { readWorkbook } from '../read-workbook.ts';
import { lintWorkbook } from './lint-workbook.ts';

/** @throws UserError for a file that cannot be read or holds no workbook */
export async function lintFiles(named: readonly string[]): Promise<Report> {
  const started = performance.now();
  const { content } = await readContent(packageRoot());
  const diagnostics: Diagnostic[] = [];
  const own = content.workbooks.map((item) => item.source.file);
  const files = named.length > 0 ? named : own;
  for (const file of files) {
    const workbook = await readWorkbook(file);
    diagnostics.push(...lintWorkbook(displayPath(file), workbook.text, content));
  }
  return {
    tool: 'breakglass workbook lint',
    files: files.map((file) => displayPath(file)),
    diagnostics: sortDiagnostics(diagnostics),
    duration: performance.now() - started,
  };
}
