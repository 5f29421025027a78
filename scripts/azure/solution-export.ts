/**
 * The package in the layout of Azure-Sentinel's `Solutions` folder, with its package: content templates that the content
 * hub installs (azure-rest-api-specs, ContentTemplates.json and ContentPackages.json, 2024-03-01).
 */
import { stringify } from 'yaml';
import { deployableQuery } from '../content/deployable-query.ts';
import type { Content } from '../content/model.ts';
import { resourceOf, standInItems } from './arm-export.ts';
import type { DesiredItem } from './desired.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { type Kind, kindOf } from './kinds.ts';
import { storedZip } from './zip.ts';

const name = 'Break Glass Accounts';
const publisher = 'contoso';
const offer = 'azure-sentinel-solution-breakglassaccounts';

export interface SolutionOptions {
  version: string;
  /** Day of publication, `YYYY-MM-DD`. */
  date: string;
}

/** Files of the solution by path below `Solutions/<name>`; the same input gives the same bytes. */
export function exportSolution(content: Content, options: SolutionOptions): Map<string, string | Buffer> {
  const files = new Map<string, string | Buffer>();
  const items = standInItems(content);
  const yaml = (value: unknown): string => stringify(value, { lineWidth: 0 });
  for (const { source, value } of content.rules) {
    // Self-contained, as everywhere: a parser that is deleted must not disarm a rule.
    files.set(
      `Analytic Rules/${source.slug}.yaml`,
      yaml({ ...value, query: `${deployableQuery(value.query, content)}\n` }),
    );
  }
  for (const { source, value } of content.huntingQueries) files.set(`Hunting Queries/${source.slug}.yaml`, yaml(value));
  for (const { source, value } of content.functions) files.set(`Parsers/${source.slug}.yaml`, yaml(value));
  for (const item of items)
    if (item.kind === 'watchlist') files.set(`Watchlists/${item.slug}.json`, json(templateOf(item)));
  for (const { source, value } of content.workbooks)
    files.set(`Workbooks/${source.slug}.json`, json(value.template as Json));
  for (const { source, value } of content.playbooks) {
    files.set(`Playbooks/${source.slug}/azuredeploy.json`, json(value.template as Json));
    files.set(`Playbooks/${source.slug}/readme.md`, value.readme);
  }
  const list = (folder: string): string[] =>
    [...files.keys()].filter((file) => file.startsWith(`${folder}/`) && !file.endsWith('.md'));
  files.set(
    `Data/Solution_${name.replaceAll(' ', '')}.json`,
    json({
      Name: name,
      Author: 'Community',
      Logo: '<img src="https://raw.githubusercontent.com/Azure/Azure-Sentinel/master/Logos/Azure_Sentinel.svg" width="75px" height="75px">',
      Description: 'Detects every use and every weakening of emergency access (break glass) accounts.',
      Workbooks: list('Workbooks'),
      'Analytic Rules': list('Analytic Rules'),
      Playbooks: list('Playbooks'),
      Parsers: list('Parsers'),
      'Hunting Queries': list('Hunting Queries'),
      Watchlists: list('Watchlists'),
      BasePath: `Solutions/${name}`,
      Version: options.version,
      Metadata: 'SolutionMetadata.json',
      TemplateSpec: true,
      Is1PConnector: false,
    }),
  );
  files.set(
    'SolutionMetadata.json',
    json({
      publisherId: publisher,
      offerId: offer,
      firstPublishDate: options.date,
      lastPublishDate: options.date,
      providers: ['Community'],
      categories: { domains: ['Identity', 'Security - Insider Threat'], verticals: [] },
      support: { name: 'Community', tier: 'Community', link: 'https://github.com/Azure/Azure-Sentinel/issues' },
    }),
  );
  files.set(
    'ReleaseNotes.md',
    `| **Version** | **Date Modified (DD-MM-YYYY)** | **Change History** |\n|---|---|---|\n| ${options.version} | ${options.date.split('-').reverse().join('-')} | See CHANGELOG.md of the package |\n`,
  );
  const mainTemplate = json(packageTemplate(items, content, options));
  const createUiDefinition = json(contentHubForm(items));
  files.set('Package/mainTemplate.json', mainTemplate);
  files.set('Package/createUiDefinition.json', createUiDefinition);
  files.set(
    `Package/${options.version}.zip`,
    storedZip(
      new Map([
        ['createUiDefinition.json', createUiDefinition],
        ['mainTemplate.json', mainTemplate],
      ]),
    ),
  );
  return files;
}

function json(value: Json): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function templateOf(item: DesiredItem): JsonObject {
  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: { workspace: { type: 'string' } },
    resources: [resourceOf(item, [])],
  };
}

