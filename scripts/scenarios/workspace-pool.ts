/**
 * One local engine for the workspaces of many scenarios: a query is translated and planned once, and one statement
 * answers its runs in all of them. A workspace that lacks a table, or whose watchlist is empty, binds with a catalogue of
 * its own, but only the queries that see the difference to an empty table. The rows of a table are loaded when a query
 * first reads them.
 */
import { watchlistTable } from '../content/catalog.ts';
import type { Content } from '../content/model.ts';
import type { RecordedTable } from '../engines/inlined-data.ts';
import { LocalEngine, type LocalQuery } from '../engines/local-engine.ts';
import type { PreparedQuery } from '../engines/query-engine.ts';
import type { Catalog } from '../kql/catalog.ts';
import { once } from '../kql/lowering/calls.ts';
import { visibleDifference } from '../kql/visible-difference.ts';
import { lackingTables, scenarioCatalog, scenarioTables } from './open-scenario.ts';
import type { ScenarioWorkspaces, WorkspaceGroup } from './run-scenarios.ts';
import type { Scenario } from './scenario.ts';

type PoolContent = Pick<Content, 'functions' | 'watchlists'>;

export class WorkspacePool implements ScenarioWorkspaces {
  readonly #content: PoolContent;
  readonly #scenarios: readonly Scenario[];
  readonly #whole: Catalog;
  readonly #engine: Promise<LocalEngine>;
  readonly #differences = new Map<Catalog, (query: string) => boolean>();
  readonly #prepared = new Map<Catalog, Map<string, Promise<LocalQuery>>>();
  readonly #loaded: Map<string, Promise<void>>;
  /** The tables of each scenario. */
  readonly #tables: () => RecordedTable[][];

  constructor(content: PoolContent, scenarios: readonly Scenario[], sameRows?: WorkspacePool) {
    this.#content = content;
    this.#scenarios = scenarios;
    this.#whole = scenarioCatalog({ missingTables: [], watchlists: {} }, content);
    if (sameRows) {
      this.#engine = sameRows.#engine;
      this.#loaded = sameRows.#loaded;
      this.#tables = sameRows.#tables;
      return;
    }
    this.#loaded = new Map();
    this.#tables = once(() => scenarios.map((scenario) => scenarioTables(scenario, content)));
    const tables = content.watchlists.map(({ value }) => watchlistTable(value.watchlistAlias, [value]));
    // The rows are few: one thread spares the hand-over between threads.
    this.#engine = LocalEngine.open({
      catalog: this.#whole,
      threads: 1,
      workspaces: true,
      tables: tables.map(({ name, columns }) => ({ name, columns, rows: [] })),
    });
  }

  async groupsFor(query: string, scenarios: readonly Scenario[]): Promise<WorkspaceGroup[]> {
    const read = await this.#query(query, this.#whole).then(
      ({ tables }) => new Set(tables),
      () => undefined,
    );
    const members = new Map<Catalog, { scenario: Scenario; workspace: number }[]>();
    for (const scenario of scenarios) {
      const lacks = lackingTables(scenario, this.#content).some((table) => !read || read.has(table));
      const catalog = lacks && (!read || this.#sees(query, scenario)) ? this.#catalogOf(scenario) : this.#whole;
      const workspace = this.#scenarios.indexOf(scenario);
      members.set(catalog, [...(members.get(catalog) ?? []), { scenario, workspace }]);
    }
    return [...members].map(([catalog, own]) => ({
      engine: { prepare: (text) => this.#prepare(text, catalog) },
      catalog,
      inlined: false,
      members: own,
    }));
  }

  #catalogOf(scenario: Scenario): Catalog {
    return scenarioCatalog(scenario, this.#content);
  }

  /** Whether it matters to the query that the workspace of a scenario lacks a table instead of having it empty. */
  #sees(query: string, scenario: Scenario): boolean {
    const tables = lackingTables(scenario, this.#content);
    // Rows that a story gives for a table that it says is missing must stay unseen.
    if (scenario.tables.some(({ name, rows }) => rows.length > 0 && tables.includes(name))) return true;
    const lacking = this.#catalogOf(scenario);
    const difference = this.#differences.get(lacking) ?? visibleDifference(this.#whole, lacking, tables);
    this.#differences.set(lacking, difference);
    return difference(query);
  }

  /** The same rows with the functions of another content; what it translates is forgotten with it. Not to be closed. */
  withFunctions(content: PoolContent): WorkspacePool {
    return new WorkspacePool(content, this.#scenarios, this);
  }

  async close(): Promise<void> {
    await (await this.#engine).close();
  }

  async #prepare(query: string, catalog: Catalog): Promise<PreparedQuery> {
    const prepared = await this.#query(query, catalog);
    const load = (): Promise<unknown> => Promise.all(prepared.tables.map((name) => this.#load(name)));
    const { runAll } = prepared;
    return {
      columns: prepared.columns,
      run: async (options) => load().then(() => prepared.run(options)),
      ...(runAll && { runAll: async (runs, signal) => load().then(() => runAll(runs, signal)) }),
    };
  }

  #query(query: string, catalog: Catalog): Promise<LocalQuery> {
    const known = this.#prepared.get(catalog) ?? new Map<string, Promise<LocalQuery>>();
    this.#prepared.set(catalog, known);
    const prepared = known.get(query) ?? this.#engine.then((engine) => engine.prepare(query, catalog));
    known.set(query, prepared);
    return prepared;
  }

  /** Loads the rows that all workspaces have in a table. */
  #load(name: string): Promise<void> {
    const loading = this.#loaded.get(name) ?? this.#loadAll(name);
    this.#loaded.set(name, loading);
    return loading;
  }

  async #loadAll(name: string): Promise<void> {
    const parts = this.#tables().map((tables, workspace) => {
      return { workspace, rows: tables.find((table) => table.name === name)?.rows ?? [] };
    });
    await (await this.#engine).addRows(name, parts);
  }
}
