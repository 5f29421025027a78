/**
 * Carries recorded rows to an engine that has no tables of ours: each stored table that a query reads becomes a `let`
 * over a `datatable`, so the same query text runs on Microsoft's engine on the same rows.
 */
import { nameLiteral, stringLiteral } from '../kql/literal.ts';
import type { Column, KustoType, Visibility } from './query-engine.ts';

/** Rows of one stored table as the Log Analytics API returns them; `_IngestionTime` stands for `ingestion_time()`. */
export interface RecordedTable {
  name: string;
  columns: readonly Column[];
  rows: readonly Record<string, unknown>[];
}

/** The column that carries what `ingestion_time()` answers: a datatable has no ingestion time of its own. */
export const INGESTION_TIME = '_IngestionTime';

/** Rows of one literal; larger tables are a union of several. A Kusto query text may be 2 MB long. */
const ROWS_PER_LITERAL = 500;

const CONVERSION: Record<Exclude<KustoType, 'string'>, string> = {
  bool: 'tobool',
  datetime: 'todatetime',
  decimal: 'todecimal',
  dynamic: 'todynamic',
  guid: 'toguid',
  int: 'toint',
  long: 'tolong',
  real: 'todouble',
  timespan: 'totimespan',
};

/** The rows that `visibility` lets a run see. A row without an ingestion time was ingested when it was generated. */
export function visibleRows(
  rows: readonly Record<string, unknown>[],
  visibility: Visibility | undefined,
): Record<string, unknown>[] {
  const inside = (value: unknown, window: { from?: Date; to?: Date } | undefined): boolean => {
    if (window === undefined) return true;
    const time = Date.parse(String(value));
    return (
      (window.from === undefined || time >= window.from.getTime()) &&
      (window.to === undefined || time < window.to.getTime())
    );
  };
  return rows.filter(
    (row) =>
      row.TimeGenerated === undefined ||
      (inside(row.TimeGenerated, visibility?.timeGenerated) &&
        inside(row[INGESTION_TIME] ?? row.TimeGenerated, visibility?.ingested)),
  );
}

/**
 * The `let` statement that defines a table by its rows.
 *
 * Every value travels as a string and is converted by Kusto itself, so that no value is ever read as query text.
 * Columns that are empty in every row are declared without values.
 */
export function tableStatement(table: RecordedTable): string {
  const columns: readonly Column[] = table.columns.some((column) => column.name === INGESTION_TIME)
    ? table.columns
    : [...table.columns, { name: INGESTION_TIME, type: 'datetime' }];
  const used = columns.filter((column) => table.rows.some((row) => valueText(row, column.name) !== ''));
  const sent = used.length > 0 ? used : columns.slice(0, 1);
  const header = sent.map((column) => `${nameLiteral(column.name)}:string`).join(',');
  const legs: string[] = [];
  for (let start = 0; start === 0 || start < table.rows.length; start += ROWS_PER_LITERAL) {
    const rows = table.rows.slice(start, start + ROWS_PER_LITERAL);
    const values = rows.map((row) => sent.map((column) => stringLiteral(valueText(row, column.name))).join(','));
    legs.push(`datatable(${header})[${values.join(',\n')}]`);
  }
  const names = new Set(sent.map((column) => column.name));
  const projection = columns.map((column) => {
    const name = nameLiteral(column.name);
    if (!names.has(column.name)) return `${name}=${column.type === 'string' ? '""' : `${column.type}(null)`}`;
    return column.type === 'string' ? name : `${name}=${CONVERSION[column.type]}(${name})`;
  });
  const rows = legs.length === 1 ? legs[0] : `union ${legs.map((leg) => `(${leg})`).join(',')}`;
  return `let ${nameLiteral(table.name)} = materialize(${rows} | project ${projection.join(',')});`;
}

function valueText(row: Record<string, unknown>, column: string): string {
  const value = column === INGESTION_TIME ? (row[column] ?? row.TimeGenerated) : row[column];
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
