/**
 * What was last deployed, kept beside the item in the workspace as Sentinel's own metadata resource: any machine that
 * deploys next sees it, a run that was cut off leaves it in a state that the next run understands, and it marks what is
 * ours. Values are kept as fingerprints, which is enough to tell who changed a field.
 */
import type { DesiredItem } from './desired.ts';
import { fingerprint, isObject, type JsonObject } from './json.ts';
import { type Kind, kindOf, kinds } from './kinds.ts';
import { type Fields, resourceId } from './normalize.ts';
import { paths, type Scope } from './scope.ts';

/** Fixed forever: it tells this package's records from everybody else's. */
export const packageId = 'b7d2f4c6-9a31-4d58-8e0b-5c1f6a2e7d90';
export const packageName = 'Break glass detection content';

export type Fingerprints = Readonly<Record<string, string>>;

export interface ItemRecord {
  kind: Kind;
  slug: string;
  id: string;
  version: string;
  /** The item that it is about. */
  resourceId: string;
  /** What was last deployed and read back, field by field. Empty while the item is being created. */
  base: Fingerprints;
  /** What a write that is under way, or was cut off, was to set. */
  pending: Fingerprints | undefined;
  /** The metadata resource itself. */
  recordId: string;
  etag: string | undefined;
}

export function fingerprints(fields: Fields): Fingerprints {
  return Object.fromEntries(Object.entries(fields).map(([path, value]) => [shortPath(path), fingerprint(value)]));
}

export function shortPath(path: string): string {
  return path.replace(/^properties\./, '');
}

export function recordPath(scope: Scope, kind: Kind, id: string): string {
  return paths.metadata(scope, `breakglass-${kind.toLowerCase()}-${id.toLowerCase()}`);
}

/** The metadata resource of an item. `pending` is left out once the item was read back. */
export function recordBody(
  item: Pick<DesiredItem, 'kind' | 'slug' | 'id' | 'version' | 'resourceId'>,
  state: { base: Fingerprints; pending?: Fingerprints | undefined; etag?: string | undefined },
): JsonObject {
  const recorded = { slug: item.slug, base: state.base, ...(state.pending ? { pending: state.pending } : {}) };
  return {
    ...(state.etag === undefined ? {} : { etag: state.etag }),
    properties: {
      parentId: item.resourceId!,
      contentId: item.id,
      kind: kindOf(item.kind).metadataKind!,
      version: item.version,
      source: { kind: 'SourceRepository', name: packageName, sourceId: packageId },
      author: { name: packageName },
      support: { tier: 'Community', name: packageName },
      customVersion: JSON.stringify(recorded),
    },
  };
}

const kindsByMetadata = new Map(
  kinds.flatMap((definition) =>
    definition.metadataKind === undefined ? [] : [[definition.metadataKind.toLowerCase(), definition.kind] as const],
  ),
);

/** The record in a metadata resource; undefined where it is not this package's. */
export function readRecord(metadata: JsonObject): ItemRecord | undefined {
  const properties = isObject(metadata.properties) ? metadata.properties : {};
  const source = isObject(properties.source) ? properties.source : {};
  if (String(source.sourceId ?? '').toLowerCase() !== packageId) return undefined;
  const kind = kindsByMetadata.get(String(properties.kind).toLowerCase());
  if (kind === undefined) return undefined;
  const recorded = parse(properties.customVersion);
  return {
    kind,
    slug: typeof recorded.slug === 'string' ? recorded.slug : String(properties.contentId),
    id: String(properties.contentId).toLowerCase(),
    version: String(properties.version ?? ''),
    resourceId: resourceId(String(properties.parentId)),
    base: texts(recorded.base),
    pending: recorded.pending === undefined ? undefined : texts(recorded.pending),
    recordId: String(metadata.id),
    etag: typeof metadata.etag === 'string' ? metadata.etag : undefined,
  };
}

/** A record that somebody damaged knows nothing: every field then counts as never deployed. */
function parse(text: unknown): JsonObject {
  if (typeof text !== 'string') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function texts(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
