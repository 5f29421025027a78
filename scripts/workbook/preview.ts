/** What the `preview` command does: serving, screenshots and checks of workbooks. */
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pc from 'picocolors';
import { packageRoot } from '../content/package-root.ts';
import { isUserError, UserError } from '../diagnostics/errors.ts';
import { findChromium, GET_CHROMIUM, launchChromium, READY } from './browser.ts';
import type { CheckResult } from './check.ts';
import { parseWorkbook } from './model.ts';
import type { PreviewData, PreviewDataOptions } from './preview-data.ts';
import { readWorkbook, type WorkbookFile } from './read-workbook.ts';
import { type PreviewSubject, startPreviewServer } from './server.ts';

export interface PreviewOptions extends PreviewDataOptions {
  param: Readonly<Record<string, string>>;
  open?: boolean;
  browser?: boolean;
  format?: 'text' | 'json';
}

/** The workbook of this package. */
export function ownWorkbook(root: string = packageRoot()): string {
  return join(root, 'workbooks', 'break-glass', 'workbook.json');
}

/** The subject of a page; the page is there at once and its items come when the data is open. */
async function subjectOf(file: string, data: Promise<PreviewData>, options: PreviewOptions): Promise<PreviewSubject> {
  const workbook = await readWorkbook(file);
  return {
    model: parseWorkbook(workbook.json),
    data: data.then(async ({ engine, now, source, workspace }) => {
      const { engineEnvironment } = await import('./engine-environment.ts');
      return { environment: engineEnvironment(engine, now, workspace), source };
    }),
    name: titleOf(workbook),
    values: parameterValues(options.param),
  };
}

/** The name that a workbook goes by. */
export function titleOf(workbook: WorkbookFile): string {
  const name = basename(workbook.file).replace(/\.(json|workbook)$/i, '');
  return workbook.displayName ?? (name === 'workbook' ? basename(dirname(resolve(workbook.file))) : name);
}

/** Values of the command line: commas separate several. */
export function parameterValues(given: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => {
      const several =
        text.includes(',') && !text.trim().startsWith('{') ? text.split(',').map((one) => one.trim()) : text;
      return [name, several];
    }),
  );
}

/** Without a page that asks, the data is opened after this, so that what is wrong with it is told. */
const MAX_WAIT_MS = 2000;

/** Serves a workbook until Ctrl-C. */
export async function serve(named: string | undefined, options: PreviewOptions): Promise<void> {
  const file = named ?? ownWorkbook();
  // Loading the engine keeps the process busy, so the page is sent first: it asks for its items once it is painted.
  let asked: () => void = () => undefined;
  const data = Promise.race([new Promise<void>((resolve) => (asked = resolve)), delay(MAX_WAIT_MS)]).then(() =>
    openData(options),
  );
  data.catch(() => undefined);
  const server = await startPreviewServer(await subjectOf(file, data, options), asked);
  try {
    const watcher = watchFile(file, async () => {
      try {
        server.show(await subjectOf(file, data, options));
        process.stderr.write(`${basename(file)} changed, the page loads again\n`);
      } catch (error) {
        process.stderr.write(`${isUserError(error) ? error.report() : String(error)}\n`);
      }
    });
    process.stdout.write(`${pc.bold(server.url)}  Ctrl-C ends the preview.\n`);
    if (options.open !== false) openBrowser(server.url);
    const ended = interrupted();
    process.stdout.write(`${(await data).source}\n`);
    await ended;
    watcher.close();
  } finally {
    await server.close();
    await data.then(({ engine }) => engine.close()).catch(() => undefined);
  }
}

/** The engine and the content weigh more than everything else, so they are loaded beside the page. */
async function openData(options: PreviewDataOptions): Promise<PreviewData> {
  const { openPreviewData } = await import('./preview-data.ts');
  return openPreviewData({ ...options, keepTranslations: true });
}

/** A page with heavy queries on a busy machine takes its time. */
const PAGE_TIMEOUT_MS = 300_000;

function interrupted(): Promise<void> {
  return new Promise((done) => {
    process.once('SIGINT', () => done());
    process.once('SIGTERM', () => done());
  });
}

// Editors write a new file and rename it, which ends a watch on the file itself: the folder is watched.
function watchFile(file: string, changed: () => void): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  return watch(dirname(resolve(file)), (_, name) => {
    if (name !== null && name !== basename(file)) return;
    clearTimeout(timer);
    timer = setTimeout(changed, 150);
  });
}

function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url];
  const child = spawn(command as string, args, { stdio: 'ignore', detached: true });
  // Without a desktop the printed address is enough.
  child.on('error', () => undefined);
  child.unref();
}

