/** close-use closes only when everything is there, and says what is missing otherwise. */
import { describe, expect, it } from 'vitest';
import { activation, em02, openTenant, rows, type TenantOptions } from './harness.ts';

async function close(
  options: TenantOptions = {},
  prepare: (tenant: Awaited<ReturnType<typeof openTenant>>) => void = () => {},
) {
  const tenant = await openTenant(options);
  prepare(tenant);
  const run = await tenant.run('close-use', '2026-11-23T11:00:00Z');
  const { incident, workspace } = tenant;
  const row = workspace.findWatchlist('BreakGlassActivations')?.items[0]?.values;
  const account = workspace.findWatchlist('BreakGlassAccounts')?.items[0]?.values;
  return { run, incident, row, account, comments: incident.comments.map(({ message }) => message).join('\n') };
}
const uses = rows.Query_uses![0]!;

describe('a complete use', () => {
  it('closes an emergency with the evidence and the rows written', async () => {
    const { incident, row, account, comments } = await close();
    expect(incident).toMatchObject({
      status: 'Closed',
      classification: 'BenignPositive',
      classificationReason: 'SuspiciousButExpected',
    });
    expect(incident.classificationComment).toContain('ACT-2026-005');
    expect(row).toMatchObject({
      ClosedTime: '2026-11-23T11:00:00Z',
      SignedInTime: uses.FirstSignIn,
      RotatedTime: uses.Renewed,
    });
    expect(account).toMatchObject({ LastRotationDate: '2026-11-23', LastDrillDate: '2026-10-12' });
    expect(comments).toMatch(/The use is complete.*Update conditional access policy &rarr; Require compliant device/);
  });

  it('closes a drill, records its five stages and the day of the drill', async () => {
    const { incident, account, comments } = await close({ activations: [{ ...activation, Type: 'Drill' }] });
    expect(incident.status).toBe('Closed');
    expect(account).toMatchObject({ LastDrillDate: '2026-11-23', LastRotationDate: '2026-11-23' });
    for (const stage of ['Retrieval', 'Authorisation', 'Sign-in', 'Alert', 'Hand-back'])
      expect(comments).toContain(`<td>${stage}</td><td>2026-11-23T`);
  });
});

describe('a use that is not complete stays open', () => {
  const cases: Record<string, [TenantOptions, RegExp]> = {
    'no activation covers it': [{ logs: { Query_uses: [] } }, /a declared use that covers this incident/],
    'another account': [
      { logs: { Query_uses: [{ ...uses, AccountId: em02 }] } },
      /a declared use that covers this incident/,
    ],
    'an activation of another time': [
      { logs: { Query_uses: [{ ...uses, StartTime: '2026-11-22T08:10:00Z', EndTime: '2026-11-22T10:30:00Z' }] } },
      /a declared use that covers this incident/,
    ],
    'the row is gone': [{ activations: [] }, /a declared use that covers this incident/],
    'the row is there twice': [{ activations: [activation, activation] }, /a declared use that covers this incident/],
    'it still runs': [{ logs: { Query_uses: [{ ...uses, EndTime: '2026-11-23T12:00:00Z' }] } }, /it still runs/],
    'nobody approved': [{ activations: [{ ...activation, ApprovedTime: '' }] }, /authorisation/],
    'retrieval is not noted': [{ activations: [{ ...activation, RetrievedTime: '' }] }, /retrieval/],
    'the alert was not confirmed': [{ activations: [{ ...activation, AlertConfirmedTime: '' }] }, /AlertConfirmedTime/],
    'the credential was not renewed': [{ logs: { Query_uses: [{ ...uses, Renewed: null }] } }, /rotation/],
    'the credential was renewed before the sign-in only': [
      { logs: { Query_uses: [{ ...uses, Renewed: '2026-11-23T08:12:00Z' }] } },
      /rotation/,
    ],
    'there was no sign-in': [{ logs: { Query_uses: [{ ...uses, FirstSignIn: null }] } }, /sign-in: neither/],
    'it was not handed back': [{ activations: [{ ...activation, HandedBackTime: '' }] }, /HandedBackTime/],
    'it was handed back before it was renewed': [
      { activations: [{ ...activation, HandedBackTime: '2026-11-23T09:00:00Z' }] },
      /handed back before it was renewed/,
    ],
    'a date in the row is none': [{ activations: [{ ...activation, HandedBackTime: 'yesterday' }] }, /Not closed/],
  };
  for (const [name, [options, missing]] of Object.entries(cases)) {
    it(name, async () => {
      const { incident, row, comments } = await close(options);
      expect(incident.status).toBe('New');
      expect(incident.labels).toContain('CloseMissing');
      expect(comments).toMatch(missing);
      expect(row?.ClosedTime ?? '').toBe('');
    });
  }

  it('a task is open', async () => {
    const { incident, comments } = await close({}, (tenant) =>
      tenant.incident.tasks.push({ id: 'x', title: 'Call the approver', description: '', status: 'New' }),
    );
    expect(incident.status).toBe('New');
    expect(comments).toMatch(/open tasks of this incident/);
  });

  it('the account is not in the watchlist', async () => {
    const { incident, comments } = await close({}, (tenant) => tenant.workspace.setWatchlist('BreakGlassAccounts', []));
    expect(incident.status).toBe('New');
    expect(comments).toMatch(/the row of the account/);
  });
});
