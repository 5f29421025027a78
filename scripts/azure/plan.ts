/**
 * What has to change at a target: a pure function of what the repository wants, what was last deployed, and what the
 * workspace holds now.
 */
import type { DesiredItem } from './desired.ts';
import { at, canonical, fingerprint, isObject, type Json, type JsonObject, withValue } from './json.ts';
import { type Field, type Kind, kindOf, kinds } from './kinds.ts';
import { type Fields, fieldsOf } from './normalize.ts';
import { fingerprints, type ItemRecord, shortPath } from './record.ts';

/** One thing that the workspace holds, ours or not. */
export interface LiveItem {
  kind: Kind;
  resourceId: string;
  name: string;
  /** Functions: the name by which KQL calls it, unique in the workspace. */
  alias?: string;
  etag: string | undefined;
  resource: JsonObject;
}

/** What the workspace holds. */
export interface Snapshot {
  /** By kind and resource id in lower case. */
  items: readonly LiveItem[];
  records: readonly ItemRecord[];
}

/**
 * Who changed a field: `update`: the repository; `drift`: the workspace, and the repository's value comes back; `tuned`:
 * the workspace, where it may, and its value stays.
 */
export type FieldState = 'update' | 'drift' | 'tuned';

export interface FieldChange {
  path: string;
  state: FieldState;
  /** What the workspace holds. */
  before: Json | null;
  /** What the repository wants. */
  after: Json | null;
}

export type Action =
  | 'create'
  /** Deleted in the workspace by somebody; made again. */
  | 'recreate'
  | 'update'
  /** The item is right, only its record is not (a run was cut off). */
  | 'record'
  | 'unchanged'
  /** No longer in the repository and retired with a reason: `prune` removes it. */
  | 'remove'
  /** No longer in the repository, and nobody said why. */
  | 'orphan';

export interface Step {
  key: string;
  kind: Kind;
  slug: string;
  id: string;
  name: string;
  version: string;
  resourceId: string | undefined;
  action: Action;
  fields: FieldChange[];
  /** What has to be the same when the plan is applied. */
  expects: { etag: string | undefined; live: string; record: string | undefined; desired: string };
  dependsOn: readonly string[];
  /** Why it is removed. */
  reason?: string;
}

export interface Refusal {
  key: string;
  code: 'collision-id' | 'collision-name' | 'renamed';
  message: string;
  remedy: string;
}

export interface PlanOptions {
  /** Set tuned fields back to the repository's values. */
  overwrite?: boolean;
  /** Take over items with our ids that bear no record, such as those of a Deploy to Azure button. */
  adopt?: boolean;
  /** Items that left the repository on purpose: content id to reason. */
  retired?: ReadonlyMap<string, string>;
  /** `kind id` of everything in the package: what the target leaves out is not gone. */
  known?: ReadonlySet<string>;
}

export interface Assembly {
  steps: Step[];
  refusals: Refusal[];
}

/** Compares every item of the package with the workspace, in the order of deployment. */
export function assemble(desired: readonly DesiredItem[], snapshot: Snapshot, options: PlanOptions = {}): Assembly {
  const live = new Map(snapshot.items.map((item) => [liveKey(item.kind, item.resourceId), item]));
  const records = new Map(snapshot.records.map((record) => [recordKey(record.kind, record.id), record]));
  const names = namesOf(snapshot);
  const steps: Step[] = [];
  const refusals: Refusal[] = [];
  for (const item of desired) {
    const existing = item.resourceId === undefined ? undefined : live.get(liveKey(item.kind, item.resourceId));
    const record = records.get(recordKey(item.kind, item.id));
    const owned = item.kind === 'roleAssignment' || record !== undefined || options.adopt === true;
    if (existing !== undefined && !owned) refusals.push(idCollision(item, existing));
    else if (existing === undefined) refusals.push(...nameCollisions(item, names));
    const former = record === undefined ? undefined : live.get(liveKey(item.kind, record.resourceId));
    if (former !== undefined && item.resourceId?.toLowerCase() !== former.resourceId.toLowerCase())
      refusals.push(renamed(item, former));
    steps.push(planItem(item, existing, record, options));
  }
  const wanted = new Set(desired.map((item) => recordKey(item.kind, item.id)));
  const gone = snapshot.records
    .filter(
      (record) =>
        !wanted.has(recordKey(record.kind, record.id)) && !options.known?.has(recordKey(record.kind, record.id)),
    )
    .map((record) => planRemoval(record, live.get(liveKey(record.kind, record.resourceId)), options));
  // Removal goes the other way round: what refers to others goes first.
  steps.push(...gone.sort((a, b) => orderOf(b.kind) - orderOf(a.kind)));
  return { steps, refusals };
}

