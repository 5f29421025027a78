/** Looks at everything that the package needs of a tenant, and says what is missing and how to mend it. Reads only. */
import type { Content } from '../content/model.ts';
import type { ArmClient } from './arm-client.ts';
import type { Workspace } from './collect.ts';
import type { Identity } from './identity.ts';
import { at, isObject, type JsonObject } from './json.ts';
import { apiVersions, type Kind } from './kinds.ts';
import { lackingPermissions, type NeededPermission, readPermissions, writePermissions } from './permissions.ts';
import { roles } from './role-assignments.ts';
import { paths } from './scope.ts';
import type { Target } from './target.ts';

export type CheckState = 'ok' | 'missing' | 'warning' | 'unknown';

export interface Check {
  group: string;
  name: string;
  state: CheckState;
  detail: string;
  remedy?: string;
}

/** What asking a workspace for rows of a table tells. */
export type AskTable = (table: string) => Promise<{ rows: number; last: string | undefined } | 'absent'>;

export interface DoctorInputs {
  target: Target;
  identity: Identity;
  client: ArmClient;
  workspace: Workspace;
  content: Content;
  askTable: AskTable;
}

/** Tables by the diagnostic category or connector that fills them. */
const sources: readonly { table: string; category?: string; remedy: string; optional?: boolean }[] = [
  {
    table: 'SigninLogs',
    category: 'SignInLogs',
    remedy: 'Entra admin center, Diagnostic settings: send SignInLogs to the workspace (Entra ID P1)',
  },
  {
    table: 'AADNonInteractiveUserSignInLogs',
    category: 'NonInteractiveUserSignInLogs',
    remedy: 'send NonInteractiveUserSignInLogs too: token use shows nowhere else',
  },
  { table: 'AuditLogs', category: 'AuditLogs', remedy: 'send AuditLogs to the workspace' },
  { table: 'AzureActivity', remedy: 'connect Azure Activity by policy or diagnostic setting of each subscription' },
  { table: 'OfficeActivity', remedy: 'connect Microsoft 365 (free)', optional: true },
  { table: 'IdentityInfo', remedy: 'switch on UEBA: Settings, Entity behavior', optional: true },
  {
    table: 'AADUserRiskEvents',
    category: 'UserRiskEvents',
    remedy: 'send UserRiskEvents (Entra ID P2)',
    optional: true,
  },
  {
    table: 'SentinelHealth',
    remedy: 'Sentinel, Settings, Auditing and health monitoring: enable; without it a broken rule is silent',
  },
  { table: 'SentinelAudit', remedy: 'Sentinel, Settings, Auditing and health monitoring: enable', optional: true },
];

const providers = [
  'Microsoft.OperationalInsights',
  'Microsoft.SecurityInsights',
  'Microsoft.Logic',
  'Microsoft.Web',
  'Microsoft.Insights',
];

/** All checks, in the order in which one would mend them. A check that itself is refused is `unknown`, not an end. */
export async function examine(inputs: DoctorInputs): Promise<Check[]> {
  const { target, identity, workspace } = inputs;
  const first: Check[] = [
    ok(
      'login',
      'identity',
      `${identity.name} (${identity.kind}), tenant ${identity.tenant}, token until ${identity.expires.toISOString()}`,
    ),
    ok('login', 'workspace', `${target.workspace} in ${workspace.scope.location}, Microsoft Sentinel is enabled`),
  ];
  const groups = await Promise.all([
    guarded('permissions', () => checkPermissions(inputs)),
    guarded('resource providers', () => checkProviders(inputs)),
    guarded('logs', () => checkTables(inputs)),
    guarded('logs', () => checkDiagnosticSettings(inputs)),
    guarded('workspace', () => checkWorkspace(inputs)),
    guarded('playbooks', () => checkPlaybookGrant(inputs)),
  ]);
  return [...first, ...groups.flat()];
}

function ok(group: string, name: string, detail: string): Check {
  return { group, name, state: 'ok', detail };
}

async function guarded(group: string, check: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await check();
  } catch (error) {
    return [
      {
        group,
        name: group,
        state: 'unknown',
        detail: error instanceof Error ? error.message : String(error),
        remedy: 'the identity may not read this; ask somebody who may',
      },
    ];
  }
}

async function checkPermissions({ client, workspace, content, target }: DoctorInputs): Promise<Check[]> {
  const excluded = new Set(target.exclude.map((name) => name.toLowerCase()));
  const present: [Kind, number][] = [
    ['watchlist', content.watchlists.length],
    ['function', content.functions.length],
    ['huntingQuery', content.huntingQueries.length],
    ['rule', content.rules.length],
    ['playbook', content.playbooks.length],
    ['roleAssignment', content.playbooks.length],
    ['automationRule', content.automationRules.length],
    ['workbook', content.workbooks.length],
  ];
  const kinds = present.filter(([kind, count]) => count > 0 && !excluded.has(kind.toLowerCase())).map(([kind]) => kind);
  const needed = [...readPermissions, ...writePermissions(kinds)];
  const lacking = new Set(await lackingPermissions(client, workspace.scope, needed));
  return needed.map((item: NeededPermission): Check => {
    const state = lacking.has(item) ? 'missing' : 'ok';
    const remedy = state === 'ok' ? {} : { remedy: `grant "${item.role}" on ${workspace.scope[item.scope]}` };
    return { group: 'permissions', name: item.action, state, detail: `to ${item.why}`, ...remedy };
  });
}

