import { describe, expect, test } from 'vitest';
import { readContent } from '../../scripts/content/read-content.ts';
import type { Diagnostic } from '../../scripts/diagnostics/diagnostic.ts';
import { packageWith, playbook, rule, watchlist } from './package.ts';

const told = (diagnostics: Diagnostic[]) =>
  diagnostics.map(
    (d) => `${d.code} ${d.place.file.split('/').at(-1)}:${d.place.start?.line ?? ''}:${d.place.start?.column ?? ''}`,
  );

const description = `id: 5f0c1c1e-0000-4000-8000-000000000008
displayName: Review
description: For reviewers.
version: 1.0.0
`;
const rulePath = 'detections/rules/signed-in.yaml';

describe('a package without mistakes', () => {
  test('is read whole, without findings', async () => {
    const { content, diagnostics } = await readContent(await packageWith());
    expect(diagnostics).toEqual([]);
    expect(content.rules.map((item) => [item.source.slug, item.value.name, item.guide?.text.slice(0, 3)])).toEqual([
      ['signed-in', 'Emergency account signed in', '# E'],
    ]);
    expect(content.functions.map((item) => item.value.FunctionAlias)).toEqual([
      'BreakGlassAccounts',
      'BreakGlassSignIns',
    ]);
    expect(content.watchlists[0]?.value.rows).toEqual([
      { UserObjectId: '5f0c1c1e-0000-4000-8000-0000000000aa', Label: 'EM-01' },
    ]);
  });

  test('an empty folder is an empty package', async () => {
    const { content, diagnostics } = await readContent('/nonexistent/package');
    expect(diagnostics).toEqual([]);
    expect(content.rules).toEqual([]);
  });
});

describe('each mistake is one finding at its place, and the rest is read', () => {
  const cases: [string, Record<string, string | undefined>, string[]][] = [
    [
      'YAML syntax',
      { [rulePath]: rule.replace('severity: High', 'severity: [High') },
      ['yaml-syntax signed-in.yaml:7:1'],
    ],
    [
      'duplicate key',
      { [rulePath]: rule.replace('severity: High', 'severity: High\nseverity: Low') },
      ['yaml-duplicate-key signed-in.yaml:7:1'],
    ],
    [
      'rule without a query',
      { [rulePath]: rule.replace(/query: \|\n( {2}.*\n)+/, '') },
      ['schema-missing-key signed-in.yaml:1:1'],
    ],
    ['empty file', { [rulePath]: '' }, ['schema-type signed-in.yaml:1:1']],
    ['misspelt key', { [rulePath]: rule.replace('severity:', 'sevrity:') }, ['schema-unknown-key signed-in.yaml:6:1']],
    ['misspelt value', { [rulePath]: rule.replace('High', 'Hihg') }, ['schema-value signed-in.yaml:6:11']],
    [
      'threshold out of range',
      { [rulePath]: rule.replace('triggerThreshold: 0', 'triggerThreshold: 10001') },
      ['schema-value signed-in.yaml:13:19'],
    ],
    [
      'NRT rule with a schedule',
      {
        [rulePath]: rule
          .replace('kind: Scheduled', 'kind: NRT')
          .replace(/trigger.*\n/g, '')
          .replace(/queryPeriod.*\n/, ''),
      },
      ['schema-forbidden-key signed-in.yaml:10:1'],
    ],
    [
      'query of ten megabytes',
      { [rulePath]: rule.replace('  // sign-ins', `  // ${'x'.repeat(10_000_000)}`) },
      ['schema-value signed-in.yaml:16:8'],
    ],
    [
      'row without the search key',
      { 'detections/watchlists/BreakGlassAccounts.csv': 'UserObjectId,Label\nx,EM-01\n,EM-02\n' },
      ['csv-search-key BreakGlassAccounts.csv:3:1'],
    ],
    [
      'row with too many fields',
      { 'detections/watchlists/BreakGlassAccounts.csv': 'UserObjectId,Label\nx,EM-01,more\n' },
      ['csv-syntax BreakGlassAccounts.csv:2:1'],
    ],
    [
      'other header',
      { 'detections/watchlists/BreakGlassAccounts.csv': 'Label,UserObjectId\nx,EM-01\n' },
      ['csv-columns BreakGlassAccounts.csv:1:1'],
    ],
    [
      'no CSV',
      { 'detections/watchlists/BreakGlassAccounts.csv': undefined },
      ['file-missing BreakGlassAccounts.yaml::'],
    ],
    ['a .yml', { 'detections/rules/other.yml': rule }, ['file-unexpected other.yml::']],
    [
      'workbook that is not JSON',
      { 'workbooks/review/workbook.json': '{\n  "items": [,]\n}', 'workbooks/review/workbook.yaml': description },
      ['json-syntax workbook.json:2:13'],
    ],
    [
      'folder without a workbook',
      { 'workbooks/review/notes.txt': '' },
      ['file-missing workbook.json::', 'file-missing workbook.yaml::'],
    ],
    [
      'playbook with a key twice',
      {
        'playbooks/notify/azuredeploy.json': JSON.stringify(playbook, null, 1).replace(
          '{',
          '{\n "contentVersion": "1.0.0.0",',
        ),
      },
      ['json-duplicate-key azuredeploy.json:4:2'],
    ],
    [
      'playbook that is a list',
      { 'playbooks/notify/azuredeploy.json': '[]', 'playbooks/notify/readme.md': '#' },
      ['schema-type azuredeploy.json:1:1'],
    ],
    [
      'playbook without its version and with a key that templates do not have',
      {
        'playbooks/notify/azuredeploy.json': JSON.stringify(
          {
            ...playbook,
            resource: [],
            resources: [{ ...playbook.resources[0], tags: { 'hidden-SentinelTemplateName': 'n' } }],
          },
          null,
          1,
        ),
      },
      ['schema-unknown-key azuredeploy.json:46:2', 'schema-missing-key azuredeploy.json:38:4'],
    ],
    [
      'unknown action',
      {
        'playbooks/automation-rules/other.yaml': `id: 5f0c1c1e-0000-4000-8000-000000000009
name: Notify
description: Runs the playbook.
version: 1.0.0
order: 1
enabled: true
triggersOn: Incidents
triggersWhen: Created
actions:
  - actionType: RunPlaybok
    playbook: notify
`,
      },
      ['schema-value other.yaml:10:5'],
    ],
  ];
  test.each(cases)('%s', async (_, changes, expected) => {
    const { content, diagnostics } = await readContent(await packageWith(changes));
    expect(told(diagnostics)).toEqual(expected);
    for (const finding of diagnostics) expect(finding.remedy).not.toBe('');
    expect(content.functions).toHaveLength(2);
  });

  test('a finding that leaves the shape intact leaves the rule in the content', async () => {
    const { content } = await readContent(await packageWith({ [rulePath]: `${rule}oops: 1\n` }));
    expect(content.rules).toHaveLength(1);
  });

  test('a misspelt key is told once, with the key that was meant', async () => {
    const { diagnostics } = await readContent(
      await packageWith({
        'detections/watchlists/BreakGlassAccounts.yaml': watchlist.replace('itemsSearchKey', 'itemSearchKey'),
      }),
    );
    expect(diagnostics.map((d) => [d.message, d.remedy])).toEqual([
      ['The file has no key "itemSearchKey".', 'Did you mean "itemsSearchKey"?'],
    ]);
  });

  test('a file that cannot be read is a finding', async () => {
    const root = await packageWith({ 'detections/rules/folder.yaml/x': '' });
    const { content } = await readContent(root);
    expect(content.rules).toHaveLength(1);
  });
});
