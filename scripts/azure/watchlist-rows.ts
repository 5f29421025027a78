/** Rows of a watchlist: the private file of a target on one side, the workspace on the other. */

import type { Watchlist } from '../content/model.ts';
import { parseWatchlistCsv } from '../content/watchlist-csv.ts';
import { formatPlace } from '../diagnostics/diagnostic.ts';
import { UserError } from '../diagnostics/errors.ts';
import { guidOf } from './json.ts';
import type { Session } from './session.ts';

export type Row = Record<string, string>;

export interface LiveRow {
  /** The item's own id. */
  id: string;
  etag: string | undefined;
  row: Row;
}

export interface RowDifference {
  searchKey: string;
  change: 'add' | 'change' | 'remove';
  local?: Row;
  live?: LiveRow;
}

/** The rows that the workspace holds, in the order of their search key. */
export async function liveRows(session: Session, watchlist: Watchlist): Promise<LiveRow[]> {
  const { resourceGroup, workspace } = session.target;
  const rows: LiveRow[] = [];
  try {
    for await (const item of session.client.sentinel.watchlistItems.list(
      resourceGroup,
      workspace,
      watchlist.watchlistAlias,
    )) {
      if (item.isDeleted || item.name === undefined) continue;
      const row = Object.fromEntries(
        Object.entries(item.itemsKeyValue ?? {}).map(([name, value]) => [name, value === null ? '' : String(value)]),
      );
      rows.push({ id: item.name, etag: item.etag, row });
    }
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 404) throw error;
    throw new UserError('watchlist-missing', {
      what: `the workspace has no watchlist ${watchlist.watchlistAlias}`,
      remedy: '`breakglass deploy` makes it, with the rows of the private file',
      exitCode: 1,
    });
  }
  const key = watchlist.itemsSearchKey;
  return rows.sort((a, b) => (a.row[key] ?? '').localeCompare(b.row[key] ?? ''));
}

/** Reads a private CSV. @throws UserError with the place of the first mistake. */
export function parseRows(file: string, text: string, watchlist: Watchlist): Row[] {
  const { rows, diagnostics } = parseWatchlistCsv(file, text, watchlist);
  const first = diagnostics[0];
  if (first !== undefined)
    throw new UserError('rows-invalid', { what: first.message, place: formatPlace(first.place), remedy: first.remedy });
  const seen = new Set<string>();
  for (const row of rows) {
    const key = searchKeyOf(row, watchlist);
    if (seen.has(key)) {
      throw new UserError('rows-invalid', {
        what: `two rows have the ${watchlist.itemsSearchKey} ${key}`,
        place: file,
        remedy: 'keep one of them',
      });
    }
    seen.add(key);
  }
  return rows;
}

/** Search keys are compared without case and outer space, as the rules do. */
function searchKeyOf(row: Row, watchlist: Watchlist): string {
  return (row[watchlist.itemsSearchKey] ?? '').trim().toLowerCase();
}

/** What `push` would do. Pure. A key that the workspace holds twice keeps its first item; the others are removals. */
export function differences(watchlist: Watchlist, local: readonly Row[], live: readonly LiveRow[]): RowDifference[] {
  const wanted = new Map(local.map((row) => [searchKeyOf(row, watchlist), row]));
  const names = watchlist.columns.map((column) => column.name);
  const found = new Set<string>();
  const list: RowDifference[] = [];
  for (const item of live) {
    const searchKey = searchKeyOf(item.row, watchlist);
    const row = wanted.get(searchKey);
    if (row === undefined || found.has(searchKey)) list.push({ searchKey, change: 'remove', live: item });
    else if (names.some((name) => (row[name] ?? '') !== (item.row[name] ?? '')))
      list.push({ searchKey, change: 'change', local: row, live: item });
    found.add(searchKey);
  }
  for (const [searchKey, row] of wanted) if (!found.has(searchKey)) list.push({ searchKey, change: 'add', local: row });
  return list;
}

/** Writes the differences; removals only where `remove` says so. Answers how many rows were written and removed. */
export async function pushRows(
  session: Session,
  watchlist: Watchlist,
  list: readonly RowDifference[],
  remove: boolean,
): Promise<{ written: number; removed: number }> {
  const { resourceGroup, workspace } = session.target;
  const items = session.client.sentinel.watchlistItems;
  const alias = watchlist.watchlistAlias;
  let [written, removed] = [0, 0];
  for (const { change, live, local, searchKey } of list) {
    if (change === 'remove') {
      if (!remove) continue;
      await items.delete(resourceGroup, workspace, alias, live!.id);
      removed++;
      continue;
    }
    // The item of a key has one id for good, so that a push that is repeated doubles nothing.
    const id = live?.id ?? guidOf('watchlistItem', alias, searchKey);
    await items.createOrUpdate(resourceGroup, workspace, alias, id, {
      itemsKeyValue: { ...live?.row, ...local },
      ...(live?.etag === undefined ? {} : { etag: live.etag }),
    });
    written++;
  }
  return { written, removed };
}

/** Rows as CSV with the watchlist's columns (RFC 4180). */
export function rowsCsv(watchlist: Watchlist, rows: readonly Row[]): string {
  const names = watchlist.columns.map((column) => column.name);
  const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))]
    .map((cells) => `${cells.map(cell).join(',')}\n`)
    .join('');
}

/** A row difference in words: keys and column names only where rows may be shown. */
export function differenceLines(watchlist: Watchlist, list: readonly RowDifference[]): string[] {
  const names = watchlist.columns.map((column) => column.name);
  return list.flatMap(({ change, searchKey, local, live }) => {
    if (change === 'add') return [`+ ${searchKey}`];
    if (change === 'remove') return [`- ${searchKey}`];
    const changed = names.filter((name) => (local?.[name] ?? '') !== (live?.row[name] ?? ''));
    return [
      `~ ${searchKey}`,
      ...changed.map(
        (name) => `    ${name}: ${JSON.stringify(live?.row[name] ?? '')} -> ${JSON.stringify(local?.[name] ?? '')}`,
      ),
    ];
  });
}
