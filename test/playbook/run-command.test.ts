import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mermaidGraph } from '../../scripts/playbook/graph.ts';
import { runForCommand } from '../../scripts/playbook/run-command.ts';
import { runJson, runText } from '../../scripts/playbook/run-report.ts';
import { incidentTriggerBody } from '../../scripts/playbook/workspace.ts';
import { openTenant, root, rows } from './harness.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stubs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const put = (name: string, content: unknown): Promise<void> =>
  writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

describe('playbook run', () => {
  it('runs on a recorded incident with stubs, by action and by connector', async () => {
    const { workspace, incident } = await openTenant();
    await put('incident.txt', incidentTriggerBody(workspace, incident));
    await put('Query_accounts.json', {
      status: 'Succeeded',
      outputs: { statusCode: 'OK', body: { value: rows.Query_accounts } },
    });
    await put('other-queries.json', {
      match: { connector: 'azuremonitorlogs', method: 'post', path: '/query*' },
      results: [{ outputs: { statusCode: 500 } }, { outputs: { statusCode: 200, body: { value: [] } } }],
    });
    const [{ run }] = (await runForCommand('notify-responders', {
      root,
      incident: join(folder, 'incident.txt'),
      stubs: folder,
      generic: false,
    })) as [Awaited<ReturnType<typeof runForCommand>>[number]];
    expect(run.status).toBe('Succeeded');
    expect(run.startTime).toBe(Date.parse(incident.createdTimeUtc));
    expect(
      run.calls.filter(({ action }) => action === 'Query_contacts').map(({ answer }) => answer.outputs?.statusCode),
    ).toEqual([500, 200]);
    const facts = run.actions.find(({ name }) => name === 'Facts')!.outputs as Record<string, string>;
    expect(facts.state).toBe('Declared');
    expect(facts.accounts).toContain('breakglass-em01@contoso.onmicrosoft.com');
  });

  it('says how to stub what nothing answers', async () => {
    const [{ run }] = (await runForCommand('notify-responders', { root, generic: false })) as [
      Awaited<ReturnType<typeof runForCommand>>[number],
    ];
    expect(runText(run, false)).toMatch(
      /Query_accounts Failed: nothing answers this call \(azuremonitorlogs POST \/queryData\); add a stub file 'Query_accounts\.json'/,
    );
  });

  it('keeps secure inputs out of every report', async () => {
    const [{ run, workflow }] = (await runForCommand('notify-responders', { root, generic: true })) as [
      Awaited<ReturnType<typeof runForCommand>>[number],
    ];
    expect(run.calls.some(({ uri }) => uri === 'https://alarm.contoso.example/hook')).toBe(true);
    for (const report of [runText(run, true), runJson(run)]) expect(report).not.toContain('alarm.contoso.example');
    const graph = mermaidGraph(workflow.definition, run);
    expect(graph).toMatch(/^flowchart TD\n {2}start\(\["Microsoft Sentinel incident"\]\)/);
    expect(graph).toMatch(/class a\d+ Succeeded/);
  });

  it('tells mistakes of the user', async () => {
    const refused = (name: string, options: Partial<Parameters<typeof runForCommand>[1]>) =>
      expect(runForCommand(name, { root, generic: false, ...options })).rejects;
    await put('broken.txt', '{\n "a": ]');
    await put('none.txt', { properties: {} });
    await refused('nothing', {}).toThrow(/there is no playbook 'nothing'/);
    await refused('open-tasks', { incident: join(folder, 'missing.json') }).toThrow(/cannot be read/);
    await refused('open-tasks', { incident: join(folder, 'broken.txt') }).toMatchObject({
      place: expect.stringMatching(/broken\.txt:2:7$/),
    });
    await refused('open-tasks', { incident: join(folder, 'none.txt') }).toThrow(/title is missing/);
    await refused('open-tasks', { now: 'noon' }).toThrow(/'noon' is not a time/);
    await refused('open-tasks', { stubs: join(folder, 'nowhere') }).toThrow(/folder of stubs/);
    for (const [content, problem] of [
      ['[]', /JSON object/],
      [{}, /needs 'status' or 'outputs'/],
      [{ status: 'Done' }, /'Done' is not a status/],
      [{ delay: 'soon' }, /ISO 8601/],
      [{ match: { color: 'red' }, results: [{ status: 'Failed' }] }, /not 'color'/],
      [{ results: [] }, /no results/],
    ] as const) {
      const bad = await mkdtemp(join(tmpdir(), 'stub-'));
      await writeFile(join(bad, 'A.json'), typeof content === 'string' ? content : JSON.stringify(content));
      await refused('open-tasks', { stubs: bad }).toThrow(problem);
      await rm(bad, { recursive: true });
    }
  });
});

it('a graph takes no markup or syntax from names', () => {
  const graph = mermaidGraph({
    triggers: {},
    actions: { '"]; click a0 href "javascript:x" <script>': { type: 'Compose', inputs: 1 } },
  });
  expect(graph).not.toMatch(/<script>|click a0 href "/);
  expect(graph).toContain('#34;');
});
