/**
 * Local engines that are kept from scenario to scenario: a query is translated and planned once, then runs over the rows
 * of each story.
 */
import type { Content } from '../content/model.ts';
import { LocalEngine } from '../engines/local-engine.ts';
import type { PreparedQuery, QueryEngine, QueryOptions, QueryResult } from '../engines/query-engine.ts';
import type { Catalog } from '../kql/catalog.ts';
import { scenarioCatalog, scenarioTables } from './open-scenario.ts';
import type { Scenario } from './scenario.ts';

export class WorkspacePool {
  readonly #content: Pick<Content, 'functions' | 'watchlists'>;
  readonly #workspaces = new Map<Catalog, Workspace>();

  constructor(content: Pick<Content, 'functions' | 'watchlists'>) {
    this.#content = content;
  }

  /** The workspace with the rows of the scenario; those of the one before are gone. Closing the engine keeps it. */
  async open(scenario: Scenario): Promise<{ engine: QueryEngine; catalog: Catalog }> {
    const catalog = scenarioCatalog(scenario, this.#content);
    const workspace = this.#workspaces.get(catalog) ?? (await Workspace.create(catalog));
    this.#workspaces.set(catalog, workspace);
    await workspace.load(scenarioTables(scenario, this.#content));
    return { engine: workspace, catalog };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workspaces.values()].map((workspace) => workspace.end()));
    this.#workspaces.clear();
  }
}

class Workspace implements QueryEngine {
  readonly name = 'local' as const;
  readonly #engine: LocalEngine;
  readonly #prepared = new Map<string, Promise<PreparedQuery>>();
  #filled = new Set<string>();

  private constructor(engine: LocalEngine) {
    this.#engine = engine;
  }

  static async create(catalog: Catalog): Promise<Workspace> {
    // The rows are few: one thread spares the hand-over between threads.
    return new Workspace(await LocalEngine.open({ catalog, threads: 1 }));
  }

  async load(tables: ReturnType<typeof scenarioTables>): Promise<void> {
    const named = new Set(tables.map((table) => table.name));
    for (const name of this.#filled) if (!named.has(name)) await this.#engine.setTable(name, []);
    for (const { name, rows, columns } of tables) await this.#engine.setTable(name, rows, columns);
    this.#filled = named;
  }

  prepare(query: string): Promise<PreparedQuery> {
    const prepared = this.#prepared.get(query) ?? this.#engine.prepare(query);
    this.#prepared.set(query, prepared);
    return prepared;
  }

  async query(query: string, options: QueryOptions = {}): Promise<QueryResult> {
    return (await this.prepare(query)).run(options);
  }

  async close(): Promise<void> {
    // The pool keeps it for the next scenario.
  }

  async end(): Promise<void> {
    await this.#engine.close();
  }
}
