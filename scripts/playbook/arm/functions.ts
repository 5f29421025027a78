/**
 * Functions of Azure Resource Manager template expressions.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions.
 */
import { createHash } from 'node:crypto';
import { collectionFunctions, logicalFunctions, objectFunctions } from '../functions/collections.ts';
import { conversionFunctions } from '../functions/conversion.ts';
import {
  formatTimestamp,
  millisecondsOfTicks,
  parseTimestamp,
  ticksOfMilliseconds,
} from '../functions/dotnet-dates.ts';
import { FunctionError, integer, list, text } from '../functions/function.ts';
import { calculate } from '../functions/math.ts';
import { stringFunctions } from '../functions/strings.ts';
import { isObject, setOwn, toJson, type Value, type ValueObject } from '../value.ts';
import { parseDuration } from '../workflow/duration.ts';

/** Where a template is deployed to. */
export interface DeploymentContext {
  subscriptionId: string;
  tenantId: string;
  resourceGroup: string;
  location: string;
  deploymentName: string;
  now: Date;
}

export type ArmFunction = (args: Value[], context: DeploymentContext) => Value;

const printArm = (value: Value | undefined): string => {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object'
    ? toJson(value)
    : typeof value === 'boolean'
      ? value
        ? 'True'
        : 'False'
      : String(value);
};