function orderOf(kind: Kind): number {
  return kinds.findIndex((definition) => definition.kind === kind);
}

function liveKey(kind: Kind, id: string): string {
  return `${kind} ${id.toLowerCase()}`;
}

function recordKey(kind: Kind, id: string): string {
  return `${kind} ${id.toLowerCase()}`;
}

function planItem(
  item: DesiredItem,
  existing: LiveItem | undefined,
  record: ItemRecord | undefined,
  options: PlanOptions,
): Step {
  const liveFields = existing === undefined ? {} : fieldsOf(item.kind, existing.resource);
  const changes =
    existing === undefined ? created(item) : compare(item, liveFields, record, existing.resource, options);
  const step = {
    ...headerOf(item),
    fields: changes,
    expects: {
      etag: existing?.etag,
      live: existing === undefined ? 'absent' : fingerprint(liveFields as JsonObject),
      record: record?.etag,
      desired: desiredFingerprint(item),
    },
    dependsOn: item.dependsOn,
  };
  if (existing === undefined) {
    // An empty base is that of a creation that was cut off before the item was there.
    const deployedOnce = record !== undefined && Object.keys(record.base).length > 0;
    return { ...step, action: deployedOnce ? 'recreate' : 'create' };
  }
  if (changes.some((change) => change.state !== 'tuned')) return { ...step, action: 'update' };
  return { ...step, action: recordIsTrue(item, record) ? 'unchanged' : 'record' };
}

function headerOf(item: DesiredItem): Pick<Step, 'key' | 'kind' | 'slug' | 'id' | 'name' | 'version' | 'resourceId'> {
  const { key, kind, slug, id, name, version, resourceId } = item;
  return { key, kind, slug, id, name, version, resourceId };
}

/** What the repository wants, so that a plan is not applied to other content than it was made from. */
export function desiredFingerprint(item: DesiredItem): string {
  const deployment = item.deployment
    ? { template: item.deployment.template, parameters: item.deployment.parameters }
    : null;
  return fingerprint({
    fields: item.fields as JsonObject,
    deployment,
    version: item.version,
    initial: item.initial ?? null,
  });
}

function created(item: DesiredItem): FieldChange[] {
  return kindOf(item.kind)
    .fields.filter((field) => item.fields[field.path] !== undefined)
    .map((field) => ({ path: field.path, state: 'update', before: null, after: item.fields[field.path]! }));
}

function compare(
  item: DesiredItem,
  live: Fields,
  record: ItemRecord | undefined,
  resource: JsonObject,
  options: PlanOptions,
): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const field of kindOf(item.kind).fields) {
    const [before, after] = [live[field.path], item.fields[field.path]];
    if (canonical(before) === canonical(after)) continue;
    const state = whoChanged(field, before, record, isAutoDisabled(item.kind, resource), options);
    changes.push({ path: field.path, state, before: before ?? null, after: after ?? null });
  }
  return changes;
}

/**
 * The three-way comparison of one field that differs: where the workspace holds what was deployed (or what a write that
 * was cut off was to set), the repository moved; else somebody in the workspace did.
 */
function whoChanged(
  field: Field,
  before: Json | undefined,
  record: ItemRecord | undefined,
  autoDisabled: boolean,
  options: PlanOptions,
): FieldState {
  if (record === undefined) return 'update';
  const name = shortPath(field.path);
  const held = before === undefined ? undefined : fingerprint(before);
  const never = Object.keys(record.base).length === 0;
  const asDeployed = !never && record.base[name] === held;
  const asBegun = record.pending !== undefined && record.pending[name] === held;
  if (asDeployed || asBegun || never) return 'update';
  return field.tunable && !options.overwrite && !autoDisabled ? 'tuned' : 'drift';
}

/** Sentinel switches off a rule that keeps failing and says so in its name; nobody chose that. */
export function isAutoDisabled(kind: Kind, resource: JsonObject): boolean {
  return kind === 'rule' && /^AUTO DISABLED/i.test(String(at(resource, 'properties.displayName') ?? ''));
}

