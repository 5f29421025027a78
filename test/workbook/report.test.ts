import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findChromium } from '../../scripts/workbook/browser.ts';
import { parseWorkbook } from '../../scripts/workbook/model.ts';
import { workbookReport, writeReport } from '../../scripts/workbook/report.ts';
import { stubEnvironment } from './sample.ts';

const everyFeature = JSON.parse(readFileSync(new URL('./workbooks/every-feature.json', import.meta.url), 'utf8'));

const report = (json: unknown) =>
  workbookReport({
    model: parseWorkbook(json),
    environment: stubEnvironment(),
    name: 'Emergency <accounts>',
    version: '1.2.3',
    source: 'test rows',
    values: {},
    content: { rules: [], playbooks: [] },
  });

describe('the report', () => {
  it('holds every tab, runs nothing and fetches nothing', async () => {
    const text = await report(everyFeature);
    for (const tab of ['Grids', 'Charts', 'Tiles', 'Others']) expect(text).toContain(`<h2>${tab}</h2>`);
    expect(text).toContain('Emergency &#60;accounts&#62;');
    expect(text).toContain('<svg');
    expect(text).not.toMatch(/<script|<link|<img|\bon\w+="|src="/);
    expect(text).toContain("default-src 'none'");
  });

  it('is written whole or not at all', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'report-'));
    await writeReport('<p>x</p>', join(folder, 'new', 'r.html'));
    expect(readFileSync(join(folder, 'new', 'r.html'), 'utf8')).toBe('<p>x</p>');
    await expect(writeReport('x', join(folder, 'r.txt'))).rejects.toMatchObject({ code: 'REPORT_FORMAT' });
    expect(readdirSync(folder)).toEqual(['new']);
  });

  it.skipIf(findChromium() === undefined)('is printed as PDF', async () => {
    const out = join(mkdtempSync(join(tmpdir(), 'report-')), 'r.pdf');
    await writeReport(await report(everyFeature), out);
    expect(existsSync(out)).toBe(true);
    expect(readFileSync(out).subarray(0, 5).toString()).toBe('%PDF-');
  });
});