/** Base 32 of a hash, 13 characters as Azure's; the value itself need not be Azure's. */
function uniqueString(args: Value[]): string {
  const digest = createHash('sha256').update(args.map(printArm).join('-')).digest();
  return Array.from(digest.subarray(0, 13), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('');
}

/** A GUID of the arguments, the same for the same arguments; the value itself need not be Azure's. */
function guid(args: Value[]): string {
  const hex = createHash('sha256').update(args.map(printArm).join('-')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** `Type/child`, names -> `/Type/name1/child/name2`. */
function typePath(type: string, names: string[]): string {
  const [namespace = '', ...types] = type.split('/');
  if (types.length !== names.length)
    throw new FunctionError(`the resource type '${type}' needs ${types.length} names, not ${names.length}`);
  return `/providers/${namespace}${types.map((part, index) => `/${part}/${names[index]}`).join('')}`;
}

function resourceId(args: Value[], context: DeploymentContext): string {
  const parts = args.map(printArm);
  const at = parts.findIndex((part) => part.includes('/') && !part.startsWith('/'));
  if (at < 0) throw new FunctionError('resourceId() needs a resource type such as Microsoft.Logic/workflows');
  const scope = parts.slice(0, at);
  const group = scope.length > 0 ? scope.at(-1)! : context.resourceGroup;
  const subscription = scope.length > 1 ? scope[0]! : context.subscriptionId;
  return `/subscriptions/${subscription}/resourceGroups/${group}${typePath(parts[at]!, parts.slice(at + 1))}`;
}

function format([pattern, ...values]: Value[]): string {
  return printArm(pattern).replace(/\{\{|\}\}|\{(\d+)(?::[^}]*)?\}/g, (whole, index?: string) => {
    if (whole === '{{') return '{';
    if (whole === '}}') return '}';
    return printArm(values[Number(index)]);
  });
}

const subscription = (context: DeploymentContext): ValueObject => ({
  id: `/subscriptions/${context.subscriptionId}`,
  subscriptionId: context.subscriptionId,
  tenantId: context.tenantId,
  displayName: 'contoso',
});

const resourceGroup = (context: DeploymentContext): ValueObject => ({
  id: `/subscriptions/${context.subscriptionId}/resourceGroups/${context.resourceGroup}`,
  name: context.resourceGroup,
  type: 'Microsoft.Resources/resourceGroups',
  location: context.location,
  tags: {},
  properties: { provisioningState: 'Succeeded' },
});

/** Functions that ARM and workflows share in meaning, by the workflow's table. */
function shared(table: typeof stringFunctions, names: string[]): Record<string, ArmFunction> {
  const environment = { nowTicks: () => 0n, random: () => 0, guid: () => '' };
  return Object.fromEntries(
    names.map((name) => [name.toLowerCase(), (args: Value[]) => table[name]!.apply(args, environment)]),
  );
}

const arithmetic =
  (name: string): ArmFunction =>
  ([left, right]) =>
    calculate(name, left, right, false);

export const armFunctions: Record<string, ArmFunction> = {
  ...shared(stringFunctions, [
    'substring',
    'replace',
    'toLower',
    'toUpper',
    'indexOf',
    'lastIndexOf',
    'startsWith',
    'endsWith',
    'trim',
  ]),
  ...shared(collectionFunctions, ['contains', 'empty', 'first', 'last', 'intersection', 'skip', 'take', 'join']),
  ...shared(logicalFunctions, [
    'and',
    'or',
    'not',
    'if',
    'less',
    'lessOrEquals',
    'greater',
    'greaterOrEquals',
    'equals',
  ]),
  ...shared(objectFunctions, ['coalesce']),
  ...shared(conversionFunctions, [
    'int',
    'float',
    'bool',
    'base64',
    'base64ToString',
    'dataUri',
    'dataUriToString',
    'createArray',
    'uriComponent',
    'uriComponentToString',
  ]),
  add: arithmetic('add'),
  sub: arithmetic('sub'),
  mul: arithmetic('mul'),
  div: arithmetic('div'),
  mod: arithmetic('mod'),
  concat: (args) =>
    args.length > 0 && args.every(Array.isArray) ? (args as Value[][]).flat(1) : args.map(printArm).join(''),
  string: ([value]) => printArm(value),
  json: ([value]) => JSON.parse(text(value, 'the value of json()')) as Value,
  base64tojson: ([value]) =>
    JSON.parse(Buffer.from(text(value, 'the value of base64ToJson()'), 'base64').toString('utf8')) as Value,
  true: () => true,
  false: () => false,
  null: () => null,
  array: ([value]) => (Array.isArray(value) ? value : [value ?? null]),
  createobject: (args) => {
    const result: ValueObject = {};
    for (let at = 0; at + 1 < args.length; at += 2) setOwn(result, printArm(args[at]), args[at + 1] ?? null);
    return result;
  },
  union: (args) => collectionFunctions.union!.apply(args, { nowTicks: () => 0n, random: () => 0, guid: () => '' }),
  length: ([value]) =>
    isObject(value)
      ? Object.keys(value).length
      : Array.isArray(value)
        ? value.length
        : text(value, 'the value of length()').length,
  min: (args) => Math.min(...numbers(args)),
  max: (args) => Math.max(...numbers(args)),
  range: ([start, count]) =>
    Array.from(
      { length: Math.min(integer(count, 'the count of range()'), 10_000) },
      (_, index) => integer(start, 'the start of range()') + index,
    ),
  split: ([value, separators]) => {
    const by = (Array.isArray(separators) ? separators : [separators ?? null]).map((item) =>
      text(item, 'the separator of split()'),
    );
    return by.reduce(
      (parts, separator) => parts.flatMap((part) => part.split(separator)),
      [text(value, 'the text of split()')],
    );
  },
  padleft: ([value, width, filler]) =>
    printArm(value).padStart(integer(width, 'the width of padLeft()'), filler === undefined ? ' ' : printArm(filler)),
  format,
  uniquestring: uniqueString,
  guid,
  newguid: (_, context) => guid([context.deploymentName, context.now.toISOString()]),
  uri: ([base, relative]) => {
    const start = printArm(base);
    return new URL(printArm(relative), start.endsWith('/') || start.split('/').length > 3 ? start : `${start}/`).href;
  },
  utcnow: ([pattern], context) =>
    formatTimestamp(
      ticksOfMilliseconds(context.now.getTime()),
      pattern === undefined ? "yyyyMMdd'T'HHmmss'Z'" : printArm(pattern),
    ),
  datetimeadd: ([base, duration, pattern]) => {
    const span = text(duration, 'the duration of dateTimeAdd()');
    const milliseconds = parseDuration(span.replace(/^-/, ''));
    if (milliseconds === undefined) throw new FunctionError(`'${span}' is not an ISO 8601 duration`);
    const ticks =
      parseTimestamp(text(base, 'the base of dateTimeAdd()')) +
      BigInt(span.startsWith('-') ? -milliseconds : milliseconds) * 10_000n;
    return formatTimestamp(ticks, pattern === undefined ? 'yyyy-MM-ddTHH:mm:ssZ' : printArm(pattern));
  },
  datetimetoepoch: ([value]) =>
    Math.floor(millisecondsOfTicks(parseTimestamp(text(value, 'the value of dateTimeToEpoch()'))) / 1000),
  datetimefromepoch: ([value]) =>
    formatTimestamp(
      ticksOfMilliseconds(integer(value, 'the value of dateTimeFromEpoch()') * 1000),
      'yyyy-MM-ddTHH:mm:ssZ',
    ),
  resourceid: resourceId,
  subscriptionresourceid: (args, context) => {
    const parts = args.map(printArm);
    const own = parts.length > 1 && !parts[0]!.includes('/');
    return `/subscriptions/${own ? parts[0] : context.subscriptionId}${typePath(parts[own ? 1 : 0] ?? '', parts.slice(own ? 2 : 1))}`;
  },
  tenantresourceid: (args) => typePath(printArm(args[0]), args.slice(1).map(printArm)),
  extensionresourceid: ([scope, type, ...names]) =>
    `${printArm(scope)}${typePath(printArm(type), names.map(printArm))}`,
  managementgroupresourceid: ([group, type, ...names]) =>
    `/providers/Microsoft.Management/managementGroups/${printArm(group)}${typePath(printArm(type), names.map(printArm))}`,
  subscription: (_, context) => subscription(context),
  resourcegroup: (_, context) => resourceGroup(context),
  tenant: (_, context) => ({ tenantId: context.tenantId, displayName: 'contoso' }),
  deployment: (_, context) => ({
    name: context.deploymentName,
    properties: {
      templateLink: { uri: 'https://contoso.example/azuredeploy.json' },
      template: {},
      parameters: {},
      mode: 'Incremental',
      provisioningState: 'Accepted',
    },
  }),
  environment: () => ({
    name: 'AzureCloud',
    gallery: 'https://gallery.azure.com/',
    graph: 'https://graph.windows.net/',
    portal: 'https://portal.azure.com',
    resourceManager: 'https://management.azure.com/',
    authentication: {
      loginEndpoint: 'https://login.microsoftonline.com/',
      audiences: ['https://management.core.windows.net/', 'https://management.azure.com/'],
      tenant: 'common',
      identityProvider: 'AAD',
    },
    suffixes: {
      acrLoginServer: '.azurecr.io',
      keyvaultDns: '.vault.azure.net',
      storage: 'core.windows.net',
      sqlServerHostname: '.database.windows.net',
      azureDatalakeStoreFileSystem: 'azuredatalakestore.net',
    },
  }),
  items: ([value]) =>
    isObject(value)
      ? Object.keys(value)
          .sort()
          .map((key) => ({ key, value: value[key] ?? null }))
      : [],
  objectkeys: ([value]) => (isObject(value) ? Object.keys(value).sort() : []),
  shallowmerge: ([value]) =>
    objectFunctions.mergeObjects!.apply(list(value, 'the value of shallowMerge()'), {
      nowTicks: () => 0n,
      random: () => 0,
      guid: () => '',
    }),
  flatten: ([value]) => list(value, 'the value of flatten()').flatMap((item) => (Array.isArray(item) ? item : [item])),
  tryget: ([value, ...keys]) =>
    keys.reduce<Value>(
      (target, key) =>
        isObject(target)
          ? (target[printArm(key)] ?? null)
          : Array.isArray(target)
            ? (target[Number(key)] ?? null)
            : null,
      value ?? null,
    ),
  indexfromend: ([value, index]) => list(value, 'the value of indexFromEnd()').at(-integer(index, 'the index')) ?? null,
  pickzones: () => ['1'],
  providers: ([namespace, type]) => ({
    resourceType: `${printArm(namespace)}/${printArm(type)}`,
    locations: ['West Europe'],
    apiVersions: ['2019-05-01'],
  }),
};

const numbers = (args: Value[]): number[] =>
  (args.length === 1 && Array.isArray(args[0]) ? args[0] : args).map((value) => integer(value, 'each argument'));
