import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { selectContent } from '../../scripts/content/select-content.ts';
import { hunting, packageWith, rule } from './package.ts';

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = join(await packageWith(), 'drafts');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

test('a path inside the package selects its file and what stands beside it', async () => {
  const root = await packageWith();
  const { content, selects, foreign } = await selectContent(root, [join(root, 'detections/rules/signed-in.yaml')]);
  expect(content.huntingQueries).toHaveLength(1);
  expect(foreign).toBe(false);
  expect(selects(join(root, 'detections/rules/signed-in.yaml'))).toBe(true);
  expect(selects(join(root, 'detections/rules/signed-in.md'))).toBe(true);
  expect(selects(join(root, 'detections/hunting/sign-ins.yaml'))).toBe(false);
});

test('a changed copy from elsewhere takes the place of the item with its id', async () => {
  const root = await packageWith();
  const folder = await folderWith({ 'draft.yaml': rule.replace('severity: High', 'severity: Low') });
  const { content, foreign } = await selectContent(root, [join(folder, 'draft.yaml')]);
  expect(foreign).toBe(true);
  expect(content.rules.map((item) => item.value.severity)).toEqual(['Low']);
});

test('a folder from elsewhere is read by what its files hold; strangers are told', async () => {
  const root = await packageWith();
  const folder = await folderWith({
    'a.yaml': hunting.replace('000000000005', '000000000055'),
    'b.yaml': 'colour: red\n',
    'c.txt': 'not ours',
    'd.yaml': rule.replace('kind: Scheduled', 'kind: [Scheduled').replace('000000000001', '000000000011'),
  });
  const { content, diagnostics } = await selectContent(root, [folder]);
  expect(content.huntingQueries.map((item) => item.source.slug)).toEqual(['sign-ins', 'a']);
  expect(diagnostics.map(({ code, place }) => `${code} ${place.file.split('/').at(-1)}`)).toEqual([
    'file-unknown-kind b.yaml',
    'yaml-syntax d.yaml',
  ]);
});

test('a scenario folder is selected by its rows', async () => {
  const root = await packageWith();
  const folder = await folderWith({ 'SigninLogs.ndjson': '{}\n' });
  expect((await selectContent(root, [folder])).scenarios).toEqual([folder]);
});

test('a path that does not exist is a mistake of the user', async () => {
  await expect(selectContent(await packageWith(), ['nowhere.yaml'])).rejects.toMatchObject({
    code: 'path-missing',
    exitCode: 2,
  });
});
