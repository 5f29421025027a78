/** Rows around an incident from a workspace, as a scenario that names nobody. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { deployableQuery } from '../content/deployable-query.ts';
import { referencedNames } from '../content/kql-tokens.ts';
import type { Content } from '../content/model.ts';
import { tableSchemas } from '../content/table-schemas.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';
import type { QueryEngine, QueryResult, Value } from '../engines/query-engine.ts';
import type { Json } from './json.ts';
import { Pseudonyms } from './pseudonyms.ts';

export interface RecordOptions {
  scenario: string;
  from: Date;
  to: Date;
  tables: readonly string[];
  /** KQL predicate that every row has to meet, such as `* has "em-01"`. */
  filter?: string;
  /** Rows of one table; more is refused, so that a recording is never cut in silence. */
  limit: number;
  keep: readonly string[];
  folder: string;
  progress?: (what: string) => void;
}

export interface Recording {
  folder: string;
  tables: { table: string; rows: number }[];
  /** Tables that the workspace does not have. */
  missing: string[];
  pseudonyms: number;
}

/** The tables that the package's rules read. */
export function ruleTables(content: Content): string[] {
  const known = new Set(tableSchemas().map((table) => table.name));
  const used = new Set(
    content.rules.flatMap((rule) => [...referencedNames(deployableQuery(rule.value.query, content))]),
  );
  return [...used].filter((name) => known.has(name)).sort();
}

type Row = Record<string, Value>;

/**
 * Pulls the rows, pseudonymises them, proves that nothing original is left, and only then writes the folder whole.
 * @throws UserError where the window holds too many rows, a partial answer came, or the proof fails.
 */
export async function record(engine: QueryEngine, content: Content, options: RecordOptions): Promise<Recording> {
  if (existsSync(options.folder)) {
    throw new UserError('scenario-exists', {
      what: `${options.folder} exists`,
      remedy: 'give another --scenario or --out; nothing is overwritten',
    });
  }
  const pulled = new Map<string, Row[]>();
  const missing: string[] = [];
  for (const table of options.tables) {
    options.progress?.(table);
    const rows = await pullTable(engine, table, options);
    if (rows === undefined) missing.push(table);
    else if (rows.length > 0) pulled.set(table, rows);
  }
  const watchlists = new Map<string, Row[]>();
  for (const { value } of content.watchlists) {
    options.progress?.(value.watchlistAlias);
    const names = new Set(value.columns.map((column) => column.name));
    const rows = await pullWatchlist(engine, value.watchlistAlias, names, options);
    if (rows.length > 0) watchlists.set(value.watchlistAlias, rows);
  }
  const pseudonyms = new Pseudonyms(options.keep);
  for (const rows of [...pulled.values(), ...watchlists.values()])
    for (const row of rows) pseudonyms.learn(row as Json);
  const replace = (rows: Row[]): Json[] => rows.map((row) => pseudonyms.apply(row as Json));
  const tables = new Map([...pulled].map(([table, rows]) => [table, replace(rows)]));
  const lists = Object.fromEntries([...watchlists].map(([alias, rows]) => [alias, replace(rows)]));
  prove(pseudonyms, tables, lists);
  write(options, tables, lists, missing);
  const counted = [...tables].map(([table, rows]) => ({ table, rows: rows.length }));
  return { folder: options.folder, tables: counted, missing, pseudonyms: pseudonyms.size };
}

/** Undefined where the workspace has no such table. */
async function pullTable(engine: QueryEngine, table: string, options: RecordOptions): Promise<Row[] | undefined> {
  const filter = options.filter === undefined ? '' : `| where ${options.filter}\n`;
  // A row more than the limit tells that there are more.
  const query = `${table}\n${filter}| extend _IngestionTime = ingestion_time()\n| order by TimeGenerated asc\n| take ${options.limit + 1}`;
  let result: QueryResult;
  try {
    result = await engine.query(query, { visibility: { timeGenerated: { from: options.from, to: options.to } } });
  } catch (error) {
    if (/resolve table|failed to resolve|could not be found/i.test(String(error))) return undefined;
    throw error;
  }
  if (result.partial !== undefined) {
    throw new UserError('answer-partial', {
      what: `${table}: the workspace answered a part only: ${result.partial}`,
      remedy: 'take a shorter window or a --filter',
      exitCode: ExitCode.failed,
    });
  }
  if (result.rows.length > options.limit) {
    throw new UserError('record-too-many', {
      what: `${table} has more than ${options.limit} rows in the window`,
      remedy: `take a shorter window, a --filter such as '* has "em-01"', or a higher --limit`,
      exitCode: ExitCode.failed,
    });
  }
  return rowsOf(result);
}

async function pullWatchlist(
  engine: QueryEngine,
  alias: string,
  names: ReadonlySet<string>,
  options: RecordOptions,
): Promise<Row[]> {
  try {
    const result = await engine.query(`_GetWatchlist('${alias}')`, {
      visibility: { timeGenerated: { from: new Date(0), to: options.to } },
    });
    return rowsOf(result).map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => names.has(name))));
  } catch {
    // A workspace without the list still gives a scenario; the rules then have their sample rows.
    return [];
  }
}

/** Rows as objects; columns that say nothing are left out, as the query API's own export leaves them. */
function rowsOf(result: QueryResult): Row[] {
  return result.rows.map((row) =>
    Object.fromEntries(
      result.columns
        .map((column, index): [string, Value] => [column.name, row[index] ?? null])
        .filter(([, value]) => value !== null && value !== ''),
    ),
  );
}

function prove(pseudonyms: Pseudonyms, tables: ReadonlyMap<string, Json[]>, lists: Record<string, Json[]>): void {
  const left = [...tables, ...Object.entries(lists)].flatMap(([table, rows]) => pseudonyms.leftovers(table, rows));
  if (left.length === 0) return;
  const places = left.slice(0, 10).map((item) => `${item.table} row ${item.row}: ${item.what}`);
  throw new UserError('pseudonyms-incomplete', {
    what: `${left.length} original value${left.length === 1 ? '' : 's'} would be left:\n    ${places.join('\n    ')}`,
    remedy: 'nothing was written; leave the table out with --tables, or name what is public with --keep',
    exitCode: ExitCode.failed,
  });
}

function write(
  options: RecordOptions,
  tables: ReadonlyMap<string, Json[]>,
  lists: Record<string, Json[]>,
  missing: readonly string[],
): void {
  const partial = `${options.folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const time = (date: Date): string => date.toISOString().replace(/\.000Z$/, 'Z');
  const scenario = {
    title: options.scenario,
    story:
      'Recorded from a workspace and pseudonymised. Tell here what happened, in the words of those who were there.',
    clock: { from: time(options.from), to: time(options.to) },
    ...(Object.keys(lists).length > 0 ? { watchlists: lists } : {}),
    ...(missing.length > 0 ? { missingTables: missing } : {}),
    expect: [],
  };
  writeFileSync(path.join(partial, 'scenario.yaml'), stringify(scenario, { lineWidth: 110 }));
  for (const [table, rows] of tables)
    writeFileSync(path.join(partial, `${table}.ndjson`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  renameSync(partial, options.folder);
}
