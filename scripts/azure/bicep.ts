/** One item as Bicep. Pure. */
import type { DesiredItem } from './desired.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** A `.bicep` file that deploys the resource beside an existing workspace. @param resource as in an ARM template. */
export function bicepOf(item: DesiredItem, resource: JsonObject): string {
  const { type, apiVersion, name, scope, dependsOn, condition, ...body } = resource;
  void [dependsOn, condition];
  const child = String(type).startsWith('Microsoft.OperationalInsights/workspaces/');
  const own = child ? item.resourceId!.split('/').at(-1)! : String(name);
  const symbol = item.kind + item.id.replace(/[^a-z0-9]/gi, '').slice(0, 8);
  const lines = [
    `// ${item.name.replace(/[\r\n]+/g, ' ')}, version ${item.version}`,
    "@description('Log Analytics workspace with Microsoft Sentinel')",
    'param workspace string',
    ...(body.location === undefined
      ? []
      : ["@description('Region')", 'param location string = resourceGroup().location']),
    '',
    "resource logAnalytics 'Microsoft.OperationalInsights/workspaces@2022-10-01' existing = {",
    '  name: workspace',
    '}',
    '',
    `resource ${symbol} '${String(type)}@${String(apiVersion)}' = {`,
    ...(child ? ['  parent: logAnalytics'] : scope === undefined ? [] : ['  scope: logAnalytics']),
    `  name: ${quoted(own)}`,
    ...Object.entries(body).map(([key, value]) => `  ${property(key)}: ${bicepValue(value, '  ')}`),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function bicepValue(value: Json, indent: string): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return bicepText(value);
  if (typeof value !== 'object') return String(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return value.length === 0
      ? '[]'
      : `[\n${value.map((item) => `${inner}${bicepValue(item, inner)}\n`).join('')}${indent}]`;
  }
  const entries = isObject(value) ? Object.entries(value) : [];
  return entries.length === 0
    ? '{}'
    : `{\n${entries.map(([key, item]) => `${inner}${property(key)}: ${bicepValue(item, inner)}\n`).join('')}${indent}}`;
}

function bicepText(text: string): string {
  // Expressions of the export become Bicep's own: functions have the same names.
  if (text.startsWith('[') && !text.startsWith('[['))
    return text
      .slice(1, -1)
      .replace(/parameters\('(\w+)'\)/g, '$1')
      .replace(/'((?:[^']|'')*)'/g, (_, inner: string) => quoted(inner.replaceAll("''", "'")));
  const plain = text.startsWith('[[') ? text.slice(1) : text;
  // Multi-line strings take everything but three quotes as it is.
  if (plain.includes('\n') && !plain.includes("'''") && !plain.endsWith("'") && !plain.includes('\r'))
    return `'''\n${plain}'''`;
  return quoted(plain);
}

function quoted(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('${', '\\${')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `'${escaped}'`;
}

function property(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : quoted(name);
}
