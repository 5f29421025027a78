/** What of the repository goes to a target besides the content itself: first rows of watchlists, and what was retired. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Content } from '../content/model.ts';
import { packageRoot } from '../content/package-root.ts';
import { readContent } from '../content/read-content.ts';
import { lockFile, parseVersionLock } from '../content/version-lock.ts';
import { parseWatchlistCsv } from '../content/watchlist-csv.ts';
import { formatPlace } from '../diagnostics/diagnostic.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';
import { guidOf } from './json.ts';
import type { Target } from './target.ts';

/** The package's content. @throws UserError where any of it cannot be read: half a package is never deployed. */
export async function loadContent(root: string = packageRoot()): Promise<Content> {
  const { content, diagnostics } = await readContent(root);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  if (errors.length > 0) {
    throw new UserError('content-invalid', {
      what: `the content has ${errors.length} error${errors.length === 1 ? '' : 's'}, the first: ${errors[0]!.message}`,
      place: formatPlace(errors[0]!.place),
      remedy: '`breakglass validate` lists all of them; nothing was written',
      exitCode: ExitCode.failed,
    });
  }
  return content;
}

/**
 * The CSV text that each watchlist starts with, by alias: the target's private file, or with `samples` the package's
 * sample rows. Watchlists without either are created empty.
 * @throws UserError where a private file is missing or does not fit its watchlist.
 */
export function initialRows(content: Content, target: Target, samples: boolean): Map<string, string> {
  const rows = new Map<string, string>();
  for (const { value, csv } of content.watchlists) {
    const file = privateRows(target, value.watchlistAlias);
    if (file !== undefined) rows.set(value.watchlistAlias, readRows(file, value));
    else if (samples && csv !== undefined) rows.set(value.watchlistAlias, csv.text);
  }
  return rows;
}

/** The target's private CSV of a watchlist. */
export function privateRows(target: Target, alias: string): string | undefined {
  const file = target.overlays.watchlists?.[alias]?.rows;
  return file === undefined ? undefined : path.resolve(target.folder, file);
}

/** Sentinel service limits: a watchlist from a local file. */
const uploadLimit = 3_800_000;

function readRows(file: string, watchlist: Content['watchlists'][number]['value']): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new UserError('rows-unreadable', {
      what: `cannot read the rows of ${watchlist.watchlistAlias}`,
      place: file,
      remedy: `export them with \`breakglass watchlist pull ${watchlist.watchlistAlias}\`, or correct overlays.watchlists of the target`,
    });
  }
  if (Buffer.byteLength(text) > uploadLimit) {
    throw new UserError('rows-too-large', {
      what: `${file} is larger than the 3.8 MB that Sentinel takes in one upload`,
      remedy: 'a list of emergency accounts has a few rows: is it the right file?',
    });
  }
  const first = parseWatchlistCsv(file, text, watchlist).diagnostics[0];
  if (first !== undefined) {
    throw new UserError('rows-invalid', { what: first.message, place: formatPlace(first.place), remedy: first.remedy });
  }
  return text;
}

/** Items that left the repository on purpose: content id to reason, from the version lock. */
export function retiredItems(root: string): Map<string, string> {
  const file = path.join(root, lockFile);
  const retired = new Map<string, string>();
  if (!existsSync(file)) return retired;
  const lock = parseVersionLock(readFileSync(file, 'utf8'));
  for (const [key, { id, reason }] of Object.entries(lock.retired)) {
    if (reason.trim() === '') continue;
    // The lock calls a playbook by its slug.
    retired.set(key.startsWith('playbooks/') ? guidOf('playbook', id) : id.toLowerCase(), reason);
  }
  return retired;
}
