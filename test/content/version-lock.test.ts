import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readContent, readVersionLock } from '../../scripts/content/read-content.ts';
import { checkPublication } from '../../scripts/content/validate.ts';
import { writeBump } from '../../scripts/content/write-bump.ts';
import { accountsFunction, packageWith, playbook, rule } from './package.ts';

const rulePath = 'detections/rules/signed-in.yaml';
const lockPath = 'detections/content.lock.json';
const patch = { level: 'patch', only: [], retire: [] } as const;

/** A package that was published: its lock is written. */
async function published(changes: Record<string, string | undefined> = {}): Promise<string> {
  const root = await packageWith(changes);
  await writeBump(root, patch, true);
  return root;
}

async function findings(root: string): Promise<string[]> {
  const { content } = await readContent(root);
  return checkPublication(content, await readVersionLock(root)).map(
    ({ code, place }) => `${code} ${place.file.split('/').at(-1)}:${place.start?.line ?? ''}`,
  );
}

async function edit(root: string, path: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(root, path), 'utf8');
  expect(text).toContain(from);
  await writeFile(join(root, path), text.replace(from, to));
}

describe('against the version lock', () => {
  test('a published package has no findings', async () => {
    expect(await findings(await published())).toEqual([]);
  });

  test('a package without a lock is warned', async () => {
    expect(await findings(await packageWith())).toEqual(['lock-missing detections:']);
  });

  test('a change without a new version is told at the version', async () => {
    const root = await published();
    await edit(root, rulePath, 'severity: High', 'severity: Medium');
    expect(await findings(root)).toEqual(['version-not-raised signed-in.yaml:26']);
  });

  test('a comment in YAML is no change', async () => {
    const root = await published();
    await edit(root, rulePath, 'severity: High', '# loud\nseverity: High');
    expect(await findings(root)).toEqual([]);
  });

  test('a function changes the rules and queries that call it', async () => {
    const root = await published();
    await edit(
      root,
      'detections/functions/BreakGlassAccounts.yaml',
      'tolower(UserObjectId)',
      'tolower(trim(" ", UserObjectId))',
    );
    expect(await findings(root)).toEqual([
      'version-not-raised signed-in.yaml:26',
      'version-not-raised sign-ins.yaml:15',
      'version-not-raised BreakGlassAccounts.yaml:4',
    ]);
  });

  test('the guide belongs to the rule', async () => {
    const root = await published();
    await edit(root, 'detections/rules/signed-in.md', 'By telephone.', 'By mail.');
    expect(await findings(root)).toEqual(['version-not-raised signed-in.yaml:26']);
  });

  test('a version raised by hand leaves the lock behind', async () => {
    const root = await published();
    await edit(root, rulePath, 'version: 1.0.0', 'version: 1.1.0');
    expect(await findings(root)).toEqual(['lock-outdated signed-in.yaml:26']);
  });

  test('a lowered version', async () => {
    const root = await published();
    await edit(root, rulePath, 'version: 1.0.0', 'version: 0.9.0');
    expect(await findings(root)).toEqual(['version-lowered signed-in.yaml:26']);
  });

  test('a changed id', async () => {
    const root = await published();
    await edit(root, rulePath, '000000000001', '000000000077');
    expect(await findings(root)).toEqual(['id-changed signed-in.yaml:1']);
  });

  test('an item that is gone, at its line in the lock', async () => {
    const root = await published();
    await rm(join(root, 'detections/hunting/sign-ins.yaml'));
    expect(await findings(root)).toEqual(['item-removed content.lock.json:18']);
  });

  test('a retired id that is taken again', async () => {
    const root = await published();
    const hunting = await readFile(join(root, 'detections/hunting/sign-ins.yaml'), 'utf8');
    await rm(join(root, 'detections/hunting/sign-ins.yaml'));
    await writeBump(root, { ...patch, retire: [{ key: 'hunting/sign-ins', reason: 'nobody needs it' }] }, true);
    expect(await findings(root)).toEqual([]);
    await writeFile(join(root, 'detections/hunting/again.yaml'), hunting);
    expect(await findings(root)).toEqual(['id-reused again.yaml:1']);
  });

  test('a lock that is not JSON', async () => {
    const root = await published();
    await writeFile(join(root, lockPath), '{');
    expect(await findings(root)).toEqual(['lock-unreadable content.lock.json:']);
  });

  test('a version of another form is told, and never bumped', async () => {
    const root = await packageWith({
      'playbooks/notify/azuredeploy.json': JSON.stringify(playbook).replace(
        'TemplateVersion":"1.0.0"',
        'TemplateVersion":"one"',
      ),
    });
    expect(await findings(root)).toEqual(['version-form azuredeploy.json:1']);
    await expect(writeBump(root, patch, true)).rejects.toMatchObject({ code: 'version-form' });
  });

  test('a package list that lacks an item', async () => {
    const root = await published({
      'detections/functions/BreakGlassPackage.yaml': accountsFunction
        .replaceAll('BreakGlassAccounts', 'BreakGlassPackage')
        .replace('000000000002', '000000000022')
        .replace(/FunctionQuery:[\s\S]*/, 'FunctionQuery: |\n  datatable(Term:string, Item:string) []\n'),
    });
    expect(await findings(root)).toEqual([]);
    await edit(root, 'detections/functions/BreakGlassPackage.yaml', "'rule signed-in'", "'rule gone'");
    expect(await findings(root)).toContain('package-list-outdated BreakGlassPackage.yaml:');
  });
});

