/** The preview in a real page: Chromium against the local server. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, GET_CHROMIUM, launchChromium, READY } from '../../scripts/workbook/browser.ts';
import { parseWorkbook } from '../../scripts/workbook/model.ts';
import { type PreviewServer, type PreviewSubject, startPreviewServer } from '../../scripts/workbook/server.ts';
import { dropDown, parameters, query, resultOf, stubEnvironment, text } from './sample.ts';

const available = findChromium() !== undefined;
if (!available && process.env.CI === 'true') throw new Error(`the page tests need Chromium: ${GET_CHROMIUM}`);
if (!available) console.warn(`left out: tests of the preview page, because there is no Chromium: ${GET_CHROMIUM}`);

const everyFeature = JSON.parse(readFileSync(new URL('./workbooks/every-feature.json', import.meta.url), 'utf8'));
const EVIL = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>[x](javascript:window.hacked=1) "'><b>bold</b>`;

describe.skipIf(!available)('the preview page', () => {
  let browser: Browser;
  const servers: PreviewServer[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) await server.close();
  });

  async function open(
    items: unknown[] | unknown,
    options: { answer?: Parameters<typeof stubEnvironment>[0]; values?: Record<string, unknown>; width?: number } = {},
  ) {
    const environment = stubEnvironment(options.answer);
    const subject: PreviewSubject = {
      model: parseWorkbook(Array.isArray(items) ? { items } : items),
      data: Promise.resolve({ environment, source: 'test rows' }),
      name: 'Test workbook',
      values: options.values ?? {},
    };
    const server = await startPreviewServer(subject);
    servers.push(server);
    const page = await browser.newPage({ viewport: { width: options.width ?? 1280, height: 900 } });
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    complaints.length = 0;
    page.setDefaultTimeout(60_000);
    await page.goto(server.url);
    await ready(page);
    return { page, environment, server, subject };
  }

  const ready = (page: Page) => page.waitForSelector(READY, { state: 'attached' });
  /** Does something that renders again, and waits until it has. */
  async function after(page: Page, action: () => Promise<unknown>): Promise<void> {
    const renders = await page.getAttribute('html', 'data-renders');
    await action();
    await page.waitForSelector(`html[data-state="ready"]:not([data-renders="${renders}"])`, { state: 'attached' });
  }

  it('shows every feature, on every tab, in both themes, without a complaint of the console', async () => {
    const { page } = await open(everyFeature);
    for (const tab of ['Grids', 'Charts', 'Tiles', 'Others']) {
      if (tab !== 'Grids') await after(page, () => page.getByRole('tab', { name: tab }).click());
      await page.getByRole('button', { name: 'Dark' }).click();
      expect(await page.locator('[data-failed]').count()).toBe(0);
    }
    expect(complaints).toEqual([]);
  });

  it('has no serious accessibility violation', async () => {
    const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, server } = await open(everyFeature);
      // The page's policy forbids other scripts, so the checker comes in beside it.
      const context = await browser.newContext({ bypassCSP: true, colorScheme });
      const checked = await context.newPage();
      for (const tab of ['grids', 'charts', 'tiles', 'others']) {
        await checked.goto(`${server.url}?state=${encodeURIComponent(JSON.stringify({ values: { tab } }))}`);
        await ready(checked);
        await checked.evaluate(axe);
        const found = (await checked.evaluate('axe.run()')) as {
          violations: { id: string; impact: string; nodes: { html: string }[] }[];
        };
        const serious = found.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
        expect(serious.map((one) => `${colorScheme} ${tab} ${one.id}: ${one.nodes[0]?.html.slice(0, 200)}`)).toEqual(
          [],
        );
      }
      await context.close();
      await page.close();
    }
  });

  it('has the row picked that a value given by name means, until a click', async () => {
    const rows = resultOf([{ Id: 'one' }, { Id: 'two' }]);
    const { page } = await open([query('rows', { exportFieldName: 'Id', exportParameterName: 'Use' }), text('{Use}')], {
      answer: () => ({ status: 'rows', result: rows }),
      values: { Use: 'two' },
    });
    const picked = () => page.locator('tr[aria-selected=true]').allTextContents();
    expect(await picked()).toEqual(['two']);
    await after(page, () => page.getByText('one').click());
    expect(await picked()).toEqual(['one']);
    await after(page, () => page.locator('tr[aria-selected=true]').click());
    expect(await picked()).toEqual([]);
    await page.close();
  });

  it('runs nothing that log values, markdown, titles and messages hold', async () => {
    const rows = resultOf([{ Value: EVIL, Link: 'javascript:window.hacked=1', Json: { a: EVIL } }]);
    const { page } = await open(
      [
        text(EVIL),
        parameters(
          { name: 'P', type: 1, label: EVIL, value: EVIL },
          dropDown('D', [{ value: EVIL, label: EVIL }], { value: EVIL }),
        ),
        text('{P}{D}'),
        query('grid', {
          title: EVIL,
          gridSettings: {
            filter: true,
            formatters: [
              { columnMatch: 'Link', formatter: 7, formatOptions: { linkTarget: 'Url' } },
              { columnMatch: 'Json', formatter: 7, formatOptions: { linkTarget: 'CellDetails', linkLabel: EVIL } },
            ],
          },
        }),
        query('tiles', { visualization: 'tiles', tileSettings: { titleContent: { columnMatch: 'Value' } } }),
        query('pie', { visualization: 'piechart' }),
        query('card', { visualization: 'card', textSettings: { style: 'markdown' } }),
        query('none', { noDataMessage: EVIL }),
        {
          type: 11,
          content: {
            style: 'list',
            links: [{ linkTarget: 'Url', cellValue: 'javascript:window.hacked=1', linkLabel: EVIL }],
          },
        },
      ],
      { answer: (kql) => (kql === 'none' ? { status: 'error', message: EVIL } : { status: 'rows', result: rows }) },
    );
    await page.locator('[data-details]').first().click();
    expect(await page.locator('#details pre').textContent()).toContain('onerror');
    await page.keyboard.press('Escape');
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(
      await page
        .locator('#workbook img, #workbook script, #workbook [onerror], #workbook a[href^="javascript"]')
        .count(),
    ).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('re-runs only what a parameter changes, and keeps the focus', async () => {
    const { page, environment } = await open([
      parameters(dropDown('A', ['one', 'two'], { value: 'one', isRequired: true }), { name: 'B', type: 1, value: 'b' }),
      query('a {A}'),
      query('b {B}'),
    ]);
    environment.asked.length = 0;
    await page.locator('[data-parameter=A]').focus();
    await after(page, () => page.locator('[data-parameter=A]').selectOption('two'));
    expect(environment.asked.map((one) => one.query)).toContain('a two');
    expect(await page.evaluate('document.activeElement.dataset.parameter')).toBe('A');
    await after(page, async () => {
      await page.locator('[data-parameter=B]').fill('c');
      await page.locator('[data-parameter=B]').press('Enter');
    });
    expect(environment.asked.map((one) => one.query)).toContain('b c');
  });

  it('takes several values, and a time range of one’s own', async () => {
    const { page, environment } = await open([
      parameters(dropDown('M', ['x', 'y', 'z'], { multiSelect: true, quote: "'", delimiter: ',' }), {
        name: 'T',
        type: 4,
        value: { durationMs: 86_400_000 },
      }),
      query('in ({M}) {T}'),
    ]);
    await page.locator('details.multi summary').click();
    await after(page, () => page.getByRole('checkbox', { name: 'x' }).check());
    expect(await page.locator('details.multi').getAttribute('open')).not.toBeNull();
    await after(page, () => page.getByRole('checkbox', { name: 'z' }).check());
    expect(environment.asked.at(-1)?.query).toBe("in ('x','z')  > ago(1d)");
    await after(page, () => page.getByLabel('T', { exact: true }).selectOption('custom'));
    await after(page, () => page.getByLabel('From (UTC)').fill('2026-11-01T00:00'));
    expect(environment.asked.at(-1)?.query).toContain('between (datetime(2026-11-01T00:00:00.000Z)');
  });

  it('exports a row, a tile and a chart element with mouse and keyboard', async () => {
    const rows = resultOf([
      { Name: 'first', N: 3 },
      { Name: 'second', N: 5 },
    ]);
    const { page } = await open(
      [
        query('grid', { exportFieldName: 'Name', exportParameterName: 'Row' }),
        query('tiles', {
          visualization: 'tiles',
          exportFieldName: 'Name',
          exportParameterName: 'Tile',
          tileSettings: { titleContent: { columnMatch: 'Name', formatter: 1 } },
        }),
        query('bars', { visualization: 'categoricalbar', exportFieldName: 'x', exportParameterName: 'Bar' }),
        text('row {Row}, tile {Tile}, bar {Bar}'),
      ],
      { answer: () => ({ status: 'rows', result: rows }) },
    );
    const said = page.locator('#item-3');
    await after(page, () =>
      page
        .getByRole('row', { name: /second/ })
        .first()
        .click(),
    );
    expect(await said.textContent()).toContain('row second');
    await page.getByRole('button', { name: 'first' }).focus();
    await after(page, () => page.keyboard.press('Enter'));
    expect(await said.textContent()).toContain('tile first');
    expect(await page.getByRole('button', { name: 'first' }).getAttribute('aria-pressed')).toBe('true');
    const box = await page.locator('#item-2 [data-chart]').boundingBox();
    await after(page, () => page.mouse.click(box!.x + box!.width * 0.75, box!.y + box!.height * 0.7));
    expect(await said.textContent()).toContain('bar second');
    // The same row again takes the selection back.
    await after(page, () =>
      page
        .getByRole('row', { name: /second/ })
        .first()
        .click(),
    );
    expect(await said.textContent()).toContain('row <unset>');
  });

  it('opens a tab by a tile that exports into a global parameter', async () => {
    const shownOn = (value: string) => ({
      conditionalVisibility: { parameterName: 'Tab', comparison: 'isEqualTo', value },
    });
    const { page } = await open(
      [
        parameters({ name: 'Tab', type: 1, isGlobal: true, isHiddenWhenLocked: true, value: 'start' }),
        {
          type: 11,
          content: {
            style: 'tabs',
            links: ['start', 'uses'].map((tab) => ({
              linkTarget: 'parameter',
              cellValue: 'Tab',
              subTarget: tab,
              linkLabel: tab,
            })),
          },
        },
        {
          type: 12,
          content: {
            items: [
              query('tiles', {
                visualization: 'tiles',
                exportFieldName: 'Name',
                exportParameterName: 'Tab',
                tileSettings: { titleContent: { columnMatch: 'Name', formatter: 1 } },
              }),
            ],
          },
          ...shownOn('start'),
        },
        { ...text('the uses'), ...shownOn('uses') },
      ],
      { answer: () => ({ status: 'rows', result: resultOf([{ Name: 'uses' }]) }) },
    );
    await after(page, () => page.getByRole('button', { name: 'uses' }).click());
    expect(await page.getByRole('tab', { name: 'uses' }).getAttribute('aria-selected')).toBe('true');
    expect(await page.getByText('the uses').isVisible()).toBe(true);
    await after(page, () => page.getByRole('tab', { name: 'start' }).click());
    expect(await page.getByRole('button', { name: 'uses' }).getAttribute('aria-pressed')).toBe('false');
  });

  it('sorts, filters and opens rows', async () => {
    const rows = resultOf([
      { Name: 'b', N: 10 },
      { Name: 'a', N: 9 },
      { Name: 'c', N: 100 },
    ]);
    const { page } = await open(
      [
        query('grid', { title: 'Flat', gridSettings: { filter: true } }),
        query('tree', {
          title: 'Tree',
          gridSettings: { hierarchySettings: { treeType: 1, groupBy: ['Name'], finalBy: 'N' } },
        }),
      ],
      { answer: () => ({ status: 'rows', result: rows }) },
    );
    const names = () => page.locator('#item-0 tbody tr:visible td:first-child').allTextContents();
    await page.locator('#item-0 .sort').nth(1).click();
    expect(await names()).toEqual(['a', 'b', 'c']);
    await page.locator('#item-0 .sort').nth(1).click();
    expect(await names()).toEqual(['c', 'b', 'a']);
    await page.getByRole('searchbox', { name: 'Search in Flat' }).fill('B');
    expect(await names()).toEqual(['b']);
    expect(await page.locator('#item-1 tbody tr:visible').count()).toBe(3);
    await page.locator('#item-1 .toggle').first().click();
    expect(await page.locator('#item-1 tbody tr:visible').count()).toBe(4);
  });

  it('shows the items of a group that has no title', async () => {
    const { page } = await open([{ type: 12, content: { items: [text('inside')] } }]);
    expect(await page.getByText('inside').isVisible()).toBe(true);
  });

  it('moves over tabs with the arrow keys', async () => {
    const { page } = await open(everyFeature);
    await page.getByRole('tab', { name: 'Grids' }).focus();
    await after(page, () => page.keyboard.press('ArrowRight'));
    expect(await page.getByRole('tab', { name: 'Charts' }).getAttribute('aria-selected')).toBe('true');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Charts');
  });

  it('downloads rows as CSV that no spreadsheet runs', async () => {
    const rows = resultOf([{ Name: '=HYPERLINK("http://198.51.100.7")', N: -1 }]);
    const { page } = await open([query('grid', { title: 'Sign-ins / all' })], {
      answer: () => ({ status: 'rows', result: rows }),
    });
    const downloading = page.waitForEvent('download');
    await page.locator('#item-0').hover();
    await page.getByRole('button', { name: /as CSV/ }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('Sign-ins-all.csv');
    expect(readFileSync(await download.path(), 'utf8')).toBe(
      'Name,N\r\n"\'=HYPERLINK(""http://198.51.100.7"")",-1\r\n',
    );
  });

  it('loads again when the workbook changes, and says so when a rendering fails', async () => {
    const { page, server, subject } = await open([text('before')]);
    server.show({ ...subject, model: parseWorkbook({ items: [text('after')] }) });
    await page.getByText('after').waitFor();
    await server.close();
    servers.splice(servers.indexOf(server), 1);
  });

  it('fits a narrow window', async () => {
    const { page } = await open(everyFeature, { width: 420 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(420);
  });

  it('answers nobody but its own page', async () => {
    const { server } = await open([text('x')]);
    const { request } = await import('node:http');
    const status = (headers: Record<string, string>, path = '/', method = 'GET') =>
      new Promise<number | undefined>((resolve, reject) => {
        request(new URL(path, server.url), { headers, method }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ origin: 'http://evil.example' }, '/render', 'POST')).toBe(403);
    expect(await status({}, '/assets/../server.ts')).toBe(404);
    expect(await status({}, '/render')).toBe(404);
  });
});
