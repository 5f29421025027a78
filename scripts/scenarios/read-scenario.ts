/** Reading scenario folders. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import schema from '../../schemas/scenario.schema.json' with { type: 'json' };
import { closest } from '../content/closest.ts';
import type { AlertSeverity } from '../content/model.ts';
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

/** The shape of scenario.yaml once its schema was checked. */
interface ScenarioFile {
  title: string;
  story: string;
  clock: { from: string; to: string };
  ingestionDelay?: string;
  nearMiss?: string[];
  watchlists?: Record<string, Record<string, string | number | boolean>[]>;
  missingTables?: string[];
  closed?: { rule: string; at: string }[];
  expect: {
    rule: string;
    at: string;
    quietBefore?: string;
    title?: string;
    severity?: AlertSeverity;
    entities?: { type: string; [identifier: string]: string }[];
    customDetails?: Record<string, string | number | boolean>;
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
 * Reads one scenario folder: scenario.yaml and `<Table>.ndjson` files. Never throws for what it finds there; everything
 * wrong is a finding with file, line and remedy.
 */
export async function readScenario(folder: string, options: ReadScenarioOptions = {}): Promise<ReadScenario> {
  const diagnostics: Diagnostic[] = [];
  const display = (path: string): string => {
    const path_ = relative(process.cwd(), path);
    return path_.startsWith('..') ? path : path_;
  };
  const absolute = resolve(folder);
  let names: string[];
  try {
    names = (await readdir(absolute)).sort();
  } catch (error) {
    return {
      diagnostics: [scenarioDiagnostic('scenario-unreadable', { file: display(absolute) }, { reason: message(error) })],
    };
  }
  const file = join(absolute, 'scenario.yaml');
  let header: Header | undefined;
  if (names.includes('scenario.yaml')) {
    const text = await readText(file, display(file), diagnostics);
    header = text === undefined ? undefined : parseHeader(display(file), text, diagnostics);
  } else if (!options.recording) {
    diagnostics.push(scenarioDiagnostic('scenario-missing-file', { file: display(absolute) }, {}));
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
          ? scenarioDiagnostic('recording-table-ignored', { file: display(path) }, { table: tableName })
          : scenarioDiagnostic(
              'row-unknown-table',
              { file: display(path) },
              { table: tableName, known: closest(tableName, [...schemas.keys()]) ?? '' },
            ),
      );
      continue;
    }
    const text = await readText(path, display(path), diagnostics);
    if (text === undefined) continue;
    const read = parseRecordedRows(display(path), text, table, {
      ingestionDelay: duration(header?.value.ingestionDelay ?? DEFAULT_INGESTION_DELAY),
      ignoreUnknownColumns: options.recording ?? false,
    });
    diagnostics.push(...read.diagnostics);
    tables.push({ name: tableName, file: display(path), columns: table.columns, rows: read.rows });
  }
  if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) return { diagnostics };
  const slug = basename(absolute);
  if (header === undefined) return { scenario: recording(slug, absolute, tables), diagnostics };
  const { value, parsed } = header;
  const scenario: Scenario = {
    slug,
    folder: absolute,
    file: display(file),
    title: value.title,
    story: value.story,
    clock: { from: new Date(value.clock.from), to: new Date(value.clock.to) },
    ingestionDelay: duration(value.ingestionDelay ?? DEFAULT_INGESTION_DELAY),
    nearMiss: value.nearMiss ?? [],
    watchlists: Object.fromEntries(
      Object.entries(value.watchlists ?? {}).map(([alias, rows]) => [alias, rows.map(textValues)]),
    ),
    missingTables: value.missingTables ?? [],
    closed: (value.closed ?? []).map(({ rule, at }) => ({ rule, at: new Date(at) })),
    expect: value.expect.map((expectation, index) => {
      const { at, quietBefore, customDetails, ...rest } = expectation;
      return {
        ...rest,
        at: new Date(at),
        ...(quietBefore === undefined ? {} : { quietBefore: new Date(quietBefore) }),
        ...(customDetails === undefined ? {} : { customDetails: textValues(customDetails) }),
        place: parsed.place(['expect', index]),
      };
    }),
    tables,
  };
  return { scenario, diagnostics };
}

interface Header {
  value: ScenarioFile;
  parsed: ParsedText;
}

/** Checks the text of scenario.yaml; undefined when it cannot be used. */
function parseHeader(file: string, text: string, diagnostics: Diagnostic[]): Header | undefined {
  const parsed = parseYaml(file, text);
  diagnostics.push(...parsed.diagnostics);
  if (parsed.diagnostics.length > 0) return undefined;
  const { value } = parsed;
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
  return { value, parsed };
}

/** A folder without scenario.yaml: the clock spans the rows, an hour longer so that hourly rules run once more. */
function recording(slug: string, folder: string, tables: ScenarioTable[]): Scenario {
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
    watchlists: {},
    missingTables: [],
    closed: [],
    expect: [],
    tables,
  };
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

function textValues(row: Record<string, string | number | boolean>): Record<string, string> {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, String(value)]));
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
