/** Azure Resource Manager ids of everything at one target. */
import type { Target } from './target.ts';

export interface Scope {
  resourceGroup: string;
  workspace: string;
  playbookResourceGroup: string;
  /** The target's region: its own setting, else the workspace's. */
  location: string;
  tenant: string;
}

const sentinel = '/providers/Microsoft.SecurityInsights';

export function workspacePath(target: Pick<Target, 'subscription' | 'resourceGroup' | 'workspace'>): string {
  return `${resourceGroupPath(target)}/providers/Microsoft.OperationalInsights/workspaces/${target.workspace}`;
}

export function resourceGroupPath(target: Pick<Target, 'subscription' | 'resourceGroup'>): string {
  return `/subscriptions/${target.subscription}/resourceGroups/${target.resourceGroup}`;
}

/** @param location region of the workspace, as read. */
export function scopeOf(target: Target, location: string, tenant: string): Scope {
  return {
    resourceGroup: resourceGroupPath(target),
    workspace: workspacePath(target),
    playbookResourceGroup: resourceGroupPath({ ...target, resourceGroup: target.playbookResourceGroup }),
    location: target.location ?? location,
    tenant,
  };
}

/** Collections and resources below the scope. */
export const paths = {
  sentinel: (scope: Pick<Scope, 'workspace'>, collection: string) => `${scope.workspace}${sentinel}/${collection}`,
  rule: (scope: Pick<Scope, 'workspace'>, id: string) => `${scope.workspace}${sentinel}/alertRules/${id}`,
  automationRule: (scope: Pick<Scope, 'workspace'>, id: string) =>
    `${scope.workspace}${sentinel}/automationRules/${id}`,
  watchlist: (scope: Pick<Scope, 'workspace'>, alias: string) => `${scope.workspace}${sentinel}/watchlists/${alias}`,
  metadata: (scope: Pick<Scope, 'workspace'>, name: string) => `${scope.workspace}${sentinel}/metadata/${name}`,
  savedSearch: (scope: Pick<Scope, 'workspace'>, id: string) => `${scope.workspace}/savedSearches/${id}`,
  workbook: (scope: Pick<Scope, 'resourceGroup'>, id: string) =>
    `${scope.resourceGroup}/providers/Microsoft.Insights/workbooks/${id}`,
  workflow: (scope: Pick<Scope, 'playbookResourceGroup'>, name: string) =>
    `${scope.playbookResourceGroup}/providers/Microsoft.Logic/workflows/${name}`,
  connection: (scope: Pick<Scope, 'playbookResourceGroup'>, name: string) =>
    `${scope.playbookResourceGroup}/providers/Microsoft.Web/connections/${name}`,
  deployment: (scope: Pick<Scope, 'playbookResourceGroup'>, name: string) =>
    `${scope.playbookResourceGroup}/providers/Microsoft.Resources/deployments/${name}`,
  roleAssignment: (at: string, name: string) => `${at}/providers/Microsoft.Authorization/roleAssignments/${name}`,
} as const;
