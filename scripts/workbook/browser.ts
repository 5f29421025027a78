/** The Chromium that screenshots, `--check`, PDF and the page's tests use. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { UserError } from '../diagnostics/errors.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge', 'msedge'];
const PLACES = [
  '/usr/bin',
  '/usr/local/bin',
  '/snap/bin',
  '/opt/google/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

export const GET_CHROMIUM = 'install Chromium (Debian: `apt-get install chromium`) or set CHROMIUM_PATH to one';

/** The executable: CHROMIUM_PATH, else one on the PATH or in the usual places; undefined where there is none. */
export function findChromium(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const named = environment.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : undefined;
  const folders = [...(environment.PATH ?? '').split(delimiter).filter(Boolean), ...PLACES];
  for (const name of NAMES) {
    for (const folder of folders) {
      const file = join(folder, name);
      if (existsSync(file)) return file;
    }
  }
  return PLACES.find((place) => /(exe|Chrome|Chromium|Edge)$/.test(place) && existsSync(place));
}

/** Matches once everything of a preview page is shown, or could not be. */
export const READY = 'html[data-state="ready"], html[data-state="failed"]';

/** Starts it without a window. @throws UserError where there is none */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new UserError('CHROMIUM_MISSING', {
      what: process.env.CHROMIUM_PATH
        ? `there is no ${process.env.CHROMIUM_PATH}`
        : 'no Chromium was found on this machine',
      remedy: GET_CHROMIUM,
    });
  }
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
