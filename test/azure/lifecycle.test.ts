import { describe, expect, it } from 'vitest';
import { driftFindings } from '../../scripts/azure/drift.ts';
import type { JournalEntry } from '../../scripts/azure/journal.ts';
import type { Json } from '../../scripts/azure/json.ts';
import { planDocument, refuseMoved } from '../../scripts/azure/plan-file.ts';
import { planMarkdown, planText } from '../../scripts/azure/plan-report.ts';
import { remove } from '../../scripts/azure/removal.ts';
import { applyRollback, planRollback } from '../../scripts/azure/rolling-back.ts';
import type { AnalyticsRule, Content } from '../../scripts/content/model.ts';
import { makeContent, makeRule, makeTarget } from './content-fixture.ts';
import { compare, deploy, memoryJournal, open } from './deployment.ts';
import { FakeAzure, workspaceId } from './fake-azure.ts';

const sentinel = `${workspaceId}/providers/Microsoft.SecurityInsights`;
const ruleId = (index: number): string =>
  `${sentinel}/alertRules/77777771-7777-4777-8777-${String(index).padStart(12, '0')}`;
const automationId = `${sentinel}/automationRules/77777775-7777-4777-8777-000000000000`;

function withRule(content: Content, index: number, change: Partial<AnalyticsRule>): Content {
  return {
    ...content,
    rules: content.rules.map((item, at) => (at === index ? { ...item, value: makeRule(index, change) } : item)),
  };
}

async function deployed(content = makeContent()): Promise<FakeAzure> {
  const azure = new FakeAzure({ restyle: true });
  const { results } = await deploy(azure, content);
  expect(results.every((result) => result.outcome === 'done')).toBe(true);
  return azure;
}

const valueAt = (azure: FakeAzure, id: string, name: string): Json | undefined =>
  (azure.resources.get(id.toLowerCase())!.resource.properties as Record<string, Json>)[name];

describe('tuning in the workspace', () => {
  it('is kept while the repository moves on', async () => {
    const content = makeContent();
    const azure = await deployed(content);
    azure.edit(ruleId(0), (properties) => {
      properties.severity = 'Low';
      properties.enabled = false;
      properties.triggerThreshold = 5;
      properties.incidentConfiguration = {
        createIncident: true,
        groupingConfiguration: {
          enabled: true,
          reopenClosedIncident: false,
          lookbackDuration: 'PT12H',
          matchingMethod: 'AllEntities',
          groupByEntities: [],
          groupByAlertDetails: [],
          groupByCustomDetails: [],
        },
      };
    });
    azure.edit(automationId, (properties) => {
      properties.order = 99;
    });
    const next = withRule(content, 0, { query: 'SigninLogs | take 1', severity: 'Medium', version: '1.1.0' });
    const { comparison } = await deploy(azure, next);
    const step = comparison.steps.find((candidate) => candidate.key === 'rule/rule-0')!;
    expect(Object.fromEntries(step.fields.map((field) => [field.path, field.state]))).toEqual({
      'properties.severity': 'tuned',
      'properties.enabled': 'tuned',
      'properties.query': 'update',
      'properties.triggerThreshold': 'tuned',
      'properties.incidentConfiguration.groupingConfiguration': 'tuned',
    });
    expect(valueAt(azure, ruleId(0), 'query')).toBe('SigninLogs | take 1');
    expect(valueAt(azure, ruleId(0), 'severity')).toBe('LOW');
    expect(valueAt(azure, ruleId(0), 'enabled')).toBe(false);
    expect(valueAt(azure, automationId, 'order')).toBe(99);
    const again = await compare(azure, next);
    expect(again.steps.every((candidate) => candidate.action === 'unchanged')).toBe(true);
    expect(planText({ target: 't', workspace: 'w', ...again, warnings: [] }, { color: false })).toContain(
      'severity: low -> medium tuned in the workspace, kept',
    );
  });

  it('is set back with --overwrite', async () => {
    const content = makeContent();
    const azure = await deployed(content);
    azure.edit(ruleId(0), (properties) => {
      properties.severity = 'Low';
    });
    await deploy(azure, content, { overwrite: true });
    expect(valueAt(azure, ruleId(0), 'severity')).toBe('High');
  });

  it('is not what Sentinel itself switched off', async () => {
    const content = makeContent();
    const azure = await deployed(content);
    azure.edit(ruleId(1), (properties) => {
      properties.displayName = `AUTO DISABLED ${String(properties.displayName)}`;
      properties.enabled = false;
    });
    const findings = driftFindings('contoso', await compare(azure, content));
    expect(findings.map((finding) => finding.code)).toEqual(['drift-auto-disabled', 'drift-changed', 'drift-changed']);
    await deploy(azure, content);
    expect(valueAt(azure, ruleId(1), 'enabled')).toBe(true);
  });
});

