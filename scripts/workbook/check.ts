/** `preview --check`: renders every item of workbooks, all tabs included, and counts what became of them. */
import type { Page } from 'playwright-core';
import { READY } from './browser.ts';
import { NOT_IN_DATA, type WorkbookEnvironment } from './environment.ts';
import { evaluateWorkbook } from './evaluate.ts';
import { type WorkbookModel, walkItems } from './model.ts';
import type { PreviewServer } from './server.ts';
import { INITIAL_STATE, type WorkbookState } from './state.ts';
import type { ItemStatus, ItemView } from './view/item-view.ts';

export interface ItemFinding {
  item: string;
  why: string;
}

/** One workbook's line. The lists name the items with the reason. */
export interface CheckResult {
  file: string;
  /** Items of the workbook, groups and parameter bars included. */
  items: number;
  /** Shown as they are meant to be, be it without rows. */
  rendered: number;
  /** Shown with the error that Azure shows as well: the query or its JSON is wrong. */
  errors: ItemFinding[];
  waiting: ItemFinding[];
  notAvailable: ItemFinding[];
  failed: ItemFinding[];
  /** Hidden by conditions that no tab fulfils. */
  hidden: number;
  /** What the data lacks for items that are rendered: tables that only other solutions bring. */
  notInThisData: ItemFinding[];
  /** Rendered in a browser page; without Chromium only the view model and its markup are made. */
  inBrowser: boolean;
}

/** The gravest comes first: an item that fails on one tab has failed. */
const GRAVITY: readonly ItemStatus[] = ['failed', 'error', 'unavailable', 'waiting', 'rendered', 'hidden'];

/** More tabs than this are not opened; nested tabs multiply. */
const MAX_STATES = 200;

export interface Rendered {
  views: ItemView[];
  /** Items whose drawing failed in the page: id to reason. */
  broken: ReadonlyMap<string, string>;
}

/** Renders a state of the workbook. */
export type Render = (state: WorkbookState) => Promise<Rendered>;

/** Opens every tab, and groups that load on demand, and gathers what became of each item. */
export async function checkWorkbook(
  file: string,
  model: WorkbookModel,
  values: Readonly<Record<string, unknown>>,
  render: Render,
  inBrowser: boolean,
): Promise<CheckResult> {
  const found = new Map<string, ItemView>();
  const loaded = [...walkItems(model.items)].filter((item) => item.kind === 'group').map((item) => item.id);
  const seen = new Set<string>();
  const queue: Record<string, unknown>[] = [{ ...values }];
  while (queue.length > 0 && seen.size < MAX_STATES) {
    const next = queue.shift() as Record<string, unknown>;
    const { views, broken } = await render({ ...INITIAL_STATE, values: next, loaded });
    for (const view of views) {
      const reason = broken.get(view.id);
      note(found, reason === undefined ? view : { ...view, status: 'failed', why: reason });
      if (view.body?.kind !== 'links' || view.status === 'hidden') continue;
      for (const link of view.body.links) {
        if (!link.parameter || link.parameter.current) continue;
        const key = `${view.id}\n${link.parameter.name}\n${link.parameter.value}`;
        if (seen.has(key)) continue;
        seen.add(key);
        queue.push({ ...next, [link.parameter.name]: link.parameter.value });
      }
    }
  }
  return summarize(file, model, found, inBrowser);
}

function note(found: Map<string, ItemView>, view: ItemView): void {
  const before = found.get(view.id);
  if (!before || GRAVITY.indexOf(view.status) < GRAVITY.indexOf(before.status)) found.set(view.id, view);
}

function summarize(
  file: string,
  model: WorkbookModel,
  found: ReadonlyMap<string, ItemView>,
  inBrowser: boolean,
): CheckResult {
  const items = [...walkItems(model.items)];
  const of = (status: ItemStatus): ItemFinding[] =>
    items.flatMap((item) => {
      const view = found.get(item.id);
      return view?.status === status ? [{ item: item.name || item.id, why: view.why ?? '' }] : [];
    });
  const rendered = items.filter((item) => found.get(item.id)?.status === 'rendered');
  return {
    file,
    items: items.length,
    rendered: rendered.length,
    errors: of('error'),
    waiting: of('waiting'),
    notAvailable: of('unavailable'),
    failed: of('failed'),
    hidden: items.filter((item) => (found.get(item.id)?.status ?? 'hidden') === 'hidden').length,
    notInThisData: rendered.flatMap((item) => {
      const notes = (found.get(item.id)?.notes ?? []).filter((text) => text.startsWith(NOT_IN_DATA));
      return notes.map((why) => ({ item: item.name || item.id, why }));
    }),
    inBrowser,
  };
}

/** Renders through the view model and its markup, without a browser. */
export function renderWithoutBrowser(
  model: WorkbookModel,
  environment: WorkbookEnvironment,
  draw: (view: ItemView) => void,
): Render {
  return async (state) => {
    const views: ItemView[] = [];
    const broken = new Map<string, string>();
    await evaluateWorkbook(model, state, environment, (view) => {
      views.push(view);
      try {
        draw(view);
      } catch (error) {
        broken.set(view.id, error instanceof Error ? error.message : String(error));
      }
    });
    return { views, broken };
  };
}

/** Renders in a page of the preview, and reads from it which items could not be drawn. */
export function renderInPage(page: Page, server: PreviewServer): Render {
  return async (state) => {
    const views: ItemView[] = [];
    const errors: string[] = [];
    const onError = (error: Error) => errors.push(error.message);
    page.on('pageerror', onError);
    server.onView = (view) => views.push(view);
    try {
      await page.goto(`${server.url}?state=${encodeURIComponent(JSON.stringify(state))}`);
      await page.waitForSelector(READY, { state: 'attached' });
      const broken = new Map<string, string>();
      for (const place of await page.locator('[data-failed]').all()) {
        broken.set((await place.getAttribute('data-item')) ?? '', (await place.getAttribute('data-failed')) ?? '');
      }
      for (const place of await page.locator('.item[hidden] .item:not([hidden])').all()) {
        broken.set((await place.getAttribute('data-item')) ?? '', 'it is shown inside a group that is not');
      }
      const whole = await page.getAttribute('html', 'data-state');
      if (whole !== 'ready' || errors.length > 0) {
        const why = errors[0] ?? (await page.textContent('#announcement')) ?? 'the page did not become ready';
        for (const view of views) if (!broken.has(view.id)) broken.set(view.id, why);
      }
      return { views, broken };
    } finally {
      page.off('pageerror', onError);
      server.onView = () => undefined;
    }
  };
}
