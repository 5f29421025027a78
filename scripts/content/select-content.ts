/** What `validate [paths]` is asked to look at: parts of the package, or files from anywhere checked as if in it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, relative, resolve, sep } from 'node:path';
import { contentDiagnostic } from '../diagnostics/content.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { UserError } from '../diagnostics/errors.ts';
import type { Content, Item } from './model.ts';
import { ContentReader, displayPath, parsedSource, readContent } from './read-content.ts';

export interface Selection {
  content: Content;
  /** Of reading, for everything that was read. */
  diagnostics: Diagnostic[];
  /** Whether findings at this file (as it stands in places) were asked for. */
  selects(file: string): boolean;
  /** Whether files from outside the package are among the content. */
  foreign: boolean;
  /** Folders of scenarios that were asked for by path; undefined: all of the package. */
  scenarios?: string[];
}

/**
 * Reads the package at `root`, and files outside of it that `paths` name: an item of theirs takes the place of the
 * package's item of the same id or file name, so that a changed copy of a rule is checked as it would be in the package.
 * @throws UserError when a path does not exist.
 */
export async function selectContent(root: string, paths: readonly string[]): Promise<Selection> {
  if (!(await stat(root).catch(() => undefined))?.isDirectory()) {
    throw new UserError('path-missing', {
      what: `There is no folder ${root}.`,
      remedy: 'Name the folder that holds detections, workbooks and playbooks.',
    });
  }
  const { content, diagnostics } = await readContent(root);
  if (paths.length === 0) return { content, diagnostics, selects: () => true, foreign: false };
  const chosen = paths.map((path) => resolve(path));
  const scenarios: string[] = [];
  let foreign = false;
  for (const path of chosen) {
    const kind = await stat(path).catch(() => undefined);
    if (kind === undefined) {
      throw new UserError('path-missing', {
        what: `There is no file or folder ${path}.`,
        remedy: 'Name files or folders of the package, or leave the paths out to check all of it.',
      });
    }
    const files = kind.isDirectory() ? await filesBelow(path) : [path];
    for (const file of files.filter((name) => /^scenario\.yaml$|\.ndjson$/.test(basename(name)))) {
      const folder = resolve(file, '..');
      if (!scenarios.includes(folder)) scenarios.push(folder);
    }
    if (!isBelow(path, resolve(root))) {
      foreign = true;
      diagnostics.push(...(await addFiles(content, files)));
    }
  }
  const selects = (file: string) =>
    chosen.some((path) => isBelow(resolve(file), path) || isCompanion(resolve(file), path));
  return { content, diagnostics, selects, foreign, scenarios };
}

/** A rule's guide and a watchlist's rows belong to the definition beside them. */
function isCompanion(file: string, path: string): boolean {
  return extname(path) === '.yaml' && file.replace(/\.(md|csv)$/, '.yaml') === path;
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Reads files by what they hold and puts their items into the content. */
async function addFiles(content: Content, files: readonly string[]): Promise<Diagnostic[]> {
  const reader = new ContentReader();
  for (const file of files) {
    switch (await kindOf(file)) {
      case 'rule':
        put(content.rules, await reader.rule(file));
        break;
      case 'hunting':
        put(content.huntingQueries, await reader.huntingQuery(file));
        break;
      case 'function':
        put(content.functions, await reader.workspaceFunction(file));
        break;
      case 'watchlist':
        put(content.watchlists, await reader.watchlist(file));
        break;
      case 'automation':
        put(content.automationRules, await reader.automationRule(file));
        break;
      case 'workbook':
        put(content.workbooks, await reader.workbook(file));
        break;
      case 'playbook':
        put(content.playbooks, await reader.playbook(file));
        break;
      case 'unknown':
        reader.diagnostics.push(contentDiagnostic('file-unknown-kind', { file: displayPath(file) }, {}));
        break;
    }
  }
  return reader.diagnostics;
}

function put<T extends Item<unknown>>(items: T[], item: T | undefined): void {
  if (item === undefined) return;
  const id = (value: unknown): unknown => (value as { id?: unknown }).id;
  const same = (other: T): boolean =>
    other.source.slug === item.source.slug || (id(other.value) !== undefined && id(other.value) === id(item.value));
  const index = items.findIndex(same);
  if (index === -1) items.push(item);
  else items[index] = item;
}

type Kind =
  | 'rule'
  | 'hunting'
  | 'function'
  | 'watchlist'
  | 'automation'
  | 'workbook'
  | 'playbook'
  | 'unknown'
  | 'other';

/** The kind of a file by its name and its keys; `other` where it is none of ours to judge. */
async function kindOf(file: string): Promise<Kind> {
  if (basename(file) === 'workbook.json') return 'workbook';
  if (basename(file) === 'azuredeploy.json') return 'playbook';
  if (!['.yaml', '.yml'].includes(extname(file)) || ['scenario.yaml', 'workbook.yaml'].includes(basename(file)))
    return 'other';
  const text = await readFile(file, 'utf8').catch(() => '');
  const { value } = parsedSource({ file, slug: '', text });
  const keys = value === null || typeof value !== 'object' ? keysOf(text) : Object.keys(value);
  const has = (...names: string[]): boolean => names.some((name) => keys.includes(name));
  if (has('FunctionQuery', 'FunctionName', 'FunctionAlias')) return 'function';
  if (has('watchlistAlias', 'itemsSearchKey')) return 'watchlist';
  if (has('triggersOn', 'triggersWhen', 'actions')) return 'automation';
  if (has('kind', 'severity', 'queryFrequency', 'triggerOperator', 'entityMappings')) return 'rule';
  if (has('query', 'relevantTechniques')) return 'hunting';
  return 'unknown';
}

/** Keys at the left edge of a YAML text that does not parse. */
function keysOf(text: string): string[] {
  return [...text.matchAll(/^([A-Za-z]\w*):/gm)].map((match) => match[1] as string);
}
