/** Which permissions a deployment needs, and whether the identity has them: asked of Azure before the first write. */
import type { ArmClient } from './arm-client.ts';
import { at, type JsonObject } from './json.ts';
import { apiVersions, type Kind } from './kinds.ts';
import type { LiveItem, Step } from './plan.ts';
import { roles } from './role-assignments.ts';
import type { Scope } from './scope.ts';

export type PermissionScope = 'workspace' | 'resourceGroup' | 'playbookResourceGroup';

export interface NeededPermission {
  scope: PermissionScope;
  action: string;
  /** The built-in role that holds it and little else. */
  role: string;
  why: string;
}

const sentinelContributor = 'Microsoft Sentinel Contributor';
const need = (scope: PermissionScope, action: string, role: string, why: string): NeededPermission => ({
  scope,
  action,
  role,
  why,
});

export const readPermissions: readonly NeededPermission[] = [
  need('workspace', 'Microsoft.OperationalInsights/workspaces/read', 'Microsoft Sentinel Reader', 'find the workspace'),
  need(
    'workspace',
    'Microsoft.SecurityInsights/alertRules/read',
    'Microsoft Sentinel Reader',
    'compare analytics rules',
  ),
  need(
    'workspace',
    'Microsoft.SecurityInsights/metadata/read',
    'Microsoft Sentinel Reader',
    'know what was deployed last',
  ),
  need(
    'workspace',
    'Microsoft.OperationalInsights/workspaces/query/read',
    'Log Analytics Reader',
    'backtest, record, doctor',
  ),
];

const writes: Readonly<Record<Kind, readonly NeededPermission[]>> = {
  watchlist: [
    need('workspace', 'Microsoft.SecurityInsights/watchlists/write', sentinelContributor, 'write watchlists'),
  ],
  function: [
    need(
      'workspace',
      'Microsoft.OperationalInsights/workspaces/savedSearches/write',
      sentinelContributor,
      'write functions',
    ),
  ],
  huntingQuery: [
    need(
      'workspace',
      'Microsoft.OperationalInsights/workspaces/savedSearches/write',
      sentinelContributor,
      'write hunting queries',
    ),
  ],
  rule: [
    need('workspace', 'Microsoft.SecurityInsights/alertRules/write', sentinelContributor, 'write analytics rules'),
  ],
  playbook: [
    need('playbookResourceGroup', 'Microsoft.Resources/deployments/write', 'Logic App Contributor', 'deploy playbooks'),
    need('playbookResourceGroup', 'Microsoft.Logic/workflows/write', 'Logic App Contributor', 'write playbooks'),
    need(
      'playbookResourceGroup',
      'Microsoft.Web/connections/write',
      'Logic App Contributor',
      'write their connections',
    ),
  ],
  roleAssignment: [
    need(
      'workspace',
      'Microsoft.Authorization/roleAssignments/write',
      'Role Based Access Control Administrator',
      "grant the playbooks' identities access",
    ),
  ],
  automationRule: [
    need(
      'workspace',
      'Microsoft.SecurityInsights/automationRules/write',
      sentinelContributor,
      'write automation rules',
    ),
  ],
  workbook: [need('resourceGroup', 'Microsoft.Insights/workbooks/write', 'Workbook Contributor', 'write workbooks')],
};
const record = need(
  'workspace',
  'Microsoft.SecurityInsights/metadata/write',
  sentinelContributor,
  'record what was deployed',
);

/** What writing items of these kinds takes, each once. */
export function writePermissions(written: Iterable<Kind>): NeededPermission[] {
  const needed = [record, ...[...new Set(written)].flatMap((kind) => writes[kind])];
  return [...new Map(needed.map((item) => [`${item.scope} ${item.action}`, item])).values()];
}

interface Grant {
  actions: string[];
  notActions: string[];
}

/** The needed permissions that the identity lacks. */
export async function lackingPermissions(
  client: ArmClient,
  scope: Scope,
  needed: readonly NeededPermission[],
): Promise<NeededPermission[]> {
  const scopes = [...new Set(needed.map((item) => scope[item.scope]))];
  const grants = new Map(
    await Promise.all(scopes.map(async (path): Promise<[string, Grant[]]> => [path, await grantsAt(client, path)])),
  );
  // Whoever reads here holds something here: no grants at all means that Azure does not tell, not that there are none.
  return needed.filter((item) => {
    const held = grants.get(scope[item.scope]) ?? [];
    return held.length > 0 && !isGranted(held, item.action);
  });
}

async function grantsAt(client: ArmClient, path: string): Promise<Grant[]> {
  const list = await client.list(`${path}/providers/Microsoft.Authorization/permissions`, apiVersions.authorization);
  const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  return list.map((item) => ({ actions: texts(item.actions), notActions: texts(item.notActions) }));
}

/** Azure adds up grants; a `notActions` takes away from its own grant only. */
export function isGranted(grants: readonly Grant[], action: string): boolean {
  return grants.some(
    (grant) =>
      grant.actions.some((pattern) => matches(pattern, action)) &&
      !grant.notActions.some((pattern) => matches(pattern, action)),
  );
}

function matches(pattern: string, action: string): boolean {
  const parts = pattern
    .toLowerCase()
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(action.toLowerCase());
}

/** Whether an automation rule that is written runs a playbook that Sentinel has no right to run. */
export function lacksPlaybookGrant(
  steps: readonly Step[],
  bodies: ReadonlyMap<string, JsonObject>,
  live: readonly LiveItem[],
): boolean {
  const runs = steps.some((step) => {
    const actions = at(bodies.get(step.key), 'properties.actions');
    return (
      step.kind === 'automationRule' &&
      Array.isArray(actions) &&
      actions.some((action) => at(action, 'actionType') === 'RunPlaybook')
    );
  });
  if (!runs || steps.some((step) => step.key === 'roleAssignment/azure-security-insights')) return false;
  // Somebody owns the resource group: where no grant at all is shown, grants are not shown.
  if (!live.some((item) => item.kind === 'roleAssignment')) return false;
  return !live.some(
    (item) =>
      item.kind === 'roleAssignment' &&
      String(at(item.resource, 'properties.roleDefinitionId'))
        .toLowerCase()
        .endsWith(roles.sentinelAutomationContributor),
  );
}