describe('drift', () => {
  /** One change of each governed kind that nobody may make behind the repository. */
  const changes: [string, string, (properties: Record<string, Json>) => void][] = [
    ['query', ruleId(0), (p) => Object.assign(p, { query: 'SigninLogs | where false' })],
    ['entityMappings', ruleId(1), (p) => Object.assign(p, { entityMappings: [] })],
    ['createIncident', ruleId(1), (p) => Object.assign(p.incidentConfiguration as object, { createIncident: false })],
    ['customDetails', ruleId(0), (p) => Object.assign(p, { customDetails: { Label: 'Other' } })],
    ['watchlist', `${sentinel}/watchlists/FixtureList0`, (p) => Object.assign(p, { itemsSearchKey: 'Label' })],
    [
      'function',
      `${workspaceId}/savedSearches/77777773-7777-4777-8777-000000000000`,
      (p) => Object.assign(p, { query: 'print 1' }),
    ],
    [
      'hunting',
      `${workspaceId}/savedSearches/77777774-7777-4777-8777-000000000000`,
      (p) => Object.assign(p, { category: 'General' }),
    ],
    ['automation', automationId, (p) => Object.assign(p, { actions: [(p.actions as Json[])[0]!] })],
    [
      'playbook',
      `${workspaceId.split('/providers/')[0]}/providers/Microsoft.Logic/workflows/notify-0`,
      (p) => Object.assign(p, { state: 'Disabled' }),
    ],
    [
      'workbook',
      `${workspaceId.split('/providers/')[0]}/providers/Microsoft.Insights/workbooks/77777776-7777-4777-8777-000000000000`,
      (p) => Object.assign(p, { serializedData: '{"version":"Notebook/1.0","items":[]}' }),
    ],
  ];
  it.each(changes)('in %s is found, and deploy sets it back', async (_, id, change) => {
    const content = makeContent();
    const azure = await deployed(content);
    expect(driftFindings('contoso', await compare(azure, content))).toEqual([]);
    azure.edit(id, change);
    const writes = azure.writes.length;
    const findings = driftFindings('contoso', await compare(azure, content));
    expect(findings.length).toBeGreaterThan(0);
    expect(new Set(findings.map((finding) => finding.code))).toEqual(new Set(['drift-changed']));
    expect(azure.writes.length).toBe(writes);
    await deploy(azure, content);
    expect(driftFindings('contoso', await compare(azure, content))).toEqual([]);
  });

  it('in the form of a deleted item is found and mended', async () => {
    const content = makeContent();
    const azure = await deployed(content);
    azure.resources.delete(ruleId(0).toLowerCase());
    expect(driftFindings('contoso', await compare(azure, content)).map((finding) => finding.code)).toEqual([
      'drift-deleted',
    ]);
    await deploy(azure, content);
    expect(azure.resources.has(ruleId(0).toLowerCase())).toBe(true);
  });

  it('is told apart from what the repository changed', async () => {
    const content = makeContent();
    const azure = await deployed(content);
    const next = withRule(content, 0, { query: 'SigninLogs | take 1' });
    expect(driftFindings('contoso', await compare(azure, next)).map((finding) => finding.code)).toEqual([
      'drift-not-deployed',
    ]);
  });
});

