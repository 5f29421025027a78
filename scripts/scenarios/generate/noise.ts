/** A week in which much is wrong, but nothing of it touches the emergency accounts. */
import { activateRole, DAY, HOUR, MINUTE, policyChange } from './ordinary.ts';
import type { Random } from './random.ts';
import { modified, type Rows, userTarget } from './rows.ts';
import { ADMIN_APPLICATIONS, type Tenant } from './tenant.ts';

/** Adds a red team, an outage of multifactor authentication and a wave of role activations to a week. */
export function noise(rows: Rows, random: Random, tenant: Tenant, from: number): void {
  spray(rows, random, tenant, from + DAY + 2 * HOUR);
  outage(rows, random, tenant, from + 2 * DAY + 8 * HOUR);
  redTeam(rows, random, tenant, from + 3 * DAY + 19 * HOUR);
  // The audit season: everybody who may activates a role.
  for (const admin of tenant.admins) {
    for (let count = 0; count < 6; count++) {
      activateRole(
        rows,
        random,
        admin,
        from + 4 * DAY + 8 * HOUR + random.between(0, 400) * MINUTE,
        'Global Administrator',
      );
    }
  }
}

/** One password against everybody else, from many addresses. */
function spray(rows: Rows, random: Random, tenant: Tenant, start: number): void {
  for (let round = 0; round < 4; round++) {
    for (const person of tenant.people) {
      const time = start + round * 30 * MINUTE + random.between(0, 20 * 60) * 1000;
      rows.signIn(time, person, {
        result: random.pick(['50126', '50126', '50126', '50053']),
        singleFactor: true,
        address: `203.0.113.${random.between(1, 250)}`,
        country: random.pick(['NL', 'BR', 'VN']),
      });
    }
  }
}

/** Multifactor authentication is down: passwords are right and nobody comes in. */
function outage(rows: Rows, random: Random, tenant: Tenant, start: number): void {
  for (const person of tenant.people) {
    for (let count = random.between(2, 6); count > 0; count--) {
      rows.signIn(start + random.between(0, 120) * MINUTE, person, { result: random.pick(['500121', '50074']) });
    }
  }
}

/** A red team takes an everyday administrator, changes other administrators and settles in. */
function redTeam(rows: Rows, random: Random, tenant: Tenant, start: number): void {
  const [victim, second, third] = tenant.admins as [
    (typeof tenant.admins)[0],
    (typeof tenant.admins)[0],
    (typeof tenant.admins)[0],
  ];
  const address = '203.0.113.199';
  const at = (minutes: number): number => start + minutes * MINUTE;
  const from = { address };
  const methods = { service: 'Authentication Methods', type: 'Add', ...from };
  rows.signIn(at(0), victim, { address, country: 'NL', application: ADMIN_APPLICATIONS[0], singleFactor: true });
  rows.signIn(at(3), victim, { address, country: 'NL', interactive: false });
  rows.audit(at(6), 'Reset user password', victim, [userTarget(second)], from);
  rows.audit(at(8), 'Admin registered security info', victim, [userTarget(third)], {
    ...methods,
    reason: 'Admin registered temporary access pass method for user',
  });
  rows.audit(at(9), 'Add Passkey (device-bound)', third, [userTarget(third)], methods);
  rows.audit(at(10), 'User deleted security info', second, [userTarget(second)], { ...methods, type: 'Delete' });
  rows.audit(at(12), 'Add user', victim, [userTarget({ id: random.guid(), upn: 'svc.sync@contoso.com' })], {
    type: 'Add',
    ...from,
  });
  rows.audit(
    at(13),
    'Add member to role',
    victim,
    [
      userTarget(third, [
        modified('Role.DisplayName', null, 'Global Administrator'),
        modified('Role.TemplateId', null, '62e90394-69f5-4237-9190-012177145e10'),
      ]),
    ],
    { category: 'RoleManagement', type: 'Assign', ...from },
  );
  rows.audit(
    at(14),
    'Remove member from role',
    victim,
    [userTarget(second, [modified('Role.DisplayName', 'Global Administrator', null)])],
    { category: 'RoleManagement', type: 'Unassign', ...from },
  );
  rows.audit(at(15), 'Update StsRefreshTokenValidFrom Timestamp', victim, [userTarget(second)], from);
  rows.audit(
    at(16),
    'Consent to application',
    victim,
    [
      {
        id: random.guid(),
        displayName: 'Mail Merge Pro',
        type: 'ServicePrincipal',
        modifiedProperties: [modified('ConsentAction.Permissions', null, 'Mail.ReadWrite')],
      },
    ],
    { category: 'ApplicationManagement', type: 'Assign', ...from },
  );
  rows.audit(
    at(18),
    'Remove member from group',
    victim,
    [
      userTarget(second, [
        modified('Group.ObjectID', random.guid(), null),
        modified('Group.DisplayName', 'Admins', null),
      ]),
    ],
    { category: 'GroupManagement', type: 'Unassign', ...from },
  );
  rows.audit(
    at(19),
    'Disable account',
    victim,
    [userTarget(second, [modified('AccountEnabled', [true], [false])])],
    from,
  );
  policyChange(rows, random, tenant, victim, at(20), 1);
  rows.azure(
    at(24),
    'Microsoft.Authorization/roleAssignments/write',
    victim,
    `microsoft.authorization/roleassignments/${random.guid()}`,
    address,
  );
  rows.azure(at(25), 'Microsoft.KeyVault/vaults/write', victim, 'microsoft.keyvault/vaults/kv-apps', address);
  rows.azure(at(26), 'Microsoft.Authorization/locks/delete', victim, 'microsoft.authorization/locks/nodelete', address);
  rows.office(
    at(30),
    'New-InboxRule',
    'Exchange',
    { ...victim, address },
    { OfficeObjectId: victim.upn, Parameters: JSON.stringify([{ Name: 'ForwardTo', Value: 'drop@fabrikam.com' }]) },
  );
  rows.office(
    at(31),
    'Set-Mailbox',
    'Exchange',
    { ...victim, address },
    {
      UserType: 'Admin',
      OfficeObjectId: second.upn,
      Parameters: JSON.stringify([{ Name: 'ForwardingSmtpAddress', Value: 'smtp:drop@fabrikam.com' }]),
    },
  );
  // The own people find it and answer.
  rows.audit(at(90), 'Reset user password', tenant.admins[3]!, [userTarget(victim)]);
  rows.audit(at(91), 'Disable account', tenant.admins[3]!, [
    userTarget(victim, [modified('AccountEnabled', [true], [false])]),
  ]);
}
