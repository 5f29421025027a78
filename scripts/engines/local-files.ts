/** Reading rows from files: NDJSON, JSON (an array, or a query API answer), CSV and Parquet. */
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parse as parseCsv } from 'csv-parse/sync';
import { UserError } from '../diagnostics/errors.ts';
import { parseDynamic } from '../kql/runtime/dynamic.ts';

/** A file that holds rows of a table. */
export interface TableFile {
  name: string;
  file: string;
}

/** A row with its place, for errors. `text` says that every cell is text. */
export interface FileRow {
  values: Record<string, unknown> | Map<string, unknown>;
  line: number;
  text: boolean;
}

const formats = new Set(['.ndjson', '.jsonl', '.json', '.csv', '.parquet']);

/**
 * The table files of a data folder: `<Table>.ndjson` and its kin, and `<Table>/` folders of files; or of one file, whose
 * table is its own name where `isTable` knows it, else the name of its folder.
 * @throws UserError when there is nothing to read
 */
export function findTableFiles(path: string, isTable: (name: string) => boolean): TableFile[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) {
    throw new UserError('DATA_NOT_FOUND', {
      what: 'there is no such file or folder',
      place: path,
      remedy: 'name a folder with <Table>.ndjson, .json, .csv or .parquet files, or one such file',
    });
  }
  if (stat.isFile()) return [{ name: tableOf(path, isTable), file: path }];
  const found: TableFile[] = [];
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inside = join(path, entry.name);
    if (entry.isFile() && formats.has(extname(entry.name))) {
      if (isTable(stem(inside))) found.push({ name: stem(inside), file: inside });
    } else if (entry.isDirectory() && isTable(entry.name)) {
      for (const file of readdirSync(inside).sort()) {
        if (formats.has(extname(file))) found.push({ name: entry.name, file: join(inside, file) });
      }
    }
  }
  if (found.length > 0) return found;
  // The folder of one table, given itself.
  const own = basename(path);
  if (isTable(own)) {
    const files = readdirSync(path).filter((file) => formats.has(extname(file)));
    if (files.length > 0) return files.sort().map((file) => ({ name: own, file: join(path, file) }));
  }
  throw new UserError('DATA_EMPTY', {
    what: 'the folder holds no file of a known table',
    place: path,
    remedy: 'name files after their table, such as SigninLogs.ndjson, or put them into a folder of that name',
  });
}

function stem(file: string): string {
  return basename(file, extname(file));
}

function tableOf(file: string, isTable: (name: string) => boolean): string {
  const folder = basename(dirname(file));
  for (const candidate of [stem(file), folder, stem(file).split('.')[0] ?? ''])
    if (isTable(candidate)) return candidate;
  return stem(file);
}

/** The rows of a text file one after the other. @throws UserError with file and line where the text is not what it should be */
export async function* readRows(file: string): AsyncGenerator<FileRow> {
  switch (extname(file)) {
    case '.csv':
      yield* csvRows(file);
      return;
    case '.json':
      yield* jsonRows(file);
      return;
    default:
      yield* ndjsonRows(file);
  }
}

async function* ndjsonRows(file: string): AsyncGenerator<FileRow> {
  let line = 0;
  for await (const text of createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line++;
    const clean = line === 1 ? text.replace(/^\uFEFF/, '') : text;
    if (clean.trim() === '') continue;
    yield { values: asRow(readJson(clean, file, line), file, line), line, text: false };
  }
}

/** JSON.parse is fast; what it would round is read exactly. */
function readJson(text: string, file: string, line: number): unknown {
  try {
    return /\d{16}|\d\.0*[,}\]\s]|\d[eE]/.test(text) ? parseDynamic(text) : JSON.parse(text);
  } catch (error) {
    throw new UserError('DATA_SYNTAX', {
      what: `this is not JSON: ${(error as Error).message}`,
      place: `${file}:${line}`,
      remedy: 'put one JSON object on each line (NDJSON), or one array of objects into a .json file',
    });
  }
}

function asRow(value: unknown, file: string, line: number): FileRow['values'] {
  if (value instanceof Map) return value;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new UserError('DATA_SYNTAX', {
    what: 'a row must be a JSON object',
    place: `${file}:${line}`,
    remedy: 'put one JSON object on each line (NDJSON), or one array of objects into a .json file',
  });
}

function* jsonRows(file: string): Generator<FileRow> {
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = parseDynamic(text);
  } catch (error) {
    // A file of that name may hold one object a line as well.
    if (!text.trimStart().startsWith('{')) {
      readJson(text, file, 1);
      throw error;
    }
    let line = 0;
    for (const part of text.split('\n')) {
      line++;
      if (part.trim()) yield { values: asRow(readJson(part, file, line), file, line), line, text: false };
    }
    return;
  }
  for (const row of tableRows(value) ?? [value]) yield { values: asRow(row, file, 1), line: 1, text: false };
}

/** The rows of an array, or of the answer of the query API: `{"tables": [{"columns": [...], "rows": [[...]]}]}`. */
function tableRows(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!(value instanceof Map)) return undefined;
  const tables = value.get('tables');
  const table = Array.isArray(tables) ? tables[0] : value;
  if (!(table instanceof Map)) return undefined;
  const columns = table.get('columns');
  const rows = table.get('rows');
  if (!Array.isArray(columns) || !Array.isArray(rows)) return undefined;
  const names = columns.map((column) => (column instanceof Map ? String(column.get('name')) : String(column)));
  return rows.map((row) => new Map(names.map((name, i) => [name, Array.isArray(row) ? row[i] : undefined])));
}

/** The portal's CSV export says the time zone in the header of datetime columns. */
function columnNames(header: readonly string[]): string[] {
  return header.map((name) => name.replace(/ \[UTC\]$/, ''));
}

function* csvRows(file: string): Generator<FileRow> {
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parseCsv(readFileSync(file), { columns: columnNames, bom: true, info: true, relax_column_count: false });
  } catch (error) {
    const { message, lines } = error as Error & { lines?: number };
    throw new UserError('DATA_SYNTAX', {
      what: `this is not CSV: ${message}`,
      place: lines ? `${file}:${lines}` : file,
      remedy: 'write a header line with the column names, and quote cells that hold a comma or a line end',
    });
  }
  for (const { record, info } of records) yield { values: record, line: info.lines, text: true };
}
