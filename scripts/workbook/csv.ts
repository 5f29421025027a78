/** Rows as CSV for a spreadsheet. */
import type { QueryResult } from '../engines/query-engine.ts';

/**
 * RFC 4180 with a header line. A text that a spreadsheet would run as a formula gets an apostrophe before it
 * (https://owasp.org/www-community/attacks/CSV_Injection): log values are written by strangers.
 */
export function resultCsv(result: QueryResult): string {
  const lines = [result.columns.map((column) => field(column.name))];
  for (const row of result.rows) lines.push(row.map((value) => field(cellText(value))));
  return `${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}

function cellText(value: QueryResult['rows'][number][number]): string {
  if (value === null) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  return typeof value === 'string' && /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
