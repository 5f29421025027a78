/** Finds and reads everything in the package. One bad file is a finding and never stops the others. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { contentDiagnostic } from '../diagnostics/content.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type {
  AnalyticsRule,
  AutomationRule,
  Content,
  HuntingQuery,
  Item,
  Playbook,
  Source,
  Watchlist,
  Workbook,
  WorkspaceFunction,
} from './model.ts';
import { checkSchema, type SchemaKind } from './schema.ts';
import { type ParsedText, parseJson, parseYaml } from './source-map.ts';
import { lockFile } from './version-lock.ts';
import { parseWatchlistCsv } from './watchlist-csv.ts';

/** Where each kind stands below the root. */
export const contentFolders = {
  rules: 'detections/rules',
  huntingQueries: 'detections/hunting',
  functions: 'detections/functions',
  watchlists: 'detections/watchlists',
  workbooks: 'workbooks',
  playbooks: 'playbooks',
  automationRules: 'playbooks/automation-rules',
} as const;
export type ContentKind = keyof typeof contentFolders;

/** Larger files are not read: the largest that Sentinel accepts (a watchlist) has 3.8 MB. */
const fileLimit = 32 * 1024 * 1024;

const parsedSources = new WeakMap<Source, ParsedText>();

/** The structure and places of a source that `readContent` read (or any YAML or JSON source). */
export function parsedSource(source: Source): ParsedText {
  let parsed = parsedSources.get(source);
  if (parsed === undefined) {
    const parse = extname(source.file) === '.json' ? parseJson : parseYaml;
    parsed = parse(source.file, source.text);
    parsedSources.set(source, parsed);
  }
  return parsed;
}

/**
 * Reads the package below `root`. Items are sorted by file name. What cannot be read, is not of the shape of its kind, or
 * breaks its JSON Schema is told in `diagnostics`; an item whose findings leave its shape intact stays in `content`.
 * A folder that does not exist holds nothing.
 * @param kinds only these are read; the others are left empty. Default: all of them.
 */
export async function readContent(
  root: string,
  kinds: readonly ContentKind[] = Object.keys(contentFolders) as ContentKind[],
): Promise<{ content: Content; diagnostics: Diagnostic[] }> {
  const reader = new ContentReader();
  const base = resolve(root);
  const read = <T>(kind: ContentKind, items: (folder: string) => Promise<T[]>): Promise<T[]> =>
    kinds.includes(kind) ? items(join(base, contentFolders[kind])) : Promise.resolve([]);
  const [rules, huntingQueries, functions, watchlists, automationRules, workbooks, playbooks] = await Promise.all([
    read('rules', (at) => reader.yamlFiles(at, (file) => reader.rule(file), ['.md'])),
    read('huntingQueries', (at) => reader.yamlFiles(at, (file) => reader.huntingQuery(file))),
    read('functions', (at) => reader.yamlFiles(at, (file) => reader.workspaceFunction(file))),
    read('watchlists', (at) => reader.yamlFiles(at, (file) => reader.watchlist(file), ['.csv'])),
    read('automationRules', (at) => reader.yamlFiles(at, (file) => reader.automationRule(file))),
    read('workbooks', (at) => reader.folders(at, (folder) => reader.workbook(join(folder, 'workbook.json')))),
    read('playbooks', (at) => reader.folders(at, (folder) => reader.playbook(join(folder, 'azuredeploy.json')))),
  ]);
  const content = { root: base, rules, huntingQueries, functions, watchlists, automationRules, workbooks, playbooks };
  return { content, diagnostics: reader.diagnostics };
}

/** The version lock of the package at `root`, unparsed; undefined where there is none. */
export async function readVersionLock(root: string): Promise<Source | undefined> {
  const path = join(resolve(root), lockFile);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : { file: displayPath(path), slug: 'content.lock', text };
}

/** Reads single items by the absolute paths of their files, and gathers findings. Unusable items are undefined. */
export class ContentReader {
  readonly diagnostics: Diagnostic[] = [];

  async rule(file: string): Promise<Content['rules'][number] | undefined> {
    const item = await this.yamlItem<AnalyticsRule>(file, 'analytics-rule');
    const guide = await this.source(file.replace(/\.yaml$/, '.md'), 'optional');
    return item && (guide === undefined ? item : { ...item, guide });
  }

  huntingQuery(file: string): Promise<Item<HuntingQuery> | undefined> {
    return this.yamlItem(file, 'hunting-query');
  }

  workspaceFunction(file: string): Promise<Item<WorkspaceFunction> | undefined> {
    return this.yamlItem(file, 'function');
  }

  async watchlist(file: string): Promise<Content['watchlists'][number] | undefined> {
    const item = await this.yamlItem<Watchlist>(file, 'watchlist');
    if (item === undefined) return undefined;
    const csv = await this.source(file.replace(/\.yaml$/, '.csv'), 'optional');
    if (csv === undefined) {
      this.missing(item.source.file, `${item.source.slug}.csv`, 'The watchlist');
      return { source: item.source, value: { ...item.value, rows: [] } };
    }
    const { rows, diagnostics } = parseWatchlistCsv(csv.file, csv.text, item.value);
    this.diagnostics.push(...diagnostics);
    return { source: item.source, value: { ...item.value, rows }, csv };
  }

  automationRule(file: string): Promise<Item<AutomationRule> | undefined> {
    return this.yamlItem(file, 'automation-rule');
  }

