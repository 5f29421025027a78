/** Reads what a workspace holds: everything that a plan has to know of, ours and other people's. Writes nothing. */
import pLimit from 'p-limit';
import { UserError } from '../diagnostics/errors.ts';
import type { ArmClient } from './arm-client.ts';
import { at, isObject, type JsonObject } from './json.ts';
import { apiVersions, type Kind } from './kinds.ts';
import type { LiveItem, Snapshot } from './plan.ts';
import { foldConnections } from './playbook-template.ts';
import { type ItemRecord, readRecord } from './record.ts';
import { paths, type Scope, scopeOf, workspacePath } from './scope.ts';
import type { Target } from './target.ts';

export interface Workspace {
  scope: Scope;
  /** The GUID by which the query API calls the workspace. */
  customerId: string;
}

/**
 * @param tokenTenant the tenant that the identity comes from, where nothing nearer names one.
 * Finds the workspace and makes sure that it is the right one and that Microsoft Sentinel runs on it.
 * @throws UserError for a wrong subscription, tenant or workspace, and for a workspace without Sentinel.
 */
export async function connect(
  client: ArmClient,
  target: Target,
  tokenTenant: () => Promise<string>,
): Promise<Workspace> {
  const subscription = await client.get(`/subscriptions/${target.subscription}`, '2022-12-01');
  const path = workspacePath(target);
  const workspace = await client.get(path, apiVersions.workspace);
  if (subscription === undefined && workspace === undefined) {
    throw refusal(
      'subscription-not-found',
      `the identity sees no subscription ${target.subscription}`,
      'check --subscription and --cloud; `az account list` shows what you can reach',
    );
  }
  const tenant = String(subscription?.tenantId ?? target.tenant ?? (await tokenTenant()));
  if (target.tenant !== undefined && tenant.toLowerCase() !== target.tenant.toLowerCase()) {
    throw refusal(
      'tenant-mismatch',
      `the subscription belongs to tenant ${tenant}, the target names ${target.tenant}`,
      'correct the target; nothing was written',
    );
  }
  if (workspace === undefined) {
    throw refusal(
      'workspace-not-found',
      `no workspace ${target.workspace} in the resource group ${target.resourceGroup}`,
      'check --resource-group and --workspace; `az monitor log-analytics workspace list` shows them',
    );
  }
  if (!(await isOnboarded(client, target))) {
    throw refusal(
      'sentinel-missing',
      `Microsoft Sentinel is not enabled on the workspace ${target.workspace}`,
      'enable Microsoft Sentinel on it first, or name the workspace that has it',
    );
  }
  return {
    scope: scopeOf(target, String(workspace.location ?? ''), tenant),
    customerId: String(at(workspace, 'properties.customerId') ?? ''),
  };
}

