/** Speed of the preview: from the start of the command to the first paint, and of a large workbook. */
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
    await writeFile(large, JSON.stringify(largeWorkbook()));
    await measure('workbook of this package', browser, week);
    await measure(`workbook of ${SIZE} items`, browser, [large, ...week]);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const RUNS = 3;

async function measure(label: string, browser: Browser, args: readonly string[]): Promise<void> {
  const runs: Times[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await startAndShow(browser, args));
  const median = (pick: (times: Times) => number) => runs.map(pick).sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  process.stdout.write(
    `  ${label}: first paint ${seconds(median((one) => one.firstPaint))} after start, everything shown after ${seconds(median((one) => one.everything))} (median of ${RUNS})\n`,
  );
}

async function startAndShow(browser: Browser, args: readonly string[]): Promise<Times> {
  const started = Date.now();
  const tool = spawn(process.execPath, [TOOL, 'preview', '--no-open', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await address(tool.stdout);
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(url);
    await page.waitForSelector(READY, { state: 'attached', timeout: 120_000 });
    const everything = Date.now() - started;
    const paint = (await page.evaluate(
      'performance.timeOrigin + performance.getEntriesByName("first-contentful-paint")[0].startTime',
    )) as number;
    await page.close();
    return { firstPaint: paint - started, everything };
  } finally {
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

/** Grids, charts and tiles, each with a query of its own. */
function largeWorkbook(): unknown {
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
        query: `SigninLogs | where ResultType != "${index}" | summarize Count = count() by ${by}`,
        timeContext: { durationMs: 30 * 86_400_000 },
        visualization,
      },
    };
  });
  return { version: 'Notebook/1.0', items };
}
