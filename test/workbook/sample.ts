/** Small workbooks and an environment without an engine, for the tests of this folder. */
import type { QueryResult, Value } from '../../scripts/engines/query-engine.ts';
import {
  previewResources,
  type QueryOutcome,
  type TimeWindow,
  type WorkbookEnvironment,
} from '../../scripts/workbook/environment.ts';
import { evaluateWorkbook } from '../../scripts/workbook/evaluate.ts';
import { parseWorkbook } from '../../scripts/workbook/model.ts';
import { INITIAL_STATE, type WorkbookState } from '../../scripts/workbook/state.ts';
import type { ItemView } from '../../scripts/workbook/view/item-view.ts';

export const NOW = new Date('2026-11-23T12:00:00.000Z');

/** Rows of objects as a result; every column is typed by its first value. */
export function resultOf(rows: Record<string, Value>[]): QueryResult {
  const names = Object.keys(rows[0] ?? {});
  return {
    columns: names.map((name) => {
      const value = rows[0]?.[name];
      const type =
        typeof value === 'number'
          ? 'long'
          : typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)
            ? 'datetime'
            : typeof value === 'object' && value !== null
              ? 'dynamic'
              : 'string';
      return { name, type };
    }),
    rows: rows.map((row) => names.map((name) => row[name] ?? null)),
  };
}

export interface Asked {
  query: string;
  window: TimeWindow | undefined;
}

/** An environment that answers by function and keeps what it was asked. */
export function stubEnvironment(
  answer: (query: string) => QueryOutcome = () => ({ status: 'rows', result: { columns: [], rows: [] } }),
): WorkbookEnvironment & { asked: Asked[] } {
  const asked: Asked[] = [];
  return {
    now: NOW,
    resources: previewResources(),
    asked,
    async runQuery(query, window) {
      asked.push({ query, window });
      return answer(query);
    },
  };
}

export const text = (json: string, more: Record<string, unknown> = {}) => ({ type: 1, content: { json }, ...more });

export const query = (kql: string, content: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => ({
  type: 3,
  content: { version: 'KqlItem/1.0', query: kql, queryType: 0, ...content },
  ...more,
});

export const parameters = (...list: Record<string, unknown>[]) => ({
  type: 9,
  content: { version: 'KqlParameterItem/1.0', parameters: list },
});

/** A drop-down over JSON rows. */
export const dropDown = (name: string, rows: unknown[], more: Record<string, unknown> = {}) => ({
  name,
  type: 2,
  jsonData: JSON.stringify(rows),
  ...more,
});

/** Evaluates items and answers their views by item id. */
export async function evaluate(
  items: unknown[],
  state: Partial<WorkbookState> = {},
  environment: WorkbookEnvironment = stubEnvironment(),
): Promise<Map<string, ItemView>> {
  const views = new Map<string, ItemView>();
  const model = parseWorkbook({ version: 'Notebook/1.0', items });
  await evaluateWorkbook(model, { ...INITIAL_STATE, ...state }, environment, (view) => views.set(view.id, view));
  return views;
}

/** The text of a text item's view. */
export function shownText(view: ItemView | undefined): string | undefined {
  return view?.body?.kind === 'text' ? view.body.markdown : undefined;
}
