/**
 * The package as one ARM template for a Deploy to Azure button. The bodies are those that `deploy` sends: they are made
 * for a workspace that does not exist, whose ids then become template expressions.
 */
import type { Content } from '../content/model.ts';
import { clouds } from './cloud.ts';
import { type DesiredItem, desiredItems } from './desired.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { scopeOf } from './scope.ts';
import type { ParameterValue, Target } from './target.ts';

const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';

/** Names that no content can hold, so that they can be found again. */
const stand = {
  subscription: '5ca1ab1e-0000-4000-8000-000000000001',
  tenant: '5ca1ab1e-0000-4000-8000-000000000002',
  resourceGroup: 'stand-in-resource-group',
  workspace: 'stand-in-workspace',
  location: 'stand-in-location',
} as const;

export interface ArmExport {
  azuredeploy: JsonObject;
  createUiDefinition: JsonObject;
}

/** The package's items for the stand-in workspace, without grants: a button has no right to give them. */
export function standInItems(content: Content): DesiredItem[] {
  const target: Target = {
    name: 'export',
    tenant: stand.tenant,
    subscription: stand.subscription,
    resourceGroup: stand.resourceGroup,
    workspace: stand.workspace,
    cloud: clouds.public,
    location: undefined,
    playbookResourceGroup: stand.resourceGroup,
    securityInsightsPrincipalId: undefined,
    exclude: ['roleAssignment'],
    overlays: {
      playbooks: Object.fromEntries(
        content.playbooks.map(({ source, value }) => [source.slug, { parameters: openParameters(value.template) }]),
      ),
    },
    folder: '.',
  };
  const scope = scopeOf(target, stand.location, stand.tenant);
  return desiredItems(content, { target, scope, initialRows: new Map(), principals: new Map() });
}

/** Parameters without a default get an empty value here; the template asks for them. */
function openParameters(template: unknown): Record<string, ParameterValue> {
  const declared = isObject(template) && isObject(template.parameters) ? template.parameters : {};
  const open = Object.entries(declared).filter(
    ([name, parameter]) =>
      isObject(parameter) && parameter.defaultValue === undefined && !/^(WorkspaceName|Location)$/i.test(name),
  );
  return Object.fromEntries(
    open.map(([name, parameter]): [string, ParameterValue] => [
      name,
      /^secure/i.test(String((parameter as JsonObject).type)) ? { env: 'EXPORT' } : '',
    ]),
  );
}

/** Resource types, and whether they hang on the workspace. */
const resourceTypes: Readonly<Record<string, { type: string; on: 'workspace' | 'child' | 'group' }>> = {
  watchlist: { type: 'Microsoft.SecurityInsights/watchlists', on: 'workspace' },
  rule: { type: 'Microsoft.SecurityInsights/alertRules', on: 'workspace' },
  automationRule: { type: 'Microsoft.SecurityInsights/automationRules', on: 'workspace' },
  function: { type: 'Microsoft.OperationalInsights/workspaces/savedSearches', on: 'child' },
  huntingQuery: { type: 'Microsoft.OperationalInsights/workspaces/savedSearches', on: 'child' },
  workbook: { type: 'Microsoft.Insights/workbooks', on: 'group' },
};

/** @throws UserError where a playbook cannot be evaluated. */
export function exportArm(content: Content): ArmExport {
  const items = standInItems(content);
  const parameters: JsonObject = {
    workspace: { type: 'string', metadata: { description: 'Log Analytics workspace with Microsoft Sentinel' } },
    location: {
      type: 'string',
      defaultValue: '[resourceGroup().location]',
      metadata: { description: 'Region of workbooks and playbooks' },
    },
    deployPlaybooks: {
      type: 'bool',
      defaultValue: true,
      metadata: { description: 'Playbooks, and the automation rules that run them' },
    },
  };
  const resources = items.map((item) =>
    item.kind === 'playbook' ? nestedPlaybook(item, parameters) : resourceOf(item, items),
  );
  return {
    azuredeploy: {
      $schema: schema,
      contentVersion: '1.0.0.0',
      metadata: { description: 'Detection of emergency access (break glass) account use for Microsoft Sentinel' },
      parameters,
      resources,
    },
    createUiDefinition: uiDefinition(parameters),
  };
}