/** Writes a picture of the page at 1440 points width, as high as it is. */
export async function screenshot(named: string | undefined, out: string, options: PreviewOptions): Promise<void> {
  if (!/\.png$/i.test(out)) {
    throw new UserError('SCREENSHOT_FORMAT', {
      what: `${out} is no .png file`,
      remedy: 'name a file that ends in .png',
    });
  }
  const data = await openData(options);
  const browser = await launchChromium();
  try {
    const server = await startPreviewServer(await subjectOf(named ?? ownWorkbook(), Promise.resolve(data), options));
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
    page.setDefaultTimeout(PAGE_TIMEOUT_MS);
    await page.goto(server.url);
    await page.waitForSelector(READY, { state: 'attached' });
    await mkdir(dirname(resolve(out)), { recursive: true });
    await page.screenshot({ path: out, fullPage: true });
    await server.close();
    process.stdout.write(`${out}\n`);
  } finally {
    await browser.close();
    await data.engine.close();
  }
}

/** Checks files one after the other, printing each as it is done. @returns whether nothing failed or shows an error */
export async function checkFiles(named: readonly string[], options: PreviewOptions): Promise<boolean> {
  const files = named.length > 0 ? named : [ownWorkbook()];
  const data = await openData(options);
  const { engineEnvironment } = await import('./engine-environment.ts');
  const { checkWorkbook, renderInPage, renderWithoutBrowser } = await import('./check.ts');
  const { renderItem } = await import('./page/render-item.ts');
  const { liveChart } = await import('./page/render-visualization.ts');
  const environment = engineEnvironment(data.engine, data.now, data.workspace);
  const useBrowser = options.browser !== false && findChromium() !== undefined;
  if (!useBrowser && options.browser !== false)
    process.stderr.write(`checked without a browser page: ${GET_CHROMIUM}\n`);
  const browser = useBrowser ? await launchChromium() : undefined;
  let good = true;
  try {
    for (const file of files) {
      const result = await checkFile(file, async (subject) => {
        if (!browser) {
          const draw = (view: Parameters<typeof renderItem>[0]) =>
            void renderItem(view, { mode: 'live', drawChart: liveChart });
          const render = renderWithoutBrowser(subject.model, environment, draw);
          return checkWorkbook(file, subject.model, subject.values, render, false);
        }
        const server = await startPreviewServer(subject);
        // A page for each: one that a file makes too heavy is gone with it.
        const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
        page.setDefaultTimeout(PAGE_TIMEOUT_MS);
        try {
          return await checkWorkbook(file, subject.model, subject.values, renderInPage(page, server), true);
        } finally {
          await page.close().catch(() => undefined);
          await server.close();
        }
      });
      good = good && result.failed.length === 0 && result.errors.length === 0;
      process.stdout.write(options.format === 'json' ? `${JSON.stringify(result)}\n` : checkText(result));
    }
  } finally {
    await browser?.close();
    await data.engine.close();
  }
  return good;

  async function checkFile(
    file: string,
    check: (subject: PreviewSubject) => Promise<CheckResult>,
  ): Promise<CheckResult> {
    try {
      const subject = await subjectOf(file, Promise.resolve(data), options);
      return await check({ ...subject, data: Promise.resolve({ environment, source: data.source }) });
    } catch (error) {
      // One file that cannot be opened does not keep the others from being checked.
      const why = isUserError(error)
        ? error.report().split('\n')[0]!
        : error instanceof Error
          ? error.message
          : String(error);
      return {
        file,
        items: 0,
        rendered: 0,
        errors: [],
        waiting: [],
        notAvailable: [],
        failed: [{ item: basename(file), why }],
        hidden: 0,
        notInThisData: [],
        inBrowser: browser !== undefined,
      };
    }
  }
}

function checkText(result: CheckResult): string {
  const counts = [
    `${result.rendered} of ${result.items} items rendered`,
    result.hidden > 0 ? `${result.hidden} hidden` : '',
    result.waiting.length > 0 ? `${result.waiting.length} waiting for a parameter` : '',
    result.notAvailable.length > 0 ? `${result.notAvailable.length} not available offline` : '',
    result.errors.length > 0 ? pc.yellow(`${result.errors.length} show an error as in Azure`) : '',
    result.failed.length > 0 ? pc.red(`${result.failed.length} failed`) : '',
  ].filter(Boolean);
  const list = (label: string, findings: CheckResult['failed']) =>
    findings.map((one) => `  ${label} ${one.item}: ${one.why}\n`).join('');
  const mark = result.failed.length > 0 ? pc.red('✗') : pc.green('✓');
  return `${mark} ${result.file}: ${counts.join(', ')}\n${list('failed', result.failed)}${list('error', result.errors)}${list('waiting', result.waiting)}${list('not available', result.notAvailable)}`;
}
