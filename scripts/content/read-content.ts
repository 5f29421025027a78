/** Finds and reads everything in the package. One bad file is a finding and never stops the others. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, resolve, sep } from 'node:path';
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

/** Larger files are not read: the largest that Sentinel accepts (a watchlist) has 3.8 MB. */
const fileLimit = 32 * 1024 * 1024;

const parsedSources = new WeakMap<Source, ParsedText>();

/** The structure and places of a source that `readContent` read (or any YAML or JSON source). */
export function parsedSource(source: Source): ParsedText {
  let parsed = parsedSources.get(source);
  if (parsed === undefined) {
    parsed =
      extname(source.file) === '.json' ? parseJson(source.file, source.text) : parseYaml(source.file, source.text);
    parsedSources.set(source, parsed);
  }
  return parsed;
}

/**
 * Reads the package below `root`. Items are sorted by file name. What cannot be read, is not of the shape of its kind, or
 * breaks its JSON Schema is told in `diagnostics`; an item whose findings leave its shape intact stays in `content`.
 * A folder that does not exist holds nothing.
 */
export async function readContent(root: string): Promise<{ content: Content; diagnostics: Diagnostic[] }> {
  const reader = new Reader(resolve(root));
  const [rules, huntingQueries, functions, watchlists, automationRules, workbooks, playbooks] = await Promise.all([
    reader.rules(),
    reader.yamlItems<HuntingQuery>(contentFolders.huntingQueries, 'hunting-query'),
    reader.yamlItems<WorkspaceFunction>(contentFolders.functions, 'function'),
    reader.watchlists(),
    reader.yamlItems<AutomationRule>(contentFolders.automationRules, 'automation-rule'),
    reader.workbooks(),
    reader.playbooks(),
  ]);
  const content = {
    root: reader.root,
    rules,
    huntingQueries,
    functions,
    watchlists,
    automationRules,
    workbooks,
    playbooks,
  };
  return { content, diagnostics: reader.diagnostics };
}

class Reader {
  readonly root: string;
  readonly diagnostics: Diagnostic[] = [];

  constructor(root: string) {
    this.root = root;
  }

  async rules(): Promise<Content['rules']> {
    const items = await this.yamlItems<AnalyticsRule>(contentFolders.rules, 'analytics-rule', ['.md']);
    return Promise.all(
      items.map(async (item) => {
        const guide = await this.source(`${contentFolders.rules}/${item.source.slug}.md`, item.source.slug, true);
        return guide === undefined ? item : { ...item, guide };
      }),
    );
  }

  async watchlists(): Promise<Content['watchlists']> {
    const items = await this.yamlItems<Watchlist>(contentFolders.watchlists, 'watchlist', ['.csv']);
    return Promise.all(
      items.map(async ({ source, value }) => {
        const name = `${source.slug}.csv`;
        const csv = await this.source(`${contentFolders.watchlists}/${name}`, source.slug, true);
        if (csv === undefined) {
          this.missing(source.file, name, 'The watchlist');
          return { source, value: { ...value, rows: [] } };
        }
        const { rows, diagnostics } = parseWatchlistCsv(csv.file, csv.text, value);
        this.diagnostics.push(...diagnostics);
        return { source, value: { ...value, rows }, csv };
      }),
    );
  }

  async workbooks(): Promise<Content['workbooks']> {
    const found = await Promise.all(
      (await this.folders(contentFolders.workbooks)).map(async (slug) => {
        const folder = `${contentFolders.workbooks}/${slug}`;
        const source = await this.source(`${folder}/workbook.json`, slug);
        const about = await this.source(`${folder}/workbook.yaml`, slug);
        if (source === undefined || about === undefined) return undefined;
        const template = this.parse(source);
        const description = this.parse(about, 'workbook-description');
        if (template === undefined || description === undefined) return undefined;
        const fields = description as Omit<Workbook, 'slug' | 'template'>;
        return { source, description: about, value: { slug, ...fields, template } };
      }),
    );
    return found.filter((item) => item !== undefined);
  }

  async playbooks(): Promise<Content['playbooks']> {
    const slugs = (await this.folders(contentFolders.playbooks)).filter((slug) => slug !== 'automation-rules');
    const found = await Promise.all(
      slugs.map(async (slug) => {
        const folder = `${contentFolders.playbooks}/${slug}`;
        const source = await this.source(`${folder}/azuredeploy.json`, slug);
        const readme = await this.source(`${folder}/readme.md`, slug);
        if (source === undefined) return undefined;
        const template = this.parse(source);
        if (template === undefined) return undefined;
        const value: Playbook = { slug, ...playbookHeader(template, slug), template, readme: readme?.text ?? '' };
        return { source, value };
      }),
    );
    return found.filter((item) => item !== undefined);
  }

  /** The `*.yaml` files of a folder that have the shape of `kind`. */
  async yamlItems<T>(folder: string, kind: SchemaKind, companions: readonly string[] = []): Promise<Item<T>[]> {
    const items: Item<T>[] = [];
    const names = await this.names(folder, (entry) => entry.isFile());
    for (const name of names) {
      const extension = extname(name);
      if (extension !== '.yaml') {
        if (!companions.includes(extension)) {
          this.diagnostics.push(
            contentDiagnostic('file-unexpected', { file: this.display(`${folder}/${name}`) }, { name, folder }),
          );
        }
        continue;
      }
      const source = await this.source(`${folder}/${name}`, name.slice(0, -extension.length));
      if (source === undefined) continue;
      const value = this.parse(source, kind);
      if (value !== undefined) items.push({ source, value: value as T });
    }
    return items;
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

  /** Reads a text file. Absent: undefined, with a finding unless `optional`. */
  private async source(path: string, slug: string, optional = false): Promise<Source | undefined> {
    const absolute = join(this.root, path);
    const file = this.display(path);
    try {
      const { size } = await stat(absolute);
      if (size > fileLimit) {
        this.diagnostics.push(contentDiagnostic('file-too-large', { file }, { bytes: size, limit: fileLimit }));
        return undefined;
      }
      return { file, slug, text: await readFile(absolute, 'utf8') };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT') {
        if (!optional) this.missing(file, path.split('/').at(-1) ?? path, 'The folder');
      } else {
        this.diagnostics.push(contentDiagnostic('file-unreadable', { file }, { reason: code ?? String(error) }));
      }
      return undefined;
    }
  }

  private missing(at: string, file: string, of: string): void {
    this.diagnostics.push(contentDiagnostic('file-missing', { file: at }, { file, of }));
  }

  private folders(folder: string): Promise<string[]> {
    return this.names(folder, (entry) => entry.isDirectory());
  }

  private async names(
    folder: string,
    keep: (entry: { isFile(): boolean; isDirectory(): boolean }) => boolean,
  ): Promise<string[]> {
    try {
      const entries = await readdir(join(this.root, folder), { withFileTypes: true });
      return entries
        .filter((entry) => !entry.name.startsWith('.') && keep(entry))
        .map((entry) => entry.name)
        .sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /** The path as a person in the working directory would type it. */
  private display(path: string): string {
    const absolute = join(this.root, path);
    const fromHere = relative(process.cwd(), absolute);
    return (fromHere.length < absolute.length ? fromHere : absolute).split(sep).join('/');
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
