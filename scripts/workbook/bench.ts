/**
 * Speed of the preview: from the start of the command to the first paint, and until everything is shown. The browser runs
 * already, as a reader's does. A workbook is opened for the first time, when its queries have to be bound, and again,
 * when their translations are kept on disk; and it is shown again by a preview that runs, as after a change of a file.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { packageRoot } from '../content/package-root.ts';
import { benchReads } from './bench-reads.ts';
import { findChromium, GET_CHROMIUM, launchChromium, READY } from './browser.ts';
import { ownWorkbook } from './preview.ts';

interface Times {
  /** Milliseconds from the start of the process. */
  firstPaint: number;
  everything: number;
  /** Milliseconds in which the running preview shows the page again, its answers known. */
  shownAgain: number;
}

const TOOL = fileURLToPath(new URL('../breakglass.mjs', import.meta.url));
const SIZE = 100;

/** Prints the figures; says so where there is no Chromium to measure with. */
export async function benchWorkbook(): Promise<void> {
  await benchPages();
  await benchReads(ownWorkbook());
}

async function benchPages(): Promise<void> {
  if (findChromium() === undefined) {
    process.stdout.write(`  not measured: there is no Chromium; ${GET_CHROMIUM}\n`);
    return;
  }
  const root = packageRoot();
  const week = existsSync(join(root, 'test', 'scenarios', 'ordinary-week')) ? ['--scenario', 'ordinary-week'] : [];
  const folder = await mkdtemp(join(tmpdir(), 'breakglass-bench-'));
  const browser = await launchChromium();
  try {
    const large = join(folder, 'large.json');
    const write = (start: number) => writeFile(large, JSON.stringify(largeWorkbook(start)));
    // Constants that no run had before: nothing is known of these queries.
    let fresh = Date.now();
    const first = await measure(browser, [large, ...week], () => {
      fresh += SIZE;
      return write(fresh);
    });
    const again = await measure(browser, [large, ...week]);
    // The first run of three may have to bind the queries, the median has not.
    print('workbook of this package', await measure(browser, week));
    print(`workbook of ${SIZE} items`, again);
    print(`workbook of ${SIZE} items that nobody opened before`, first);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const RUNS = 3;

/** @param before makes what is opened ready; not part of the time */
async function measure(browser: Browser, args: readonly string[], before?: () => Promise<void>): Promise<Times> {
  const runs: Times[] = [];
  for (let run = 0; run < RUNS; run++) {
    await before?.();
    runs.push(await startAndShow(browser, args));
  }
  const median = (pick: (times: Times) => number) => runs.map(pick).sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
  return {
    firstPaint: median((one) => one.firstPaint),
    everything: median((one) => one.everything),
    shownAgain: median((one) => one.shownAgain),
  };
}

function print(label: string, times: Times): void {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  process.stdout.write(
    `  ${label}: first paint ${seconds(times.firstPaint)} after start, everything shown after ${seconds(times.everything)}, page loaded again in ${seconds(times.shownAgain)} (medians of ${RUNS})\n`,
  );
}

async function startAndShow(browser: Browser, args: readonly string[]): Promise<Times> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const started = Date.now();
  const tool = spawn(process.execPath, [TOOL, 'preview', '--no-open', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await page.goto(await address(tool.stdout));
    await page.waitForSelector(READY, { state: 'attached', timeout: 120_000 });
    const everything = Date.now() - started;
    const paint = (await page.evaluate(
      'performance.timeOrigin + performance.getEntriesByName("first-contentful-paint")[0].startTime',
    )) as number;
    const reloaded = Date.now();
    await page.reload();
    await page.waitForSelector(READY, { state: 'attached', timeout: 120_000 });
    return { firstPaint: paint - started, everything, shownAgain: Date.now() - reloaded };
  } finally {
    await page.close();
    tool.kill('SIGINT');
    if (tool.exitCode === null) await once(tool, 'exit');
  }
}

function address(output: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    output.on('data', (chunk) => {
      text += String(chunk);
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(text);
      if (found) resolve(found[0]);
    });
    output.on('end', () => reject(new Error(`the preview did not start: ${text}`)));
  });
}

/** Grids, charts and tiles, each with a query of its own, told apart by a constant. */
function largeWorkbook(start: number): unknown {
  const looks = ['table', 'barchart', 'piechart', 'tiles', 'timechart'];
  const items = Array.from({ length: SIZE }, (_, index) => {
    const visualization = looks[index % looks.length];
    const by =
      visualization === 'timechart' || visualization === 'barchart' ? 'bin(TimeGenerated, 6h)' : 'AppDisplayName';
    return {
      type: 3,
      name: `item ${index}`,
      customWidth: '33',
      content: {
        version: 'KqlItem/1.0',
        queryType: 0,
        title: `Item ${index}`,
        query: `SigninLogs | where ResultType != "${start + index}" | summarize Count = count() by ${by}`,
        timeContext: { durationMs: 30 * 86_400_000 },
        visualization,
      },
    };
  });
  return { version: 'Notebook/1.0', items };
}