describe('refusals before the first write', () => {
  it('leaves out, with a word, a playbook whose parameters nobody set, and what runs it', async () => {
    const content = makeContent();
    const template = structuredClone(content.playbooks[0]!.value.template) as { parameters: Record<string, object> };
    template.parameters.Approvers = { type: 'string' };
    const open = {
      ...content,
      playbooks: [{ ...content.playbooks[0]!, value: { ...content.playbooks[0]!.value, template } }],
    };
    const { comparison, results } = await deploy(new FakeAzure(), open);
    expect(results.every((result) => result.outcome === 'done')).toBe(true);
    expect(comparison.leftOut?.join()).toContain('needs values for: Approvers');
    expect(comparison.steps.filter((step) => step.kind === 'playbook' || step.kind === 'automationRule')).toEqual([]);
  });

  it('protects other people’s items of the same id or name', async () => {
    const azure = new FakeAzure();
    azure.seed(ruleId(0), { kind: 'Scheduled', properties: { displayName: 'Theirs', query: 'T' } });
    azure.seed(`${sentinel}/alertRules/other`, {
      kind: 'Scheduled',
      properties: { displayName: 'emergency account RULE 1', query: 'T' },
    });
    azure.seed(`${workspaceId}/savedSearches/other`, {
      properties: { category: 'x', displayName: 'x', query: 'T', functionAlias: 'fixtureaccounts0' },
    });
    await expect(deploy(azure, makeContent())).rejects.toMatchObject({ code: 'collision' });
    const { refusals } = await compare(azure, makeContent());
    expect(refusals.map((refusal) => [refusal.key, refusal.code])).toEqual([
      ['function/FixtureAccounts0', 'collision-name'],
      ['rule/rule-0', 'collision-id'],
      ['rule/rule-1', 'collision-name'],
    ]);
    expect(azure.writes).toEqual([]);
  });

  it('takes over items with our id when told to', async () => {
    const azure = new FakeAzure();
    azure.seed(ruleId(0), { kind: 'Scheduled', properties: { displayName: 'Deployed by a button', query: 'T' } });
    const { results } = await deploy(azure, makeContent(), { adopt: true });
    expect(results.every((result) => result.outcome === 'done')).toBe(true);
    expect(valueAt(azure, ruleId(0), 'displayName')).toBe('Emergency account rule 0');
  });

  it('names each permission that lacks', async () => {
    const azure = new FakeAzure({
      permissions: {
        actions: ['*/read', 'Microsoft.SecurityInsights/*'],
        notActions: ['Microsoft.SecurityInsights/alertRules/*'],
      },
    });
    await expect(deploy(azure, makeContent())).rejects.toThrow(
      /alertRules\/write[\s\S]*Microsoft\.Logic\/workflows\/write/,
    );
    expect(azure.writes).toEqual([]);
  });

  it('needs Sentinel, the right tenant and a workspace that exists', async () => {
    await expect(deploy(new FakeAzure({ onboarded: false }), makeContent())).rejects.toMatchObject({
      code: 'sentinel-missing',
    });
    const wrongTenant = makeTarget({ tenant: '99999999-9999-4999-8999-999999999999' });
    await expect(deploy(new FakeAzure(), makeContent(), { target: wrongTenant })).rejects.toMatchObject({
      code: 'tenant-mismatch',
    });
    const wrongWorkspace = makeTarget({ workspace: 'law-other' });
    await expect(deploy(new FakeAzure(), makeContent(), { target: wrongWorkspace })).rejects.toMatchObject({
      code: 'workspace-not-found',
    });
    const wrongSubscription = makeTarget({ subscription: '99999999-9999-4999-8999-999999999999' });
    await expect(deploy(new FakeAzure(), makeContent(), { target: wrongSubscription })).rejects.toMatchObject({
      code: 'subscription-not-found',
    });
  });

  it('asks for the grant without which no playbook would run', async () => {
    const target = makeTarget({ securityInsightsPrincipalId: undefined });
    const azure = new FakeAzure();
    // As long as Azure shows no grant at all, nothing can be told from it.
    azure.seed(`${workspaceId.split('/providers/')[0]}/providers/Microsoft.Authorization/roleAssignments/owner`, {
      properties: { roleDefinitionId: '/x/8e3af657-a8ff-443c-a75c-2fe8c4bcb635', principalId: 'p' },
    });
    await expect(deploy(azure, makeContent(), { target })).rejects.toMatchObject({ code: 'playbook-grant-missing' });
  });
});

describe('a target that changes', () => {
  it('does not call gone what it leaves out from now on', async () => {
    const content = makeContent();
    const azure = await deployed(content);
    const { steps } = await compare(azure, content, {}, makeTarget({ exclude: ['rule/rule-1', 'workbook'] }));
    expect(steps.map((step) => step.key)).not.toContain('rule/rule-1');
    expect(steps.every((step) => step.action === 'unchanged' || step.kind === 'automationRule')).toBe(true);
  });

  it('refuses a new name that would leave the old playbook behind', async () => {
    const content = makeContent();
    const azure = await deployed(content);
    const target = makeTarget({ overlays: { playbooks: { 'notify-0': { parameters: { PlaybookName: 'other' } } } } });
    await expect(deploy(azure, content, { target })).rejects.toThrow(/would leave behind/);
  });

  it('takes severity, state and order from its overlays, and refuses a misspelt one', async () => {
    const azure = new FakeAzure();
    const target = makeTarget({
      overlays: {
        rules: { 'rule-0': { severity: 'Low', enabled: false } },
        automationRules: { 'automation-0': { order: 42 } },
      },
    });
    await deploy(azure, makeContent(), { target });
    expect([
      valueAt(azure, ruleId(0), 'severity'),
      valueAt(azure, ruleId(0), 'enabled'),
      valueAt(azure, automationId, 'order'),
    ]).toEqual(['Low', false, 42]);
    const misspelt = makeTarget({ overlays: { rules: { 'rule-O': { enabled: false } } } });
    await expect(compare(azure, makeContent(), {}, misspelt)).rejects.toMatchObject({ code: 'overlay-unknown' });
  });
});

