import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadContent } from '../../scripts/azure/package-content.ts';
import { differences, liveRows, pushRows } from '../../scripts/azure/watchlist-rows.ts';
import { makeContent, makeRule } from './content-fixture.ts';
import { deploy, open } from './deployment.ts';
import { FakeAzure, type SeenRequest } from './fake-azure.ts';
import { hasSpecifications, isDescribed, makeValidator, violations } from './openapi.ts';

const name = hasSpecifications
  ? 'requests keep to the official API descriptions'
  : 'requests keep to the official API descriptions (skipped: azure-rest-api-specs are not beside the project)';

describe.skipIf(!hasSpecifications)(name, () => {
  let validator: Awaited<ReturnType<typeof makeValidator>>;
  beforeAll(async () => {
    validator = await makeValidator();
  }, 120_000);

  const checkAll = async (requests: readonly SeenRequest[]): Promise<string[]> => {
    const described = requests.filter(isDescribed);
    expect(described.length).toBeGreaterThan(10);
    const found = await Promise.all(described.map((request) => violations(validator, request)));
    return [...new Set(found.flat())];
  };

  it('for every kind, created, changed and read', { timeout: 120_000 }, async () => {
    const content = makeContent();
    const azure = new FakeAzure();
    await deploy(azure, content, { rows: new Map([['FixtureList0', 'UserObjectId,Label\nid-1,EM-01\n']]) });
    const changed = {
      ...content,
      rules: content.rules.map((item, index) => ({ ...item, value: makeRule(index, { severity: 'Low' }) })),
    };
    await deploy(azure, changed);
    const session = await open(azure);
    const watchlist = content.watchlists[0]!.value;
    await pushRows(
      session,
      watchlist,
      differences(watchlist, [{ UserObjectId: 'id-2', Label: 'EM-02' }], await liveRows(session, watchlist)),
      true,
    );
    expect(await checkAll(azure.requests)).toEqual([]);
  });

  it('for the package itself', { timeout: 120_000 }, async () => {
    const content = await loadContent(fileURLToPath(new URL('../..', import.meta.url)));
    const azure = new FakeAzure();
    const exceptPlaybooks = {
      ...content,
      playbooks: [],
      automationRules: content.automationRules.filter((item) =>
        item.value.actions.every((action) => action.actionType !== 'RunPlaybook'),
      ),
    };
    const { results } = await deploy(azure, exceptPlaybooks);
    expect(results.filter((result) => result.outcome !== 'done')).toEqual([]);
    expect(await checkAll(azure.requests)).toEqual([]);
  });

  it('and would be told where they did not', async () => {
    const azure = new FakeAzure();
    const content = makeContent();
    const wrong = {
      ...content,
      rules: [
        {
          ...content.rules[0]!,
          value: makeRule(0, {
            severity: 'Urgent' as never,
            entityMappings: [{ entityType: 'Foo', fieldMappings: [] }],
            suppressionDuration: '5 hours',
          }),
        },
      ],
      automationRules: [],
    };
    await deploy(azure, wrong);
    const found = (await checkAll(azure.requests)).join('\n');
    expect(found).toContain('"Urgent" is none of High');
    expect(found).toContain('"Foo" is none of Account');
    expect(found).toContain('suppressionDuration');
  });
});
