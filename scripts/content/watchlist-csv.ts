/** Sample rows of a watchlist. */
import { CsvError, parse } from 'csv-parse/sync';
import { contentDiagnostic } from '../diagnostics/content.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Watchlist } from './model.ts';

/** Reads `<Alias>.csv` against the columns that the watchlist declares. Rows with findings are left out. */
export function parseWatchlistCsv(
  file: string,
  text: string,
  watchlist: Pick<Watchlist, 'columns' | 'itemsSearchKey'>,
): { rows: Record<string, string>[]; diagnostics: Diagnostic[] } {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, { bom: true, info: true, skip_empty_lines: true }) as unknown as typeof records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    const detail = error.message.replace(/ on line \d+|\s*at line \d+/g, '');
    return {
      rows: [],
      diagnostics: [contentDiagnostic('csv-syntax', { file, start: { line, column: 1 } }, { detail })],
    };
  }
  const names = watchlist.columns.map((column) => column.name);
  const header = records[0]?.record ?? [];
  if (header.join() !== names.join()) {
    const place = { file, start: { line: 1, column: 1 } };
    const parameters = { found: header.join(), expected: names.join() };
    return { rows: [], diagnostics: [contentDiagnostic('csv-columns', place, parameters)] };
  }
  const required = new Set(watchlist.columns.filter((column) => column.required).map((column) => column.name));
  const rows: Record<string, string>[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { record, info } of records.slice(1)) {
    const row = Object.fromEntries(names.map((name, index) => [name, record[index] ?? '']));
    const place = { file, start: { line: info.lines, column: 1 } };
    const empty = names.filter(
      (name) => row[name]?.trim() === '' && (required.has(name) || name === watchlist.itemsSearchKey),
    );
    for (const column of empty) {
      const code = column === watchlist.itemsSearchKey ? 'csv-search-key' : 'csv-required';
      diagnostics.push(contentDiagnostic(code, place, { column }));
    }
    if (empty.length === 0) rows.push(row);
  }
  return { rows, diagnostics };
}
