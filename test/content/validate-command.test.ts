import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { validatePackage } from '../../scripts/commands/validate.ts';
import { packageWith, rule } from './package.ts';

const rules = 'detections/rules';

test('many bad files give one clear finding each, and the good ones are still checked', async () => {
  const root = await packageWith({
    [`${rules}/twice.yaml`]: rule
      .replace('severity: High', 'severity: High\nseverity: Low')
      .replace('000000000001', '000000000031'),
    [`${rules}/no-query.yaml`]: rule.replace(/query: \|\n( {2}.*\n)+/, '').replace('000000000001', '000000000032'),
    [`${rules}/huge.yaml`]: rule
      .replace('  // sign-ins', `  // ${'x'.repeat(10_000_000)}`)
      .replace('000000000001', '000000000033'),
    'workbooks/review/workbook.json': 'not json',
    'workbooks/review/workbook.yaml':
      'id: 5f0c1c1e-0000-4000-8000-000000000034\ndisplayName: R\ndescription: R.\nversion: 1.0.0\n',
    'test/scenarios/bad-rows/scenario.yaml':
      'title: t\nstory: s\nclock: { from: 2026-11-23T08:00:00Z, to: 2026-11-23T12:00:00Z }\nexpect: []\n',
    'test/scenarios/bad-rows/SigninLogs.ndjson': [
      '{"TimeGenerated":"2026-11-23T08:01:00Z","UserId":"a"}',
      '{"TimeGenerated":"2026-11-23T08:01:00Z","DurationMs":"long"}',
      '{"TimeGenerated":"2026-11-23T08:01:00Z","UserIdd":"a"}',
    ].join('\n'),
    'test/scenarios/bad-rows/SiginLogs.ndjson': '{"TimeGenerated":"2026-11-23T08:01:00Z"}\n',
    'test/scenarios/no-yaml/SigninLogs.ndjson': '',
  });
  const { diagnostics } = await validatePackage(root, []);
  const told = diagnostics
    .filter(({ code }) => !['lock-missing', 'guide-missing', 'name-duplicate', 'playbook-not-built'].includes(code))
    .map(
      ({ code, place }) =>
        `${code} ${place.file.slice(place.file.lastIndexOf('/', place.file.lastIndexOf('/') - 1) + 1)}:${place.start?.line ?? ''}`,
    );
  expect(told.sort()).toEqual([
    'json-syntax review/workbook.json:1',
    'row-unknown-column bad-rows/SigninLogs.ndjson:3',
    'row-unknown-table bad-rows/SiginLogs.ndjson:',
    'row-wrong-type bad-rows/SigninLogs.ndjson:2',
    'scenario-missing-file scenarios/no-yaml:',
    'schema-missing-key rules/no-query.yaml:1',
    'schema-value rules/huge.yaml:16',
    'yaml-duplicate-key rules/twice.yaml:7',
  ]);
});

test('only what was asked for is told', async () => {
  const root = await packageWith({ [`${rules}/signed-in.yaml`]: `${rule}oops: 1\n`, [`${rules}/twice.yml`]: rule });
  const { diagnostics, files } = await validatePackage(root, [join(root, rules, 'signed-in.yaml')]);
  expect(diagnostics.map((item) => item.code)).toEqual(['schema-unknown-key']);
  expect(files.map((file) => file.split('/').at(-1)).sort()).toEqual(['signed-in.md', 'signed-in.yaml']);
});

test('a draft from elsewhere is checked with the functions of the package', async () => {
  const root = await packageWith();
  const folder = join(await packageWith(), 'drafts');
  await mkdir(folder);
  await writeFile(join(folder, 'draft.yaml'), rule.replace('ResultType', 'ResultTyp'));
  const { diagnostics } = await validatePackage(root, [join(folder, 'draft.yaml')]);
  expect(diagnostics.map(({ code, remedy }) => [code, remedy])).toEqual([
    ['guide-missing', 'Write draft.md with the sections that detections/rules/README.md lists.'],
    ['kql-error', 'Did you mean ResultType?'],
  ]);
});

test('a root that does not exist is a mistake of the user', async () => {
  await expect(validatePackage('/nonexistent/package', [])).rejects.toMatchObject({
    code: 'path-missing',
    exitCode: 2,
  });
});
