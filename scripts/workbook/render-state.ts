/**
 * What the server answers to a page: the lines of a rendering and the rows of a download. Apart from the server, so that
 * the page is sent before all of this is loaded.
 */
import { createHash } from 'node:crypto';
import type { QueryResult } from '../engines/query-engine.ts';
import { resultCsv } from './csv.ts';
import type { WorkbookEnvironment } from './environment.ts';
import { evaluateWorkbook } from './evaluate.ts';
import type { WorkbookModel } from './model.ts';
import { renderItem } from './page/render-item.ts';
import { liveChart, type Rendering } from './page/render-visualization.ts';
import type { WorkbookState } from './state.ts';
import type { ItemView } from './view/item-view.ts';

const LIVE: Rendering = { mode: 'live', drawChart: liveChart };

/** Emits each item's view with its line for the page. */
export async function renderState(
  model: WorkbookModel,
  state: WorkbookState,
  environment: WorkbookEnvironment,
  emit: (view: ItemView, message: Record<string, unknown>) => void,
  signal: AbortSignal,
): Promise<void> {
  await evaluateWorkbook(model, state, environment, (view) => emit(view, itemMessage(view)), signal);
}

/** The rows of one item as CSV with a name for the file; undefined where it has none. */
export async function itemCsv(
  model: WorkbookModel,
  state: WorkbookState,
  environment: WorkbookEnvironment,
  id: string,
): Promise<{ name: string; text: string } | undefined> {
  let found: { name: string; result: QueryResult } | undefined;
  await evaluateWorkbook(model, state, environment, (view) => {
    if (view.id !== id || view.body?.kind !== 'query' || !view.result) return;
    found = { name: view.body.title || view.name, result: view.result };
  });
  if (!found) return undefined;
  const name = found.name
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
  return { name: `${name || 'rows'}.csv`, text: resultCsv(found.result) };
}

/** One line of a rendering: markup, and what the script needs to draw and to select. */
function itemMessage(view: ItemView): Record<string, unknown> {
  const html = view.status === 'hidden' ? '' : renderItem(view, LIVE).text;
  const body = view.body?.kind === 'query' ? view.body : undefined;
  const shape = body?.visualization;
  const chart = shape && (shape.kind === 'chart' || shape.kind === 'map' || shape.kind === 'graph') ? shape : undefined;
  const content = {
    html,
    ...(chart
      ? {
          option: chart.option,
          time: chart.kind === 'chart' && chart.time,
          shape: chart.kind === 'chart' ? chart.shape : chart.kind,
        }
      : {}),
    ...(body?.selectable ? { ...body.selectable, exportable: true } : {}),
    ...(body?.brush ? { brush: body.brush } : {}),
  };
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 16);
  return { type: 'item', id: view.id, status: view.status, hash, ...content };
}
