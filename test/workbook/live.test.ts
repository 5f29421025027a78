/** `preview --engine log-analytics`: the tool as a process against a workspace that a local server plays. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeAzure, type FakeOptions, world } from '../azure/fake-azure.ts';
import { hasOpenssl, type LocalAzure, serve } from '../azure/https-server.ts';
import { parameters, query, text } from './sample.ts';

const TOOL = fileURLToPath(new URL('../../scripts/breakglass.mjs', import.meta.url));

const table = (name: string, value: string) => ({
  tables: [{ name: 'PrimaryResult', columns: [{ name, type: 'string' }], rows: [[value]] }],
});

/** The workspace knows SigninLogs and the table of its resources, and refuses everything else. */
const answer: FakeOptions['queries'] = (kql) => {
  if (kql.includes('datatable(id:string')) return { body: table('id', world.workspace) };
  if (kql.startsWith('SigninLogs')) return { body: table('UserPrincipalName', 'robin@contoso.com') };
  const message = "'where' operator: Failed to resolve table or column expression named 'Foo_CL'";
  return { status: 400, body: { error: { code: 'BadArgumentError', message } } };
};

describe.skipIf(!hasOpenssl())('a preview of a live workspace (needs openssl)', () => {
  let azure: FakeAzure;
  let local: LocalAzure;
  let folder: string;

  beforeAll(async () => {
    azure = new FakeAzure({ queries: answer });
    local = await serve(azure);
    folder = mkdtempSync(path.join(tmpdir(), 'breakglass-live-'));
    mkdirSync(path.join(folder, 'detections'));
    writeFileSync(
      path.join(folder, 'breakglass.config.yaml'),
      `targets:\n  one:\n    tenant: ${world.tenant}\n    subscription: ${world.subscription}\n    resourceGroup: ${world.resourceGroup}\n    workspace: ${world.workspace}\n`,
    );
    const items = [
      parameters(
        {
          name: 'Workspace',
          type: 5,
          isRequired: true,
          query: "resources | where type =~ 'microsoft.operationalinsights/workspaces' | project id",
          queryType: 1,
          value: 'value::1',
        },
        { name: 'TimeRange', type: 4, value: { durationMs: 86_400_000 } },
      ),
      query('SigninLogs | where "{Workspace}" != ""', { timeContextFromParameter: 'TimeRange' }, { name: 'known' }),
      query('Foo_CL | where x == 1', {}, { name: 'refused' }),
      text('{Workspace:name}'),
    ];
    writeFileSync(path.join(folder, 'w.json'), JSON.stringify({ version: 'Notebook/1.0', items }));
  });
  afterAll(async () => await local.close());

  it('asks the workspace, in the window of the page, and shows what it refuses', { timeout: 300_000 }, async () => {
    const clean = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^(AZURE_|BREAKGLASS_|IDENTITY_|MSI_|NODE_OPTIONS|VITEST)/.test(name),
      ),
    );
    const args = [
      ...['preview', 'w.json', '--engine', 'log-analytics', '--target', 'one'],
      ...['--check', '--no-browser', '--format', 'json'],
    ];
    const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      const options = { cwd: folder, env: { ...clean, ...local.environment } };
      execFile(process.execPath, [TOOL, ...args], options, (error, out, err) => {
        resolve({ code: error?.code ?? 0, stdout: out, stderr: err });
      });
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      rendered: 3,
      failed: [],
      errors: [{ item: 'refused', why: expect.stringContaining('Foo_CL') }],
    });
    expect(code).toBe(1);
    const asked = azure.requests.filter(({ path: at }) => at.endsWith('/query'));
    const known = asked.find(({ body }) => String(body?.query).startsWith('SigninLogs'))?.body;
    const [from, to] = String(known?.timespan).split('/').map(Date.parse);
    expect((to ?? 0) - (from ?? 0)).toBe(86_400_000 + 1);
    // The picker offers the workspace that is asked, not an invented one.
    expect(asked.some(({ body }) => String(body?.query).includes(`/workspaces/${world.workspace}`))).toBe(true);
  });
});
