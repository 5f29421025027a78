import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../scripts/diagnostics/diagnostic.ts';
import { escapeXml } from '../../scripts/report/junit.ts';
import { type Report, renderReport, sortDiagnostics } from '../../scripts/report/report.ts';

const finding: Diagnostic = {
  code: 'kql-error',
  severity: 'error',
  message: 'The name "a<b>, 100%" is unknown.',
  remedy: 'Mend it.',
  place: { file: 'detections/rules/my rule.yaml', start: { line: 12, column: 3 }, end: { line: 12, column: 9 } },
};
const doubt: Diagnostic = {
  code: 'join-kind',
  severity: 'warning',
  message: 'No kind.',
  remedy: 'Write it.',
  place: { file: 'detections/rules/other.yaml', start: { line: 2, column: 1 }, end: { line: 4, column: 1 } },
};
const report: Report = {
  tool: 'breakglass validate',
  files: ['detections/rules/my rule.yaml', 'detections/rules/other.yaml', 'detections/rules/good.yaml'],
  diagnostics: [finding, doubt],
  duration: 1234,
};

describe('a report', () => {
  test('in text has place, message, code and remedy, and no colour unless asked', () => {
    expect(renderReport(report, 'text')).toBe(
      [
        'detections/rules/my rule.yaml:12:3 error The name "a<b>, 100%" is unknown. (kql-error)',
        '  remedy: Mend it.',
        'detections/rules/other.yaml:2:1 warning No kind. (join-kind)',
        '  remedy: Write it.',
        '',
        '3 files checked in 1.2 s: 1 error, 1 warning',
        '',
      ].join('\n'),
    );
    expect(renderReport(report, 'text', true)).toContain('\u001B[31m');
  });

  test('in JSON counts and carries the findings whole', () => {
    expect(JSON.parse(renderReport(report, 'json'))).toEqual({
      tool: 'breakglass validate',
      files: 3,
      errors: 1,
      warnings: 1,
      infos: 0,
      durationMs: 1234,
      diagnostics: [finding, doubt],
    });
  });

  test('in SARIF has rules, levels and encoded relative paths', () => {
    const [run] = JSON.parse(renderReport(report, 'sarif')).runs;
    expect(run.tool.driver.rules.map((item: { id: string }) => item.id)).toEqual(['join-kind', 'kql-error']);
    expect(run.results[0]).toMatchObject({
      ruleId: 'kql-error',
      ruleIndex: 1,
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'detections/rules/my%20rule.yaml', uriBaseId: '%SRCROOT%' },
            region: { startLine: 12, startColumn: 3, endLine: 12, endColumn: 9 },
          },
        },
      ],
    });
    expect(run.results[1].level).toBe('warning');
  });

  test('in JUnit has a test case a file, failed by errors only', () => {
    const xml = renderReport(report, 'junit');
    expect(xml).toContain('<testsuites tests="3" failures="1" time="1.234">');
    expect(xml).toContain('<failure type="kql-error" message="The name &quot;a&lt;b&gt;, 100%&quot; is unknown.">');
    expect(xml).toContain('<system-out>detections/rules/other.yaml:2:1: warning join-kind');
    expect(xml).toContain('name="detections/rules/good.yaml" file="detections/rules/good.yaml"/>');
  });

  test('for GitHub escapes what would end the command', () => {
    const [first, second] = renderReport(report, 'github').split('\n');
    expect(first).toBe(
      '::error file=detections/rules/my rule.yaml,line=12,col=3,endLine=12,endColumn=9,title=kql-error::The name "a<b>, 100%25" is unknown.%0AMend it.',
    );
    expect(second).toMatch(/^::warning file=detections\/rules\/other.yaml,line=2,col=1,endLine=4,title=join-kind::/);
  });

  test('is sorted by file, line, column and code', () => {
    const at = (file: string, line: number, code = 'a'): Diagnostic => ({
      ...finding,
      code,
      place: { file, start: { line, column: 1 } },
    });
    const sorted = sortDiagnostics([at('b', 1), at('a', 10), at('a', 9, 'z'), at('a', 9)]);
    expect(sorted.map((item) => `${item.place.file}${item.place.start?.line}${item.code}`)).toEqual([
      'a9a',
      'a9z',
      'a10a',
      'b1a',
    ]);
  });
});

test('XML holds no character that it cannot', () => {
  expect(escapeXml('a\u0000b\u001B<c>\n')).toBe('a\uFFFDb\uFFFD&lt;c&gt;&#10;');
});
