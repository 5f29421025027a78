/**
 * One local engine for many scenarios: a query is translated and planned once, then runs over the rows of each story. A
 * workspace that lacks a table, or whose watchlist is empty, binds with a catalogue of its own, but only the queries that
 * read what it lacks are translated again. The rows of a table are loaded when a query first reads them.
 */
import { watchlistTable } from '../content/catalog.ts';
import type { Content } from '../content/model.ts';
import type { RecordedTable } from '../engines/inlined-data.ts';
import { LocalEngine, type LocalQuery } from '../engines/local-engine.ts';
import type { PreparedQuery, QueryEngine, QueryOptions, QueryResult } from '../engines/query-engine.ts';
import type { Catalog } from '../kql/catalog.ts';
import { scenarioCatalog, scenarioTables } from './open-scenario.ts';
import type { OpenedScenario } from './run-scenarios.ts';
import type { Scenario } from './scenario.ts';

type PoolContent = Pick<Content, 'functions' | 'watchlists'>;

export class WorkspacePool {
  readonly #content: PoolContent;
  readonly #whole: Catalog;
  readonly #engine: Promise<LocalEngine>;
  readonly #prepared = new Map<Catalog, Map<string, Promise<LocalQuery>>>();
  /** The rows that each stored table holds. */
  readonly #loaded = new Map<string, RecordedTable['rows']>();

  constructor(content: PoolContent) {
    this.#content = content;
    this.#whole = scenarioCatalog({ missingTables: [], watchlists: {} }, content);
    const tables = content.watchlists.map(({ value }) => watchlistTable(value.watchlistAlias, [value]));
    // The rows are few: one thread spares the hand-over between threads.
    this.#engine = LocalEngine.open({
      catalog: this.#whole,
      threads: 1,
      tables: tables.map(({ name, columns }) => ({ name, columns, rows: [] })),
    });
  }

  /** The workspace of the scenario. Its engine answers until the next scenario is opened; closing it is not needed. */
  async open(scenario: Scenario): Promise<OpenedScenario> {
    const catalog = scenarioCatalog(scenario, this.#content);
    const tables = new Map(scenarioTables(scenario, this.#content).map((table) => [table.name, table.rows]));
    const lacking = new Set(scenario.missingTables);
    for (const [alias, rows] of Object.entries(scenario.watchlists)) {
      const watchlists = this.#content.watchlists.map((item) => item.value);
      if (rows.length === 0) lacking.add(watchlistTable(alias, watchlists).name);
    }
    const lacksTableOf = async (query: string): Promise<boolean> => {
      if (lacking.size === 0) return false;
      const whole = await this.#query(query, this.#whole).catch(() => undefined);
      return whole === undefined || whole.tables.some((table) => lacking.has(table));
    };
    const catalogFor = async (query: string): Promise<Catalog> => ((await lacksTableOf(query)) ? catalog : this.#whole);
    const prepare = async (query: string): Promise<PreparedQuery> => {
      const prepared = await this.#query(query, await catalogFor(query));
      return {
        columns: prepared.columns,
        run: async (options) => {
          for (const name of prepared.tables) await this.#load(name, tables.get(name) ?? []);
          return prepared.run(options);
        },
      };
    };
    const engine: QueryEngine = {
      name: 'local',
      prepare,
      query: async (query: string, options: QueryOptions = {}): Promise<QueryResult> =>
        (await prepare(query)).run(options),
      close: async () => undefined,
    };
    return { engine, catalogFor, lacksTableOf };
  }

  async close(): Promise<void> {
    await (await this.#engine).close();
  }

  #query(query: string, catalog: Catalog): Promise<LocalQuery> {
    const known = this.#prepared.get(catalog) ?? new Map<string, Promise<LocalQuery>>();
    this.#prepared.set(catalog, known);
    const prepared = known.get(query) ?? this.#engine.then((engine) => engine.prepare(query, catalog));
    known.set(query, prepared);
    return prepared;
  }

  async #load(name: string, rows: RecordedTable['rows']): Promise<void> {
    const loaded = this.#loaded.get(name) ?? [];
    if (loaded === rows || (loaded.length === 0 && rows.length === 0)) return;
    this.#loaded.set(name, rows);
    await (await this.#engine).setTable(name, rows);
  }
}
