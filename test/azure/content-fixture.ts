/** A package of every kind, of any size, made up for deployments. */

import { clouds } from '../../scripts/azure/cloud.ts';
import type { Target } from '../../scripts/azure/target.ts';
import type { AnalyticsRule, Content } from '../../scripts/content/model.ts';
import { world } from './fake-azure.ts';

const guid = (kind: number, index: number): string =>
  `7777777${kind}-7777-4777-8777-${String(index).padStart(12, '0')}`;
const source = (folder: string, slug: string) => ({ file: `${folder}/${slug}.yaml`, slug, text: '' });
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

export interface Sizes {
  watchlists: number;
  functions: number;
  huntingQueries: number;
  rules: number;
  playbooks: number;
  automationRules: number;
  workbooks: number;
}

/** With role assignments: 60 items at the target. */
export const fullSizes: Sizes = {
  watchlists: 4,
  functions: 5,
  huntingQueries: 12,
  rules: 26,
  playbooks: 4,
  automationRules: 3,
  workbooks: 1,
};
export const smallSizes: Sizes = {
  watchlists: 1,
  functions: 1,
  huntingQueries: 1,
  rules: 2,
  playbooks: 1,
  automationRules: 1,
  workbooks: 1,
};

export function makeRule(index: number, change: Partial<AnalyticsRule> = {}): AnalyticsRule {
  const scheduled = index % 2 === 0;
  return {
    id: guid(1, index),
    name: `Emergency account rule ${index}`,
    description: `Identifies sign-ins of emergency accounts, case ${index}.\nSecond line.`,
    kind: scheduled ? 'Scheduled' : 'NRT',
    severity: 'High',
    requiredDataConnectors: [{ connectorId: 'AzureActiveDirectory', dataTypes: ['SigninLogs'] }],
    ...(scheduled
      ? { queryFrequency: '1h', queryPeriod: '1d', triggerOperator: 'gt' as const, triggerThreshold: 0 }
      : {}),
    tactics: ['InitialAccess', 'Persistence'],
    relevantTechniques: ['T1078.004', 'T1098'],
    query: `FixtureAccounts0()\n| join kind=inner (SigninLogs | where ResultType == "${index}") on UserId\n`,
    entityMappings: [
      {
        entityType: 'Account',
        fieldMappings: [
          { identifier: 'AadUserId', columnName: 'UserId' },
          { identifier: 'Name', columnName: 'Name' },
        ],
      },
      { entityType: 'IP', fieldMappings: [{ identifier: 'Address', columnName: 'IPAddress' }] },
    ],
    customDetails: { Label: 'Label', Declared: 'Declared' },
    alertDetailsOverride: {
      alertDisplayNameFormat: 'Emergency account {{Label}}',
      alertSeverityColumnName: 'Severity',
    },
    eventGroupingSettings: { aggregationKind: 'AlertPerResult' },
    incidentConfiguration: {
      createIncident: true,
      groupingConfiguration: {
        enabled: true,
        reopenClosedIncident: false,
        lookbackDuration: '5h',
        matchingMethod: 'Selected',
        groupByEntities: ['Account'],
        groupByAlertDetails: [],
        groupByCustomDetails: ['Label'],
      },
    },
    version: '1.0.0',
    ...change,
  };
}

export function playbookTemplate(slug: string): object {
  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    metadata: {
      title: slug,
      description: 'Tells the responders.',
      lastUpdateTime: '2026-11-01T00:00:00Z',
      support: { tier: 'community' },
      author: { name: 'Contoso' },
    },
    parameters: {
      PlaybookName: { type: 'string', defaultValue: slug },
      WebhookUrl: { type: 'securestring', defaultValue: '' },
    },
    variables: { connection: "[concat('azuresentinel-', parameters('PlaybookName'))]" },
    resources: [
      {
        type: 'Microsoft.Web/connections',
        apiVersion: '2016-06-01',
        name: "[variables('connection')]",
        location: '[resourceGroup().location]',
        kind: 'V1',
        properties: {
          displayName: "[variables('connection')]",
          parameterValueType: 'Alternative',
          api: {
            id: "[concat('/subscriptions/', subscription().subscriptionId, '/providers/Microsoft.Web/locations/', resourceGroup().location, '/managedApis/azuresentinel')]",
          },
        },
      },
      {
        type: 'Microsoft.Logic/workflows',
        apiVersion: '2017-07-01',
        name: "[parameters('PlaybookName')]",
        location: '[resourceGroup().location]',
        identity: { type: 'SystemAssigned' },
        tags: { 'hidden-SentinelTemplateName': slug, 'hidden-SentinelTemplateVersion': '1.0' },
        properties: {
          state: 'Enabled',
          definition: {
            $schema:
              'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
            contentVersion: '1.0.0.0',
            parameters: { $connections: { type: 'Object', defaultValue: {} } },
            triggers: {},
            actions: {},
          },
          parameters: {
            $connections: {
              value: {
                azuresentinel: {
                  connectionId: "[resourceId('Microsoft.Web/connections', variables('connection'))]",
                  connectionName: "[variables('connection')]",
                  id: "[concat('/subscriptions/', subscription().subscriptionId, '/providers/Microsoft.Web/locations/', resourceGroup().location, '/managedApis/azuresentinel')]",
                  connectionProperties: { authentication: { type: 'ManagedServiceIdentity' } },
                },
              },
            },
          },
        },
        dependsOn: ["[resourceId('Microsoft.Web/connections', variables('connection'))]"],
      },
    ],
  };
}

