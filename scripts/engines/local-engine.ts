/** The local engine: KQL over recorded rows, in DuckDB inside this process. */
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBValue,
} from '@duckdb/node-api';
import { UserError } from '../diagnostics/errors.ts';
import type { Catalog, TableSchema } from '../kql/catalog.ts';
import { KqlRuntimeError } from '../kql/errors.ts';
import { sqlMacros } from '../kql/functions/registry.ts';
import { coreMacros } from '../kql/lowering/macros.ts';
import { OpenSchema } from '../kql/lowering/tabular/plugins-open-schema.ts';
import { type Bounds, CLOCK, clockColumns, type TranslatedQuery } from '../kql/lowering/translation.ts';
import { parseDatetime } from '../kql/runtime/datetime.ts';
import { translate } from '../kql/translate.ts';
import { registerRuntime } from './local-runtime.ts';
import { StoredTable, type UnknownColumn, type WorkspaceRows } from './local-tables.ts';
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
  /** The tables hold the rows of several workspaces: each run says whose rows it sees. */
  workspaces?: boolean;
  /** Makes SQL of queries. Default: binds and lowers each one; `keptTranslate` remembers from process to process. */
  translate?: typeof translate;
  /** Leaves columns out that a table does not have, and tells of each once. Default: such a row is a UserError. */
  onUnknownColumn?: UnknownColumn;
}

/** A prepared query with the names of the stored tables that it reads. */
export interface LocalQuery extends PreparedQuery {
  readonly tables: readonly string[];
}

/** Runs that one statement answers at most: more would save little. */
const RUNS_AT_ONCE = 512;

/** Rows that the windows of these runs may hold together. Over large tables, a run alone is planned for once and cheap. */
const ROWS_AT_ONCE = 20_000_000;

