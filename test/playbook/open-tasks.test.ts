import { describe, expect, it } from 'vitest';
import { parseTriageGuide } from '../../scripts/content/triage-guide.ts';
import { openTenant, packageContent } from './harness.ts';

describe('open-tasks', () => {
  it('opens the tasks of the guide of each rule, in order', async () => {
    for (const { source, guide } of (await packageContent()).rules) {
      const tenant = await openTenant({ rule: source.slug });
      const run = await tenant.run('open-tasks', '2026-11-23T08:22:00Z');
      expect(run.status, source.slug).toBe('Succeeded');
      expect(
        tenant.incident.tasks.map(({ title }) => title),
        source.slug,
      ).toEqual(parseTriageGuide(guide?.text ?? '').tasks.map(({ title }) => title));
    }
  });

  it('adds only what is missing when it runs again', async () => {
    const tenant = await openTenant();
    await tenant.run('open-tasks', '2026-11-23T08:22:00Z');
    const titles = tenant.incident.tasks.map(({ title }) => title);
    tenant.incident.tasks.splice(1, 1);
    await tenant.run('open-tasks', '2026-11-23T08:25:00Z');
    expect(tenant.incident.tasks.map(({ title }) => title).sort()).toEqual([...titles].sort());
  });

  it('joins the tasks of several rules, each once', async () => {
    const tenant = await openTenant();
    const other = (await packageContent()).rules.find(({ source }) => source.slug === 'sign-in-blocked')!;
    tenant.incident.relatedAnalyticRuleIds.push(tenant.workspace.ruleArmId(other.value.id.toUpperCase()));
    await tenant.run('open-tasks', '2026-11-23T08:22:00Z');
    const titles = tenant.incident.tasks.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    expect(titles).toEqual(expect.arrayContaining(['Find out who tried', 'Speak with the operator']));
  });

  it('says so when it knows no tasks', async () => {
    const tenant = await openTenant();
    tenant.incident.relatedAnalyticRuleIds = [tenant.workspace.ruleArmId('00000000-0000-4000-8000-000000000000')];
    await tenant.run('open-tasks', '2026-11-23T08:22:00Z');
    expect(tenant.incident.comments[0]!.message).toMatch(/No tasks are known/);
  });
});
