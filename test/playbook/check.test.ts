import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPlaybook } from '../../scripts/playbook/check.ts';
import { action, synthetic, template, trigger, workflow } from './synthetic-templates.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playbooks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function check(content: string | Buffer) {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.json`);
  await writeFile(file, content);
  return checkPlaybook(file);
}

describe('playbooks in the styles that are published', () => {
  for (const [name, { template: content, status, failed }] of Object.entries(synthetic)) {
    it(name, async () => {
      const result = await check(JSON.stringify(content));
      expect(result.problems).toEqual([]);
      expect(result.unsupported).toEqual([]);
      expect(result.failed).toEqual(failed ?? []);
      expect(result.parsed).toBe(true);
      expect(result.workflows.length).toBeGreaterThan(0);
      expect(result.status).toBe(status);
    });
  }
});

describe('files that are not as they should be', () => {
  const simple = template([workflow(trigger.recurrence, { Compose: action('Compose', '@utcNow()') })]);

  it('reads byte order marks, UTF-16, comments and trailing commas', async () => {
    const text = JSON.stringify(simple);
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    for (const content of [`\uFEFF${text}`, utf16, `// a comment\n${text.slice(0, -1)},}`]) {
      expect((await check(content)).status).toBe('Succeeded');
    }
  });

  it('takes line breaks inside strings, and names such as @odata.type', async () => {
    const body = { '@odata.type': '#microsoft.graph.user', '@@odata.id': 'x' };
    const text = JSON.stringify(
      template([workflow(trigger.recurrence, { A: action('Compose', 'two lines'), B: action('Compose', body) })]),
    ).replace('two lines', 'two\nlines');
    expect(await check(text)).toMatchObject({ status: 'Succeeded', parsed: true, failed: [] });
  });

  it('says where a file is not JSON', async () => {
    const result = await check('{\n  "resources": [ }');
    expect(result.status).toBe('NotParsed');
    expect(result.problems[0]).toMatch(/^2:18: /);
  });

  it('survives what is not a template at all', async () => {
    for (const content of ['', 'null', '[]', '"text"', '{}', '{"resources":{}}', '{"resources":[null,1,{"type":5}]}']) {
      expect(['NotParsed', 'NoWorkflow']).toContain((await check(content)).status);
    }
  });

  it('ends a loop that never ends, and a run that waits for itself', async () => {
    const endless = workflow(trigger.recurrence, {
      Until: {
        type: 'Until',
        expression: '@equals(1, 2)',
        limit: { count: 5000, timeout: 'P30D' },
        actions: {
          Inner: {
            type: 'Until',
            expression: '@equals(1, 2)',
            limit: { count: 5000 },
            actions: { Compose: action('Compose', 'x') },
            runAfter: {},
          },
        },
        runAfter: {},
      },
    });
    const circle = workflow(trigger.recurrence, { A: action('Compose', 1, ['B']), B: action('Compose', 1, ['A']) });
    const grows = workflow(trigger.recurrence, {
      Init: action('InitializeVariable', { variables: [{ name: 's', type: 'string', value: 'xxxxxxxxxx' }] }),
      Until: {
        type: 'Until',
        expression: '@equals(1, 2)',
        limit: { count: 60 },
        actions: {
          Twice: action('Compose', "@concat(variables('s'), variables('s'))"),
          Set: action('SetVariable', { name: 's', value: "@outputs('Twice')" }, ['Twice']),
        },
        runAfter: { Init: ['Succeeded'] },
      },
    });
    expect((await check(JSON.stringify(template([endless])))).workflows[0]!.failed[0]!.message).toMatch(
      /loop may never end/,
    );
    expect((await check(JSON.stringify(template([circle])))).failed[0]).toMatch(/waits for itself/);
    expect((await check(JSON.stringify(template([grows])))).status).toBe('Failed');
  });

  it('names actions and functions that it does not know', async () => {
    const strange = workflow(trigger.recurrence, { A: action('Teleport', {}), B: action('Compose', '@frobnicate(1)') });
    const result = await check(JSON.stringify(template([strange])));
    expect(result.unsupported).toEqual(['action type Teleport', 'function frobnicate()']);
    expect(result.status).toBe('Failed');
  });

  it('reports an expression that cannot be parsed, and runs the rest', async () => {
    const broken = workflow(trigger.recurrence, { A: action('Compose', "@concat('a'"), B: action('Compose', 'fine') });
    const result = await check(JSON.stringify(template([broken])));
    expect(result.parsed).toBe(false);
    expect(result.problems[0]).toMatch(/actions\.A\.inputs: ',' or '\)' was expected/);
    expect(result.workflows[0]!.results.Succeeded).toBe(1);
  });
});