describe('bump', () => {
  test('raises what changed, keeps comments and quotes, and leaves nothing to find', async () => {
    const root = await published({ [rulePath]: rule.replace('version: 1.0.0', 'version: 1.0.0 # of the rule') });
    await edit(
      root,
      'detections/functions/BreakGlassAccounts.yaml',
      'tolower(UserObjectId)',
      'tolower(trim(" ", UserObjectId))',
    );
    const plan = await writeBump(root, { ...patch, level: 'minor' }, true);
    expect(plan.changes).toEqual([
      { key: 'rules/signed-in', kind: 'changed', from: '1.0.0', to: '1.1.0' },
      { key: 'hunting/sign-ins', kind: 'changed', from: '1.0.0', to: '1.1.0' },
      { key: 'functions/BreakGlassAccounts', kind: 'changed', from: '1.0.0', to: '1.1.0' },
    ]);
    expect(await readFile(join(root, rulePath), 'utf8')).toContain('version: 1.1.0 # of the rule\n');
    const changed = await readFile(join(root, 'detections/functions/BreakGlassAccounts.yaml'), 'utf8');
    expect(changed).toMatch(/Version: '1\.1\.0'\n {2}LastUpdated: '\d{4}-\d{2}-\d{2}'/);
    expect(await findings(root)).toEqual([]);
    expect((await writeBump(root, patch, true)).changes).toEqual([]);
  });

  test('writes nothing when it only looks', async () => {
    const root = await published();
    await edit(root, rulePath, 'severity: High', 'severity: Low');
    const before = await readFile(join(root, lockPath), 'utf8');
    expect((await writeBump(root, patch, false)).changes).toHaveLength(1);
    expect(await readFile(join(root, lockPath), 'utf8')).toBe(before);
    expect(await readFile(join(root, rulePath), 'utf8')).toContain('version: 1.0.0');
  });

  test('raises the version of a playbook in its tag, with a release note', async () => {
    const path = 'playbooks/notify/azuredeploy.json';
    const root = await published();
    await edit(root, path, '"definition": {}', '"definition": {}, "state": "Enabled"');
    await writeBump(root, patch, true);
    const after = JSON.parse(await readFile(join(root, path), 'utf8'));
    expect(after.resources[0].tags['hidden-SentinelTemplateVersion']).toBe('1.0.1');
    expect(after.metadata.releaseNotes.map((note: { version: string }) => note.version)).toEqual(['1.0.0', '1.0.1']);
    expect(await findings(root)).toEqual([]);
  });

  test('a renamed file keeps its history', async () => {
    const root = await published();
    const text = await readFile(join(root, 'detections/hunting/sign-ins.yaml'), 'utf8');
    await rm(join(root, 'detections/hunting/sign-ins.yaml'));
    await writeFile(join(root, 'detections/hunting/all-sign-ins.yaml'), text);
    expect((await writeBump(root, patch, true)).changes).toEqual([
      { key: 'hunting/all-sign-ins', kind: 'renamed', from: '1.0.0', to: '1.0.0' },
    ]);
    expect(await findings(root)).toEqual([]);
  });

  test('refuses items that are gone without a reason, and unknown ones', async () => {
    const root = await published();
    await expect(writeBump(root, { ...patch, only: ['signed-in'] }, true)).rejects.toMatchObject({
      code: 'item-unknown',
      remedy: 'Did you mean rules/signed-in?',
    });
    await rm(join(root, 'detections/hunting/sign-ins.yaml'));
    await expect(writeBump(root, patch, true)).rejects.toMatchObject({ code: 'item-removed' });
  });

  test('refuses content that cannot be read', async () => {
    const root = await packageWith({ [rulePath]: rule.replace('severity: High', 'severity: Loud') });
    await expect(writeBump(root, patch, true)).rejects.toMatchObject({ code: 'schema-value' });
  });
});
