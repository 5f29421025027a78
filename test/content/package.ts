/** A small package in a temporary folder, for tests that break one thing in it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export const rule = `id: 5f0c1c1e-0000-4000-8000-000000000001
name: Emergency account signed in
description: |
  Identifies a sign-in of an emergency account.
kind: Scheduled
severity: High
requiredDataConnectors:
  - connectorId: AzureActiveDirectory
    dataTypes: [SigninLogs]
queryFrequency: 5m
queryPeriod: 2h
triggerOperator: gt
triggerThreshold: 0
tactics: [InitialAccess]
relevantTechniques: [T1078]
query: |
  // sign-ins
  BreakGlassSignIns(2h)
  | where ResultType == "0"
  | where ingestion_time() > ago(5m)
entityMappings:
  - entityType: Account
    fieldMappings:
      - identifier: AadUserId
        columnName: UserId
version: 1.0.0
`;

export const guide = `# Emergency account signed in

## What happened
Somebody used it.

## Check
- Who.

## Decide
Declared or not.

## Tasks
1. **Call the owner.** By telephone.

## Close
As what it was.
`;

export const accountsFunction = `id: 5f0c1c1e-0000-4000-8000-000000000002
Function:
  Title: Emergency accounts
  Version: '1.0.0'
  LastUpdated: '2026-11-24'
Category: Microsoft Sentinel Parser
FunctionName: BreakGlassAccounts
FunctionAlias: BreakGlassAccounts
FunctionQuery: |
  _GetWatchlist('BreakGlassAccounts')
  | project UserObjectId = tolower(UserObjectId)
`;

export const signInsFunction = `id: 5f0c1c1e-0000-4000-8000-000000000003
Function:
  Title: Sign-ins
  Version: '1.0.0'
  LastUpdated: '2026-11-24'
Category: Microsoft Sentinel Parser
FunctionName: BreakGlassSignIns
FunctionAlias: BreakGlassSignIns
FunctionParams:
  - Name: window
    Type: timespan
    Default: 1d
FunctionQuery: |
  SigninLogs
  | where TimeGenerated > ago(window)
  | where tolower(UserId) in (BreakGlassAccounts())
`;

export const watchlist = `id: 5f0c1c1e-0000-4000-8000-000000000004
watchlistAlias: BreakGlassAccounts
displayName: Break glass accounts
description: The emergency accounts.
provider: Custom
itemsSearchKey: UserObjectId
version: 1.0.0
columns:
  - name: UserObjectId
    description: Object id in Entra ID.
    required: true
  - name: Label
    description: Short name.
`;

export const hunting = `id: 5f0c1c1e-0000-4000-8000-000000000005
name: Sign-ins of the emergency accounts
description: All of them.
requiredDataConnectors:
  - connectorId: AzureActiveDirectory
    dataTypes:
      - SigninLogs
tactics:
  - InitialAccess
relevantTechniques:
  - T1078
query: |
  BreakGlassSignIns()
  | project TimeGenerated, UserId
version: 1.0.0
`;

export const automationRule = `id: 5f0c1c1e-0000-4000-8000-000000000006
name: Notify responders
description: Runs the playbook.
version: 1.0.0
order: 1
enabled: true
triggersOn: Incidents
triggersWhen: Created
analyticsRules: [signed-in]
actions:
  - actionType: RunPlaybook
    playbook: notify
`;

export const playbook = {
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  metadata: {
    title: 'Notify',
    description: 'Notifies.',
    lastUpdateTime: '2026-11-24T00:00:00.000Z',
    support: { tier: 'community' },
    author: { name: 'Contoso' },
    releaseNotes: [{ version: '1.0.0', title: 'First', notes: ['First.'] }],
  },
  parameters: { PlaybookName: { type: 'string', defaultValue: 'Notify' } },
  resources: [
    {
      type: 'Microsoft.Logic/workflows',
      apiVersion: '2017-07-01',
      name: "[parameters('PlaybookName')]",
      identity: { type: 'SystemAssigned' },
      tags: { 'hidden-SentinelTemplateName': 'notify', 'hidden-SentinelTemplateVersion': '1.0.0' },
      properties: { definition: {} },
    },
  ],
};

const files: Record<string, string> = {
  'detections/rules/signed-in.yaml': rule,
  'detections/rules/signed-in.md': guide,
  'detections/functions/BreakGlassAccounts.yaml': accountsFunction,
  'detections/functions/BreakGlassSignIns.yaml': signInsFunction,
  'detections/hunting/sign-ins.yaml': hunting,
  'playbooks/automation-rules/notify.yaml': automationRule,
  'playbooks/notify/azuredeploy.json': JSON.stringify(playbook, null, 2),
  'playbooks/notify/readme.md': '# Notify',
  'detections/watchlists/BreakGlassAccounts.yaml': watchlist,
  'detections/watchlists/BreakGlassAccounts.csv': 'UserObjectId,Label\n5f0c1c1e-0000-4000-8000-0000000000aa,EM-01\n',
};

/** Writes the package, with `changes` in place of its files (undefined: the file is left out); gone after the test. */
export async function packageWith(changes: Record<string, string | undefined> = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'breakglass-content-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({ ...files, ...changes })) {
    if (text === undefined) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}
