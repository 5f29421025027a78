/** What has to be written so that versions and the version lock agree with the content. */
import { applyEdits, modify } from 'jsonc-parser';
import { gt, inc, valid } from 'semver';
import { UserError } from '../diagnostics/errors.ts';
import type { Content, Source } from './model.ts';
import { packageFunctionQuery } from './package-items.ts';
import { parsedSource } from './read-content.ts';
import { type VersionedItem, type VersionLock, versionedItems } from './version-lock.ts';

export type BumpLevel = 'patch' | 'minor' | 'major';

export interface BumpOptions {
  level: BumpLevel;
  /** Keys of the items to bump; empty: all that have changed. */
  only: readonly string[];
  /** Keys of items that are gone, with the reason. */
  retire: readonly { key: string; reason: string }[];
  /** ISO date written as LastUpdated of functions and lastUpdateTime of playbooks. */
  today: string;
}

export interface BumpChange {
  key: string;
  kind: 'new' | 'changed' | 'raised' | 'renamed' | 'retired';
  from?: string;
  to: string;
}

export interface BumpPlan {
  changes: BumpChange[];
  /** Files with their new texts. */
  files: { file: string; text: string }[];
  lock: VersionLock;
}

/**
 * Plans versions: an item that changed since it was locked gets the next version of `level` unless its version was raised
 * by hand; new and renamed items are entered as they are. Pure: nothing is written.
 * @throws UserError for a key that does not exist, a version below the locked one, or an item that is gone and not retired.
 */
export function planBump(content: Content, lock: VersionLock, options: BumpOptions): BumpPlan {
  const items = versionedItems(content);
  const next: VersionLock = { items: { ...lock.items }, retired: { ...lock.retired } };
  const changes: BumpChange[] = [];
  const files: BumpPlan['files'] = [];
  const known = new Set([...items.map((item) => item.key), ...Object.keys(lock.items)]);
  for (const key of [...options.only, ...options.retire.map((gone) => gone.key)]) {
    if (!known.has(key)) throw unknownKey(key, known);
  }
  for (const { key, reason } of options.retire) {
    const gone = lock.items[key];
    if (gone === undefined || items.some((item) => item.key === key)) {
      throw new UserError('item-not-removed', {
        what: `${key} cannot be retired: ${gone === undefined ? 'it was never published' : 'its file is still there'}.`,
        remedy: 'Remove its file first; then retire it.',
      });
    }
    delete next.items[key];
    next.retired[key] = { id: gone.id, version: gone.version, reason };
    changes.push({ key, kind: 'retired', from: gone.version, to: gone.version });
  }
  for (const item of items) {
    if (options.only.length > 0 && !options.only.includes(item.key)) continue;
    const { change, text } = bumpItem(item, lock, options);
    if (change === undefined) continue;
    changes.push(change);
    if (text !== undefined) files.push({ file: item.source.file, text });
    for (const [key, { id }] of Object.entries(next.items))
      if (id === item.id && key !== item.key) delete next.items[key];
    next.items[item.key] = { id: item.id, version: change.to, hash: item.hash };
  }
  const present = new Set(items.map((item) => item.key));
  const gone = Object.keys(next.items).find((key) => !present.has(key));
  if (gone !== undefined && options.only.length === 0) {
    throw new UserError('item-removed', {
      what: `${gone} was published and is gone.`,
      remedy: `Restore it, or run \`breakglass bump --retire ${gone} --reason "..."\`.`,
    });
  }
  return { changes, files, lock: next };
}

function unknownKey(key: string, known: ReadonlySet<string>): UserError {
  const slug = key.split('/').at(-1) ?? key;
  const near = [...known].filter((candidate) => candidate.endsWith(`/${slug}`));
  return new UserError('item-unknown', {
    what: `There is no item ${key}.`,
    remedy:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : 'Name items as kind/slug, such as rules/sign-in-succeeded.',
  });
}

