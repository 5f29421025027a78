import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadContent } from '../../scripts/azure/package-content.ts';
import type { ParameterValue } from '../../scripts/azure/target.ts';
import { makeTarget } from './content-fixture.ts';
import { compare, deploy } from './deployment.ts';
import { FakeAzure } from './fake-azure.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('deploys the package itself, and then has nothing to do', { timeout: 60_000 }, async () => {
  const content = await loadContent(root);
  // Every parameter without a default gets a value, as an engineer would set it in the configuration.
  const playbooks = Object.fromEntries(
    content.playbooks.map(({ source, value }) => {
      const declared = (value.template as { parameters: Record<string, { type: string; defaultValue?: unknown }> })
        .parameters;
      const open = Object.entries(declared).filter(
        ([name, parameter]) => parameter.defaultValue === undefined && name !== 'WorkspaceName',
      );
      return [
        source.slug,
        { parameters: Object.fromEntries(open.map(([name]): [string, ParameterValue] => [name, 'contoso'])) },
      ];
    }),
  );
  const target = makeTarget({ overlays: { playbooks } });
  const azure = new FakeAzure({ restyle: true, pageSize: 10 });
  const { comparison, results } = await deploy(azure, content, { target });
  expect(
    results.filter((result) => result.outcome !== 'done').map((result) => [result.key, result.error?.message]),
  ).toEqual([]);
  const count =
    content.rules.length +
    content.functions.length +
    content.watchlists.length +
    content.huntingQueries.length +
    content.playbooks.length +
    content.automationRules.length +
    content.workbooks.length;
  expect(comparison.steps.filter((step) => step.kind !== 'roleAssignment')).toHaveLength(count);
  const again = await compare(azure, content, {}, target);
  expect(
    again.steps.filter((step) => step.action !== 'unchanged').map((step) => [step.key, step.action, step.fields]),
  ).toEqual([]);
  expect(JSON.stringify([...azure.resources.values()])).not.toContain('[parameters(');
});
