/** `npm run bench -- azure`: planning and deploying beside 2,000 items of other people, against the Azure of the tests. */

import { clouds } from './cloud.ts';
import { journalTo } from './journal.ts';
import { loadContent } from './package-content.ts';
import { Session } from './session.ts';
import type { Target } from './target.ts';

/** Prints CPU seconds, with the network taken out: requests are answered in the process. */
export async function benchAzure(): Promise<void> {
  const { FakeAzure, workspaceId, world } = await import('../../test/azure/fake-azure.ts');
  const { fullSizes, makeContent } = await import('../../test/azure/content-fixture.ts');
  const azure = new FakeAzure({ pageSize: 100, restyle: true });
  const sentinel = `${workspaceId}/providers/Microsoft.SecurityInsights`;
  for (let index = 0; index < 1000; index++) {
    const kind = index % 2 ? 'NRT' : 'Scheduled';
    azure.seed(`${sentinel}/alertRules/other-${index}`, {
      kind,
      properties: {
        displayName: `Other ${index}`,
        query: 'SigninLogs | take 1\n'.repeat(100),
        severity: 'Low',
        enabled: true,
      },
    });
    azure.seed(`${workspaceId}/savedSearches/other-${index}`, {
      properties: { category: 'General', displayName: `Other ${index}`, query: 'T' },
    });
  }
  const target: Target = {
    name: 'bench',
    tenant: world.tenant,
    subscription: world.subscription,
    resourceGroup: world.resourceGroup,
    workspace: world.workspace,
    cloud: clouds.public,
    location: undefined,
    playbookResourceGroup: world.resourceGroup,
    securityInsightsPrincipalId: world.sentinelPrincipal,
    exclude: [],
    overlays: {},
    folder: '.',
  };
  const timing = { retry: 0, throttle: 0, poll: 0, settle: 0 };
  const session = await Session.open({ target, credential: azure.credential, httpClient: azure, timing });
  const content = makeContent(fullSizes);
  const journal = journalTo({ run: 'bench', who: 'bench', target: 'bench' }, () => {});
  const plan = () => session.compare(content, new Map());
  await measure('plan 60 items beside 2,000 others, empty target', plan);
  await measure('deploy 60 items', async () => await session.deploy(await plan(), journal));
  await measure('plan 60 items beside 2,000 others, nothing to do', plan);
  await measure('read the package', async () => await loadContent());
}

async function measure(what: string, action: () => Promise<unknown>): Promise<void> {
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`  ${what}: ${((user + system) / 1e6).toFixed(2)} s CPU\n`);
}