function bumpItem(
  item: VersionedItem,
  lock: VersionLock,
  options: BumpOptions,
): { change?: BumpChange; text?: string } {
  const { key, id, version, hash } = item;
  if (valid(version) === null) {
    throw new UserError('version-form', {
      what: `The version of ${key}, ${version}, is no semantic version.`,
      remedy: 'Write three numbers with dots, such as 1.0.0.',
      place: item.source.file,
    });
  }
  const former = Object.entries(lock.items).find(([other, locked]) => locked.id === id && other !== key);
  const locked = lock.items[key] ?? former?.[1];
  if (locked === undefined) return { change: { key, kind: 'new', to: version } };
  if (locked.id !== id) {
    throw new UserError('id-changed', {
      what: `The id of ${key} was ${locked.id} and is now ${id}.`,
      remedy: 'Restore the id; workspaces know the item by it.',
      place: item.source.file,
    });
  }
  if (gt(locked.version, version)) {
    throw new UserError('version-lowered', {
      what: `${key} has version ${version}, after ${locked.version}.`,
      remedy: `Use a version above ${locked.version}.`,
      place: item.source.file,
    });
  }
  if (gt(version, locked.version)) return { change: { key, kind: 'raised', from: locked.version, to: version } };
  if (hash === locked.hash) return former ? { change: { key, kind: 'renamed', from: version, to: version } } : {};
  const to = inc(version, options.level) as string;
  return { change: { key, kind: 'changed', from: version, to }, text: withVersion(item, to, options.today) };
}

/** The text of the file with the new version, everything else as it was, comments included. */
function withVersion(item: VersionedItem, version: string, today: string): string {
  const { source, versionPath } = item;
  if (item.key.startsWith('playbooks/')) return playbookWithVersion(source, versionPath, version, today);
  const text = replaceScalar(source, source.text, versionPath, version);
  if (!item.key.startsWith('functions/')) return text;
  return replaceScalar({ ...source, text }, text, ['Function', 'LastUpdated'], today);
}

function replaceScalar(source: Source, text: string, path: (string | number)[], value: string): string {
  const { start, end } = parsedSource({ ...source, text }).place(path);
  if (start === undefined || end === undefined || start.line !== end.line) return text;
  const lines = text.split('\n');
  const line = lines[start.line - 1] as string;
  const old = line.slice(start.column - 1, end.column - 1);
  const quote = /^(['"])/.exec(old)?.[1] ?? '';
  lines[start.line - 1] = `${line.slice(0, start.column - 1)}${quote}${value}${quote}${line.slice(end.column - 1)}`;
  return lines.join('\n');
}

function playbookWithVersion(source: Source, path: (string | number)[], version: string, today: string): string {
  const formatting = { formattingOptions: { insertSpaces: true, tabSize: 2 } };
  const value = parsedSource(source).value as { metadata?: { releaseNotes?: unknown[] } };
  const notes = Array.isArray(value.metadata?.releaseNotes) ? value.metadata.releaseNotes.length : 0;
  let text = applyEdits(source.text, modify(source.text, path, version, formatting));
  const note = { version, title: 'Update', notes: ['See the change log of the package.'] };
  text = applyEdits(
    text,
    modify(text, ['metadata', 'releaseNotes', notes], note, { ...formatting, isArrayInsertion: true }),
  );
  return applyEdits(text, modify(text, ['metadata', 'lastUpdateTime'], `${today}T00:00:00.000Z`, formatting));
}

/**
 * The file of the function BreakGlassPackage with its list made anew; undefined where there is no such function or its
 * list is right.
 */
export function updatedPackageFunction(content: Content): { file: string; text: string } | undefined {
  const found = content.functions.find((item) => item.value.FunctionAlias === 'BreakGlassPackage');
  if (found === undefined) return undefined;
  const query = packageFunctionQuery(content);
  if (found.value.FunctionQuery.trim() === query.trim()) return undefined;
  const { file, text } = found.source;
  const block = query
    .trimEnd()
    .split('\n')
    .map((line) => (line ? `  ${line}` : line))
    .join('\n');
  // The query is the last key of the file by the format; what follows it would be lost, so it is looked for.
  const head = /^[\s\S]*?^FunctionQuery:[^\n]*\n/m.exec(text)?.[0];
  if (head === undefined || /^\S/m.test(text.slice(head.length))) return undefined;
  return { file, text: `${head}${block}\n` };
}
