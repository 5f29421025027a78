/**
 * Translations kept on disk from process to process. To load Microsoft's language service and to bind a first query takes
 * seconds of a processor; a page that is opened again asks what it asked before. A translation is a pure function of the
 * query, of the catalog and of the sources of this room, so these are its key, and nothing has to be thrown away by hand.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Column, Visualization } from '../engines/query-engine.ts';
import { cacheFolder, digest, packageFolder } from '../launch/cache.mjs';
import type { Catalog, TableSchema } from './catalog.ts';
import { readCodeCache, writeCodeCache } from './code-cache.ts';
import { type KqlDiagnostic, KqlError } from './errors.ts';
import type { Bounds, TranslatedQuery } from './lowering/translation.ts';
import { translate } from './translate.ts';

interface KeptQuery {
  columns: readonly Column[];
  runtime: readonly string[];
  tables: readonly TableSchema[];
  visualization?: Visualization;
  /** The statement by bounds: one query is asked with few of them. */
  sql: Record<string, string>;
}

type Kept = { query: KeptQuery } | { refused: readonly KqlDiagnostic[] };

/** Where there are more files than this, the older half goes; each has the size of its SQL. */
const MAX_FILES = 1000;
/** What earlier versions of the sources left is removed after this. */
const MAX_AGE_MS = 14 * 86_400_000;
/** Names of such folders: nothing else that stands beside them is ours to remove. */
const VERSION = /^[0-9a-f]{16}$/;

/** `translate` that reads from `folder` what it translated before. Best effort: what cannot be kept is translated anew. */
export function keptTranslate(folder: string = defaultFolder(), limit = MAX_FILES): typeof translate {
  let tidied = false;
  const write = (file: string, kept: Kept): void => {
    if (!tidied) tidy(folder, limit);
    tidied = true;
    writeCodeCache(file, () => Buffer.from(JSON.stringify(kept)));
  };
  return (query, catalog) => {
    const key = catalogKey(catalog);
    if (key === undefined) return translate(query, catalog);
    const file = join(folder, `${digest([key, query])}.json`);
    const kept = read(file);
    if (kept && 'refused' in kept) throw new KqlError(kept.refused);
    if (kept) return keptQuery(kept.query, () => translate(query, catalog), write.bind(undefined, file));
    try {
      const made = translate(query, catalog);
      const { columns, runtime, tables, visualization } = made;
      const plain = { columns, runtime, tables, ...(visualization && { visualization }), sql: {} };
      return keptQuery(plain, () => made, write.bind(undefined, file));
    } catch (error) {
      // Only what the binder refuses: its findings are the whole of the error.
      if (error instanceof KqlError && error.constructor === KqlError) write(file, { refused: error.diagnostics });
      throw error;
    }
  };
}

function keptQuery(kept: KeptQuery, make: () => TranslatedQuery, write: (kept: Kept) => void): TranslatedQuery {
  let made: TranslatedQuery | undefined;
  const translated = (): TranslatedQuery => {
    made ??= make();
    return made;
  };
  return {
    ...kept,
    sql: (bounds) => {
      const key = boundsKey(bounds);
      const known = kept.sql[key];
      if (known !== undefined) return known;
      const text = translated().sql(bounds);
      kept.sql[key] = text;
      write({ query: kept });
      return text;
    },
    sqlOfEachRun: (bounds) => translated().sqlOfEachRun(bounds),
  };
}

function boundsKey(bounds: Bounds): string {
  const set = Object.entries(bounds).filter(([, on]) => on);
  return set
    .map(([name]) => name)
    .sort()
    .join(' ');
}

function read(file: string): Kept | undefined {
  const bytes = readCodeCache(file);
  return bytes && (JSON.parse(bytes.toString('utf8')) as Kept);
}

/** Removes what other versions left long ago, and what is oldest where there is too much. Once a process is enough. */
function tidy(folder: string, limit: number): void {
  try {
    const age = (path: string): number => Date.now() - statSync(path).mtimeMs;
    for (const other of pathsIn(dirname(folder))) {
      if (other !== folder && VERSION.test(basename(other)) && age(other) > MAX_AGE_MS)
        rmSync(other, { recursive: true, force: true });
    }
    const files = pathsIn(folder).map((path) => ({ path, age: age(path) }));
    if (files.length <= limit) return;
    files.sort((a, b) => a.age - b.age);
    for (const { path } of files.slice(limit / 2)) rmSync(path, { force: true });
  } catch {
    // Nothing was kept yet, or another process tidies as well.
  }
}

function pathsIn(folder: string): string[] {
  return readdirSync(folder).map((name) => join(folder, name));
}

const keys = new WeakMap<Catalog, { key: string | undefined }>();

/** Everything that a translation can read of a catalog; undefined where a function does not say what it answers from. */
function catalogKey(catalog: Catalog): string | undefined {
  const known = keys.get(catalog);
  if (known) return known.key;
  const { tables, functions, tableFunctions, externalFiles } = catalog;
  const versions = tableFunctions.map(({ name, parameters, version }) => [name, parameters, version]);
  const open = tableFunctions.some(({ version }) => version === undefined);
  const key = open
    ? undefined
    : digest([JSON.stringify([tables, functions, versions, externalFiles ? [...externalFiles] : []])]);
  keys.set(catalog, { key });
  return key;
}

/** Beside the code cache of the language service, in a folder of its own for each version of the sources. */
function defaultFolder(): string {
  const room = fileURLToPath(new URL('.', import.meta.url));
  const service = readFileSync(join(packageFolder('@kusto/language-service-next'), 'package.json'), 'utf8');
  const sources = readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => `${name}\n${readFileSync(join(room, name), 'utf8')}`);
  const version = digest([process.version, service, ...sources]).slice(0, 16);
  return join(cacheFolder(), 'translations', version);
}
