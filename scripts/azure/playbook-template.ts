/** Playbooks: their template's parameters, and the Logic App and connections that it will make. */
import type { Content } from '../content/model.ts';
import { UserError } from '../diagnostics/errors.ts';
import { deployTemplate } from '../playbook/arm/template.ts';
import type { Value, ValueObject } from '../playbook/value.ts';
import type { DesiredItem } from './desired.ts';
import { guidOf, isObject, type Json, type JsonObject } from './json.ts';
import { apiVersions } from './kinds.ts';
import { fieldsOf } from './normalize.ts';
import { paths, type Scope } from './scope.ts';
import type { Overlays, ParameterValue } from './target.ts';

type PlaybookItem = Content['playbooks'][number];

/** What is sent to Azure Resource Manager, and what is made of it. */
export interface PlaybookDeployment {
  template: JsonObject;
  /** Values that may be shown. */
  parameters: Record<string, Json>;
  /** Parameters whose value comes from an environment variable when it is deployed: parameter to variable. */
  secrets: Record<string, string>;
  connections: string[];
  needsSentinelRole: boolean;
  /** The template makes role assignments itself. */
  grantsItself: boolean;
}

/** The name of the Logic App at the target. */
export function playbookName(item: PlaybookItem, overlays: Overlays): string {
  const given = overlays.playbooks?.[item.source.slug]?.parameters?.PlaybookName;
  if (typeof given === 'string') return given;
  const declared = parameterDeclarations(item.value.template).PlaybookName?.defaultValue;
  return typeof declared === 'string' && !declared.startsWith('[') ? declared : item.source.slug;
}

/** The Logic App as the template makes it, its connections folded in. @throws UserError where the template cannot be evaluated. */
export function desiredPlaybook(item: PlaybookItem, scope: Scope, overlays: Overlays): DesiredItem {
  const { source, value } = item;
  const template = value.template as JsonObject;
  const name = playbookName(item, overlays);
  const given = overlays.playbooks?.[source.slug]?.parameters ?? {};
  const { parameters, secrets } = sortParameters(
    item,
    { ...given, ...('PlaybookName' in parameterDeclarations(template) ? { PlaybookName: name } : {}) },
    scope,
  );
  const resources = expand(
    item,
    { ...parameters, ...Object.fromEntries(Object.keys(secrets).map((key) => [key, ''])) },
    scope,
  );
  const workflow = resources.find((resource) => isType(resource, 'Microsoft.Logic/workflows'));
  if (workflow === undefined) {
    throw new UserError('playbook-without-workflow', {
      what: 'the template makes no Microsoft.Logic/workflows',
      place: source.file,
      remedy: 'a playbook is the ARM template of one Logic App',
    });
  }
  const connections = resources.filter((resource) => isType(resource, 'Microsoft.Web/connections'));
  const identity = isObject(workflow.identity) ? workflow.identity : {};
  const body: JsonObject = {
    location: scope.location,
    ...(isObject(workflow.tags) ? { tags: workflow.tags } : {}),
    identity,
    properties: isObject(workflow.properties) ? workflow.properties : {},
    connections: foldConnections(connections),
  };
  const grantsItself = resources.some((resource) => isType(resource, 'Microsoft.Authorization/roleAssignments'));
  const usesSentinel = connections.some((connection) => /azuresentinel$/i.test(apiOf(connection)));
  return {
    key: `playbook/${source.slug}`,
    kind: 'playbook',
    slug: source.slug,
    id: guidOf('playbook', source.slug),
    name,
    version: value.version,
    file: source.file,
    resourceId: paths.workflow(scope, name),
    apiVersion: apiVersions.workflow,
    body,
    fields: fieldsOf('playbook', body),
    dependsOn: [],
    deployment: {
      template,
      parameters,
      secrets,
      connections: connections.map((connection) => String(connection.name)),
      grantsItself,
      needsSentinelRole: usesSentinel && !grantsItself && /systemassigned/i.test(String(identity.type ?? '')),
    },
  };
}

/** Connections as one object: which managed API each one is for, by name. Takes resources of a template or of Azure. */
export function foldConnections(connections: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(
    connections.map((connection) => [String(connection.name).toLowerCase(), apiOf(connection).toLowerCase()]),
  );
}

function apiOf(connection: JsonObject): string {
  const properties = isObject(connection.properties) ? connection.properties : {};
  const api = isObject(properties.api) ? properties.api : {};
  return String(api.id ?? '');
}

function isType(resource: JsonObject, type: string): boolean {
  return String(resource.type).toLowerCase() === type.toLowerCase();
}

function parameterDeclarations(template: unknown): Record<string, JsonObject> {
  const declared = isObject(template) && isObject(template.parameters) ? template.parameters : {};
  return declared as Record<string, JsonObject>;
}

