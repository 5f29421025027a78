/** Each playbook, with each call that it makes failing in turn: nobody is left untold, nothing is closed or done wrongly. */
import { describe, expect, it } from 'vitest';
import type { Value } from '../../scripts/playbook/value.ts';
import type { WorkflowRun } from '../../scripts/playbook/workflow/model.ts';
import { entities, failures, openTenant, packageContent, type Tenant, type TenantOptions } from './harness.ts';

const approve: NonNullable<TenantOptions['approve']> = (message) => ({
  option: message.subject.startsWith('Contain') ? 'Contain' : 'Approve',
  responder: message.to.split(';')[0]!,
  delay: 'PT5M',
});

interface Case {
  at: string;
  body?: Value;
  options?: TenantOptions;
  /** What must hold whatever call failed. */
  holds: (tenant: Tenant, run: WorkflowRun, failed: string) => void;
}

const channels = (tenant: Tenant): string[] => [...new Set(tenant.sent.map((message) => message.channel))].sort();
const told = (tenant: Tenant): string => tenant.incident.comments.map(({ message }) => message).join('\n');

const cases: Record<string, Case> = {
  'notify-responders': {
    at: '2026-11-23T08:22:00Z',
    holds: (tenant, run, failed) => {
      // At once: within two minutes whatever hangs.
      for (const { at } of tenant.sent) expect(at - run.startTime).toBeLessThanOrEqual(120_000);
      const lost = { Post_to_Teams: 'teams', Send_mail: 'mail', Call_webhook: 'webhook' }[failed];
      expect(channels(tenant)).toEqual(['mail', 'teams', 'webhook'].filter((channel) => channel !== lost));
      expect(run.status).toBe('Succeeded');
      // What failed stands on the incident, unless writing comments is what failed.
      const step = {
        Post_to_Teams: 'Teams',
        Send_mail: 'mail',
        Call_webhook: 'webhook',
        Update_incident: 'tags and severity',
        Query_accounts: 'reading the accounts',
        Query_contacts: 'reading the contacts',
        Query_changes: 'reading the changes',
        Comment_summary: 'comment',
      }[failed];
      if (step !== undefined) expect(told(tenant)).toMatch(new RegExp(`Failed: [^<]*${step}`));
      expect(tenant.sent.find((message) => message.channel === 'mail')?.to ?? 'duty@contoso.example').toContain(
        'duty@contoso.example',
      );
    },
  },
  'open-tasks': {
    at: '2026-11-23T08:22:00Z',
    holds: (tenant) => {
      expect(tenant.incident.tasks.length + told(tenant).split('<li>').length - 1).toBe(6);
    },
  },
  'escalate-unacknowledged': {
    at: '2026-11-23T08:22:00Z',
    options: { parameters: { MaximumEscalations: 2 } },
    holds: (tenant, run, failed) => {
      const lost = { Mail_next_contact: 'mail', Call_webhook: 'webhook' }[failed];
      expect(channels(tenant)).toEqual(['mail', 'webhook'].filter((channel) => channel !== lost));
      expect(tenant.sent.length).toBeGreaterThanOrEqual(2);
      expect(run.status).toBe('Failed');
      expect(run.error?.code).toBe('NotAcknowledged');
    },
  },
  'declare-activation': {
    at: '2026-11-24T08:00:00Z',
    body: {
      account: 'em-02',
      type: 'Drill',
      reason: 'Quarterly drill',
      operator: 'lucas.weber@contoso.com',
      approver: 'morgan.hale@contoso.example',
    },
    holds: (tenant, run, failed) => {
      const items = tenant.workspace.findWatchlist('BreakGlassActivations')!.items;
      const answered = run.response!.statusCode;
      // The answer says what is true of the watchlist.
      expect(items.length).toBe(answered === 201 ? 2 : 1);
      expect(answered).toBe(
        failed === 'Mail_session_rules'
          ? 201
          : ({ Write_activation: 502, Ask_approver: 403, Read_activations_again: 409 }[failed] ?? 503),
      );
    },
  },
  'close-use': {
    at: '2026-11-23T11:00:00Z',
    holds: (tenant, run, failed) => {
      expect(tenant.incident.status).toBe('New');
      expect(tenant.incident.classification).toBeUndefined();
      if (!failed.startsWith('Comment_')) expect(told(tenant)).toMatch(/Not closed|was not closed/);
      if (['Comment_evidence', 'Write_activation', 'Write_account', 'Close_incident'].includes(failed))
        expect(run.status).toBe('Failed');
    },
  },
  'ninety-day-review': {
    at: '2026-11-23T07:00:00Z',
    body: {},
    holds: (tenant, run, failed) => {
      const mails = tenant.sent.map(({ subject }) => subject);
      if (failed !== 'Mail_pack') expect(mails).toContain('Emergency account review 2026-11-23 is due');
      if (!['Mail_drill', 'Query_accounts'].includes(failed))
        expect(mails).toContain('Emergency account drill is due soon');
      if (failed.startsWith('Query_'))
        expect(tenant.sent.map(({ body }) => body).join()).toContain(`Could not be read: ${failed.slice(6)}`);
      else expect(run.status).toBe('Failed');
    },
  },
  'contain-administrator': {
    at: '2026-11-23T09:00:00Z',
    options: { entities: [entities.administrator, entities.em01] },
    holds: (tenant, run, failed) => {
      expect(tenant.directory.join()).not.toContain('e1a0c7d2');
      const harmless = ['Comment_done', 'Tag', 'Revoke_sessions', 'Disable_account'];
      if (!harmless.includes(failed)) {
        expect(tenant.directory).toEqual([]);
        expect(told(tenant)).toMatch(/Nothing was contained|left alone/);
      }
      if (failed === 'Revoke_sessions')
        expect(tenant.directory).toEqual(['PATCH /v1.0/users/d4e913f7-aa06-4f4c-b285-93dcf60a1404']);
      if (failed === 'Revoke_sessions' || failed === 'Disable_account') {
        expect(told(tenant)).toMatch(/NOT (REVOKED|DISABLED)/);
        expect(run.status).toBe('Failed');
      }
    },
  },
};

