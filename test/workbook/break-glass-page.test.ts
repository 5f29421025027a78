/** The workbook of this package in a real page, on recorded stories: every tab, and the way from a tile to what was done. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, GET_CHROMIUM, launchChromium, READY } from '../../scripts/workbook/browser.ts';
import { engineEnvironment } from '../../scripts/workbook/engine-environment.ts';
import { isParameterLink, parseWorkbook, walkItems } from '../../scripts/workbook/model.ts';
import { openPreviewData, type PreviewData } from '../../scripts/workbook/preview-data.ts';
import { type PreviewServer, startPreviewServer } from '../../scripts/workbook/server.ts';

const available = findChromium() !== undefined;
if (!available && process.env.CI === 'true') throw new Error(`the page tests need Chromium: ${GET_CHROMIUM}`);

const json = JSON.parse(readFileSync(new URL('../../workbooks/break-glass/workbook.json', import.meta.url), 'utf8'));
const model = parseWorkbook(json);
const tabs = [...walkItems(model.items)].flatMap((item) =>
  item.kind === 'links' && item.layout === 'tabs' ? item.links.filter(isParameterLink) : [],
);
const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/** Each page waits for queries on a machine that may be busy. */
const PATIENCE = 300_000;

describe.skipIf(!available)('the workbook of this package', () => {
  let browser: Browser;
  const opened: { data: PreviewData; server: PreviewServer }[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    for (const { data, server } of opened) {
      await server.close();
      await data.engine.close();
    }
  });

  async function open(scenario: string): Promise<{ page: Page; complaints: string[] }> {
    const data = await openPreviewData({ scenario });
    const environment = engineEnvironment(data.engine, data.now);
    const server = await startPreviewServer({
      model,
      data: Promise.resolve({ environment, source: data.source }),
      name: 'Emergency access accounts',
      values: {},
    });
    opened.push({ data, server });
    // The accessibility checker comes in beside the page's own scripts, which its policy would forbid.
    const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(server.url);
    await page.waitForSelector(READY, { state: 'attached' });
    return { page, complaints };
  }

  async function after(page: Page, action: () => Promise<unknown>): Promise<void> {
    const renders = await page.getAttribute('html', 'data-renders');
    await action();
    await page.waitForSelector(`html[data-state="ready"]:not([data-renders="${renders}"])`, { state: 'attached' });
  }

  it.each(['admin-lockout', 'administrator-compromise', 'drill-overdue'])(
    'shows every tab of %s without an error',
    async (scenario) => {
      const { page, complaints } = await open(scenario);
      expect(tabs.length).toBeGreaterThan(0);
      for (const tab of tabs) {
        const control = page.getByRole('tab', { name: tab.label, exact: true });
        if ((await control.getAttribute('aria-selected')) !== 'true') await after(page, () => control.click());
        const troubled = await page
          .locator('.item:is([data-status=error], [data-status=failed], [data-failed])')
          .allTextContents();
        expect(troubled, tab.label).toEqual([]);
        // Every tile says something, be it that there is nothing.
        for (const item of await page.locator('.item.kind-query:visible').all()) {
          expect((await item.textContent())?.trim(), `${tab.label}: ${await item.getAttribute('id')}`).not.toBe('');
        }
        // Markup does not depend on the story, and the checker is slow.
        if (scenario !== 'admin-lockout') continue;
        await page.evaluate(axe);
        const found = (await page.evaluate('axe.run()')) as {
          violations: { id: string; impact: string; nodes: { html: string }[] }[];
        };
        const serious = found.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
        expect(serious.map((one) => `${tab.label} ${one.id}: ${one.nodes[0]?.html.slice(0, 200)}`)).toEqual([]);
      }
      expect(complaints).toEqual([]);
    },
    PATIENCE,
  );

  it(
    'leads from a tile of the overview to the uses, and from a use to what was done in it',
    async () => {
      const { page } = await open('admin-lockout');
      const tiles = page.locator('.tile.selectable');
      expect(await tiles.count()).toBeGreaterThan(0);
      await after(page, () => tiles.first().click());
      const current = await page.locator('[role=tab][aria-selected=true]').textContent();
      expect(current).not.toBe(tabs[0]?.label);
      await after(page, () => page.getByRole('tab', { name: 'Sessions', exact: true }).click());
      const before = await page.locator('.item.kind-query:visible').count();
      await after(page, () => page.locator('tr[data-row]:visible').first().click());
      const shown = page.locator('.item.kind-query:visible');
      expect(await shown.count()).toBeGreaterThan(before);
      expect(await shown.last().locator('tbody tr').count()).toBeGreaterThan(0);
    },
    PATIENCE,
  );
});