/** Tells values that may be shown from secrets, and completes what every template of the package may declare. */
function sortParameters(
  { source, value }: PlaybookItem,
  given: Record<string, ParameterValue>,
  scope: Scope,
): { parameters: Record<string, Json>; secrets: Record<string, string> } {
  const declarations = parameterDeclarations(value.template);
  const names = new Map(Object.keys(declarations).map((name) => [name.toLowerCase(), name]));
  const parameters: Record<string, Json> = {};
  const secrets: Record<string, string> = {};
  for (const [key, setting] of Object.entries(given)) {
    const name = names.get(key.toLowerCase());
    if (name === undefined) {
      throw new UserError('overlay-unknown', {
        what: `overlays.playbooks.${source.slug}.parameters.${key} is no parameter of the template`,
        place: source.file,
        remedy: `one of: ${[...names.values()].join(', ')}`,
      });
    }
    const isSecret = /^secure/i.test(String(declarations[name]!.type));
    if (typeof setting === 'object' && !Array.isArray(setting)) secrets[name] = setting.env;
    else if (isSecret) {
      throw new UserError('secret-in-configuration', {
        what: `overlays.playbooks.${source.slug}.parameters.${key} is a secret and must not stand in a file`,
        remedy: `write { env: NAME } and set the environment variable NAME where the tool runs`,
      });
    } else parameters[name] = setting as Json;
  }
  const known: Record<string, string> = { workspacename: scope.workspace.split('/').at(-1)!, location: scope.location };
  for (const [lower, name] of names) {
    const missing = !(name in parameters) && !(name in secrets);
    const fill = known[lower];
    if (missing && fill !== undefined && declarations[name]!.defaultValue === undefined) parameters[name] = fill;
  }
  const lacking = [...names.values()].filter(
    (name) => !(name in parameters) && !(name in secrets) && declarations[name]!.defaultValue === undefined,
  );
  if (lacking.length > 0) {
    throw new UserError('playbook-parameter-missing', {
      what: `the playbook ${source.slug} needs values for: ${lacking.join(', ')}`,
      place: source.file,
      remedy: `set overlays.playbooks.${source.slug}.parameters of the target in breakglass.config.yaml (secrets as { env: NAME }), or leave the playbook out: exclude: [playbook/${source.slug}]`,
    });
  }
  return { parameters, secrets };
}

/** Functions whose value Azure chooses: what they make cannot be known, and so not compared. */
const chosenByAzure = /\b(uniqueString|guid|newGuid|utcNow)\s*\(/i;

/**
 * What the template makes besides role assignments. Those name the identity of the new Logic App, which only Azure
 * knows; of them the type is enough here.
 */
function expand(item: PlaybookItem, parameters: Record<string, Json>, scope: Scope): JsonObject[] {
  const template = item.value.template as JsonObject;
  const list = Array.isArray(template.resources) ? template.resources.filter(isObject) : [];
  const isGrant = (resource: JsonObject): boolean => isType(resource, 'Microsoft.Authorization/roleAssignments');
  const made = list.filter((resource) => !isGrant(resource));
  const unknown = new Set<string>();
  const [, , subscriptionId = '', , resourceGroup = ''] = scope.playbookResourceGroup.split('/');
  const { resources, problems } = deployTemplate({ ...template, resources: made, outputs: {} } as ValueObject, {
    context: { subscriptionId, resourceGroup, tenantId: scope.tenant, location: scope.location },
    parameters: parameters as Record<string, Value>,
    runtime: (name) => {
      unknown.add(name);
      return '';
    },
  });
  for (const text of expressionsOf(made)) if (chosenByAzure.test(text)) unknown.add(chosenByAzure.exec(text)![1]!);
  const reason =
    problems[0]?.message ?? (unknown.size > 0 ? `only Azure knows the value of ${[...unknown].join(', ')}` : undefined);
  if (reason !== undefined) {
    throw new UserError('playbook-template', {
      what: `the Logic App or a connection of the playbook cannot be evaluated: ${reason}`,
      place: item.source.file,
      remedy: 'use parameters, variables and resourceId() in what becomes the Logic App and its connections',
    });
  }
  return [
    ...resources.map(({ resource }) => resource as JsonObject),
    ...list.filter(isGrant).map(({ type }) => ({ type: type! })),
  ];
}

function expressionsOf(value: Json): string[] {
  // Quoted parts are text, such as the expressions of the workflow itself.
  if (typeof value === 'string') return /^\[(?!\[)/.test(value) ? [value.replace(/'(?:[^']|'')*'/g, "''")] : [];
  if (Array.isArray(value)) return value.flatMap(expressionsOf);
  return isObject(value) ? Object.values(value).flatMap(expressionsOf) : [];
}
