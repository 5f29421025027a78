/** Loads large NDJSON files at DuckDB's own speed; whatever is not plain is left to the reader that names the line. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { nameColumns, quoteName, sqlText } from '../kql/lowering/relation.ts';
import type { Column, KustoType } from './query-engine.ts';

/** JSON types that a column takes as they are. */
const plainTypes: Partial<Record<KustoType, readonly string[]>> = {
  string: ['VARCHAR'],
  bool: ['BOOLEAN'],
  int: ['BIGINT', 'UBIGINT'],
  long: ['BIGINT', 'UBIGINT'],
  real: ['BIGINT', 'UBIGINT', 'DOUBLE'],
  datetime: ['VARCHAR'],
  dynamic: ['OBJECT', 'ARRAY', 'BOOLEAN', 'BIGINT', 'UBIGINT', 'DOUBLE'],
};

const readTypes: Partial<Record<KustoType, string>> = {
  string: 'VARCHAR',
  bool: 'BOOLEAN',
  int: 'INTEGER',
  long: 'BIGINT',
  real: 'DOUBLE',
  datetime: 'VARCHAR',
  dynamic: 'JSON',
};

/**
 * Adds the rows of a file to a table.
 * @param ingestionKey the key under which a row carries its time of ingestion
 * @returns false, and nothing added, where the file has anything that needs a closer look
 */
export async function loadPlainNdjson(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Column[],
  ingestionKey: string,
  file: string,
): Promise<boolean> {
  const types = new Map<string, KustoType>(columns.map((column) => [column.name, column.type]));
  types.set(ingestionKey, 'datetime');
  try {
    const keys = await connection.runAndReadAll(
      `SELECT DISTINCT k, t FROM (SELECT unnest(json_keys(json)) AS k, unnest(json_type(json, '$.*')) AS t FROM read_ndjson_objects(${sqlText(file)}))`,
    );
    const present = new Set<string>();
    for (const [key, type] of keys.getRows()) {
      const kusto = types.get(String(key));
      if (!kusto || (type !== 'NULL' && !plainTypes[kusto]?.includes(String(type)))) return false;
      if (type !== 'NULL') present.add(String(key));
    }
    const read = [...present].map(
      (key) => `${sqlText(key)}: ${sqlText(readTypes[types.get(key) as KustoType] ?? 'JSON')}`,
    );
    if (read.length === 0) return false;
    const cells = nameColumns(columns).map(({ name, type }) => cell(name, type, present.has(name)));
    const time = types.get('TimeGenerated') === 'datetime' ? 'TimeGenerated' : undefined;
    const own = cell(ingestionKey, 'datetime', present.has(ingestionKey));
    const ingested = time ? `coalesce(${own}, ${cell(time, 'datetime', present.has(time))})` : own;
    await connection.run(
      `INSERT INTO ${quoteName(table)} SELECT ${[...cells, ingested].join(', ')} FROM read_json(${sqlText(file)}, format = 'newline_delimited', columns = {${read.join(', ')}})`,
    );
    return true;
  } catch {
    return false;
  }
}

function cell(name: string, type: KustoType, present: boolean): string {
  const column = quoteName(name);
  if (!present) return type === 'string' ? "''" : 'NULL';
  if (type === 'string') return `coalesce(${column}, '')`;
  if (type === 'dynamic') return `nullif(${column}::VARCHAR, 'null')`;
  if (type !== 'datetime') return column;
  // TIMESTAMP holds microseconds: the seventh digit is a tick of its own.
  const microseconds = (text: string): string => `epoch_us(TRY_CAST(${text} AS TIMESTAMP)) * 10 + 621355968000000000`;
  return `CASE WHEN ${column} IS NULL THEN NULL
    WHEN length(${column}) = 28 AND ${column}[28] = 'Z' THEN coalesce(${microseconds(`left(${column}, 26)`)} + ${column}[27]::INTEGER, error('no datetime')::BIGINT)
    WHEN length(${column}) < 28 THEN coalesce(${microseconds(column)}, error('no datetime')::BIGINT)
    ELSE error('no datetime')::BIGINT END`;
}
