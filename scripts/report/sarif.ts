import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Diagnostic, Severity } from '../diagnostics/diagnostic.ts';
import type { Report } from './report.ts';

const levels: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'note' };

/** SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0), one run, paths relative to the repository. */
export function sarifReport(report: Report): string {
  const codes = [...new Set(report.diagnostics.map((item) => item.code))].sort();
  const rules = codes.map((code) => {
    const example = report.diagnostics.find((item) => item.code === code) as Diagnostic;
    return {
      id: code,
      shortDescription: { text: code.replaceAll('-', ' ') },
      defaultConfiguration: { level: levels[example.severity] },
    };
  });
  const value = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: report.tool, rules } },
        columnKind: 'utf16CodeUnits',
        results: report.diagnostics.map((item) => result(item, codes.indexOf(item.code))),
      },
    ],
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function result({ code, severity, message, remedy, place }: Diagnostic, ruleIndex: number): object {
  const { file, start, end } = place;
  const region = start && {
    startLine: start.line,
    startColumn: start.column,
    ...(end ? { endLine: end.line, endColumn: end.column } : {}),
  };
  return {
    ruleId: code,
    ruleIndex,
    level: levels[severity],
    message: { text: `${message} ${remedy}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: isAbsolute(file)
            ? { uri: pathToFileURL(file).href }
            : { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' },
          ...(region ? { region } : {}),
        },
      },
    ],
  };
}