export function makeContent(sizes: Sizes = smallSizes): Content {
  const playbooks = range(sizes.playbooks).map((index) => `notify-${index}`);
  return {
    root: '.',
    watchlists: range(sizes.watchlists).map((index) => ({
      source: source('detections/watchlists', `FixtureList${index}`),
      value: {
        id: guid(2, index),
        watchlistAlias: `FixtureList${index}`,
        displayName: `Fixture list ${index}`,
        description: 'Accounts',
        provider: 'Custom',
        itemsSearchKey: 'UserObjectId',
        version: '1.0.0',
        columns: [
          { name: 'UserObjectId', description: 'Object id' },
          { name: 'Label', description: 'Label' },
        ],
        rows: [],
      },
    })),
    functions: range(sizes.functions).map((index) => ({
      source: source('detections/functions', `FixtureAccounts${index}`),
      value: {
        id: guid(3, index),
        Function: { Title: `Fixture accounts ${index}`, Version: '1.0.0', LastUpdated: '2026-11-01' },
        Category: 'Microsoft Sentinel Parser',
        FunctionName: `FixtureAccounts${index}`,
        FunctionAlias: `FixtureAccounts${index}`,
        FunctionQuery: "_GetWatchlist('FixtureList0')\n| project UserId = tolower(UserObjectId)\n",
      },
    })),
    huntingQueries: range(sizes.huntingQueries).map((index) => ({
      source: source('detections/hunting', `hunt-${index}`),
      value: {
        id: guid(4, index),
        name: `Hunt ${index}`,
        description: 'Looks for use',
        requiredDataConnectors: [],
        tactics: ['InitialAccess'],
        relevantTechniques: ['T1078'],
        query: `SigninLogs | take ${index}`,
        version: '1.0.0',
      },
    })),
    rules: range(sizes.rules).map((index) => ({
      source: source('detections/rules', `rule-${index}`),
      value: makeRule(index),
    })),
    playbooks: playbooks.map((slug) => ({
      source: { file: `playbooks/${slug}/azuredeploy.json`, slug, text: '' },
      value: { slug, title: slug, version: '1.0.0', template: playbookTemplate(slug), readme: '' },
    })),
    automationRules: range(sizes.automationRules).map((index) => ({
      source: source('playbooks/automation-rules', `automation-${index}`),
      value: {
        id: guid(5, index),
        name: `Automation ${index}`,
        description: '',
        version: '1.0.0',
        order: index + 1,
        enabled: true,
        triggersOn: 'Incidents',
        triggersWhen: 'Created',
        analyticsRules: ['rule-0', 'rule-1'],
        actions: [
          { actionType: 'AddIncidentTask', title: 'Call the owner', description: 'Within 15 minutes' },
          { actionType: 'RunPlaybook', playbook: playbooks[0]! },
        ],
      },
    })),
    workbooks: range(sizes.workbooks).map((index) => ({
      source: { file: `workbooks/book-${index}/workbook.json`, slug: `book-${index}`, text: '' },
      value: {
        slug: `book-${index}`,
        id: guid(6, index),
        displayName: `Book ${index}`,
        description: 'Readiness',
        version: '1.0.0',
        template: { version: 'Notebook/1.0', items: [{ type: 1, content: { json: 'Hello' } }] },
      },
    })),
  };
}

export function makeTarget(change: Partial<Target> = {}): Target {
  return {
    name: 'contoso',
    tenant: world.tenant,
    subscription: world.subscription,
    resourceGroup: world.resourceGroup,
    workspace: world.workspace,
    cloud: clouds.public,
    location: undefined,
    playbookResourceGroup: world.resourceGroup,
    securityInsightsPrincipalId: world.sentinelPrincipal,
    exclude: [],
    overlays: {},
    folder: '.',
    ...change,
  };
}
