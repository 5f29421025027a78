/**
 * The version lock: what was published last, by item. A change of content without a new version, a changed id and a
 * vanished item are seen against it.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { deployableQuery } from './deployable-query.ts';
import type { Content, Source } from './model.ts';

/** Path of the lock below the root. */
export const lockFile = 'detections/content.lock.json';

export interface LockedItem {
  /** GUID; a playbook has its slug instead. */
  id: string;
  version: string;
  /** SHA-256 of the content without its version, hexadecimal. */
  hash: string;
}

export interface VersionLock {
  items: Record<string, LockedItem>;
  /** What was published once and is no more; workspaces remove it by this list. */
  retired: Record<string, { id: string; version: string; reason: string }>;
}

/** An item of the package as the lock sees it. */
export interface VersionedItem extends LockedItem {
  /** `rules/sign-in-succeeded`, `functions/BreakGlassSignIns`, `playbooks/notify`, ... */
  key: string;
  /** The file that holds the version. */
  source: Source;
  /** Where in that file. */
  versionPath: (string | number)[];
}

/**
 * Every item with its hash. The hash of a rule is over what is deployed: the query with its functions inlined, so that a
 * rule changes with them, and its triage guide, whose tasks are deployed too. Sample rows of watchlists are not deployed.
 */
export function versionedItems(content: Content): VersionedItem[] {
  const version = ['version'];
  return [
    ...content.rules.map(({ source, value, guide }) =>
      item('rules', source, value.id, value.version, version, {
        ...value,
        version: undefined,
        query: deployed(value.query, content),
        guide: guide && lines(guide.text),
      }),
    ),
    ...content.huntingQueries.map(({ source, value }) =>
      item('hunting', source, value.id, value.version, version, {
        ...value,
        version: undefined,
        query: deployed(value.query, content),
      }),
    ),
    ...content.functions.map(({ source, value }) => {
      const about = { Title: value.Function.Title };
      return item('functions', source, value.id, value.Function.Version, ['Function', 'Version'], {
        ...value,
        Function: about,
      });
    }),
    ...content.watchlists.map(({ source, value }) =>
      item('watchlists', source, value.id, value.version, version, { ...value, version: undefined, rows: undefined }),
    ),
    ...content.automationRules.map(({ source, value }) =>
      item('automation-rules', source, value.id, value.version, version, { ...value, version: undefined }),
    ),
    ...content.workbooks.flatMap(({ description, value }) =>
      description
        ? [
            item(
              'workbooks',
              description,
              value.id,
              value.version,
              version,
              { ...value, version: undefined },
              value.slug,
            ),
          ]
        : [],
    ),
    ...content.playbooks.map(({ source, value }) => {
      const { template, versionPath } = withoutVersion(value.template);
      return item('playbooks', source, value.slug, value.version, versionPath, template, value.slug);
    }),
  ];
}

function item(
  kind: string,
  source: Source,
  id: string,
  version: string,
  versionPath: (string | number)[],
  hashed: unknown,
  slug: string = source.slug,
): VersionedItem {
  const text = canonicalize(JSON.parse(JSON.stringify(hashed))) as string;
  const hash = createHash('sha256').update(text).digest('hex');
  return { key: `${kind}/${slug}`, id, version, hash, source, versionPath };
}

function deployed(query: string, content: Content): string {
  try {
    return deployableQuery(query, content);
  } catch {
    // Functions in a circle are a finding of their own; the lock needs no more than a stable text.
    return lines(query);
  }
}

function lines(text: string): string {
  return text.replace(/\r\n?/g, '\n').trim();
}

/** The tag by which Sentinel knows the version of a deployed playbook. */
export const playbookVersionTag = 'hidden-SentinelTemplateVersion';

function withoutVersion(template: unknown): { template: unknown; versionPath: (string | number)[] } {
  const copy = structuredClone(template) as {
    metadata?: { releaseNotes?: unknown; lastUpdateTime?: unknown };
    resources?: { type?: unknown; tags?: Record<string, unknown> }[];
  };
  const index = Array.isArray(copy.resources)
    ? copy.resources.findIndex((resource) => resource?.type === 'Microsoft.Logic/workflows')
    : -1;
  delete copy.resources?.[index]?.tags?.[playbookVersionTag];
  delete copy.metadata?.releaseNotes;
  delete copy.metadata?.lastUpdateTime;
  return { template: copy, versionPath: ['resources', index, 'tags', playbookVersionTag] };
}

/** Parses the text of the lock. @throws Error that says what is wrong with it. */
export function parseVersionLock(text: string): VersionLock {
  const value = JSON.parse(text) as Partial<VersionLock> | null;
  const isRecord = (part: unknown): boolean => typeof part === 'object' && part !== null && !Array.isArray(part);
  if (!isRecord(value) || !isRecord(value?.items)) throw new Error('it has no "items"');
  for (const [key, locked] of Object.entries(value?.items ?? {})) {
    const complete = [locked.id, locked.version, locked.hash].every((part) => typeof part === 'string');
    if (!complete) throw new Error(`"${key}" lacks id, version or hash`);
  }
  return { items: value?.items ?? {}, retired: value?.retired ?? {} };
}

/** The text of the lock: sorted, so that it only changes where content does. */
export function formatVersionLock(lock: VersionLock): string {
  const sorted = <T>(record: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ items: sorted(lock.items), retired: sorted(lock.retired) }, null, 2)}\n`;
}
