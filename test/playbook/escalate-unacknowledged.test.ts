import { describe, expect, it } from 'vitest';
import { openTenant, type TenantOptions } from './harness.ts';

const start = '2026-11-23T08:22:00Z';
const minutes = (at: number): number => (at - Date.parse(start)) / 60_000;

async function escalate(
  prepare: (tenant: Awaited<ReturnType<typeof openTenant>>) => void,
  options: TenantOptions = {},
) {
  const tenant = await openTenant(options);
  prepare(tenant);
  const run = await tenant.run('escalate-unacknowledged', start);
  return { tenant, run, last: tenant.incident.comments.at(-1)!.message };
}

describe('escalate-unacknowledged', () => {
  it('calls nobody when the first contact takes it in time', async () => {
    const { tenant, run, last } = await escalate((item) =>
      item.workspace.schedule(new Date('2026-11-23T08:30:00Z'), () => {
        item.incident.owner.assignedTo = 'Duty analyst';
      }),
    );
    expect(run.status).toBe('Succeeded');
    expect(tenant.sent).toEqual([]);
    expect(last).toMatch(/Acknowledged<\/strong> by Duty analyst after 0 escalations/);
  });

  it('calls the next contact when the time of each is over, until the status changes', async () => {
    const { tenant, run, last } = await escalate((item) =>
      item.workspace.schedule(new Date('2026-11-23T08:50:00Z'), () => {
        item.incident.status = 'Active';
      }),
    );
    expect(run.status).toBe('Succeeded');
    expect(tenant.sent.filter(({ channel }) => channel === 'mail').map(({ to, at }) => [to, minutes(at)])).toEqual([
      ['morgan.hale@contoso.example', 10],
      ['dana.ortiz@contoso.example', 25],
    ]);
    expect(
      tenant.sent
        .filter(({ channel }) => channel === 'webhook')
        .map(({ body }) => (JSON.parse(body) as { contact: { phone: string } }).contact.phone),
    ).toEqual(['+1 555 0101', '+1 555 0102']);
    expect(last).toMatch(
      /by a change of the status after 2 escalations.*08:32 UTC: Morgan Hale.*08:47 UTC: Dana Ortiz/,
    );
  });

  it('begins again behind the last contact, then gives up and says so', async () => {
    const { tenant, run, last } = await escalate(() => {}, { parameters: { MaximumEscalations: 4 } });
    expect(tenant.sent.filter(({ channel }) => channel === 'mail').map(({ to }) => to)).toEqual([
      'morgan.hale@contoso.example',
      'dana.ortiz@contoso.example',
      'duty@contoso.example',
      'morgan.hale@contoso.example',
    ]);
    expect(run.error?.code).toBe('NotAcknowledged');
    expect(last).toMatch(/Nobody has acknowledged/);
    expect(tenant.incident.labels).toEqual(['Unacknowledged']);
  });

  it('calls the people on duty when there are no contacts', async () => {
    const { tenant } = await escalate(() => {}, {
      logs: { Query_contacts: [] },
      parameters: { MaximumEscalations: 1 },
    });
    expect(tenant.sent[0]).toMatchObject({ channel: 'mail', to: 'duty@contoso.example' });
  });
});
