/** contain-administrator never acts on an emergency account, from whatever side it comes. */
import { describe, expect, it } from 'vitest';
import { administrator, em01, entities, openTenant, type TenantOptions } from './harness.ts';

const approve: NonNullable<TenantOptions['approve']> = (message) => ({
  option: 'Contain',
  responder: message.to,
  delay: 'PT5M',
});
const account = (properties: Record<string, string>) => ({ kind: 'Account', properties });

async function contain(
  options: TenantOptions,
  prepare: (tenant: Awaited<ReturnType<typeof openTenant>>) => void = () => {},
) {
  const tenant = await openTenant({ approve, ...options });
  prepare(tenant);
  const run = await tenant.run('contain-administrator', '2026-11-23T09:00:00Z');
  return { tenant, run, comments: tenant.incident.comments.map(({ message }) => message).join('\n') };
}

const disguises: Record<string, ReturnType<typeof account>> = {
  'its object id': entities.em01,
  'its object id in capitals': account({ AadUserId: em01.toUpperCase(), Name: 'someone', UPNSuffix: 'contoso.com' }),
  'its object id in braces, with spaces': account({
    AadUserId: ` {${em01}} `,
    Name: 'someone',
    UPNSuffix: 'contoso.com',
  }),
  'its name in capitals with another object id': account({
    AadUserId: administrator,
    Name: 'BREAKGLASS-EM01',
    UPNSuffix: 'CONTOSO.onmicrosoft.com',
  }),
  'its whole name in the field Name': account({
    AadUserId: administrator,
    Name: 'breakglass-em01@contoso.onmicrosoft.com',
    UPNSuffix: '',
  }),
  'its name in the field of the object id': account({
    AadUserId: 'breakglass-em01@contoso.onmicrosoft.com',
    Name: 'x',
    UPNSuffix: 'y',
  }),
  'no object id': account({ Name: 'breakglass-em01', UPNSuffix: 'contoso.onmicrosoft.com' }),
  'an object id that is none': account({ AadUserId: '../users/other', Name: 'x', UPNSuffix: 'y' }),
};

describe('an emergency account in the incident is left alone', () => {
  for (const [name, entity] of Object.entries(disguises)) {
    it(name, async () => {
      const { tenant, run, comments } = await contain({ entities: [entity] });
      expect(tenant.directory).toEqual([]);
      expect(run.status).toBe('Cancelled');
      expect(comments).toMatch(/Nothing was contained/);
    });
  }

  it('beside an administrator, who is contained', async () => {
    const { tenant } = await contain({ entities: [entities.em01, entities.administrator] });
    expect(tenant.directory).toEqual([
      `POST /v1.0/users/${administrator}/revokeSignInSessions`,
      `PATCH /v1.0/users/${administrator}`,
    ]);
  });

  it('when the directory answers with an emergency account for another id', async () => {
    for (const user of [
      { id: em01, userPrincipalName: 'avery.stone@contoso.com' },
      { id: administrator, userPrincipalName: 'BreakGlass-EM01@contoso.onmicrosoft.com' },
      { id: administrator, userPrincipalName: '' },
      {},
    ]) {
      const { tenant, comments } = await contain({
        entities: [entities.administrator],
        users: { [administrator]: user },
      });
      expect(tenant.directory).toEqual([]);
      expect(comments).toMatch(/left alone/);
    }
  });
});

describe('the watchlist decides', () => {
  const refused = async (prepare: Parameters<typeof contain>[1], options: TenantOptions = {}) => {
    const { tenant, run, comments } = await contain({ entities: [entities.administrator], ...options }, prepare);
    expect(tenant.directory).toEqual([]);
    expect(run.status).toBe('Cancelled');
    expect(comments).toMatch(/Nothing was contained/);
  };
  const watchlist = 'BreakGlassAccounts';

  it('refuses without it', () => refused(({ workspace }) => workspace.watchlists.delete(watchlist.toLowerCase())));
  it('refuses when it is empty', () => refused(({ workspace }) => workspace.setWatchlist(watchlist, [])));
  it('refuses when a row lacks the object id', () =>
    refused(({ workspace }) =>
      workspace.setWatchlist(watchlist, [{ UserObjectId: '', AccountUPN: 'breakglass-em01@contoso.onmicrosoft.com' }]),
    ));
  it('refuses when a row lacks the user name', () =>
    refused(({ workspace }) => workspace.setWatchlist(watchlist, [{ UserObjectId: em01, AccountUPN: ' ' }])));
  it('refuses when a row has other columns', () =>
    refused(({ workspace }) => workspace.setWatchlist(watchlist, [{ Id: em01 }])));
  it('refuses when it answers something else than a list', () =>
    refused(() => {}, {
      intercept: (call) =>
        call.action === 'Read_watchlist'
          ? { status: 'Succeeded', outputs: { statusCode: 200, headers: {}, body: 'maintenance' } }
          : undefined,
    }));
  it('refuses when it says less the second time', () =>
    refused((tenant) =>
      tenant.workspace.schedule(new Date('2026-11-23T09:02:00Z'), (workspace) => workspace.setWatchlist(watchlist, [])),
    ));

  it('protects an account that is entered while the approver thinks', async () => {
    const { tenant } = await contain({ entities: [entities.administrator] }, ({ workspace }) =>
      workspace.schedule(new Date('2026-11-23T09:02:00Z'), () =>
        workspace.findWatchlist(watchlist)!.items.push({
          id: 'x',
          values: { UserObjectId: administrator.toUpperCase(), AccountUPN: 'other@contoso.com' },
        }),
      ),
    );
    expect(tenant.directory).toEqual([]);
  });

  it('keeps ids in any case and with stray spaces', async () => {
    const { tenant } = await contain({ entities: [entities.administrator] }, ({ workspace }) =>
      workspace.setWatchlist(watchlist, [
        { UserObjectId: ` ${administrator.toUpperCase()} `, AccountUPN: 'x@contoso.com' },
      ]),
    );
    expect(tenant.directory).toEqual([]);
  });
});

describe('people decide', () => {
  it('does nothing without an answer, with another answer, or when asking fails', async () => {
    const variants: TenantOptions[] = [
      { approve: () => undefined },
      { approve: (message) => ({ option: 'Do nothing', responder: message.to, delay: 'PT1M' }) },
      {
        intercept: (call) =>
          call.action === 'Ask_approver' ? { status: 'Failed', outputs: { statusCode: 401, body: 'no' } } : undefined,
      },
    ];
    for (const variant of variants) {
      const { tenant, run } = await contain({ entities: [entities.administrator], ...variant });
      expect(tenant.directory).toEqual([]);
      expect(run.status).toBe('Cancelled');
    }
  });
});