describe('watchlist rows', () => {
  it('are written once and never again', async () => {
    const content = makeContent();
    const azure = new FakeAzure();
    const rows = new Map([['FixtureList0', 'UserObjectId,Label\nid-1,EM-01\n']]);
    await deploy(azure, content, { rows });
    const list = azure.watchlistRows.get(`${sentinel}/watchlists/fixturelist0`.toLowerCase())!;
    expect([...list.values()]).toEqual([{ UserObjectId: 'id-1', Label: 'EM-01' }]);
    list.set('own', { UserObjectId: 'id-2', Label: 'EM-02' });
    const changed = {
      ...content,
      watchlists: content.watchlists.map((item) => ({ ...item, value: { ...item.value, description: 'New words' } })),
    };
    await deploy(azure, changed, { rows: new Map([['FixtureList0', 'UserObjectId,Label\nid-9,EM-09\n']]) });
    expect([...list.values()].map((row) => row.UserObjectId)).toEqual(['id-1', 'id-2']);
    expect(valueAt(azure, `${sentinel}/watchlists/fixturelist0`, 'description')).toBe('New words');
  });
});

describe('a saved plan', () => {
  it('is refused once the workspace, the record or the repository moved', async () => {
    const content = makeContent();
    const azure = await deployed(content);
    const next = withRule(content, 0, { query: 'SigninLogs | take 1' });
    const session = await open(azure);
    const plan = planDocument(session.target, 't', await session.compare(next, new Map()), {}, []);
    const saved = JSON.parse(JSON.stringify(plan)) as typeof plan;
    expect(() => refuseMoved(saved, { steps: plan.steps, refusals: [] })).not.toThrow();
    refuseMoved(saved, await session.compare(next, new Map()));
    const other = await session.compare(withRule(content, 0, { query: 'SigninLogs | take 2' }), new Map());
    expect(() => refuseMoved(saved, other)).toThrow(/other content than the plan was made from/);
    azure.edit(automationId, (properties) => {
      properties.order = 7;
    });
    const moved = await session.compare(next, new Map());
    expect(() => refuseMoved(saved, moved)).toThrow(/automationRule\/automation-0: was changed in the workspace/);
  });

  it('reads well in a pull request, with hostile names made harmless', async () => {
    const content = makeContent();
    const azure = await deployed(content);
    const text = planMarkdown({
      target: '<b>x</b>|',
      workspace: 'w',
      ...(await compare(azure, withRule(content, 0, { query: 'SigninLogs\n| extend a = "```"' }))),
      warnings: [],
    });
    expect(text).toContain('\\<b\\>x\\</b\\>\\|');
    expect(text).toContain('````diff');
    expect(text).toContain('+SigninLogs');
  });
});

const entriesOf = (journal: { lines: string[] }): JournalEntry[] =>
  journal.lines.map((line) => JSON.parse(line) as JournalEntry);

describe('rollback', () => {
  it('brings back what stood before a run, and removes what it created', async () => {
    const content = makeContent();
    const azure = await deployed(content);
    const journal = memoryJournal('second');
    const next = withRule(
      {
        ...content,
        rules: [...content.rules, { source: { file: 'r', slug: 'rule-7', text: '' }, value: makeRule(7) }],
      },
      0,
      { query: 'SigninLogs | take 1', severity: 'Low' },
    );
    await deploy(azure, next, { journal });
    expect(valueAt(azure, ruleId(0), 'severity')).toBe('Low');
    const session = await open(azure);
    const plan = await planRollback(session, entriesOf(journal), 'second');
    expect(plan.removals.map((step) => step.key)).toEqual(['rule/rule-7']);
    const { results } = await applyRollback(session, plan, memoryJournal('third'));
    expect(results.map((result) => [result.key, result.outcome])).toEqual([
      ['rule/rule-0', 'done'],
      ['rule/rule-7', 'done'],
    ]);
    expect(azure.resources.has(ruleId(7).toLowerCase())).toBe(false);
    const after = await compare(azure, content);
    expect(
      after.steps.filter((step) => step.action !== 'unchanged').map((step) => [step.key, step.action, step.fields]),
    ).toEqual([]);
  });

  it('refuses a run that the journal does not have', async () => {
    const session = await open(await deployed());
    await expect(planRollback(session, [], undefined)).rejects.toMatchObject({ code: 'run-unknown' });
  });
});

