/** Reading scenario folders. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { CsvError, parse } from 'csv-parse/sync';
import schema from '../../schemas/scenario.schema.json' with { type: 'json' };
import { closest } from '../content/closest.ts';
import type { AlertSeverity } from '../content/model.ts';
import { displayPath } from '../content/read-content.ts';
import { type ParsedText, parseYaml } from '../content/source-map.ts';
import { tableSchemas } from '../content/table-schemas.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { scenarioDiagnostic } from '../diagnostics/scenarios.ts';
import type { TableSchema } from '../kql/catalog.ts';
import { parseRecordedRows, parseTime } from './recorded-rows.ts';
import type { Scenario, ScenarioTable } from './scenario.ts';

const DEFAULT_INGESTION_DELAY = '4m';
const UNIT = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export interface ReadScenario {
  /** Absent when the scenario cannot be run as it was meant; then an error says why. */
  scenario?: Scenario;
  diagnostics: Diagnostic[];
}

export interface ReadScenarioOptions {
  /** The tables that rows are checked against. Default: those of schemas/tables. */
  tables?: readonly TableSchema[];
  /**
   * A recording of another workspace: scenario.yaml may be missing (then the clock spans the rows and nothing is
   * expected), and tables and columns without a schema are left out with a word instead of refused.
   */
  recording?: boolean;
}

type Scalar = string | number | boolean;

/** The shape of scenario.yaml once its schema was checked. */
interface ScenarioFile {
  title: string;
  story: string;
  clock: { from: string; to: string };
  ingestionDelay?: string;
  nearMiss?: string[];
  watchlists?: Record<string, Record<string, Scalar>[]>;
  missingTables?: string[];
  closed?: { rule: string; at: string }[];
  expect: {
    rule: string;
    at: string;
    quietBefore?: string;
    title?: string;
    description?: string | string[];
    severity?: AlertSeverity;
    entities?: { type: string; [identifier: string]: string }[];
    customDetails?: Record<string, Scalar | Scalar[]>;
    alerts?: number;
    count?: number;
  }[];
}

const validate = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true }).compile<ScenarioFile>(schema);

/** The folders below `root` that hold a scenario.yaml or rows, in alphabetical order. */
export async function scenarioFolders(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const folders = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async (entry) => {
        const folder = join(root, entry.name);
        const names = await readdir(folder);
        return names.some((name) => name === 'scenario.yaml' || name.endsWith('.ndjson')) ? [folder] : [];
      }),
  );
  return folders.flat().sort();
}

/**
 * Reads one scenario folder: scenario.yaml, `<Table>.ndjson` files and `<Watchlist>.csv` files. Never throws for what it finds there; everything
 * wrong is a finding with file, line and remedy.
 */