describe.each(Object.entries(cases))('%s', (slug, { at, body, options, holds }) => {
  it('holds with every call failing in every way', async () => {
    await packageContent();
    const whole = await openTenant({ approve, ...options });
    const baseline = await whole.run(slug, at, body);
    const calls = [...new Set(baseline.calls.map(({ action }) => action))];
    expect(calls.length).toBeGreaterThan(1);
    for (const failed of calls) {
      for (const [how, answer] of Object.entries(failures)) {
        const tenant = await openTenant({
          approve,
          ...options,
          intercept: (call) => (call.action === failed ? answer : undefined),
        });
        const run = await tenant.run(slug, at, body);
        try {
          holds(tenant, run, failed);
        } catch (error) {
          (error as Error).message = `${failed} ${how}: ${(error as Error).message}`;
          throw error;
        }
      }
    }
  });
});

describe('notify-responders', () => {
  it('ends as failed when nobody was reached', async () => {
    const tenant = await openTenant({
      intercept: (call) =>
        ['Post_to_Teams', 'Send_mail', 'Call_webhook'].includes(call.action) ? failures.broken : undefined,
    });
    const run = await tenant.run('notify-responders', '2026-11-23T08:22:00Z');
    expect(run.error?.code).toBe('NobodyReached');
    expect(told(tenant)).toMatch(/Not everybody was told.*Teams, mail, webhook/);
  });

  it('tells everybody when nothing at all can be read or written', async () => {
    const tenant = await openTenant({
      intercept: (call) =>
        call.connector === 'azuresentinel' || call.connector === 'azuremonitorlogs' ? failures.forbidden : undefined,
    });
    await tenant.run('notify-responders', '2026-11-23T08:22:00Z');
    expect(channels(tenant)).toEqual(['mail', 'teams', 'webhook']);
    expect(tenant.sent[0]!.body).toContain('UNKNOWN: the watchlists could not be read');
  });
});
