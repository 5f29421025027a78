import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { exportArm } from '../../scripts/azure/arm-export.ts';
import { desiredItems } from '../../scripts/azure/desired.ts';
import { exportItem } from '../../scripts/azure/item-export.ts';
import type { JsonObject } from '../../scripts/azure/json.ts';
import type { Kind } from '../../scripts/azure/kinds.ts';
import { fieldsOf } from '../../scripts/azure/normalize.ts';
import { rulesIn, ruleYaml, shortDuration, slugOf } from '../../scripts/azure/rule-import.ts';
import { scopeOf } from '../../scripts/azure/scope.ts';
import { exportSolution } from '../../scripts/azure/solution-export.ts';
import { storedZip } from '../../scripts/azure/zip.ts';
import { makeContent, makeRule, makeTarget } from './content-fixture.ts';
import { world } from './fake-azure.ts';
import { TemplateEvaluator } from './template-evaluator.ts';

const content = makeContent();
const target = makeTarget();
const scope = scopeOf(target, world.location, world.tenant);
const templateScope = {
  subscription: world.subscription,
  tenant: world.tenant,
  resourceGroup: world.resourceGroup,
  location: world.location,
};

describe('the ARM template', () => {
  const { azuredeploy, createUiDefinition } = exportArm(content);

  it('makes what deploy makes', () => {
    const desired = desiredItems(content, { target, scope, initialRows: new Map(), principals: new Map() });
    const made = [...new TemplateEvaluator(azuredeploy, { workspace: world.workspace }, templateScope).resources()];
    const byName = new Map(made.map((resource) => [String(resource.name).split('/').at(-1)!.toLowerCase(), resource]));
    const compared = desired.filter((item) => item.kind !== 'playbook' && item.kind !== 'roleAssignment');
    for (const item of compared) {
      const resource = byName.get(item.resourceId!.split('/').at(-1)!.toLowerCase())!;
      expect(fieldsOf(item.kind as Kind, resource), item.key).toEqual(item.fields);
      expect(String(resource.apiVersion)).toBe(item.apiVersion);
    }
    expect(compared.length).toBe(7);
    expect(JSON.stringify(azuredeploy)).not.toMatch(/stand-in|5ca1ab1e/);
  });

  it('waits for what it refers to, and asks for what the playbooks need', () => {
    const resources = azuredeploy.resources as JsonObject[];
    const names = new Map(resources.map((resource) => [String(resource.type), resource]));
    expect(names.get('Microsoft.SecurityInsights/automationRules')!.dependsOn).toContain(
      "[resourceId('Microsoft.Resources/deployments', 'playbook-notify-0')]",
    );
    const nested = names.get('Microsoft.Resources/deployments')!.properties as JsonObject;
    expect(nested.parameters).toEqual({
      PlaybookName: { value: "[parameters('notify-0-PlaybookName')]" },
      WebhookUrl: { value: "[parameters('notify-0-WebhookUrl')]" },
    });
    const outputs = Object.keys((createUiDefinition.parameters as JsonObject).outputs as JsonObject).sort();
    expect(outputs).toEqual(Object.keys(azuredeploy.parameters as JsonObject).sort());
  });

  it('escapes texts that only look like an expression', () => {
    const odd = {
      ...content,
      rules: [{ ...content.rules[0]!, value: makeRule(0, { description: "[it's not] an expression" }) }],
      automationRules: [],
    };
    const made = [
      ...new TemplateEvaluator(exportArm(odd).azuredeploy, { workspace: 'w-test' }, templateScope).resources(),
    ];
    const rule = made.find((resource) => resource.type === 'Microsoft.SecurityInsights/alertRules')!;
    expect((rule.properties as JsonObject).description).toBe("[it's not] an expression");
  });
});

