/** From the journal to the state before a run, as a plan like any other. Pure. */
import { ExitCode, UserError } from '../diagnostics/errors.ts';
import type { DesiredItem } from './desired.ts';
import type { JournalEntry } from './journal.ts';
import { at, isObject, type JsonObject, withValue } from './json.ts';
import { kindOf } from './kinds.ts';
import { fieldsOf } from './normalize.ts';
import type { Step } from './plan.ts';

/** One run of the journal at a target. */
export interface Run {
  run: string;
  time: string;
  who: string;
  items: string[];
}

/** The runs that wrote items to the target, oldest first. */
export function runsOf(entries: readonly JournalEntry[], target: string): Run[] {
  const runs = new Map<string, Run>();
  for (const entry of entries) {
    if (entry.target !== target || entry.action === 'record' || entry.status !== 'started') continue;
    const run = runs.get(entry.run) ?? { run: entry.run, time: entry.time, who: entry.who, items: [] };
    if (!run.items.includes(entry.key)) run.items.push(entry.key);
    runs.set(entry.run, run);
  }
  return [...runs.values()];
}

export interface Restoration {
  /** Items to put back as they were. */
  restore: DesiredItem[];
  /** Items that did not exist before. */
  remove: JournalEntry[];
  /** Items that the journal cannot bring back, and why. */
  cannot: { key: string; why: string }[];
}

/**
 * What stood before the run `to` and everything after it. Default: before the last run.
 * @throws UserError where the journal has no such run at the target.
 */
export function restorationOf(entries: readonly JournalEntry[], target: string, to?: string): Restoration {
  const runs = runsOf(entries, target);
  const index = to === undefined ? runs.length - 1 : runs.findIndex((run) => run.run === to);
  if (index < 0) {
    throw new UserError('run-unknown', {
      what: to === undefined ? `the journal has no run at ${target}` : `the journal has no run ${to} at ${target}`,
      remedy: '`breakglass rollback --list` shows the runs of the journal',
      exitCode: ExitCode.failed,
    });
  }
  const undone = new Set(runs.slice(index).map((run) => run.run));
  const ended = new Map<string, string>();
  for (const entry of entries)
    if (entry.status !== 'started') ended.set(`${entry.run} ${entry.write} ${entry.key} ${entry.action}`, entry.status);
  const first = new Map<string, JournalEntry>();
  for (const entry of entries) {
    if (entry.target !== target || !undone.has(entry.run) || entry.status !== 'started' || entry.action === 'record')
      continue;
    if (entry.kind === 'roleAssignment') continue;
    // A write that Azure refused changed nothing.
    if (ended.get(`${entry.run} ${entry.write} ${entry.key} ${entry.action}`) === 'failed') continue;
    if (!first.has(entry.resourceId.toLowerCase())) first.set(entry.resourceId.toLowerCase(), entry);
  }
  const restoration: Restoration = { restore: [], remove: [], cannot: [] };
  for (const entry of first.values()) {
    if (entry.before === null || entry.before === undefined) restoration.remove.push(entry);
    else if (entry.incomplete)
      restoration.cannot.push({ key: entry.key, why: 'it holds a secret, which the journal does not keep' });
    else if (!isObject(entry.before))
      restoration.cannot.push({ key: entry.key, why: 'the journal holds no state of it' });
    else if (hasSecureParameters(entry.before))
      restoration.cannot.push({
        key: entry.key,
        why: 'its secure parameters cannot be read back; deploy the wanted version of the repository instead',
      });
    else restoration.restore.push(itemOf(entry, entry.before));
  }
  return restoration;
}

function hasSecureParameters(resource: JsonObject): boolean {
  const declared = at(resource, 'properties.definition.parameters');
  return (
    isObject(declared) && Object.values(declared).some((parameter) => /^secure/i.test(String(at(parameter, 'type'))))
  );
}

/** The governed fields of the old state, and what a PUT needs besides. */
function itemOf(entry: JournalEntry, before: JsonObject): DesiredItem {
  let body: JsonObject = {};
  for (const field of kindOf(entry.kind).fields) {
    const value = at(before, field.path);
    if (value !== undefined && value !== null) body = withValue(body, field.path, value);
  }
  if (typeof before.location === 'string') body.location = before.location;
  if (entry.kind === 'watchlist')
    body = withValue(body, 'properties.source', at(before, 'properties.source') ?? `${entry.name}.csv`);
  const [, slug = entry.key] = entry.key.split(/\/(.*)/s);
  return {
    key: entry.key,
    kind: entry.kind,
    slug,
    id: entry.id,
    name: entry.name,
    version: entry.previousVersion ?? entry.version,
    file: '',
    resourceId: entry.resourceId,
    apiVersion: entry.apiVersion,
    body,
    fields: fieldsOf(entry.kind, body),
    dependsOn: [],
  };
}

/** A removal of something that a run made. */
export function removalStep(
  entry: JournalEntry,
  live: { etag: string | undefined; fingerprint: string },
  record: string | undefined,
): Step {
  const { key, kind, id, name, version, resourceId } = entry;
  return {
    key,
    kind,
    slug: key.split(/\/(.*)/s)[1] ?? key,
    id,
    name,
    version,
    resourceId,
    action: 'remove',
    fields: [],
    expects: { etag: live.etag, live: live.fingerprint, record, desired: 'absent' },
    dependsOn: [],
    reason: 'did not exist before',
  };
}
