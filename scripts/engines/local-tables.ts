/** Stored tables of the local engine: made from their schema, filled from rows or files. */
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import {
  BIGINT,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDecimalValue,
  type DuckDBType,
  DuckDBUUIDValue,
  type DuckDBValue,
  INTEGER,
  UUID,
  VARCHAR,
} from '@duckdb/node-api';
import { UserError } from '../diagnostics/errors.ts';
import { nameColumns, quoteName, sqlText, sqlTypes } from '../kql/lowering/relation.ts';
import { INGESTED, WORKSPACE } from '../kql/lowering/translation.ts';
import { type FileRow, readRows } from './local-files.ts';
import { loadPlainNdjson } from './local-ndjson.ts';
import { type StoredValue, storedText, storedValue, ValueError } from './local-values.ts';
import type { Column, KustoType } from './query-engine.ts';

/** The name under which a row carries its time of ingestion. */
export const INGESTION_COLUMN = '_IngestionTime';

const duckTypes: Readonly<Record<KustoType, DuckDBType>> = {
  bool: BOOLEAN,
  datetime: BIGINT,
  decimal: DECIMAL(38, 17),
  dynamic: VARCHAR,
  guid: UUID,
  int: INTEGER,
  long: BIGINT,
  real: DOUBLE,
  string: VARCHAR,
  timespan: BIGINT,
};

const CHUNK = 2048;

/** From this size on it pays to let DuckDB read a file. */
const LARGE_FILE = 500_000;

/** Told of a column that the table does not have, once for each name in a file; its values are then left out. */
export type UnknownColumn = (finding: UserError) => void;

export interface StoredTableOptions {
  onUnknown?: UnknownColumn;
  /** Each row says to which workspace it belongs. */
  workspaces?: boolean;
}

/** One table in DuckDB. */
/** The rows that one of several workspaces has in a table. */
export interface WorkspaceRows {
  workspace: number;
  rows: Iterable<Record<string, unknown>>;
}

export class StoredTable {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly #connection: DuckDBConnection;
  readonly #options: StoredTableOptions;

  private constructor(
    connection: DuckDBConnection,
    name: string,
    columns: readonly Column[],
    options: StoredTableOptions,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.name = name;
    this.columns = columns;
  }

  static async create(
    connection: DuckDBConnection,
    name: string,
    columns: readonly Column[],
    options: StoredTableOptions = {},
  ): Promise<StoredTable> {
    const list = nameColumns(columns).map((column) => `${column.sql} ${sqlTypes[column.type]}`);
    const hidden = [`${INGESTED} BIGINT`, ...(options.workspaces ? [`${WORKSPACE} INTEGER`] : [])];
    await connection.run(`CREATE OR REPLACE TABLE ${quoteName(name)} (${[...list, ...hidden].join(', ')})`);
    return new StoredTable(connection, name, columns, options);
  }

  async clear(): Promise<void> {
    await this.#connection.run(`DELETE FROM ${quoteName(this.name)}`);
  }

  /** Adds rows; each is a JSON object by column name, and may carry `_IngestionTime`. */
  async append(rows: Iterable<Record<string, unknown>>): Promise<void> {
    await this.appendByWorkspace([{ workspace: 0, rows }]);
  }

  /** Adds the rows of several workspaces. */
  async appendByWorkspace(parts: Iterable<WorkspaceRows>): Promise<void> {
    let line = 0;
    async function* numbered(): AsyncGenerator<FileRow & { workspace: number }> {
      for (const { workspace, rows } of parts)
        for (const values of rows) yield { values, line: ++line, text: false, workspace };
    }
    await this.#fill(numbered(), (at) => `row ${at} of ${this.name}`);
  }

