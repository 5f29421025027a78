import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playbookTemplate } from './content-fixture.ts';
import { FakeAzure, world } from './fake-azure.ts';
import { hasOpenssl, type LocalAzure, secretToken, serve } from './https-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A package of its own, so that this test does not depend on what the real one holds. */
function makePackage(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'breakglass-package-'));
  for (const sub of ['detections/rules', 'detections/watchlists', 'playbooks/notify', 'private'])
    mkdirSync(path.join(folder, sub), { recursive: true });
  const file = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
  file('detections/rules/used.yaml', rule('High'));
  file(
    'detections/watchlists/Accounts.yaml',
    'id: 99999999-9999-4999-8999-000000000002\nwatchlistAlias: Accounts\ndisplayName: Accounts\ndescription: Accounts of the test.\nprovider: Custom\nitemsSearchKey: UserObjectId\nversion: 1.0.0\ncolumns:\n  - name: UserObjectId\n    description: Object id\n    required: true\n  - name: Label\n    description: Label\n',
  );
  file('detections/watchlists/Accounts.csv', 'UserObjectId,Label\n');
  file('private/accounts.csv', 'UserObjectId,Label\n99999999-9999-4999-8999-00000000000a,EM-01\n');
  file('playbooks/notify/azuredeploy.json', JSON.stringify(playbookTemplate('notify')));
  file('playbooks/notify/readme.md', '# Notify\n');
  file(
    'breakglass.config.yaml',
    `targets:\n  one:\n    tenant: ${world.tenant}\n    subscription: ${world.subscription}\n    resourceGroup: ${world.resourceGroup}\n    workspace: ${world.workspace}\n    overlays:\n      watchlists: { Accounts: { rows: private/accounts.csv } }\n      playbooks: { notify: { parameters: { WebhookUrl: { env: TEST_WEBHOOK } } } }\n`,
  );
  return folder;
}

function rule(severity: string): string {
  return `id: 99999999-9999-4999-8999-000000000001\nname: Emergency account used\ndescription: Identifies use of an emergency account.\nseverity: ${severity}\nrequiredDataConnectors: []\nqueryFrequency: 1h\nqueryPeriod: 1h\ntriggerOperator: gt\ntriggerThreshold: 0\ntactics:\n  - InitialAccess\nrelevantTechniques:\n  - T1078\nquery: |\n  SigninLogs\n  | where UserId in ((_GetWatchlist('Accounts') | project UserObjectId))\nentityMappings:\n  - entityType: IP\n    fieldMappings:\n      - identifier: Address\n        columnName: IPAddress\nversion: 1.0.0\nkind: Scheduled\n`;
}

describe.skipIf(!hasOpenssl())('the tool as a process against a server of its own (needs openssl)', () => {
  let azure: FakeAzure;
  let local: LocalAzure;
  let folder: string;

  beforeAll(async () => {
    azure = new FakeAzure({ pageSize: 3, restyle: true, polls: 0 });
    local = await serve(azure);
    folder = makePackage();
  });
  afterAll(async () => await local.close());

  function breakglass(args: string[], environment: Record<string, string> = {}): Promise<Ended> {
    const clean = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^(AZURE_|BREAKGLASS_|IDENTITY_|MSI_|NODE_OPTIONS|VITEST)/.test(name),
      ),
    );
    const env = {
      ...clean,
      ...local.environment,
      TEST_WEBHOOK: 'https://contoso.webhook.office.com/webhookb2/very-secret',
      ...environment,
    };
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [path.join(root, 'scripts/breakglass.mjs'), ...args],
        { cwd: folder, env },
        (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
        },
      );
    });
  }

  it('plans, deploys and then has nothing to do; no secret is written anywhere', { timeout: 300_000 }, async () => {
    const planned = await breakglass(['plan', '--target', 'one', '--out', 'out/plan.json']);
    expect(planned.stderr).toBe('');
    expect(planned.code).toBe(10);
    expect(planned.stdout).toContain('+ rule/used');
    const deployed = await breakglass([
      'deploy',
      '--target',
      'one',
      '--plan',
      'out/plan.json',
      '--yes',
      '--debug',
      '--no-validate',
    ]);
    expect(deployed.stdout).toContain('4 done, 0 failed');
    expect(deployed.code).toBe(0);
    const journal = readFileSync(path.join(folder, 'out/journal.ndjson'), 'utf8');
    const everything = [
      planned.stdout,
      deployed.stdout,
      deployed.stderr,
      journal,
      readFileSync(path.join(folder, 'out/plan.json'), 'utf8'),
    ].join('\n');
    for (const secret of [secretToken, 'header-secret-value', 'very-secret']) expect(everything).not.toContain(secret);
    expect(JSON.stringify(azure.requests)).toContain('very-secret');
    expect([...azure.watchlistRows.values()].flatMap((rows) => [...rows.values()])).toEqual([
      { UserObjectId: '99999999-9999-4999-8999-00000000000a', Label: 'EM-01' },
    ]);
    const again = await breakglass(['plan', '--target', 'one']);
    expect(again.stdout).toContain('No changes');
    expect(again.code).toBe(0);
  });

  it('says what to do where nothing is named, nobody is logged in, or the certificate is not trusted', {
    timeout: 300_000,
  }, async () => {
    const [unnamed, stranger, untrusted] = await Promise.all([
      breakglass(['deploy', '--yes']),
      breakglass(['plan', '--target', 'one'], { IDENTITY_HEADER: 'wrong' }),
      breakglass(['plan', '--target', 'one'], { NODE_EXTRA_CA_CERTS: '' }),
    ]);
    expect([unnamed.code, stranger.code, untrusted.code]).toEqual([2, 1, 1]);
    expect(unnamed.stderr).toContain('there is no default');
    expect(stranger.stderr).toContain('az login');
    expect(untrusted.stderr).toContain('NODE_EXTRA_CA_CERTS');
    for (const { stderr } of [unnamed, stranger, untrusted]) expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('does not deploy without a word of consent', { timeout: 300_000 }, async () => {
    writeFileSync(path.join(folder, 'detections/rules/used.yaml'), rule('Medium'));
    const writes = azure.writes.length;
    const asked = await breakglass(['deploy', '--target', 'one', '--no-validate']);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('--yes');
    expect(azure.writes.length).toBe(writes);
  });

  it('goes on with the other targets when one is wrong, and tells both in JSON', { timeout: 300_000 }, async () => {
    const file = path.join(folder, 'breakglass.config.yaml');
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}  two:\n    subscription: ${world.subscription}\n    resourceGroup: ${world.resourceGroup}\n    workspace: law-other\n    exclude: [playbook]\n`,
    );
    const planned = await breakglass(['plan', '--target', 'two,one', '--format', 'json']);
    expect(planned.code).toBe(1);
    const { plans } = JSON.parse(planned.stdout) as { plans: Record<string, unknown>[] };
    expect(plans[0]).toMatchObject({ target: 'two', error: { code: 'workspace-not-found' } });
    expect(plans[1]).toMatchObject({ target: { name: 'one' }, summary: { update: 1 } });
  });
});

it('has an example configuration that is valid', async () => {
  const { readConfiguration } = await import('../../scripts/azure/target.ts');
  const example = path.join(root, 'schemas/breakglass.config.example.yaml');
  expect(existsSync(example)).toBe(true);
  expect(Object.keys(await readConfiguration(example))).toEqual(['production', 'pilot']);
});
