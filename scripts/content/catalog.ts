/** What the KQL binder and the engines have to know of a workspace in which this package is deployed. */
import { createHash } from 'node:crypto';
import type { Column, Value } from '../engines/query-engine.ts';
import type { Catalog, KqlFunction, TableFunction, TableSchema } from '../kql/catalog.ts';
import type { Content, Watchlist, WorkspaceFunction } from './model.ts';
import { tableSchema, tableSchemas } from './table-schemas.ts';

/** The columns that `_GetWatchlist` answers for every watchlist, before the watchlist's own. */
const watchlistColumns: readonly Column[] = [
  { name: '_DTItemId', type: 'string' },
  { name: 'LastUpdatedTimeUTC', type: 'datetime' },
  { name: 'SearchKey', type: 'string' },
  { name: 'WatchlistItem', type: 'dynamic' },
];

const catalogs = new WeakMap<object, Catalog>();

/** The catalog of a content, made once for each, so that the binder's picture of it is made once as well. */
export function contentCatalog(content: Pick<Content, 'functions' | 'watchlists'>): Catalog {
  const known = catalogs.get(content);
  if (known !== undefined) return known;
  const made = makeCatalog(content);
  catalogs.set(content, made);
  return made;
}

/** Tables, the package's functions, its watchlists behind `_GetWatchlist`, and the health functions of Sentinel. */
function makeCatalog(content: Pick<Content, 'functions' | 'watchlists'>): Catalog {
  const watchlists = content.watchlists.map((item) => item.value);
  return {
    tables: tableSchemas(),
    functions: content.functions.map((item) => kqlFunction(item.value)),
    tableFunctions: [
      {
        name: '_GetWatchlist',
        parameters: ['watchlistAlias'],
        version: JSON.stringify(watchlists.map((one) => watchlistTable(one.watchlistAlias, [one]))),
        // An alias that nobody knows answers an empty set in the service, so it binds to the standard columns only.
        resolve: ([alias = '']) => watchlistTable(alias, watchlists),
      },
      sentinelTable('_SentinelHealth', 'SentinelHealth'),
      sentinelTable('_SentinelAudit', 'SentinelAudit'),
    ],
  };
}

function sentinelTable(name: string, table: string): TableFunction {
  return { name, parameters: [], version: table, resolve: () => tableSchema(table) };
}

/** The stored table behind `_GetWatchlist('<alias>')`: `watchlist:<alias>`. Every column of a watchlist is a string. */
export function watchlistTable(alias: string, watchlists: readonly Watchlist[]): TableSchema {
  const known = watchlists.find((watchlist) => watchlist.watchlistAlias.toLowerCase() === alias.toLowerCase());
  const own = (known?.columns ?? []).filter(
    (column) => !watchlistColumns.some((standard) => standard.name === column.name),
  );
  return {
    name: `watchlist:${known?.watchlistAlias ?? alias}`,
    columns: [...watchlistColumns, ...own.map((column): Column => ({ name: column.name, type: 'string' }))],
  };
}

/**
 * The rows of the stored table of a watchlist, as `_GetWatchlist` answers them: the row's own columns, `SearchKey`,
 * `WatchlistItem` (the row as a bag), and the time of the last change: `lastUpdated`, unless the row has its own.
 */
export function watchlistRows(
  watchlist: Watchlist,
  rows: readonly Record<string, string>[] = watchlist.rows,
  lastUpdated: Date = new Date(0),
): Record<string, Value>[] {
  return rows.map((row, index) => {
    const digest = createHash('sha256')
      .update(`${watchlist.watchlistAlias}/${index}/${JSON.stringify(row)}`)
      .digest('hex');
    const id = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
    const own = Object.fromEntries(watchlist.columns.map((column) => [column.name, row[column.name] ?? '']));
    return {
      ...own,
      _DTItemId: id,
      LastUpdatedTimeUTC: row.LastUpdatedTimeUTC ?? lastUpdated.toISOString(),
      SearchKey: row[watchlist.itemsSearchKey] ?? '',
      WatchlistItem: { ...own },
    };
  });
}

/** A workspace function as Kusto sees it. */
export function kqlFunction(definition: WorkspaceFunction): KqlFunction {
  return {
    name: definition.FunctionAlias,
    parameters: `(${functionParameters(definition)})`,
    body: definition.FunctionQuery,
  };
}

/**
 * The parameters in Kusto's syntax, without parentheses, as ARM's `functionParameters` takes them:
 * `account:string = "", window:timespan = 1h`. The default of a string is its text; every other is a Kusto literal.
 */
export function functionParameters(definition: WorkspaceFunction): string {
  return (definition.FunctionParams ?? [])
    .map(({ Name, Type, Default }) => {
      const type = Type.replace(/^table:\(?(.+?)\)?$/, '($1)');
      if (Default === undefined) return `${Name}:${type}`;
      const quoted = Type === 'string' && !/^["'@]/.test(String(Default));
      return `${Name}:${type}=${quoted ? JSON.stringify(String(Default)) : String(Default)}`;
    })
    .join(', ');
}
