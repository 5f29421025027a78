/**
 * Watchlists inside a query. A workspace asked for a window of time cuts its watchlists too, as they are rows with a time
 * of their own; a rule in Sentinel sees them whole. So they are read once, whole, and carried in the query.
 */
import { kqlTokens } from '../content/kql-tokens.ts';
import { type RecordedTable, tableStatement } from '../engines/inlined-data.ts';
import type { QueryEngine } from '../engines/query-engine.ts';

/** The aliases that a query names as a constant. */
export function watchlistCalls(query: string): { alias: string; start: number; end: number }[] {
  const tokens = kqlTokens(query).filter((token) => token.kind !== 'space' && token.kind !== 'comment');
  return tokens.flatMap((token, index) => {
    const [open, name, close] = tokens.slice(index + 1, index + 4);
    if (token.text !== '_GetWatchlist' || open?.text !== '(' || name?.kind !== 'string' || close?.text !== ')')
      return [];
    return [{ alias: name.text.slice(1, -1), start: token.start, end: close.start + 1 }];
  });
}

/** Reads each watchlist whole; one that the workspace does not have is left out. */
export async function readWatchlists(
  engine: QueryEngine,
  aliases: Iterable<string>,
): Promise<Map<string, RecordedTable>> {
  const lists = new Map<string, RecordedTable>();
  for (const alias of new Set(aliases)) {
    if (!/^[\w -]{1,64}$/.test(alias)) continue;
    const { columns, rows } = await engine.query(`_GetWatchlist('${alias}')`, {
      visibility: { timeGenerated: { from: new Date(0) } },
    });
    const objects = rows.map((row) =>
      Object.fromEntries(columns.map((column, index) => [column.name, row[index] ?? null])),
    );
    // Without rows there are no columns of its own either; the call in the query then says the same.
    if (rows.length > 0) lists.set(alias, { name: `Watchlist_${alias.replace(/\W/g, '_')}`, columns, rows: objects });
  }
  return lists;
}

/** The query with its calls replaced by what was read. */
export function withWatchlists(query: string, lists: ReadonlyMap<string, RecordedTable>): string {
  const used = new Set<RecordedTable>();
  let text = query;
  for (const { alias, start, end } of watchlistCalls(query).reverse()) {
    const list = lists.get(alias);
    if (list === undefined) continue;
    used.add(list);
    text = `${text.slice(0, start)}${list.name}${text.slice(end)}`;
  }
  return [...[...used].map((list) => tableStatement(list)), text].join('\n');
}
