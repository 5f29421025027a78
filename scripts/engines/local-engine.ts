/** The local engine: KQL over recorded rows, in DuckDB inside this process. */
import { type DuckDBConnection, DuckDBInstance, type DuckDBPreparedStatement } from '@duckdb/node-api';
import { UserError } from '../diagnostics/errors.ts';
import type { Catalog, TableSchema } from '../kql/catalog.ts';
import { KqlRuntimeError } from '../kql/errors.ts';
import { sqlMacros } from '../kql/functions/registry.ts';
import { coreMacros } from '../kql/lowering/macros.ts';
import { OpenSchema } from '../kql/lowering/tabular/plugins-open-schema.ts';
import { type Bounds, CLOCK, clockTimes, type TranslatedQuery } from '../kql/lowering/translation.ts';
import { parseDatetime } from '../kql/runtime/datetime.ts';
import { translate } from '../kql/translate.ts';
import { registerRuntime } from './local-runtime.ts';
import { StoredTable, type UnknownColumn } from './local-tables.ts';
import { resultValue } from './local-values.ts';
import type { Column, PreparedQuery, QueryEngine, QueryOptions, QueryResult } from './query-engine.ts';

/** Rows for one table: in memory, or in files. */
export type TableData =
  | { name: string; rows: Iterable<Record<string, unknown>>; columns?: readonly Column[] }
  | { name: string; file: string; columns?: readonly Column[] };

export interface LocalEngineOptions {
  catalog: Catalog;
  tables?: readonly TableData[];
  /** DuckDB's worker threads; default: one a processor. */
  threads?: number;
  /** Leaves columns out that a table does not have, and tells of each once. Default: such a row is a UserError. */
  onUnknownColumn?: UnknownColumn;
}

/** A prepared query with the names of the stored tables that it reads. */
export interface LocalQuery extends PreparedQuery {
  readonly tables: readonly string[];
}

export class LocalEngine implements QueryEngine {
  readonly name = 'local' as const;
  readonly #catalog: Catalog;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #tables = new Map<string, StoredTable>();
  readonly #registered = new Set<string>();
  readonly #onUnknownColumn: UnknownColumn | undefined;
  readonly #opened = new WeakMap<Catalog, Map<string, Catalog>>();
  /** What the clock table holds, so that it is written only when it changes. */
  #clock = '';
  /** Statements run one after the other: a connection has one at a time. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: LocalEngineOptions, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#catalog = options.catalog;
    this.#onUnknownColumn = options.onUnknownColumn;
    this.#instance = instance;
    this.#connection = connection;
  }

  /**
   * Opens an engine over these rows; every table of the catalog without rows is empty.
   * @throws UserError with the place of a row that does not fit its table
   */
  static async open(options: LocalEngineOptions): Promise<LocalEngine> {
    const threads = options.threads === undefined ? {} : { threads: String(options.threads) };
    const instance = await DuckDBInstance.create(':memory:', threads);
    const connection = await instance.connect();
    const engine = new LocalEngine(options, instance, connection);
    try {
      // DuckDB plans with the statistics of the rows that are there; a prepared query must stay right when rows change.
      await connection.run("SET disabled_optimizers = 'statistics_propagation'");
      await connection.run([...coreMacros, ...sqlMacros].join(';\n'));
      await connection.run(`CREATE TABLE ${CLOCK} (${clockTimes.map((name) => `${name} BIGINT`).join(', ')})`);
      await connection.run(`INSERT INTO ${CLOCK} DEFAULT VALUES`);
      for (const table of options.tables ?? []) await engine.addTable(table);
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  /** Adds rows to a table. */
  async addTable(data: TableData): Promise<void> {
    await this.#exclusive(async () => {
      const table = await this.#table(data.name, data.columns);
      // Recorded rows say from which file they are, and carry more than it: their times of ingestion.
      await ('rows' in data ? table.append(data.rows) : table.load(data.file));
    });
  }

