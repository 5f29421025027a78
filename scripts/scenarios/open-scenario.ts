/** The workspace of a scenario: this package deployed over the recorded rows and the watchlists of the story. */
import { contentCatalog, watchlistRows, watchlistTable } from '../content/catalog.ts';
import type { Content } from '../content/model.ts';
import type { RecordedTable } from '../engines/inlined-data.ts';
import { LocalEngine, type LocalEngineOptions } from '../engines/local-engine.ts';
import type { Catalog } from '../kql/catalog.ts';
import { functionsWithoutMissingLegs } from '../kql/fuzzy-union.ts';
import type { Scenario } from './scenario.ts';

type CatalogContent = Pick<Content, 'functions' | 'watchlists'>;

/** Opens the local engine over the rows of the scenario, with their times of ingestion. The caller closes it. */
export async function openScenario(
  scenario: Scenario,
  content: CatalogContent,
  options: Pick<LocalEngineOptions, 'translate'> = {},
): Promise<LocalEngine> {
  return LocalEngine.open({
    ...options,
    catalog: scenarioCatalog(scenario, content),
    tables: scenarioTables(scenario, content),
  });
}

/** Recorded tables and the stored tables of the watchlists: the shipped sample rows unless the scenario replaces them. */
export function scenarioTables(scenario: Scenario, content: CatalogContent): RecordedTable[] {
  const watchlists = content.watchlists.map(({ value: watchlist }): RecordedTable => {
    const { name, columns } = watchlistTable(watchlist.watchlistAlias, [watchlist]);
    const rows = replacedRows(scenario, watchlist.watchlistAlias) ?? watchlist.rows;
    return { name, columns, rows: watchlistRows(watchlist, [...rows], scenario.clock.from) };
  });
  return [...scenario.tables, ...watchlists];
}

const catalogs = new WeakMap<CatalogContent, Map<string, Catalog>>();

/**
 * What queries are bound with. Scenarios share the catalogue, and so everything that engines remember of it, unless
 * their workspace lacks a table or has an emptied watchlist: that has no columns of its own, because `_GetWatchlist`
 * takes them from its rows.
 */
export function scenarioCatalog(
  scenario: Pick<Scenario, 'missingTables' | 'watchlists'>,
  content: CatalogContent,
): Catalog {
  const emptied = emptiedWatchlists(scenario).map((alias) => alias.toLowerCase());
  const key = JSON.stringify([[...scenario.missingTables].sort(), emptied.sort()]);
  const known = catalogs.get(content) ?? new Map<string, Catalog>();
  catalogs.set(content, known);
  const found = known.get(key);
  if (found !== undefined) return found;
  const whole = contentCatalog({
    functions: content.functions,
    watchlists: content.watchlists.map((item) =>
      emptied.includes(item.value.watchlistAlias.toLowerCase())
        ? { ...item, value: { ...item.value, columns: [] } }
        : item,
    ),
  });
  const missing = new Set(scenario.missingTables);
  const catalog =
    missing.size === 0
      ? whole
      : functionsWithoutMissingLegs(
          { ...whole, tables: whole.tables.filter((table) => !missing.has(table.name)) },
          scenario.missingTables,
        );
  known.set(key, catalog);
  return catalog;
}

/** Names of the stored tables that the workspace lacks, or has without the columns that the package's watchlists give. */
export function lackingTables(
  scenario: Pick<Scenario, 'missingTables' | 'watchlists'>,
  content: Pick<Content, 'watchlists'>,
): string[] {
  const watchlists = content.watchlists.map((item) => item.value);
  const emptied = emptiedWatchlists(scenario).map((alias) => watchlistTable(alias, watchlists).name);
  return [...scenario.missingTables, ...emptied];
}

function emptiedWatchlists({ watchlists }: Pick<Scenario, 'watchlists'>): string[] {
  return Object.keys(watchlists).filter((alias) => watchlists[alias]?.length === 0);
}

function replacedRows(scenario: Scenario, alias: string): readonly Readonly<Record<string, string>>[] | undefined {
  const lower = alias.toLowerCase();
  return Object.entries(scenario.watchlists).find(([name]) => name.toLowerCase() === lower)?.[1];
}