export class LocalEngine implements QueryEngine {
  readonly name = 'local' as const;
  readonly #catalog: Catalog;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #tables = new Map<string, StoredTable>();
  readonly #registered = new Set<string>();
  readonly #onUnknownColumn: UnknownColumn | undefined;
  readonly #workspaces: boolean;
  readonly #toSql: typeof translate;
  readonly #opened = new WeakMap<Catalog, Map<string, Catalog>>();
  /** What the clock table holds, so that it is written only when it changes. */
  #clock = '';
  /** Statements run one after the other: a connection has one at a time. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: LocalEngineOptions, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#catalog = options.catalog;
    this.#onUnknownColumn = options.onUnknownColumn;
    this.#workspaces = options.workspaces ?? false;
    this.#toSql = options.translate ?? translate;
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
      await connection.run(`CREATE TABLE ${CLOCK} (${clockColumns.map((name) => `${name} BIGINT`).join(', ')})`);
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

  /** Adds the rows that several workspaces have in a table. */
  async addRows(name: string, parts: Iterable<WorkspaceRows>): Promise<void> {
    await this.#exclusive(async () => (await this.#table(name)).appendByWorkspace(parts));
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
      const run = await this.#ready(translated.query);
      const one = (options: QueryOptions = {}): Promise<QueryResult> => this.#exclusive(() => run(options));
      return { columns, tables, run: one, runAll: (runs, signal) => this.#runAll(translated.query, one, runs, signal) };
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
        return { opened, query: this.#toSql(text, opened ? this.#withFunctions(catalog, functions, opened) : catalog) };
      } catch (error) {
        if (!(error instanceof OpenSchema)) throw error;
        const rows = await this.#exclusive(async () => {
          this.#register(error.runtime);
          await this.#ensure(error.tables);
          const statement = await this.#connection.prepare(error.sql(this.#boundsOf(options)));
          await this.#setClock([options]);
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
    const table = await StoredTable.create(this.#connection, name, schema.columns, {
      workspaces: this.#workspaces,
      ...(this.#onUnknownColumn && { onUnknown: this.#onUnknownColumn }),
    });
    this.#tables.set(name, table);
    return table;
  }

  /** Sets what `now()` answers and what may be seen, for each of the runs. */
  async #setClock(runs: readonly QueryOptions[]): Promise<void> {
    const rows = runs.map(({ now = new Date(), visibility, workspace = 0 }, run) => {
      const times = [
        now,
        visibility?.timeGenerated?.from,
        visibility?.timeGenerated?.to,
        visibility?.ingested?.from,
        visibility?.ingested?.to,
      ].map((time) => (time === undefined ? 'NULL' : parseDatetime(time.toISOString())));
      return `(${[run, workspace, ...times].join(', ')})`;
    });
    const clock = rows.join(', ');
    if (clock === this.#clock) return;
    await this.#connection.run(`DELETE FROM ${CLOCK}; INSERT INTO ${CLOCK} VALUES ${clock}`);
    this.#clock = clock;
  }

  async #run(
    query: TranslatedQuery,
    statements: Map<string, DuckDBPreparedStatement>,
    options: QueryOptions,
  ): Promise<QueryResult> {
    const bounds = this.#boundsOf(options);
    const key = Object.values(bounds).map(Number).join('');
    return this.#interruptible(options.signal, async () => {
      let statement = statements.get(key);
      if (!statement) {
        statement = await this.#connection.prepare(query.sql(bounds));
        statements.set(key, statement);
      }
      await this.#setClock([options]);
      const reader = await statement.runAndReadAll();
      return resultOf(query, reader.getRows());
    });
  }

  /**
   * Many runs in one statement: a lateral join of the query to the clock. One by one where DuckDB cannot, and where one of
   * the runs fails, so that the others are answered as they would be alone.
   */
  async #runAll(
    query: TranslatedQuery,
    one: (options: QueryOptions) => Promise<QueryResult>,
    runs: readonly QueryOptions[],
    signal?: AbortSignal,
  ): Promise<QueryResult[]> {
    const results: QueryResult[] = [];
    const atOnce = await this.#runsAtOnce();
    let together = new Set(runs.map((run) => JSON.stringify(this.#boundsOf(run)))).size === 1;
    for (let start = 0; start < runs.length; start += atOnce) {
      const some = runs.slice(start, start + atOnce);
      const answered =
        together && some.length > 1 ? await this.#exclusive(() => this.#runTogether(query, some, signal)) : undefined;
      together = answered !== undefined;
      if (answered) results.push(...answered);
      else for (const options of some) results.push(await one({ ...options, ...(signal && { signal }) }));
    }
    return results;
  }

  async #runsAtOnce(): Promise<number> {
    const [[rows]] = (await this.sql('SELECT coalesce(sum(estimated_size), 0)::DOUBLE FROM duckdb_tables()')) as [
      [number],
    ];
    return Math.max(1, Math.min(RUNS_AT_ONCE, Math.floor(ROWS_AT_ONCE / Math.max(rows, 1))));
  }

  /** The results of all runs, or undefined where the statement fails. */
  async #runTogether(
    query: TranslatedQuery,
    runs: readonly QueryOptions[],
    signal: AbortSignal | undefined,
  ): Promise<QueryResult[] | undefined> {
    const sql = query.sqlOfEachRun(this.#boundsOf(runs[0]!));
    await this.#setClock(runs);
    const answered = await this.#interruptible(signal, () => this.#connection.runAndReadAll(sql)).catch(() => {
      signal?.throwIfAborted();
      return undefined;
    });
    if (!answered) return undefined;
    const rows: DuckDBValue[][][] = runs.map(() => []);
    for (const [run, ...row] of answered.getRows()) rows[Number(run)]!.push(row);
    return rows.map((own) => resultOf(query, own));
  }

  async #interruptible<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    const interrupt = (): void => this.#connection.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw runtimeError(error);
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
  }

  #boundsOf({ visibility }: QueryOptions): Bounds {
    return {
      timeFrom: visibility?.timeGenerated?.from !== undefined,
      timeTo: visibility?.timeGenerated?.to !== undefined,
      ingestedFrom: visibility?.ingested?.from !== undefined,
      ingestedTo: visibility?.ingested?.to !== undefined,
      workspace: this.#workspaces,
    };
  }
}

/** The rows as values of Kusto; columns after those of the query are hidden ones. */
function resultOf(query: TranslatedQuery, rows: readonly DuckDBValue[][]): QueryResult {
  const types = query.columns.map((column) => column.type);
  return {
    columns: [...query.columns],
    rows: rows.map((row) => types.map((type, i) => resultValue(row[i], type))),
    ...(query.visualization && { visualization: query.visualization }),
  };
}

/** DuckDB's errors are those of the data or of the pattern that the query names; anything else is a defect. */
function runtimeError(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  const known = /^(Conversion|Out of Range|Invalid Input) Error: (.*)/s.exec(message);
  return known ? new KqlRuntimeError((known[2] ?? message).split('\n')[0] ?? message) : error;
}