  /** Replaces the rows of a table. `columns` only for a table that the catalog does not name. */
  async setTable(name: string, rows: Iterable<Record<string, unknown>>, columns?: readonly Column[]): Promise<void> {
    await this.#exclusive(async () => {
      const table = await this.#table(name, columns);
      await table.clear();
      await table.append(rows);
    });
  }

  /** @param catalog what the query is bound with: another one than the engine's where a workspace lacks tables of it. */
  async prepare(query: string, catalog: Catalog = this.#catalog): Promise<LocalQuery> {
    const translated = await this.#translate(query, {}, catalog);
    const { columns } = translated.query;
    const tables = translated.query.tables.map((table) => table.name);
    if (!translated.opened) {
      const ready = await this.#ready(translated.query);
      return { columns, tables, run: (options = {}) => this.#exclusive(() => ready(options)) };
    }
    // Columns that depend on the rows are looked up again in each run; the statement is kept while they stay the same.
    const ready = new Map([[translated.opened, await this.#ready(translated.query)]]);
    return {
      columns,
      tables,
      run: async (options = {}) => {
        const { opened = '', query: now } = await this.#translate(query, options, catalog);
        const run = ready.get(opened) ?? (await this.#ready(now));
        ready.set(opened, run);
        return this.#exclusive(() => run(options));
      },
    };
  }

  /**
   * The query with its SQL. Where its columns depend on the rows, their schema is looked up and put into its text, or into
   * the functions that it calls; `opened` is then what came of it.
   */
  async #translate(
    query: string,
    options: QueryOptions,
    catalog: Catalog,
  ): Promise<{ opened: string | undefined; query: TranslatedQuery }> {
    let text = query;
    let functions = catalog.functions;
    let opened: string | undefined;
    for (;;) {
      try {
        return { opened, query: translate(text, opened ? this.#withFunctions(catalog, functions, opened) : catalog) };
      } catch (error) {
        if (!(error instanceof OpenSchema)) throw error;
        const rows = await this.#exclusive(async () => {
          this.#register(error.runtime);
          await this.#ensure(error.tables);
          const statement = await this.#connection.prepare(error.sql(boundsOf(options)));
          await this.#setClock(options);
          return (await statement.runAndReadAll()).getRows();
        });
        const { function: name, at } = error.place;
        const insert = (into: string): string => `${into.slice(0, at)}${error.schema(rows)}${into.slice(at)}`;
        if (name === undefined) text = insert(text);
        else functions = functions.map((f) => (f.name === name ? { ...f, body: insert(f.body) } : f));
        opened = JSON.stringify([text, ...functions.filter((f) => !catalog.functions.includes(f))]);
      }
    }
  }

  /** A catalog with other bodies of its functions; made once for each, since the binder remembers what it knows of it. */
  #withFunctions(catalog: Catalog, functions: Catalog['functions'], key: string): Catalog {
    if (functions === catalog.functions) return catalog;
    const known = this.#opened.get(catalog) ?? new Map<string, Catalog>();
    this.#opened.set(catalog, known);
    const made = known.get(key) ?? { ...catalog, functions };
    known.set(key, made);
    return made;
  }

  /** Makes everything that a translated query needs; the answer runs it, one at a time. */
  async #ready(query: TranslatedQuery): Promise<(options: QueryOptions) => Promise<QueryResult>> {
    await this.#exclusive(async () => {
      this.#register(query.runtime);
      await this.#ensure(query.tables);
    });
    const statements = new Map<string, DuckDBPreparedStatement>();
    return (options) => this.#run(query, statements, options);
  }

  #register(names: readonly string[]): void {
    for (const name of names) {
      if (!this.#registered.has(name)) registerRuntime(this.#connection, name);
      this.#registered.add(name);
    }
  }

  async #ensure(tables: readonly TableSchema[]): Promise<void> {
    for (const table of tables) await this.#table(table.name, table.columns);
  }

  async query(query: string, options: QueryOptions = {}): Promise<QueryResult> {
    return (await this.prepare(query)).run(options);
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /** Runs SQL over the stored tables, for benchmarks; answers the rows as DuckDB has them. */
  async sql(text: string): Promise<unknown[][]> {
    return this.#exclusive(async () => (await this.#connection.runAndReadAll(text)).getRows());
  }

  /** The SQL of a query, for benchmarks and for the curious. */
  explain(query: string, bounds: Bounds = {}): string {
    return translate(query, this.#catalog).sql(bounds);
  }

  async #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.catch(() => undefined).then(work);
    this.#last = turn;
    return turn;
  }

  async #table(name: string, columns?: readonly Column[]): Promise<StoredTable> {
    const known = this.#tables.get(name);
    if (known) return known;
    const schema: TableSchema | undefined = columns
      ? { name, columns }
      : this.#catalog.tables.find((table) => table.name === name);
    if (!schema) {
      throw new UserError('DATA_TABLE', {
        what: `the table ${name} has no schema`,
        remedy: `add schemas/tables/${name}.json with its columns, or name the file after a known table`,
      });
    }
    const table = await StoredTable.create(this.#connection, name, schema.columns, this.#onUnknownColumn);
    this.#tables.set(name, table);
    return table;
  }

  /** Sets what `now()` answers and what the run may see. */
  async #setClock({ now = new Date(), visibility }: QueryOptions): Promise<void> {
    const times: Record<(typeof clockTimes)[number], Date | undefined> = {
      now,
      time_from: visibility?.timeGenerated?.from,
      time_to: visibility?.timeGenerated?.to,
      ingested_from: visibility?.ingested?.from,
      ingested_to: visibility?.ingested?.to,
    };
    const values = clockTimes.map((name) => {
      const time = times[name];
      return `${name} = ${time === undefined ? 'NULL' : parseDatetime(time.toISOString())}`;
    });
    const clock = values.join(', ');
    if (clock !== this.#clock) await this.#connection.run(`UPDATE ${CLOCK} SET ${clock}`);
    this.#clock = clock;
  }

  async #run(
    query: TranslatedQuery,
    statements: Map<string, DuckDBPreparedStatement>,
    options: QueryOptions,
  ): Promise<QueryResult> {
    options.signal?.throwIfAborted();
    const bounds = boundsOf(options);
    const key = Object.values(bounds).map(Number).join('');
    const interrupt = (): void => this.#connection.interrupt();
    options.signal?.addEventListener('abort', interrupt, { once: true });
    try {
      let statement = statements.get(key);
      if (!statement) {
        statement = await this.#connection.prepare(query.sql(bounds));
        statements.set(key, statement);
      }
      await this.#setClock(options);
      const reader = await statement.runAndReadAll();
      const types = query.columns.map((column) => column.type);
      const rows = reader.getRows().map((row) => types.map((type, i) => resultValue(row[i], type)));
      return {
        columns: [...query.columns],
        rows,
        ...(query.visualization && { visualization: query.visualization }),
      };
    } catch (error) {
      options.signal?.throwIfAborted();
      throw runtimeError(error);
    } finally {
      options.signal?.removeEventListener('abort', interrupt);
    }
  }
}

function boundsOf({ visibility }: QueryOptions): Bounds {
  return {
    timeFrom: visibility?.timeGenerated?.from !== undefined,
    timeTo: visibility?.timeGenerated?.to !== undefined,
    ingestedFrom: visibility?.ingested?.from !== undefined,
    ingestedTo: visibility?.ingested?.to !== undefined,
  };
}

/** DuckDB's errors are those of the data or of the pattern that the query names; anything else is a defect. */
function runtimeError(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  const known = /^(Conversion|Out of Range|Invalid Input) Error: (.*)/s.exec(message);
  return known ? new KqlRuntimeError((known[2] ?? message).split('\n')[0] ?? message) : error;
}