async function isOnboarded(client: ArmClient, target: Target): Promise<boolean> {
  try {
    await client.sentinel.sentinelOnboardingStates.get(target.resourceGroup, target.workspace, 'default');
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}

function refusal(code: string, what: string, remedy: string): UserError {
  return new UserError(code, { what, remedy, exitCode: 1 });
}

/** What to read besides the collections: playbooks by their name, role assignments by their scope. */
export interface CollectOptions {
  playbooks: readonly string[];
  /** Rules with properties that only the newest preview version shows: their resource ids in lower case. */
  newestRules?: ReadonlySet<string>;
  /** Kinds that are not deployed to the target need not be read. */
  kinds: ReadonlySet<Kind>;
  /** Told what is being read. */
  progress?: (what: string) => void;
}

/** Everything that the workspace holds of the kinds that are deployed. */
export async function collect(client: ArmClient, scope: Scope, options: CollectOptions): Promise<Snapshot> {
  const records = await collectRecords(client, scope);
  const wanted = (kind: Kind): boolean => options.kinds.has(kind) || records.some((record) => record.kind === kind);
  const read = async (kind: Kind, what: string, action: () => Promise<LiveItem[]>): Promise<LiveItem[]> => {
    if (!wanted(kind)) return [];
    options.progress?.(what);
    return await action();
  };
  const groups = await Promise.all([
    read('rule', 'analytics rules', () => collectRules(client, scope, options.newestRules ?? new Set())),
    read('automationRule', 'automation rules', () =>
      collectList(client, paths.sentinel(scope, 'automationRules'), 'automationRule'),
    ),
    read('watchlist', 'watchlists', () => collectWatchlists(client, scope)),
    wanted('function') || wanted('huntingQuery') ? collectSavedSearches(client, scope, records) : [],
    read('workbook', 'workbooks', () => collectWorkbooks(client, scope, records)),
    read('playbook', 'playbooks', () => collectPlaybooks(client, scope, options.playbooks, records)),
    read('roleAssignment', 'role assignments', () => collectRoleAssignments(client, scope)),
  ]);
  return { items: groups.flat(), records };
}

async function collectRecords(client: ArmClient, scope: Scope): Promise<ItemRecord[]> {
  const all = await client.list(paths.sentinel(scope, 'metadata'), apiVersions.sentinel);
  return all.map(readRecord).filter((record) => record !== undefined);
}

function live(kind: Kind, resource: JsonObject, name: unknown = at(resource, 'properties.displayName')): LiveItem {
  const alias = at(resource, 'properties.functionAlias');
  return {
    kind,
    resourceId: String(resource.id ?? ''),
    name: String(name ?? resource.name ?? ''),
    ...(typeof alias === 'string' && alias !== '' ? { alias } : {}),
    etag: typeof resource.etag === 'string' ? resource.etag : undefined,
    resource,
  };
}

async function collectList(client: ArmClient, path: string, kind: Kind): Promise<LiveItem[]> {
  return (await client.list(path, apiVersions.sentinel)).map((resource) => live(kind, resource));
}

/**
 * The stable version shows scheduled rules whole and no near-real-time ones; the preview version shows those. A rule with
 * properties that only the newest preview carries is read once more with it.
 */
export async function collectRules(client: ArmClient, scope: Scope, newest: ReadonlySet<string>): Promise<LiveItem[]> {
  const path = paths.sentinel(scope, 'alertRules');
  const [stable, preview] = await Promise.all([
    client.list(path, apiVersions.sentinel),
    client.list(path, apiVersions.nrtRule),
  ]);
  const rules = new Map(preview.map((rule) => [String(rule.id).toLowerCase(), rule]));
  for (const rule of stable) if (!isNrt(rule)) rules.set(String(rule.id).toLowerCase(), rule);
  for (const id of newest) {
    if (!rules.has(id)) continue;
    const whole = await client.get(id, apiVersions.nrtRuleNewest);
    if (whole !== undefined) rules.set(id, whole);
  }
  return [...rules.values()].map((rule) => live('rule', rule));
}

export function isNrt(rule: JsonObject): boolean {
  return String(rule.kind).toUpperCase() === 'NRT';
}

/** A deleted watchlist stays listed for a while with a mark. */
async function collectWatchlists(client: ArmClient, scope: Scope): Promise<LiveItem[]> {
  const all = await collectList(client, paths.sentinel(scope, 'watchlists'), 'watchlist');
  return all.filter((item) => at(item.resource, 'properties.isDeleted') !== true);
}

/** Functions and hunting queries are both saved searches; a record says which of ours is which, whatever was changed in it. */
async function collectSavedSearches(
  client: ArmClient,
  scope: Scope,
  records: readonly ItemRecord[],
): Promise<LiveItem[]> {
  const kinds = new Map(records.map((record) => [record.resourceId.toLowerCase(), record.kind]));
  const all = await client.list(`${scope.workspace}/savedSearches`, apiVersions.savedSearch);
  return all.map((resource) => {
    const recorded = kinds.get(String(resource.id).toLowerCase());
    const alias = at(resource, 'properties.functionAlias');
    return live(recorded ?? (alias ? 'function' : 'huntingQuery'), resource);
  });
}

/** The list comes without contents; those of our own are read one by one. */
async function collectWorkbooks(client: ArmClient, scope: Scope, records: readonly ItemRecord[]): Promise<LiveItem[]> {
  const path = `${scope.resourceGroup}/providers/Microsoft.Insights/workbooks`;
  const all = await client.list(path, apiVersions.workbook, { category: 'sentinel' });
  const ours = new Set(records.map((record) => record.resourceId.toLowerCase()));
  const limit = pLimit(4);
  const items = await Promise.all(
    all.map((resource) =>
      limit(async () => {
        const id = String(resource.id);
        if (!ours.has(id.toLowerCase())) return live('workbook', resource);
        const whole = await client.get(id, apiVersions.workbook, { canFetchContent: 'true' });
        return whole === undefined ? undefined : live('workbook', whole);
      }),
    ),
  );
  return items.filter((item) => item !== undefined);
}

async function collectPlaybooks(
  client: ArmClient,
  scope: Scope,
  names: readonly string[],
  records: readonly ItemRecord[],
): Promise<LiveItem[]> {
  const recorded = records.filter((record) => record.kind === 'playbook').map((record) => record.resourceId);
  const ids = new Set([
    ...names.map((name) => paths.workflow(scope, name).toLowerCase()),
    ...recorded.map((id) => id.toLowerCase()),
  ]);
  const items = await Promise.all([...ids].map((id) => readPlaybook(client, id)));
  return items.filter((item) => item !== undefined);
}

/** A Logic App with its connections folded in; undefined where there is none. */
export async function readPlaybook(client: ArmClient, id: string): Promise<LiveItem | undefined> {
  const workflow = await client.get(id, apiVersions.workflow);
  if (workflow === undefined) return undefined;
  const references = at(workflow, 'properties.parameters.$connections.value');
  const connectionIds = isObject(references)
    ? Object.values(references).flatMap((reference) => (isObject(reference) ? [String(reference.connectionId)] : []))
    : [];
  const connections = await Promise.all(
    connectionIds
      .filter((connection) => /^\/subscriptions\//i.test(connection))
      .map((connection) => client.get(connection, apiVersions.connection)),
  );
  const found = connections.filter((connection) => connection !== undefined);
  return live('playbook', { ...workflow, connections: foldConnections(found) }, workflow.name);
}

async function collectRoleAssignments(client: ArmClient, scope: Scope): Promise<LiveItem[]> {
  const scopes = [...new Set([scope.workspace, scope.playbookResourceGroup])];
  const groups = await Promise.all(
    scopes.map((path) =>
      client.list(`${path}/providers/Microsoft.Authorization/roleAssignments`, apiVersions.authorization, {
        $filter: 'atScope()',
      }),
    ),
  );
  const all = new Map(groups.flat().map((resource) => [String(resource.id).toLowerCase(), resource]));
  return [...all.values()].map((resource) => live('roleAssignment', resource, resource.name));
}

/** One item as Azure holds it now; undefined where there is none. */
export async function readItem(
  client: ArmClient,
  kind: Kind,
  resourceId: string,
  apiVersion: string,
): Promise<LiveItem | undefined> {
  if (kind === 'playbook') return await readPlaybook(client, resourceId);
  const query: Record<string, string> = kind === 'workbook' ? { canFetchContent: 'true' } : {};
  const resource = await client.get(resourceId, apiVersion, query);
  return resource === undefined ? undefined : live(kind, resource);
}

/** The object ids of the managed identities of the playbooks that exist, by Logic App id in lower case. */
export function principalsOf(snapshot: Snapshot): Map<string, string> {
  const principals = new Map<string, string>();
  for (const item of snapshot.items) {
    const principal = item.kind === 'playbook' ? at(item.resource, 'identity.principalId') : undefined;
    if (typeof principal === 'string') principals.set(item.resourceId.toLowerCase(), principal);
  }
  return principals;
}
