import { describe, expect, it } from 'vitest';
import { fullSizes, makeContent } from './content-fixture.ts';
import { compare, deploy } from './deployment.ts';
import { FakeAzure } from './fake-azure.ts';

describe('deploying the package', () => {
  it('creates everything in dependency order and then has nothing to do', async () => {
    const azure = new FakeAzure({ pageSize: 7, restyle: true, staleReads: 1, polls: 2 });
    const content = makeContent(fullSizes);
    const { comparison, results } = await deploy(azure, content);
    expect(
      results.filter((result) => result.outcome !== 'done').map((result) => [result.key, result.error?.message]),
    ).toEqual([]);
    expect(comparison.steps.every((step) => step.action === 'create')).toBe(true);
    expect(comparison.steps).toHaveLength(60);
    const again = await compare(azure, content);
    expect(
      again.steps.filter((step) => step.action !== 'unchanged').map((step) => [step.key, step.action, step.fields]),
    ).toEqual([]);
    const before = azure.writes.length;
    await deploy(azure, content);
    expect(azure.writes.length).toBe(before);
  });
});