describe('the solution', () => {
  const files = exportSolution(content, { version: '3.0.1', date: '2026-11-24' });

  it('has the layout of Azure-Sentinel and self-contained rules', () => {
    expect([...files.keys()].filter((file) => !/\.(md|zip)$/.test(file))).toEqual([
      'Analytic Rules/rule-0.yaml',
      'Analytic Rules/rule-1.yaml',
      'Hunting Queries/hunt-0.yaml',
      'Parsers/FixtureAccounts0.yaml',
      'Watchlists/FixtureList0.json',
      'Workbooks/book-0.json',
      'Playbooks/notify-0/azuredeploy.json',
      'Data/Solution_BreakGlassAccounts.json',
      'SolutionMetadata.json',
      'Package/mainTemplate.json',
      'Package/createUiDefinition.json',
    ]);
    expect(parse(String(files.get('Analytic Rules/rule-0.yaml'))).query).toContain('let FixtureAccounts0');
  });

  it('holds each item as a template that gives the item when it is unwrapped', () => {
    const main = JSON.parse(String(files.get('Package/mainTemplate.json'))) as JsonObject;
    const [first] = [
      ...new TemplateEvaluator(
        main,
        { workspace: 'w-test', 'workspace-location': 'westeurope' },
        templateScope,
      ).resources(),
    ];
    const inner = (first!.properties as JsonObject).mainTemplate as JsonObject;
    const [watchlist] = [...new TemplateEvaluator(inner, { workspace: 'w-test' }, templateScope).resources()];
    expect(watchlist!.name).toBe('FixtureList0');
    expect(watchlist!.scope).toBe('Microsoft.OperationalInsights/workspaces/w-test');
    expect((first!.properties as JsonObject).contentProductId).toMatch(
      /^contoso\.azure-sentinel-solution-breakglassacc.*-wl-/,
    );
  });

  it('is the same bytes each time', () => {
    const again = exportSolution(content, { version: '3.0.1', date: '2026-11-24' });
    expect([...again]).toEqual([...files]);
  });
});

it('writes archives that other tools read', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'breakglass-zip-'));
  writeFileSync(
    path.join(folder, 'a.zip'),
    storedZip(
      new Map([
        ['one.txt', 'first'],
        ['two.txt', 'second ä'],
      ]),
    ),
  );
  const script =
    'import zipfile,sys\nz=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None\nprint([(n, z.read(n).decode()) for n in z.namelist()])';
  expect(execFileSync('python3', ['-c', script, path.join(folder, 'a.zip')]).toString()).toContain(
    "[('one.txt', 'first'), ('two.txt', 'second ä')]",
  );
});

describe('bicep', () => {
  const placeholder = ['$', '{here}'].join('');
  it('keeps query, quotes and types', () => {
    const text = exportItem(
      {
        ...content,
        rules: [
          {
            ...content.rules[0]!,
            value: makeRule(0, { name: `It's ${placeholder}`, query: "T\n| where a == 'x' | take 1\n" }),
          },
        ],
        automationRules: [],
      },
      'rule/rule-0',
      'bicep',
    );
    expect(text).toContain(
      "resource rule77777771 'Microsoft.SecurityInsights/alertRules@2024-03-01' = {\n  scope: logAnalytics",
    );
    expect(text).toContain(`displayName: 'It\\'s \\${placeholder}'`);
    expect(text).toContain("query: '''\nT\n| where a == 'x' | take 1'''");
    expect(text).toContain('triggerThreshold: 0\n');
    expect(text).not.toMatch(/^ {2}id:/m);
  });
});

describe('import', () => {
  it('brings a deployed rule back as the YAML that it came from', () => {
    for (const index of [0, 1]) {
      const rule = makeRule(index, { relevantTechniques: ['T1078', 'T1098'], query: 'SigninLogs\n| take 1\n' });
      const one = { ...content, rules: [{ ...content.rules[index]!, value: rule }], automationRules: [] };
      const item = desiredItems(one, { target, scope, initialRows: new Map(), principals: new Map() }).find(
        (candidate) => candidate.kind === 'rule',
      )!;
      const exported = {
        resources: [
          {
            ...item.body,
            id: `[concat(resourceId('x'), '/alertRules/${item.id}')]`,
            name: `[concat(parameters('workspace'),'/Microsoft.SecurityInsights/${item.id}')]`,
          },
        ],
      };
      const [found] = rulesIn(exported as never);
      const { requiredDataConnectors, ...expected } = rule;
      void requiredDataConnectors;
      expect(parse(ruleYaml(found!, () => 'new'))).toEqual({ ...expected, requiredDataConnectors: [] });
      expect(slugOf(found!)).toBe(`emergency-account-rule-${index}`);
    }
  });

  it('refuses what holds no rule', () => {
    expect(() => rulesIn({ resources: [{ type: 'x' }] })).toThrow(/no scheduled or near-real-time/);
  });

  it('writes durations short where they are one unit', () => {
    expect(['PT5M', 'P14D', 'PT1H', 'PT1H30M', 'P1DT2H'].map(shortDuration)).toEqual([
      '5m',
      '14d',
      '1h',
      'PT1H30M',
      'P1DT2H',
    ]);
  });
});
