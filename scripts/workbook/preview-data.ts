/** What a preview or report runs on: a scenario, a folder of rows, empty tables, or a workspace. */
import { basename, join, resolve } from 'node:path';
import { contentCatalog, watchlistRows, watchlistTable } from '../content/catalog.ts';
import type { Content } from '../content/model.ts';
import { packageRoot } from '../content/package-root.ts';
import { type ContentKind, readContent } from '../content/read-content.ts';
import { UserError } from '../diagnostics/errors.ts';
import { LocalEngine, type LocalEngineOptions } from '../engines/local-engine.ts';
import { findTableFiles } from '../engines/local-files.ts';
import type { QueryEngine } from '../engines/query-engine.ts';
import { openScenario } from '../scenarios/open-scenario.ts';
import { readScenario, scenarioFolders } from '../scenarios/read-scenario.ts';
import type { PreviewWorkspace } from './environment.ts';

export interface PreviewDataOptions {
  scenario?: string;
  data?: string;
  /** Opens a live workspace instead of recorded rows. */
  live?: () => Promise<{ engine: QueryEngine; name: string; workspace: PreviewWorkspace }>;
  /** Keeps the translations of queries from process to process, so that a page is there sooner when it is opened again. */
  keepTranslations?: boolean;
  /** Content that is wanted beside what queries are bound with. */
  kinds?: readonly ContentKind[];
  /** The clock of `data`, ISO 8601; default: the machine's. */
  now?: string;
}

export interface PreviewData {
  engine: QueryEngine;
  now: Date;
  /** What the page says of it. */
  source: string;
  /** Functions, watchlists and the kinds that were asked for. */
  content: Content;
  /** The workspace that pickers offer; absent: an invented one. */
  workspace?: PreviewWorkspace;
}

/** The scenarios that show most of a workbook, in order of preference. */
const PREFERRED = ['admin-lockout', 'ordinary-week'];

/** Opens the data; the caller closes `engine`. @throws UserError for what does not exist */
export async function openPreviewData(options: PreviewDataOptions): Promise<PreviewData> {
  const { content } = await readContent(packageRoot(), ['functions', 'watchlists', ...(options.kinds ?? [])]);
  if (options.live !== undefined) {
    const { engine, name, workspace } = await options.live();
    return { engine, now: new Date(), source: `Workspace ${name}`, content, workspace };
  }
  const engine = options.keepTranslations
    ? { translate: (await import('../kql/kept-translations.ts')).keptTranslate() }
    : {};
  if (options.data !== undefined) return openFolder(options.data, options.now, content, engine);
  const slug = options.scenario ?? (await defaultScenario(content.root));
  return slug === undefined ? openEmpty(content, engine) : openStory(slug, content, engine);
}

type EngineOptions = Pick<LocalEngineOptions, 'translate'>;

async function defaultScenario(root: string): Promise<string | undefined> {
  const slugs = await scenarioSlugs(root);
  return PREFERRED.find((slug) => slugs.includes(slug)) ?? slugs[0];
}

async function storyFolders(root: string): Promise<string[]> {
  try {
    return await scenarioFolders(join(root, 'test', 'scenarios'));
  } catch {
    return [];
  }
}

async function scenarioSlugs(root: string): Promise<string[]> {
  return (await storyFolders(root)).map((folder) => basename(folder)).sort();
}

async function openStory(slug: string, content: Content, options: EngineOptions): Promise<PreviewData> {
  const folder = (await storyFolders(content.root)).find((one) => basename(one) === basename(resolve(slug)));
  if (folder === undefined) {
    throw new UserError('SCENARIO_UNKNOWN', {
      what: `there is no scenario ${slug}`,
      remedy: `choose one of: ${(await scenarioSlugs(content.root)).join(', ') || '(none yet)'}`,
    });
  }
  const { scenario } = await readScenario(folder);
  if (!scenario) {
    throw new UserError('SCENARIO_UNREADABLE', {
      what: `the scenario ${slug} cannot be read`,
      remedy: 'run `breakglass validate` to see why',
    });
  }
  const engine = await openScenario(scenario, content, options);
  const source = `Scenario: ${scenario.title}, as of ${scenario.clock.to.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return { engine, now: scenario.clock.to, source, content };
}

async function openFolder(
  path: string,
  now: string | undefined,
  content: Content,
  options: EngineOptions,
): Promise<PreviewData> {
  const time = now === undefined ? new Date() : new Date(now);
  if (Number.isNaN(time.getTime())) {
    throw new UserError('PREVIEW_NOW', {
      what: `--now ${now} is not a time`,
      remedy: 'write it as 2026-11-23T12:00:00Z',
    });
  }
  const catalog = contentCatalog(content);
  const names = new Set(catalog.tables.map((table) => table.name));
  const engine = await LocalEngine.open({
    ...options,
    catalog,
    tables: [...findTableFiles(path, (name) => names.has(name)), ...watchlistTables(content)],
    onUnknownColumn: (finding) => process.stderr.write(`${finding.place}: ${finding.message}; left out\n`),
  });
  return { engine, now: time, source: `Rows of ${path}`, content };
}

/** Every table exists and is empty. */
export async function openEmpty(content: Content, options: EngineOptions = {}): Promise<PreviewData> {
  const engine = await LocalEngine.open({
    ...options,
    catalog: contentCatalog(content),
    tables: watchlistTables(content),
  });
  return { engine, now: new Date(), source: 'Empty tables', content };
}

function watchlistTables(content: Content) {
  return content.watchlists.map(({ value }) => {
    const table = watchlistTable(value.watchlistAlias, [value]);
    return { name: table.name, columns: table.columns, rows: watchlistRows(value) };
  });
}