/** One item as a resource of a template with a `workspace` parameter. */
export function resourceOf(item: DesiredItem, items: readonly DesiredItem[]): JsonObject {
  const { type, on } = resourceTypes[item.kind]!;
  const name = item.resourceId!.split('/').at(-1)!;
  const dependsOn = items.filter((other) => item.dependsOn.includes(other.key)).map(referenceTo);
  const runsPlaybook = item.kind === 'automationRule' && item.dependsOn.some((key) => key.startsWith('playbook/'));
  const { location, ...body } = parameterised(item.body) as JsonObject;
  return {
    type,
    apiVersion: item.apiVersion,
    name: on === 'child' ? `[concat(parameters('workspace'), '/${name}')]` : name,
    ...(on === 'workspace'
      ? { scope: "[concat('Microsoft.OperationalInsights/workspaces/', parameters('workspace'))]" }
      : {}),
    ...(location === undefined ? {} : { location }),
    ...(runsPlaybook ? { condition: "[parameters('deployPlaybooks')]" } : {}),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...body,
  };
}

function referenceTo(item: DesiredItem): string {
  if (item.kind === 'playbook') return `[resourceId('Microsoft.Resources/deployments', '${deploymentName(item)}')]`;
  const { type, on } = resourceTypes[item.kind]!;
  const name = item.resourceId!.split('/').at(-1)!;
  const workspace = "resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspace'))";
  if (on === 'workspace') return `[extensionResourceId(${workspace}, '${type}', '${name}')]`;
  return on === 'child'
    ? `[resourceId('${type}', parameters('workspace'), '${name}')]`
    : `[resourceId('${type}', '${name}')]`;
}

function deploymentName(item: DesiredItem): string {
  return `playbook-${item.slug}`.slice(0, 64);
}

/** The playbook's own template inside; what it asks for is asked by the outer one. */
function nestedPlaybook(item: DesiredItem, outer: JsonObject): JsonObject {
  const { template } = item.deployment!;
  const declared = isObject(template.parameters) ? template.parameters : {};
  const given: JsonObject = {};
  for (const [name, declaration] of Object.entries(declared)) {
    if (/^WorkspaceName$/i.test(name)) given[name] = { value: "[parameters('workspace')]" };
    else if (/^Location$/i.test(name)) given[name] = { value: "[parameters('location')]" };
    else {
      const own = `${item.slug}-${name}`;
      // Defaults that call functions keep their meaning inside only.
      const isExpression =
        isObject(declaration) &&
        typeof declaration.defaultValue === 'string' &&
        declaration.defaultValue.startsWith('[');
      if (isExpression) continue;
      outer[own] = declaration as Json;
      given[name] = { value: `[parameters('${own}')]` };
    }
  }
  return {
    type: 'Microsoft.Resources/deployments',
    apiVersion: '2022-09-01',
    name: deploymentName(item),
    condition: "[parameters('deployPlaybooks')]",
    properties: { mode: 'Incremental', expressionEvaluationOptions: { scope: 'inner' }, parameters: given, template },
  };
}

/** Texts with the stand-in's names as expressions; texts that only look like an expression are escaped. */
function parameterised(value: Json): Json {
  if (typeof value === 'string') return expressionFor(value);
  if (Array.isArray(value)) return value.map(parameterised);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, parameterised(inner)]));
}

const standIns: readonly [string, string][] = [
  [`/subscriptions/${stand.subscription}/resourceGroups/${stand.resourceGroup}`, 'resourceGroup().id'],
  [stand.workspace, "parameters('workspace')"],
  [stand.location, "parameters('location')"],
  [stand.tenant, 'subscription().tenantId'],
  [stand.subscription, 'subscription().subscriptionId'],
  [stand.resourceGroup, 'resourceGroup().name'],
];

