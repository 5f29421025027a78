/** Versions and ids against the version lock. */
import { compare, valid } from 'semver';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { hygieneDiagnostic } from '../../diagnostics/hygiene.ts';
import type { Source } from '../model.ts';
import { parsedSource } from '../read-content.ts';
import { parseVersionLock, type VersionedItem, type VersionLock } from '../version-lock.ts';

/** Findings of the items against the lock. `lock` is the source of content.lock.json; undefined: there is none. */
export function checkVersions(items: readonly VersionedItem[], lock: Source | undefined): Diagnostic[] {
  const malformed = items
    .filter(({ version }) => valid(version) === null)
    .map(({ key, version, source, versionPath }) =>
      hygieneDiagnostic('version-form', parsedSource(source).place(versionPath), { item: key, version }),
    );
  if (malformed.length > 0) return malformed;
  if (lock === undefined)
    return items.length === 0 ? [] : [hygieneDiagnostic('lock-missing', { file: 'detections' }, {})];
  let locked: VersionLock;
  try {
    locked = parseVersionLock(lock.text);
  } catch (error) {
    const problem = error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message;
    return [hygieneDiagnostic('lock-unreadable', { file: lock.file }, { problem })];
  }
  const present = new Set(items.map((item) => item.key));
  const ids = new Set(items.map((item) => item.id));
  const removed = Object.entries(locked.items)
    .filter(([key, { id }]) => !present.has(key) && !ids.has(id))
    .map(([key]) => hygieneDiagnostic('item-removed', parsedSource(lock).place(['items', key], 'key'), { item: key }));
  return [...items.flatMap((item) => checkItem(item, locked)), ...removed];
}

function checkItem(item: VersionedItem, lock: VersionLock): Diagnostic[] {
  const { key, id, version, hash } = item;
  const at = (path: readonly (string | number)[]) => parsedSource(item.source).place(path);
  const retired = Object.entries(lock.retired).find(([, gone]) => gone.id === id)?.[0];
  if (retired !== undefined) return [hygieneDiagnostic('id-reused', at(['id']), { item: key, id, retired })];
  // A renamed file keeps its id, and by it its history.
  const locked = lock.items[key] ?? Object.values(lock.items).find((other) => other.id === id);
  const place = at(item.versionPath);
  if (locked === undefined) return [hygieneDiagnostic('lock-outdated', place, { item: key, version })];
  if (locked.id !== id) return [hygieneDiagnostic('id-changed', at(['id']), { item: key, id, locked: locked.id })];
  const order = compare(version, locked.version);
  if (order < 0) return [hygieneDiagnostic('version-lowered', place, { item: key, version, locked: locked.version })];
  if (order === 0 && hash !== locked.hash) {
    return [hygieneDiagnostic('version-not-raised', place, { item: key, version })];
  }
  if (order > 0 || lock.items[key] === undefined)
    return [hygieneDiagnostic('lock-outdated', place, { item: key, version })];
  return [];
}
