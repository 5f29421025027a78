/** The grants that the content needs to work, and no more. */
import type { DesiredInputs, DesiredItem } from './desired.ts';
import { guidOf, isObject, type JsonObject } from './json.ts';
import { apiVersions } from './kinds.ts';
import { fieldsOf } from './normalize.ts';
import { paths } from './scope.ts';

/** Built-in roles, learn.microsoft.com/azure/role-based-access-control/built-in-roles/security. */
export const roles = {
  sentinelReader: '8d289c81-5878-46d4-8554-54e1e3d8b5cb',
  sentinelResponder: '3e150937-b8fe-4cfb-8069-0eaf05ecd056',
  sentinelContributor: 'ab8e14d6-4a74-4a29-9ba8-549422addade',
  sentinelAutomationContributor: 'f4c81013-99ee-4d62-a7ee-b3f1f648599a',
  sentinelPlaybookOperator: '51d6186e-6489-4900-b93f-92e23144cca5',
} as const;

/** Application id of the service principal "Azure Security Insights", the same in every tenant of the public cloud. */
export const securityInsightsApplication = '98785600-1bb7-4fb9-b9fa-19afe2c8a360';

/** Stands for the principal of a playbook that does not exist yet. */
export const principalUnknown = '00000000-0000-0000-0000-000000000000';

export function roleDefinition(scope: string, role: string): string {
  return `/${scope.split('/').slice(1, 3).join('/')}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
}

/**
 * Each playbook with an identity of its own that talks to Sentinel gets Sentinel Responder on the workspace (comments,
 * tasks, incident fields), unless its template grants for itself; Sentinel's own principal gets the right to run the
 * playbooks of their resource group, where the target names that principal.
 */
export function roleAssignments(playbooks: readonly DesiredItem[], inputs: DesiredInputs): DesiredItem[] {
  const { scope, target, principals } = inputs;
  const items: DesiredItem[] = [];
  for (const playbook of playbooks) {
    if (!playbook.deployment?.needsSentinelRole) continue;
    const principal = principals.get(playbook.slug);
    items.push(
      assignment({
        slug: `${playbook.slug}-responder`,
        name: `${playbook.name}: Microsoft Sentinel Responder on the workspace`,
        file: playbook.file,
        version: playbook.version,
        at: scope.workspace,
        role: roles.sentinelResponder,
        principal,
        dependsOn: [playbook.key],
        principalOf: playbook.slug,
      }),
    );
  }
  if (target.securityInsightsPrincipalId !== undefined && playbooks.length > 0) {
    items.push(
      assignment({
        slug: 'azure-security-insights',
        name: 'Azure Security Insights: Microsoft Sentinel Automation Contributor on the playbooks',
        file: playbooks[0]!.file,
        version: '1.0.0',
        at: scope.playbookResourceGroup,
        role: roles.sentinelAutomationContributor,
        principal: target.securityInsightsPrincipalId,
        dependsOn: [],
      }),
    );
  }
  return items;
}

/** The resource id of the assignment of `role` at `at` to `principal`: one name per grant, so that none is made twice. */
export function assignmentId(at: string, role: string, principal: string): string {
  return paths.roleAssignment(at, guidOf('roleAssignment', at, role, principal));
}

function assignment(grant: {
  slug: string;
  name: string;
  file: string;
  version: string;
  at: string;
  role: string;
  principal: string | undefined;
  dependsOn: string[];
  principalOf?: string;
}): DesiredItem {
  const body = assignmentBody(grant.at, grant.role, grant.principal ?? principalUnknown);
  return {
    key: `roleAssignment/${grant.slug}`,
    kind: 'roleAssignment',
    slug: grant.slug,
    id: guidOf('roleAssignment', grant.slug),
    name: grant.name,
    version: grant.version,
    file: grant.file,
    resourceId: grant.principal === undefined ? undefined : assignmentId(grant.at, grant.role, grant.principal),
    apiVersion: apiVersions.authorization,
    body,
    fields: fieldsOf('roleAssignment', body),
    dependsOn: grant.dependsOn,
    ...(grant.principalOf === undefined ? {} : { principalOf: grant.principalOf }),
  };
}

/** `principalType` lets Azure accept an identity that was made a moment ago and is not replicated yet. */
function assignmentBody(at: string, role: string, principalId: string): JsonObject {
  return {
    properties: {
      roleDefinitionId: roleDefinition(at, role),
      principalId,
      principalType: 'ServicePrincipal',
      description: 'Break glass detection content',
    },
  };
}

/** The same item for the identity that the playbook now has. */
export function withPrincipal(item: DesiredItem, at: string, principal: string): DesiredItem {
  const properties = isObject(item.body.properties) ? item.body.properties : {};
  const role = String(properties.roleDefinitionId).split('/').at(-1)!;
  const body = assignmentBody(at, role, principal);
  return { ...item, body, fields: fieldsOf('roleAssignment', body), resourceId: assignmentId(at, role, principal) };
}
