import { type Diagnostic, formatPlace } from '../diagnostics/diagnostic.ts';
import { countBySeverity, type Report } from './report.ts';

/** JUnit XML: a test case a file, failed where it has errors; warnings and notes are its output. */
export function junitReport(report: Report): string {
  const byFile = new Map<string, Diagnostic[]>(report.files.map((file) => [file, []]));
  for (const diagnostic of report.diagnostics) {
    const list = byFile.get(diagnostic.place.file) ?? [];
    list.push(diagnostic);
    byFile.set(diagnostic.place.file, list);
  }
  const failed = [...byFile.values()].filter((list) => countBySeverity(list).error > 0).length;
  const seconds = (report.duration / 1000).toFixed(3);
  const cases = [...byFile].map(([file, list]) => testCase(report.tool, file, list));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${byFile.size}" failures="${failed}" time="${seconds}">`,
    `  <testsuite name="${escapeXml(report.tool)}" tests="${byFile.size}" failures="${failed}" errors="0" skipped="0" time="${seconds}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(tool: string, file: string, diagnostics: readonly Diagnostic[]): string {
  const open = `    <testcase classname="${escapeXml(tool)}" name="${escapeXml(file)}" file="${escapeXml(file)}"`;
  if (diagnostics.length === 0) return `${open}/>`;
  const errors = diagnostics.filter((item) => item.severity === 'error');
  const others = diagnostics.filter((item) => item.severity !== 'error');
  const body = errors.map(
    (item) =>
      `      <failure type="${escapeXml(item.code)}" message="${escapeXml(item.message)}">${escapeXml(line(item))}</failure>`,
  );
  if (others.length > 0) body.push(`      <system-out>${escapeXml(others.map(line).join('\n'))}</system-out>`);
  return [`${open}>`, ...body, '    </testcase>'].join('\n');
}

function line({ place, severity, code, message, remedy }: Diagnostic): string {
  return `${formatPlace(place)}: ${severity} ${code}: ${message}\nremedy: ${remedy}`;
}

/** XML text and attribute values; characters that XML 1.0 cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;');
}
