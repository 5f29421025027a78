/** Reading recorded rows: one JSON object a line, checked against the columns of the table. */

import { closest } from '../content/closest.ts';
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts';
import { scenarioDiagnostic } from '../diagnostics/scenarios.ts';
import { INGESTION_TIME } from '../engines/inlined-data.ts';
import type { Column, KustoType } from '../engines/query-engine.ts';
import type { TableSchema } from '../kql/catalog.ts';

/** Findings of one kind per file that are told; the rest would only repeat them. */
const TOLD_PER_FILE = 20;

export interface RecordedRowsOptions {
  /** Milliseconds from TimeGenerated to ingestion for a row without `_IngestionTime`. */
  ingestionDelay: number;
  /** Leave out columns that the table lacks instead of refusing the file: for recordings of other workspaces. */
  ignoreUnknownColumns?: boolean;
}

export interface RecordedRows {
  /** Rows that could be read, each with `_IngestionTime`; empty when there was an error. */
  rows: Record<string, unknown>[];
  diagnostics: Diagnostic[];
}

/**
 * Reads the text of `<Table>.ndjson`. A row that is no object, an unknown column, a value that does not fit its column,
 * or a row without `TimeGenerated` is a finding at its line; then the file yields no rows.
 */
export function parseRecordedRows(
  file: string,
  text: string,
  table: TableSchema,
  options: RecordedRowsOptions,
): RecordedRows {
  const columns = new Map(table.columns.map((column) => [column.name, column]));
  const diagnostics: Diagnostic[] = [];
  const ignored = new Set<string>();
  const rows: Record<string, unknown>[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const place = (key?: string): Place => ({
      file,
      start: { line: index + 1, column: key === undefined ? 1 : line.indexOf(JSON.stringify(key)) + 1 || 1 },
    });
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch (error) {
      diagnostics.push(scenarioDiagnostic('row-syntax', place(), { problem: (error as Error).message }));
      return;
    }
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      diagnostics.push(scenarioDiagnostic('row-syntax', place(), { problem: `it is ${describe(parsed)}` }));
      return;
    }
    const row: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(parsed)) {
      if (key === INGESTION_TIME) {
        if (parseTime(value) === undefined) {
          const found = describe(value);
          diagnostics.push(scenarioDiagnostic('row-wrong-type', place(key), { column: key, type: 'datetime', found }));
        }
        row[key] = value;
        continue;
      }
      const column = columns.get(key);
      if (column === undefined) {
        if (options.ignoreUnknownColumns) ignored.add(key);
        else {
          const known = closest(key, [...columns.keys()]) ?? '';
          diagnostics.push(
            scenarioDiagnostic('row-unknown-column', place(key), { table: table.name, column: key, known }),
          );
        }
        continue;
      }
      const problem = misfit(column, value);
      if (problem !== undefined) {
        diagnostics.push(
          scenarioDiagnostic('row-wrong-type', place(key), { column: key, type: column.type, found: problem }),
        );
        continue;
      }
      if (value !== null) row[key] = value;
    }
    const generated = parseTime(row.TimeGenerated);
    if (generated === undefined) {
      // A wrong TimeGenerated was told above.
      if (!('TimeGenerated' in parsed)) diagnostics.push(scenarioDiagnostic('row-without-time', place(), {}));
      return;
    }
    if (row[INGESTION_TIME] === undefined || row[INGESTION_TIME] === null) {
      row[INGESTION_TIME] = new Date(generated + options.ingestionDelay).toISOString();
    } else if ((parseTime(row[INGESTION_TIME]) ?? generated) < generated) {
      const ingested = String(row[INGESTION_TIME]);
      diagnostics.push(scenarioDiagnostic('row-ingested-too-early', place(INGESTION_TIME), { ingested }));
    }
    rows.push(row);
  });
  if (ignored.size > 0) {
    const names = [...ignored].join(', ');
    diagnostics.push(scenarioDiagnostic('recording-column-ignored', { file }, { table: table.name, columns: names }));
  }
  const failed = diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  return { rows: failed ? [] : rows, diagnostics: diagnostics.slice(0, TOLD_PER_FILE) };
}

/** Milliseconds since 1970 of an ISO 8601 time as the query API writes it, or undefined. */
export function parseTime(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(value)) return undefined;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(value) ? value : `${value}Z`;
  const time = Date.parse(zoned);
  return Number.isNaN(time) ? undefined : time;
}

const EXPECTED: Record<KustoType, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  int: (value) => Number.isInteger(value) && Math.abs(value as number) <= 2 ** 31,
  // Beyond 2^53 the API writes text.
  long: (value) => Number.isInteger(value) || (typeof value === 'string' && /^-?\d{1,19}$/.test(value)),
  real: (value) => typeof value === 'number' || ['NaN', 'Infinity', '-Infinity'].includes(value as string),
  decimal: (value) => typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)),
  datetime: (value) => parseTime(value) !== undefined,
  timespan: (value) => typeof value === 'string' && /^-?(\d+\.)?\d{1,2}:\d{2}:\d{2}(\.\d{1,7})?$/.test(value),
  guid: (value) => typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value),
  // The API writes dynamic values as JSON; exports write them as text of JSON. The engine reads both.
  dynamic: () => true,
};

/** What does not fit the column, in words, or undefined. A null fits every type: an absent value. */
function misfit(column: Column, value: unknown): string | undefined {
  return value === null || EXPECTED[column.type](value) ? undefined : describe(value);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return `${typeof value} ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
}
