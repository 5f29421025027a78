import { expect, test } from 'vitest';
import { coverage } from '../../scripts/content/coverage.ts';
import { readContent } from '../../scripts/content/read-content.ts';
import { requirements } from '../../scripts/content/requirements.ts';
import { coverageMarkdown, coverageNavigator } from '../../scripts/report/coverage.ts';
import { packageWith, rule } from './package.ts';

const tagged = `${rule}tags: [Requirement:M1]\n`.replace(
  '  | where ResultType == "0"',
  '  | union (AuditLogs | where OperationName in~ ("Add user", "Delete user") or OperationName has "policy")',
);

async function covered() {
  const { content } = await readContent(await packageWith({ 'detections/rules/signed-in.yaml': tagged }));
  const proofs = [
    { slug: 'intruder', rules: ['signed-in'], operations: new Set(['add user', 'update policy']) },
    { slug: 'quiet', rules: [], operations: new Set(['delete user']) },
  ];
  return coverage(content, proofs);
}

test('says what is watched, what proves it, and what is missing', async () => {
  const { requirements: answers, techniques, tables, operations, rules } = await covered();
  expect(answers.find((entry) => entry.id === 'M1')).toMatchObject({ rules: ['signed-in'], scenarios: ['intruder'] });
  expect(answers.find((entry) => entry.id === 'M1')?.gap).toBeUndefined();
  expect(answers.find((entry) => entry.id === 'M8')?.gap).toBe('no rule');
  expect(answers.find((entry) => entry.id === 'F1')?.gap).toBeUndefined();
  expect(techniques.map((entry) => [entry.id, entry.title, entry.rules, entry.huntingQueries])).toEqual([
    ['T1078', 'Valid Accounts', ['signed-in'], ['sign-ins']],
  ]);
  expect(tables.map((entry) => entry.id)).toEqual(['AuditLogs', 'SigninLogs']);
  expect(operations.map(({ id, scenarios, gap }) => [id, scenarios, gap])).toEqual([
    ['*policy*', ['intruder'], undefined],
    ['Add user', ['intruder'], undefined],
    ['Delete user', [], 'no scenario records it'],
  ]);
  expect(rules).toEqual([{ rule: 'signed-in', name: 'Emergency account signed in', scenarios: ['intruder'] }]);
});

test('of this package names the workbook, playbooks and automation rules that answer for a requirement', async () => {
  const { content } = await readContent('.');
  const answers = coverage(content, []).requirements;
  expect(answers.find((entry) => entry.id === 'G4')?.others).toEqual([
    'workbook break-glass',
    'playbook escalate-unacknowledged',
    'automation rule escalate-unacknowledged',
  ]);
  // What an emergency is stands in the triage guides; that an account lives in the cloud alone is watched by rules only.
  const open = answers.filter((entry) => /no (workbook|playbook)/.test(entry.gap ?? '')).map((entry) => entry.id);
  expect(open).toEqual(['A2', 'G2']);
});

test('as Markdown has a row a requirement', async () => {
  const text = coverageMarkdown(await covered());
  expect(text).toContain('| M1 | Every attempt to sign in');
  expect(text.match(/^\| [A-Z]\d{1,2} \|/gm)).toHaveLength(requirements().length);
});

test('as a layer names each tactic of a technique', async () => {
  const layer = JSON.parse(coverageNavigator(await covered()));
  expect(
    layer.techniques.map((item: { techniqueID: string; tactic: string; score: number }) => [
      item.techniqueID,
      item.tactic,
      item.score,
    ]),
  ).toEqual([
    ['T1078', 'initial-access', 2],
    ['T1078', 'persistence', 2],
    ['T1078', 'privilege-escalation', 2],
    ['T1078', 'defense-evasion', 2],
  ]);
});