describe('removal', () => {
  it('takes only what is ours, retired, and unchanged since it was shown', async () => {
    const content = makeContent({
      watchlists: 2,
      functions: 1,
      huntingQueries: 1,
      rules: 3,
      playbooks: 1,
      automationRules: 1,
      workbooks: 1,
    });
    const azure = new FakeAzure();
    await deploy(azure, content, { rows: new Map([['FixtureList1', 'UserObjectId,Label\nid-1,EM-01\n']]) });
    azure.seed(`${sentinel}/alertRules/theirs`, { kind: 'Scheduled', properties: { displayName: 'Theirs' } });
    const less = { ...content, rules: content.rules.slice(0, 2), watchlists: content.watchlists.slice(0, 1) };
    const orphaned = await compare(azure, less);
    expect(orphaned.steps.filter((step) => step.action === 'orphan').map((step) => step.key)).toEqual([
      'rule/rule-2',
      'watchlist/FixtureList1',
    ]);
    const retired = new Map([
      [content.rules[2]!.value.id, 'replaced by rule-1'],
      [content.watchlists[1]!.value.id, 'not used'],
    ]);
    const { steps, snapshot } = await compare(azure, less, { retired });
    const session = await open(azure);
    const results = await remove(
      session,
      steps.filter((step) => step.action === 'remove'),
      snapshot,
      memoryJournal(),
    );
    expect(results.map((result) => [result.key, result.outcome, result.error?.code])).toEqual([
      ['rule/rule-2', 'done', undefined],
      ['watchlist/FixtureList1', 'failed', 'watchlist-has-rows'],
    ]);
    expect(azure.resources.has(ruleId(2).toLowerCase())).toBe(false);
    expect(azure.resources.has(`${sentinel}/alertRules/theirs`.toLowerCase())).toBe(true);
    const after = await compare(azure, less, { retired });
    expect(after.steps.filter((step) => step.action !== 'unchanged').map((step) => step.key)).toEqual([
      'watchlist/FixtureList1',
    ]);
  });
});

it('finds its way through a workspace with 2,000 items of other people and leaves them alone', {
  timeout: 60_000,
}, async () => {
  const azure = new FakeAzure({ pageSize: 100 });
  for (let index = 0; index < 400; index++) {
    azure.seed(`${sentinel}/alertRules/other-${index}`, {
      kind: index % 2 ? 'NRT' : 'Scheduled',
      properties: { displayName: `Other rule ${index}`, query: 'T'.repeat(3000), severity: 'Low', enabled: true },
    });
    azure.seed(`${sentinel}/automationRules/other-${index}`, {
      properties: { displayName: `Other automation ${index}`, order: 1, actions: [], triggeringLogic: {} },
    });
    azure.seed(`${workspaceId}/savedSearches/other-${index}`, {
      properties: { category: 'General', displayName: `Other search ${index}`, query: 'T' },
    });
    azure.seed(`${sentinel}/metadata/other-${index}`, {
      properties: { parentId: 'x', kind: 'AnalyticsRule', source: { kind: 'Solution', sourceId: 'other' } },
    });
    azure.seed(`${workspaceId.split('/providers/')[0]}/providers/Microsoft.Insights/workbooks/other-${index}`, {
      kind: 'shared',
      properties: { displayName: `Other book ${index}`, category: 'sentinel', serializedData: '{}' },
    });
  }
  const theirs = new Map([...azure.resources].map(([id, stored]) => [id, JSON.stringify(stored.resource)]));
  const { results } = await deploy(azure, makeContent());
  expect(results.every((result) => result.outcome === 'done')).toBe(true);
  for (const [id, resource] of theirs) expect(JSON.stringify(azure.resources.get(id)?.resource)).toBe(resource);
  expect((await compare(azure, makeContent())).steps.every((step) => step.action === 'unchanged')).toBe(true);
});