async function checkProviders({ client, target }: DoctorInputs): Promise<Check[]> {
  return await Promise.all(
    providers.map(async (provider): Promise<Check> => {
      const state = await client.get(
        `/subscriptions/${target.subscription}/providers/${provider}`,
        apiVersions.provider,
      );
      const registered = String(state?.registrationState ?? 'unknown');
      return /^registered$/i.test(registered)
        ? ok('resource providers', provider, 'registered')
        : {
            group: 'resource providers',
            name: provider,
            state: 'missing',
            detail: registered,
            remedy: `az provider register --namespace ${provider}`,
          };
    }),
  );
}

async function checkTables({ askTable }: DoctorInputs): Promise<Check[]> {
  return await Promise.all(
    sources.map(async (source): Promise<Check> => {
      const base = { group: 'logs', name: source.table };
      const answer = await askTable(source.table);
      if (answer !== 'absent' && answer.rows > 0)
        return { ...base, state: 'ok', detail: `${answer.rows} rows in 7 days, last ${answer.last ?? ''}` };
      const detail = answer === 'absent' ? 'the table does not exist' : 'no rows in 7 days';
      return { ...base, state: source.optional ? 'warning' : 'missing', detail, remedy: source.remedy };
    }),
  );
}

/** Entra's diagnostic settings stand at the tenant, where many identities cannot read; the tables tell the same later. */
async function checkDiagnosticSettings({ client, workspace }: DoctorInputs): Promise<Check[]> {
  const settings = await client.list('/providers/microsoft.aadiam/diagnosticSettings', apiVersions.diagnosticSettings);
  const sent = new Set<string>();
  for (const setting of settings) {
    if (String(at(setting, 'properties.workspaceId')).toLowerCase() !== workspace.scope.workspace.toLowerCase())
      continue;
    const logs = at(setting, 'properties.logs');
    for (const log of Array.isArray(logs) ? logs.filter(isObject) : [])
      if (log.enabled === true) sent.add(String(log.category).toLowerCase());
  }
  return sources
    .filter((source) => source.category !== undefined)
    .map((source): Check => {
      const name = `diagnostic category ${source.category}`;
      return sent.has(source.category!.toLowerCase())
        ? ok('logs', name, 'sent to this workspace')
        : {
            group: 'logs',
            name,
            state: source.optional ? 'warning' : 'missing',
            detail: 'not sent to this workspace',
            remedy: source.remedy,
          };
    });
}

async function checkWorkspace({ client, workspace }: DoctorInputs): Promise<Check[]> {
  const resource = (await client.get(workspace.scope.workspace, apiVersions.workspace)) ?? {};
  const days = Number(at(resource, 'properties.retentionInDays') ?? 0);
  const retention: Check =
    days >= 90
      ? ok('workspace', 'retention', `${days} days`)
      : {
          group: 'workspace',
          name: 'retention',
          state: 'warning',
          detail: `${days} days`,
          remedy: 'set it to 90 days (free with Sentinel), so that the last drill can be shown',
        };
  const settings = await client.list(paths.sentinel(workspace.scope, 'settings'), apiVersions.nrtRule);
  const has = (kind: string): boolean =>
    settings.some((setting: JsonObject) => String(setting.kind).toLowerCase() === kind.toLowerCase());
  const ueba: Check = has('Ueba')
    ? ok('workspace', 'UEBA', 'on')
    : {
        group: 'workspace',
        name: 'UEBA',
        state: 'warning',
        detail: 'off',
        remedy: 'Settings, Entity behavior: enable; fills IdentityInfo',
      };
  return [retention, ueba];
}

async function checkPlaybookGrant({ client, workspace, content }: DoctorInputs): Promise<Check[]> {
  if (content.playbooks.length === 0) return [];
  const grants = await client.list(
    `${workspace.scope.playbookResourceGroup}/providers/Microsoft.Authorization/roleAssignments`,
    apiVersions.authorization,
    { $filter: 'atScope()' },
  );
  const found = grants.some((grant) =>
    String(at(grant, 'properties.roleDefinitionId')).toLowerCase().endsWith(roles.sentinelAutomationContributor),
  );
  const name = 'Microsoft Sentinel Automation Contributor';
  return [
    found
      ? ok('playbooks', name, 'Sentinel may run the playbooks of the resource group')
      : {
          group: 'playbooks',
          name,
          state: 'missing',
          detail: `nobody holds it on ${workspace.scope.playbookResourceGroup}`,
          remedy:
            'set securityInsightsPrincipalId of the target and deploy, or: Sentinel, Settings, Playbook permissions',
        },
  ];
}