export async function readScenario(folder: string, options: ReadScenarioOptions = {}): Promise<ReadScenario> {
  const diagnostics: Diagnostic[] = [];
  const absolute = resolve(folder);
  let names: string[];
  try {
    names = (await readdir(absolute)).sort();
  } catch (error) {
    return {
      diagnostics: [
        scenarioDiagnostic('scenario-unreadable', { file: displayPath(absolute) }, { reason: message(error) }),
      ],
    };
  }
  const file = join(absolute, 'scenario.yaml');
  let header: Header | undefined;
  if (names.includes('scenario.yaml')) {
    const text = await readText(file, displayPath(file), diagnostics);
    header = text === undefined ? undefined : parseHeader(displayPath(file), text, diagnostics, options.recording);
  } else if (!options.recording) {
    diagnostics.push(scenarioDiagnostic('scenario-missing-file', { file: displayPath(absolute) }, {}));
  }

  const schemas = new Map((options.tables ?? tableSchemas()).map((table) => [table.name, table]));
  const tables: ScenarioTable[] = [];
  for (const name of names.filter((candidate) => candidate.endsWith('.ndjson'))) {
    const tableName = name.slice(0, -'.ndjson'.length);
    const path = join(absolute, name);
    const table = schemas.get(tableName);
    if (table === undefined) {
      diagnostics.push(
        options.recording
          ? scenarioDiagnostic('recording-table-ignored', { file: displayPath(path) }, { table: tableName })
          : scenarioDiagnostic(
              'row-unknown-table',
              { file: displayPath(path) },
              { table: tableName, known: closest(tableName, [...schemas.keys()]) ?? '' },
            ),
      );
      continue;
    }
    const text = await readText(path, displayPath(path), diagnostics);
    if (text === undefined) continue;
    const read = parseRecordedRows(displayPath(path), text, table, {
      ingestionDelay: duration(header?.value.ingestionDelay ?? DEFAULT_INGESTION_DELAY),
      ignoreUnknownColumns: options.recording ?? false,
    });
    diagnostics.push(...read.diagnostics);
    tables.push({ name: tableName, file: displayPath(path), columns: table.columns, rows: read.rows });
  }
  const watchlists: Record<string, Record<string, string>[]> = {};
  for (const name of names.filter((candidate) => candidate.endsWith('.csv'))) {
    const text = await readText(join(absolute, name), displayPath(join(absolute, name)), diagnostics);
    if (text !== undefined) {
      watchlists[name.slice(0, -'.csv'.length)] = csvRows(displayPath(join(absolute, name)), text, diagnostics);
    }
  }
  if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) return { diagnostics };
  const slug = basename(absolute);
  if (header === undefined) return { scenario: recording(slug, absolute, tables, watchlists), diagnostics };
  const { value, parsed } = header;
  const scenario: Scenario = {
    slug,
    folder: absolute,
    file: displayPath(file),
    title: value.title,
    story: value.story,
    clock: { from: new Date(value.clock.from), to: new Date(value.clock.to) },
    ingestionDelay: duration(value.ingestionDelay ?? DEFAULT_INGESTION_DELAY),
    nearMiss: value.nearMiss ?? [],
    watchlists: {
      ...watchlists,
      ...Object.fromEntries(
        Object.entries(value.watchlists ?? {}).map(([alias, rows]) => [alias, rows.map(textValues)]),
      ),
    },
    missingTables: value.missingTables ?? [],
    closed: (value.closed ?? []).map(({ rule, at }) => ({ rule, at: new Date(at) })),
    expect: value.expect.map((expectation, index) => {
      const { at, quietBefore, customDetails, ...rest } = expectation;
      return {
        ...rest,
        at: new Date(at),
        ...(quietBefore === undefined ? {} : { quietBefore: new Date(quietBefore) }),
        ...(customDetails === undefined ? {} : { customDetails: detailTexts(customDetails) }),
        place: parsed.place(['expect', index]),
      };
    }),
    judged: !options.recording || header.expects,
    tables,
  };
  return { scenario, diagnostics };
}

interface Header {
  value: ScenarioFile;
  parsed: ParsedText;
  /** Whether the file has `expect` at all. */
  expects: boolean;
}

/** Checks the text of scenario.yaml; undefined when it cannot be used. */
function parseHeader(
  file: string,
  text: string,
  diagnostics: Diagnostic[],
  recording: boolean = false,
): Header | undefined {
  const parsed = parseYaml(file, text);
  diagnostics.push(...parsed.diagnostics);
  if (parsed.diagnostics.length > 0) return undefined;
  const value = recording ? withDefaults(parsed.value) : parsed.value;
  if (!validate(value)) {
    for (const error of validate.errors ?? []) {
      const path = error.instancePath.split('/').slice(1).map(pathStep);
      const key =
        error.keyword === 'additionalProperties' ? [...path, error.params.additionalProperty as string] : path;
      const where = parsed.place(key, error.keyword === 'additionalProperties' ? 'key' : 'value');
      diagnostics.push(scenarioDiagnostic('scenario-field', where, { path: path.join('.'), problem: problem(error) }));
    }
    return undefined;
  }
  const { from, to } = value.clock;
  const times: [string, (string | number)[]][] = [
    [from, ['clock', 'from']],
    [to, ['clock', 'to']],
    ...value.expect.flatMap(({ at, quietBefore }, index): [string, (string | number)[]][] => [
      [at, ['expect', index, 'at']],
      ...(quietBefore === undefined ? [] : [[quietBefore, ['expect', index, 'quietBefore']] as [string, string[]]]),
    ]),
  ];
  const before = diagnostics.length;
  for (const [time, path] of times) {
    if (parseTime(time) === undefined) {
      const where = parsed.place(path);
      diagnostics.push(scenarioDiagnostic('scenario-field', where, { path: path.join('.'), problem: 'is no time' }));
    }
  }
  if (diagnostics.length > before) return undefined;
  if (Date.parse(to) <= Date.parse(from)) {
    diagnostics.push(scenarioDiagnostic('scenario-clock', parsed.place(['clock']), { from, to }));
  }
  value.expect.forEach(({ rule, at }, index) => {
    if (Date.parse(at) < Date.parse(from) || Date.parse(at) > Date.parse(to)) {
      diagnostics.push(
        scenarioDiagnostic('scenario-expectation-outside-clock', parsed.place(['expect', index, 'at']), { at }),
      );
    }
    if (value.nearMiss?.includes(rule)) {
      diagnostics.push(scenarioDiagnostic('scenario-contradiction', parsed.place(['expect', index]), { rule }));
    }
  });
  return { value, parsed, expects: 'expect' in (parsed.value as object) };
}