  /** `file` is workbook.json; workbook.yaml is read beside it. */
  async workbook(file: string): Promise<Content['workbooks'][number] | undefined> {
    const slug = basename(dirname(file));
    const source = await this.source(file, 'required', slug);
    const description = await this.source(join(dirname(file), 'workbook.yaml'), 'required', slug);
    const template = source && this.parse(source);
    const fields = description && this.parse(description, 'workbook-description');
    if (source === undefined || description === undefined || template === undefined || fields === undefined)
      return undefined;
    return { source, description, value: { slug, ...(fields as Omit<Workbook, 'slug' | 'template'>), template } };
  }

  /** `file` is azuredeploy.json; readme.md is read beside it. */
  async playbook(file: string): Promise<Content['playbooks'][number] | undefined> {
    const slug = basename(dirname(file));
    const source = await this.source(file, 'required', slug);
    const readme = await this.source(join(dirname(file), 'readme.md'), 'required', slug);
    const template = source && this.parse(source);
    if (source === undefined || template === undefined) return undefined;
    // Its findings never stop a playbook: a template is read as it is.
    this.diagnostics.push(...checkSchema('playbook', parsedSource(source)).diagnostics);
    const value: Playbook = { slug, ...playbookHeader(template, slug), template, readme: readme?.text ?? '' };
    return { source, value };
  }

  /** The items of the `*.yaml` files of a folder; files of other kinds than the companions are findings. */
  async yamlFiles<T>(
    folder: string,
    read: (file: string) => Promise<T | undefined>,
    companions: readonly string[] = [],
  ): Promise<T[]> {
    const names = await entryNames(folder, (entry) => entry.isFile());
    for (const name of names) {
      if (extname(name) === '.yaml' || name === 'README.md' || name === basename(lockFile)) continue;
      if (companions.includes(extname(name))) {
        const definition = `${basename(name, extname(name))}.yaml`;
        if (names.includes(definition)) continue;
        this.diagnostics.push(
          contentDiagnostic('file-orphan', { file: displayPath(join(folder, name)) }, { definition }),
        );
        continue;
      }
      const parameters = { name, folder: displayPath(folder) };
      this.diagnostics.push(
        contentDiagnostic('file-unexpected', { file: displayPath(join(folder, name)) }, parameters),
      );
    }
    const items = names.filter((name) => extname(name) === '.yaml').map((name) => read(join(folder, name)));
    return (await Promise.all(items)).filter((item) => item !== undefined);
  }

  async folders<T>(folder: string, read: (folder: string) => Promise<T | undefined>): Promise<T[]> {
    const names = await entryNames(folder, (entry) => entry.isDirectory());
    const items = names
      .filter((name) => name !== basename(contentFolders.automationRules))
      .map((name) => read(join(folder, name)));
    return (await Promise.all(items)).filter((item) => item !== undefined);
  }

  private async yamlItem<T>(file: string, kind: SchemaKind): Promise<Item<T> | undefined> {
    const source = await this.source(file, 'required');
    const value = source && this.parse(source, kind);
    return source === undefined || value === undefined ? undefined : { source, value: value as T };
  }

  /** The value of a file, when it could be parsed and (with a kind) has the shape of its kind. */
  private parse(source: Source, kind?: SchemaKind): unknown {
    const parsed = parsedSource(source);
    this.diagnostics.push(...parsed.diagnostics);
    if (parsed.value === undefined) return undefined;
    if (kind === undefined) {
      if (typeof parsed.value === 'object' && parsed.value !== null && !Array.isArray(parsed.value))
        return parsed.value;
      const parameters = { path: 'The file', expected: 'a JSON object', found: 'something else' };
      this.diagnostics.push(contentDiagnostic('schema-type', parsed.place([]), parameters));
      return undefined;
    }
    const { diagnostics, shaped } = checkSchema(kind, parsed);
    this.diagnostics.push(...diagnostics);
    return shaped ? parsed.value : undefined;
  }

  private async source(
    path: string,
    need: 'required' | 'optional',
    slug: string = basename(path, extname(path)),
  ): Promise<Source | undefined> {
    const file = displayPath(path);
    try {
      const { size } = await stat(path);
      if (size > fileLimit) {
        this.diagnostics.push(contentDiagnostic('file-too-large', { file }, { bytes: size, limit: fileLimit }));
        return undefined;
      }
      return { file, slug, text: await readFile(path, 'utf8') };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT') {
        this.diagnostics.push(contentDiagnostic('file-unreadable', { file }, { reason: code ?? String(error) }));
      } else if (need === 'required') {
        this.missing(file, basename(path), `The folder ${displayPath(dirname(path))}`);
      }
      return undefined;
    }
  }

  private missing(at: string, file: string, of: string): void {
    this.diagnostics.push(contentDiagnostic('file-missing', { file: at }, { file, of }));
  }
}

/** The path as a person in the working directory would type it. */
export function displayPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return (fromHere.length < path.length ? fromHere || '.' : path).split(sep).join('/');
}

async function entryNames(
  folder: string,
  keep: (entry: { isFile(): boolean; isDirectory(): boolean }) => boolean,
): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.name.startsWith('.') && keep(entry))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Title from the template's metadata; version from the tag by which Sentinel knows it, else the latest release note. */
function playbookHeader(template: unknown, slug: string): { title: string; version: string } {
  const { metadata, resources } = template as {
    metadata?: { title?: unknown; releaseNotes?: { version?: unknown }[] };
    resources?: { type?: unknown; tags?: Record<string, unknown> }[];
  };
  const workflow = Array.isArray(resources)
    ? resources.find((item) => item?.type === 'Microsoft.Logic/workflows')
    : undefined;
  const notes = Array.isArray(metadata?.releaseNotes) ? metadata.releaseNotes : [];
  const version = workflow?.tags?.['hidden-SentinelTemplateVersion'] ?? notes.at(-1)?.version ?? '0.0.0';
  return { title: typeof metadata?.title === 'string' ? metadata.title : slug, version: String(version) };
}