/** What Microsoft's own packaging tool calls each kind in a content product id. */
const productKinds: Readonly<Partial<Record<Kind, string>>> = {
  rule: 'ar',
  huntingQuery: 'hq',
  function: 'pr',
  playbook: 'pl',
  workbook: 'wb',
  watchlist: 'wl',
  automationRule: 'au',
};

function packageTemplate(items: readonly DesiredItem[], content: Content, options: SolutionOptions): JsonObject {
  const templates = items.filter((item) => item.kind !== 'automationRule');
  const solutionId = `${publisher}.${offer}`;
  const scope = "[concat('Microsoft.OperationalInsights/workspaces/', parameters('workspace'))]";
  const author = { name: 'Community' };
  const support = { name: 'Community', tier: 'Community', link: 'https://github.com/Azure/Azure-Sentinel/issues' };
  const source = { kind: 'Solution', name, sourceId: solutionId };
  const product = (code: string, kind: string, id: string, version: string): string =>
    `[concat(take('${solutionId}', 50), '-${code}-', uniqueString(concat('${solutionId}', '-', '${kind}', '-', '${id}', '-', '${version}')))]`;
  const dependencies = templates.map((item) => ({
    kind: kindOf(item.kind).metadataKind!,
    contentId: item.id,
    version: item.version,
  }));
  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    metadata: { author: 'Community', comments: `Solution template for ${name}` },
    parameters: {
      location: { type: 'string', minLength: 1, defaultValue: '[resourceGroup().location]' },
      'workspace-location': { type: 'string', defaultValue: '' },
      workspace: { type: 'string', defaultValue: '' },
    },
    resources: [
      ...templates.map((item): JsonObject => {
        const kind = kindOf(item.kind).metadataKind!;
        return {
          type: 'Microsoft.SecurityInsights/contentTemplates',
          apiVersion: '2024-03-01',
          name: `[concat('${item.id}', '-', uniqueString(parameters('workspace')))]`,
          location: "[parameters('workspace-location')]",
          scope,
          properties: {
            contentId: item.id,
            displayName: item.name,
            contentKind: kind,
            version: item.version,
            packageId: solutionId,
            packageKind: 'Solution',
            packageName: name,
            packageVersion: options.version,
            contentSchemaVersion: '3.0.0',
            contentProductId: product(productKinds[item.kind] ?? 'ct', kind, item.id, item.version),
            source,
            author,
            support,
            mainTemplate: innerTemplate(item, content),
          },
        };
      }),
      {
        type: 'Microsoft.SecurityInsights/contentPackages',
        apiVersion: '2024-03-01',
        name: solutionId,
        location: "[parameters('workspace-location')]",
        scope,
        properties: {
          version: options.version,
          kind: 'Solution',
          contentKind: 'Solution',
          contentSchemaVersion: '3.0.0',
          displayName: name,
          publisherDisplayName: 'Community',
          contentId: solutionId,
          contentProductId: product('sl', 'Solution', solutionId, options.version),
          source,
          author,
          support,
          dependencies: { operator: 'AND', criteria: dependencies },
          firstPublishDate: options.date,
          lastPublishDate: options.date,
          providers: ['Community'],
          categories: { domains: ['Identity'] },
        },
      },
    ],
  };
}

/** A template inside a template: its expressions belong to the one who installs it, so each is escaped once. */
function innerTemplate(item: DesiredItem, content: Content): JsonObject {
  if (item.kind !== 'playbook') return escaped(templateOf(item)) as JsonObject;
  const playbook = content.playbooks.find(({ source }) => source.slug === item.slug)!;
  return escaped(playbook.value.template as Json) as JsonObject;
}

function escaped(value: Json): Json {
  if (typeof value === 'string') return value.startsWith('[') ? `[${value}` : value;
  if (Array.isArray(value)) return value.map(escaped);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escaped(inner)]));
}

function contentHubForm(items: readonly DesiredItem[]): JsonObject {
  const count = (kind: Kind): number => items.filter((item) => item.kind === kind).length;
  return {
    $schema: 'https://schema.management.azure.com/schemas/0.1.2-preview/CreateUIDefinition.MultiVm.json#',
    handler: 'Microsoft.Azure.CreateUIDef',
    version: '0.1.2-preview',
    parameters: {
      config: {
        isWizard: false,
        basics: {
          description: `The ${name} solution for Microsoft Sentinel: **Analytic Rules:** ${count('rule')}, **Hunting Queries:** ${count('huntingQuery')}, **Parsers:** ${count('function')}, **Watchlists:** ${count('watchlist')}, **Workbooks:** ${count('workbook')}, **Playbooks:** ${count('playbook')}`,
          location: {
            metadata: { hidden: 'Hiding location, we get it from the log analytics workspace' },
            visible: false,
          },
        },
      },
      basics: [],
      steps: [],
      outputs: {
        'workspace-location': '[resourceGroup().location]',
        location: '[location()]',
        workspace: "[basics('workspace')]",
      },
    },
  };
}
