/** The answer of a query for people and machines. */
import Table from 'cli-table3';
import type { QueryResult, Value } from '../engines/query-engine.ts';
import type { KqlError } from '../kql/errors.ts';

/** A result as text. `limit` cuts a table, with a word about it; the other forms are whole. */
export function renderResult(result: QueryResult, format: 'table' | 'json' | 'csv', limit: number): string {
  const names = result.columns.map((column) => column.name);
  if (format === 'json') {
    const rows = result.rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? null])));
    return `${JSON.stringify(rows, null, 2)}\n`;
  }
  if (format === 'csv') {
    return [names, ...result.rows.map((row) => row.map(cellText))]
      .map((row) => `${row.map(csvCell).join(',')}\n`)
      .join('');
  }
  const table = new Table({ head: names, style: { head: [], border: [] }, wordWrap: true });
  for (const row of result.rows.slice(0, limit)) table.push(row.map(cellText));
  const more = result.rows.length - limit;
  const counted = `${result.rows.length} row${result.rows.length === 1 ? '' : 's'}`;
  return `${table.toString()}\n${more > 0 ? `${counted}, the first ${limit} shown; --limit shows more\n` : `${counted}\n`}`;
}

function cellText(value: Value): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Each finding with the line of the query that it points at. */
export function renderKqlError(error: KqlError, query: string): string {
  const lines = query.split('\n');
  const parts = error.diagnostics.map((diagnostic) => {
    const line = lines[diagnostic.line - 1] ?? '';
    const marker = `${' '.repeat(Math.max(0, diagnostic.column - 1))}${'^'.repeat(Math.max(1, Math.min(diagnostic.length, line.length - diagnostic.column + 1)))}`;
    return `query:${diagnostic.line}:${diagnostic.column}: ${diagnostic.message} (${diagnostic.code})\n  ${line}\n  ${marker}\n`;
  });
  return `${parts.join('')}  remedy: ${error.remedy}\n`;
}