  /** Adds the rows of a file. */
  async load(file: string): Promise<void> {
    if (this.#options.workspaces) throw new Error('a file has the rows of one workspace');
    if (extname(file) === '.parquet') return this.#loadParquet(file);
    if (/^\.(ndjson|jsonl)$/.test(extname(file)) && statSync(file).size > LARGE_FILE) {
      const done = await loadPlainNdjson(this.#connection, this.name, this.columns, INGESTION_COLUMN, file);
      if (done) return;
    }
    await this.#fill(readRows(file), (line) => `${file}:${line}`);
  }

  async #fill(rows: AsyncIterable<FileRow & { workspace?: number }>, place: (line: number) => string): Promise<void> {
    const known = new Map(this.columns.map((column, i) => [column.name, i]));
    const hidden = this.#options.workspaces ? [BIGINT, INTEGER] : [BIGINT];
    const types = [...this.columns.map((column) => duckTypes[column.type]), ...hidden];
    const timeAt = this.columns.findIndex((column) => column.name === 'TimeGenerated' && column.type === 'datetime');
    const appender = await this.#connection.createAppender(this.name);
    const empty = [
      ...this.columns.map((column) => (column.type === 'string' ? '' : null)),
      null,
      ...(this.#options.workspaces ? [0] : []),
    ];
    const skipped = new Set<string>();
    let pending: DuckDBValue[][] = [];
    const flush = (): void => {
      if (pending.length === 0) return;
      const chunk = DuckDBDataChunk.create(types, pending.length);
      chunk.setRows(pending);
      appender.appendDataChunk(chunk);
      pending = [];
    };
    for await (const { values, line, text, workspace } of rows) {
      const row: DuckDBValue[] = [...empty];
      if (this.#options.workspaces && workspace !== undefined) row[this.columns.length + 1] = workspace;
      for (const [name, value] of values instanceof Map ? values : Object.entries(values)) {
        const ingestion = name === INGESTION_COLUMN;
        const at = ingestion ? this.columns.length : known.get(name);
        if (at === undefined) {
          if (!skipped.has(name)) this.#refuseUnknown(name, place(line));
          skipped.add(name);
          continue;
        }
        const type = ingestion ? 'datetime' : (this.columns[at] as Column).type;
        try {
          row[at] = duckValue(text ? storedText(String(value), type) : storedValue(value, type), type);
        } catch (error) {
          if (!(error instanceof ValueError)) throw error;
          throw new UserError('DATA_TYPE', {
            what: `column ${name} of ${this.name}: ${error.message}`,
            place: place(line),
            remedy: `give the value as schemas/tables/${this.name}.json declares it`,
          });
        }
      }
      if (row[this.columns.length] === null && timeAt >= 0) row[this.columns.length] = row[timeAt] as DuckDBValue;
      pending.push(row);
      if (pending.length === CHUNK) flush();
    }
    flush();
    appender.closeSync();
  }

  #refuseUnknown(name: string, place: string): void {
    const near = this.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    const finding = new UserError('DATA_COLUMN', {
      what: `table ${this.name} has no column ${name}${near ? `, but ${near.name}` : ''}`,
      place,
      remedy: `use the columns of schemas/tables/${this.name}.json, or add the column there`,
    });
    if (!this.#options.onUnknown) throw finding;
    this.#options.onUnknown(finding);
  }

  async #loadParquet(file: string): Promise<void> {
    const source = `read_parquet(${sqlText(file)})`;
    const reader = await this.#connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
    const given = new Map(reader.getRows().map(([name, type]) => [String(name), String(type)]));
    const columns = nameColumns(this.columns);
    for (const name of given.keys()) {
      if (name !== INGESTION_COLUMN && !columns.some((column) => column.name === name)) {
        this.#refuseUnknown(name, file);
      }
    }
    const list = columns.map((column) => parquetCell(column.name, column.type, given.get(column.name)));
    const ingestion = given.has(INGESTION_COLUMN)
      ? parquetCell(INGESTION_COLUMN, 'datetime', given.get(INGESTION_COLUMN))
      : given.has('TimeGenerated')
        ? parquetCell('TimeGenerated', 'datetime', given.get('TimeGenerated'))
        : 'NULL';
    await this.#connection.run(
      `INSERT INTO ${quoteName(this.name)} SELECT ${[...list, ingestion].join(', ')} FROM ${source}`,
    );
  }
}

function parquetCell(name: string, type: KustoType, given: string | undefined): string {
  const column = quoteName(name);
  if (given === undefined) return type === 'string' ? "''" : 'NULL';
  if (type === 'string') return `coalesce(${column}::VARCHAR, '')`;
  if (type === 'datetime' && given.startsWith('TIMESTAMP')) {
    return given === 'TIMESTAMP_NS'
      ? `epoch_ns(${column}) // 100 + 621355968000000000`
      : `epoch_us(${column}) * 10 + 621355968000000000`;
  }
  if (type === 'dynamic')
    return given === 'VARCHAR' || given === 'JSON' ? `json(${column})::VARCHAR` : `to_json(${column})::VARCHAR`;
  return `${column}::${sqlTypes[type]}`;
}

function duckValue(value: StoredValue, type: KustoType): DuckDBValue {
  if (value === null) return null;
  if (type === 'guid') return DuckDBUUIDValue.fromUint128(BigInt(`0x${String(value).replaceAll('-', '')}`));
  if (type === 'decimal') return decimalValue(String(value));
  return value;
}

/** DECIMAL(38,17): the digits without the point. */
function decimalValue(text: string): DuckDBDecimalValue {
  const [whole = '0', fraction = ''] = text.split('.');
  const digits = BigInt(`${whole.replace('-', '')}${fraction.padEnd(17, '0').slice(0, 17)}`);
  return new DuckDBDecimalValue(whole.startsWith('-') ? -digits : digits, 38, 17);
}
