/** What the user of a workbook did, as the page keeps and sends it. */
import type { Selection } from './exports.ts';
import { isRecord, listOf, recordOf, textOf } from './lenient.ts';

/** What the user did: values by parameter name, rows selected by item, time brushes, groups opened. */
export interface WorkbookState {
  values: Readonly<Record<string, unknown>>;
  selections: Readonly<Record<string, readonly Selection[]>>;
  brushes: Readonly<Record<string, { start: string; end: string }>>;
  loaded: readonly string[];
}

export const INITIAL_STATE: WorkbookState = { values: {}, selections: {}, brushes: {}, loaded: [] };

/** The state that a page sends: what is not understood is left out. */
export function readState(body: unknown): WorkbookState {
  if (!isRecord(body)) return INITIAL_STATE;
  return {
    values: recordOf(body.values),
    selections: Object.fromEntries(
      Object.entries(recordOf(body.selections)).map(([id, rows]) => [id, listOf(rows).filter(isRecord)]),
    ),
    brushes: Object.fromEntries(
      Object.entries(recordOf(body.brushes)).flatMap(([name, range]) => {
        const [start, end] = [textOf(recordOf(range).start), textOf(recordOf(range).end)];
        return start === undefined || end === undefined ? [] : [[name, { start, end }]];
      }),
    ),
    loaded: listOf(body.loaded).flatMap((id) => textOf(id) ?? []),
  };
}