function expressionFor(text: string): string {
  const parts: { text: string; expression?: true }[] = [{ text }];
  for (const [name, expression] of standIns) {
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index]!;
      const at = part.expression ? -1 : part.text.indexOf(name);
      if (at < 0) continue;
      parts.splice(
        index,
        1,
        { text: part.text.slice(0, at) },
        { text: expression, expression: true },
        { text: part.text.slice(at + name.length) },
      );
    }
  }
  const filled = parts.filter((part) => part.text !== '');
  if (!filled.some((part) => part.expression)) return text.startsWith('[') ? `[${text}` : text;
  const list = filled.map((part) => (part.expression ? part.text : `'${part.text.replaceAll("'", "''")}'`));
  return list.length === 1 ? `[${list[0]}]` : `[concat(${list.join(', ')})]`;
}

/** The form of the portal: workspace, region, and what the playbooks ask for. */
function uiDefinition(parameters: JsonObject): JsonObject {
  const asked = Object.entries(parameters).filter(
    ([name]) => !['workspace', 'location', 'deployPlaybooks'].includes(name),
  );
  const elements = asked.map(([name, declaration]) => uiElement(name, declaration as JsonObject));
  const outputs: JsonObject = {
    workspace: "[basics('workspace')]",
    location: '[location()]',
    deployPlaybooks: "[steps('playbooks').deployPlaybooks]",
  };
  for (const [name] of asked) outputs[name] = `[steps('playbooks').${uiName(name)}]`;
  return {
    $schema: 'https://schema.management.azure.com/schemas/0.1.2-preview/CreateUIDefinition.MultiVm.json#',
    handler: 'Microsoft.Azure.CreateUIDef',
    version: '0.1.2-preview',
    parameters: {
      config: {
        basics: { description: 'Microsoft Sentinel content that watches emergency access (break glass) accounts.' },
      },
      basics: [
        {
          name: 'getWorkspaces',
          type: 'Microsoft.Solutions.ArmApiControl',
          toolTip: 'Workspaces of the resource group',
          request: {
            method: 'GET',
            path: "[concat(subscription().id, '/resourceGroups/', resourceGroup().name, '/providers/Microsoft.OperationalInsights/workspaces?api-version=2022-10-01')]",
          },
        },
        {
          name: 'workspace',
          type: 'Microsoft.Common.DropDown',
          label: 'Workspace',
          toolTip: 'The workspace that Microsoft Sentinel is enabled on',
          constraints: {
            allowedValues:
              '[map(basics(\'getWorkspaces\').value, (item) => parse(concat(\'{"label":"\', item.name, \'","value":"\', item.name, \'"}\')))]',
            required: true,
          },
          visible: true,
        },
      ],
      steps: [
        {
          name: 'playbooks',
          label: 'Playbooks',
          elements: [
            {
              name: 'deployPlaybooks',
              type: 'Microsoft.Common.CheckBox',
              label: 'Deploy the playbooks and the automation rules that run them',
              defaultValue: true,
            },
            ...elements,
          ],
        },
      ],
      outputs,
    },
  };
}

/** Names of elements may hold letters and digits only. */
function uiName(name: string): string {
  return name.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase());
}

function uiElement(name: string, declaration: JsonObject): JsonObject {
  const [, slug = '', parameter = name] = /^(.*)-([^-]+)$/.exec(name) ?? [];
  const base = {
    name: uiName(name),
    label: `${slug}: ${parameter}`,
    toolTip: String((isObject(declaration.metadata) ? declaration.metadata.description : undefined) ?? parameter),
  };
  const visible = "[steps('playbooks').deployPlaybooks]";
  const type = String(declaration.type).toLowerCase();
  if (type === 'bool')
    return { ...base, type: 'Microsoft.Common.CheckBox', defaultValue: declaration.defaultValue === true, visible };
  if (type.startsWith('secure')) {
    return {
      ...base,
      type: 'Microsoft.Common.PasswordBox',
      label: { password: base.label, confirmPassword: 'Confirm' },
      constraints: { required: false },
      options: { hideConfirmation: true },
      visible,
    };
  }
  const numeric = type === 'int' ? { regex: '^[0-9]+$', validationMessage: 'A whole number' } : {};
  return {
    ...base,
    type: 'Microsoft.Common.TextBox',
    defaultValue: String(declaration.defaultValue ?? ''),
    constraints: { required: declaration.defaultValue === undefined, ...numeric },
    visible,
  };
}