function recordIsTrue(item: DesiredItem, record: ItemRecord | undefined): boolean {
  if (kindOf(item.kind).metadataKind === undefined) return true;
  return (
    record !== undefined &&
    record.pending === undefined &&
    record.version === item.version &&
    record.slug === item.slug &&
    canonical(record.base) === canonical(fingerprints(item.fields))
  );
}

function planRemoval(record: ItemRecord, existing: LiveItem | undefined, options: PlanOptions): Step {
  const gone = existing === undefined ? 'no longer in the workspace; only its record is left' : undefined;
  const reason = options.retired?.get(record.id) ?? gone;
  const fields = existing === undefined ? {} : fieldsOf(record.kind, existing.resource);
  return {
    key: `${record.kind}/${record.slug}`,
    kind: record.kind,
    slug: record.slug,
    id: record.id,
    name: existing?.name ?? record.slug,
    version: record.version,
    resourceId: record.resourceId,
    action: reason === undefined ? 'orphan' : 'remove',
    fields: [],
    expects: {
      etag: existing?.etag,
      live: existing === undefined ? 'absent' : fingerprint(fields as JsonObject),
      record: record.etag,
      desired: 'absent',
    },
    dependsOn: [],
    ...(reason === undefined ? {} : { reason }),
  };
}

/**
 * The body to write: the repository's, with the workspace's own values where they are kept. Properties that the package
 * does not govern keep what the workspace holds only where Azure itself keeps them (a PUT replaces).
 */
export function effectiveBody(item: DesiredItem, step: Step, existing: LiveItem | undefined): JsonObject {
  let body = item.body;
  for (const change of step.fields) {
    if (change.state !== 'tuned' || existing === undefined) continue;
    body = withValue(body, change.path, at(existing.resource, change.path));
  }
  if (existing === undefined && item.initial !== undefined && isObject(body.properties)) {
    body = { ...body, properties: { ...body.properties, ...item.initial } };
  }
  return body;
}

interface Names {
  byName: Map<string, LiveItem[]>;
  byAlias: Map<string, LiveItem>;
  ours: Set<string>;
}

function namesOf(snapshot: Snapshot): Names {
  const byName = new Map<string, LiveItem[]>();
  const byAlias = new Map<string, LiveItem>();
  for (const item of snapshot.items) {
    const name = `${item.kind} ${item.name.toLowerCase()}`;
    const same = byName.get(name);
    if (same) same.push(item);
    else byName.set(name, [item]);
    if (item.alias) byAlias.set(item.alias.toLowerCase(), item);
  }
  return { byName, byAlias, ours: new Set(snapshot.records.map((record) => record.resourceId.toLowerCase())) };
}

function idCollision(item: DesiredItem, existing: LiveItem): Refusal {
  return {
    key: item.key,
    code: 'collision-id',
    message: `${existing.resourceId} ("${existing.name}") exists and was not deployed by this tool`,
    remedy: 'if it is this package, deployed another way, take it over with --adopt; else rename or remove it first',
  };
}

function renamed(item: DesiredItem, former: LiveItem): Refusal {
  return {
    key: item.key,
    code: 'renamed',
    message: `it was deployed as ${former.resourceId}, which a deployment under the new name would leave behind`,
    remedy: 'keep the name, or delete the old one first',
  };
}

function nameCollisions(item: DesiredItem, names: Names): Refusal[] {
  if (item.kind === 'roleAssignment' || item.kind === 'playbook') return [];
  const alias = item.kind === 'function' ? names.byAlias.get(item.name.toLowerCase()) : undefined;
  const displayName = String(at(item.body, 'properties.displayName'));
  const same = names.byName.get(`${item.kind} ${displayName.toLowerCase()}`) ?? [];
  const others = [...(alias ? [alias] : []), ...same].filter(
    (other) => !names.ours.has(other.resourceId.toLowerCase()),
  );
  return others.slice(0, 1).map((other) => ({
    key: item.key,
    code: 'collision-name',
    message: `"${other.name}" (${other.resourceId}) bears the same name and was not deployed by this tool`,
    remedy: 'rename or remove one of them: two of the same name cannot be told apart in an incident',
  }));
}
