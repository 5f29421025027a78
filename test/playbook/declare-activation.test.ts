/** declare-activation: what is refused, who approves, what is written. */
import { describe, expect, it } from 'vitest';
import type { ValueObject } from '../../scripts/playbook/value.ts';
import { activation, openTenant, type TenantOptions } from './harness.ts';

const request = {
  account: 'EM-01',
  type: 'Emergency',
  reason: 'Locked out',
  operator: 'priya.nair@contoso.com',
  approver: 'morgan.hale@contoso.example',
};
const approve: NonNullable<TenantOptions['approve']> = (message) => ({
  option: 'Approve',
  responder: message.to,
  delay: 'PT5M',
});
const now = '2026-11-24T08:00:00Z';

async function declare(change: ValueObject = {}, options: TenantOptions = {}) {
  const tenant = await openTenant({ approve, ...options });
  const run = await tenant.run('declare-activation', now, { ...request, ...change });
  const items = tenant.workspace.findWatchlist('BreakGlassActivations')!.items;
  const body = run.response!.body as { accepted: boolean; problems?: string[]; sessionRules?: string[] };
  return { tenant, run, body, code: run.response!.statusCode, added: items.slice(options.activations?.length ?? 1) };
}

describe('a request that is fine', () => {
  it('is written as the watchlist has it, and answered with the rules of the session', async () => {
    const { code, body, added, tenant } = await declare();
    expect(code).toBe(201);
    expect(body.sessionRules!.length).toBeGreaterThan(4);
    expect(added.map(({ values }) => values)).toEqual([
      expect.objectContaining({
        ActivationId: 'ACT-20261124-080500',
        Account: 'EM-01',
        Type: 'Emergency',
        Operator: 'priya.nair@contoso.com',
        Approver: 'morgan.hale@contoso.example',
        ApprovedTime: '2026-11-24T08:05:00Z',
        StartTime: '2026-11-24T08:00:00Z',
        EndTime: '2026-11-24T16:00:00Z',
        ClosedTime: '',
      }),
    ]);
    expect(Object.keys(added[0]!.values)).toEqual(Object.keys(activation));
    expect(tenant.sent.map(({ channel, to }) => [channel, to])).toEqual([
      ['approval', 'morgan.hale@contoso.example'],
      ['mail', 'priya.nair@contoso.com;morgan.hale@contoso.example'],
    ]);
  });

  it('names the account by label, user name or object id, in any case', async () => {
    for (const account of [
      'em-01',
      'BREAKGLASS-EM01@contoso.onmicrosoft.com',
      'E1A0C7D2-4b83-4f5e-9a16-0d2b7c8e9f01',
    ]) {
      expect((await declare({ account })).added[0]!.values.Account).toBe('EM-01');
    }
  });

  it('may begin where another one was closed', async () => {
    const closed = {
      ...activation,
      StartTime: '2026-11-24T07:00:00Z',
      EndTime: '2026-11-24T15:00:00Z',
      ClosedTime: '2026-11-24T07:50:00Z',
    };
    expect((await declare({}, { activations: [closed] })).code).toBe(201);
  });
});

describe('a request that is refused', () => {
  const cases: Record<string, [ValueObject, RegExp, TenantOptions?]> = {
    'an account that is none of ours': [{ account: 'EM-09' }, /account is not/],
    'an unknown type': [{ type: 'Test' }, /Emergency or Drill/],
    'no reason': [{ reason: ' ' }, /what has failed/],
    'an approver who is no approver': [{ approver: 'duty@contoso.example' }, /not a contact with the role Approver/],
    'an operator who approves': [{ operator: 'Morgan.Hale@contoso.example' }, /Nobody approves their own/],
    'an end before the start': [{ start: '2026-11-24T10:00:00Z', end: '2026-11-24T09:00:00Z' }, /end must be after/],
    'an end that is over': [{ start: '2026-11-24T05:00:00Z', end: '2026-11-24T07:00:00Z' }, /over already/],
    'too long a use': [{ end: '2026-11-24T16:00:01Z' }, /longer than allowed/],
    'an overlap with an open activation': [
      {},
      /overlaps/,
      {
        activations: [
          {
            ...activation,
            Account: 'breakglass-em01@contoso.onmicrosoft.com',
            StartTime: '2026-11-24T15:59:00Z',
            EndTime: '2026-11-24T18:00:00Z',
          },
        ],
      },
    ],
    'an overlap with one without an end': [
      {},
      /overlaps/,
      { activations: [{ ...activation, StartTime: '2026-11-24T01:00:00Z', EndTime: '' }] },
    ],
    'only one approver where two are needed': [{}, /second approver/, { parameters: { RequireTwoApprovers: true } }],
    'the same approver twice': [
      { secondApprover: 'morgan.hale@contoso.example' },
      /second approver/,
      { parameters: { RequireTwoApprovers: true } },
    ],
  };
  for (const [name, [change, problem, options]] of Object.entries(cases)) {
    it(name, async () => {
      const { code, body, added, tenant } = await declare(change, options);
      expect(code).toBe(409);
      expect(body.problems!.join(' ')).toMatch(problem);
      expect(added).toEqual([]);
      expect(tenant.sent).toEqual([]);
    });
  }

  it('a time that is none, or an overlap that cannot be judged', async () => {
    expect((await declare({ start: 'now' })).code).toBe(503);
    expect((await declare({}, { activations: [{ ...activation, StartTime: 'soon' }] })).code).toBe(503);
  });
});

describe('people decide', () => {
  const refused: Record<string, TenantOptions> = {
    'nobody answers': { approve: () => undefined },
    'the approver refuses': { approve: (message) => ({ option: 'Refuse', responder: message.to, delay: 'PT1M' }) },
    'somebody else answers': {
      approve: () => ({ option: 'Approve', responder: 'mallory@contoso.com', delay: 'PT1M' }),
    },
  };
  for (const [name, options] of Object.entries(refused)) {
    it(name, async () => {
      const { code, added } = await declare({}, options);
      expect(code).toBe(403);
      expect(added).toEqual([]);
    });
  }

  it('two people where that is set', async () => {
    const two = { parameters: { RequireTwoApprovers: true } };
    const second = { secondApprover: 'dana.ortiz@contoso.example' };
    expect((await declare(second, two)).added[0]!.values.Approver).toBe(
      'morgan.hale@contoso.example, dana.ortiz@contoso.example',
    );
    const one = await declare(second, {
      ...two,
      approve: (message) => (message.to.startsWith('dana') ? undefined : approve(message)),
    });
    expect(one.code).toBe(403);
    expect(one.added).toEqual([]);
  });

  it('an activation that was declared meanwhile wins', async () => {
    const tenant = await openTenant({ approve });
    tenant.workspace.schedule(new Date('2026-11-24T08:02:00Z'), (workspace) =>
      workspace.findWatchlist('BreakGlassActivations')!.items.push({
        id: 'other',
        values: {
          ...activation,
          ActivationId: 'ACT-X',
          StartTime: '2026-11-24T08:01:00Z',
          EndTime: '2026-11-24T09:00:00Z',
        },
      }),
    );
    const run = await tenant.run('declare-activation', now, request);
    expect(run.response!.statusCode).toBe(409);
    expect(tenant.workspace.findWatchlist('BreakGlassActivations')!.items).toHaveLength(2);
  });
});