/** A story of somebody else may go without words, and without saying what it expects. */
function withDefaults(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const known = Object.entries(value).filter(([key]) => key in schema.properties);
  return { title: 'untitled', story: 'untold', expect: [], ...Object.fromEntries(known) };
}

/** A folder without scenario.yaml: the clock spans the rows, an hour longer so that hourly rules run once more. */
function recording(
  slug: string,
  folder: string,
  tables: ScenarioTable[],
  watchlists: Scenario['watchlists'],
): Scenario {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const row of tables.flatMap((table) => table.rows)) {
    from = Math.min(from, parseTime(row.TimeGenerated) ?? from);
    to = Math.max(to, parseTime(row._IngestionTime) ?? to);
  }
  const empty = from > to;
  return {
    slug,
    folder,
    title: slug,
    story: '',
    clock: { from: new Date(empty ? 0 : from), to: new Date(empty ? 0 : to + UNIT.h) },
    ingestionDelay: duration(DEFAULT_INGESTION_DELAY),
    nearMiss: [],
    watchlists,
    missingTables: [],
    closed: [],
    expect: [],
    judged: false,
    tables,
  };
}

/** The rows of `<Watchlist>.csv`, as Sentinel exports and imports a watchlist. */
function csvRows(file: string, text: string, diagnostics: Diagnostic[]): Record<string, string>[] {
  try {
    return parse(text, { bom: true, columns: true, skip_empty_lines: true }) as Record<string, string>[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    diagnostics.push(
      scenarioDiagnostic('scenario-csv', { file, start: { line, column: 1 } }, { problem: error.message }),
    );
    return [];
  }
}

async function readText(path: string, display: string, diagnostics: Diagnostic[]): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    diagnostics.push(scenarioDiagnostic('scenario-unreadable', { file: display }, { reason: message(error) }));
    return undefined;
  }
}

/** Milliseconds of `4m`, `40m`, `2h`; the schema has checked the form. */
function duration(text: string): number {
  return Number(text.slice(0, -1)) * UNIT[text.slice(-1) as keyof typeof UNIT];
}

function textValues(row: Record<string, Scalar>): Record<string, string> {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, String(value)]));
}

function detailTexts(details: Record<string, Scalar | Scalar[]>): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, Array.isArray(value) ? value.map(String) : String(value)]),
  );
}

function pathStep(step: string): string | number {
  const text = step.replaceAll('~1', '/').replaceAll('~0', '~');
  return /^\d+$/.test(text) ? Number(text) : text;
}

function problem(error: ErrorObject): string {
  if (error.keyword === 'additionalProperties') {
    const key = error.params.additionalProperty as string;
    const known = closest(key, Object.keys((error.parentSchema as { properties?: object }).properties ?? {}));
    return `has no field "${key}"${known ? `; did you mean "${known}"?` : ''}`;
  }
  if (error.keyword === 'required') return `lacks "${error.params.missingProperty as string}"`;
  if (error.keyword === 'enum') return `must be one of ${(error.params.allowedValues as string[]).join(', ')}`;
  if (error.keyword === 'pattern') {
    const description = (error.parentSchema as { description?: string }).description;
    return `is ${JSON.stringify(error.data)}${description ? `; write: ${description}` : ''}`;
  }
  return error.message ?? 'is not as the schema says';
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
