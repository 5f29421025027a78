/** What happens in any week: people work, administrators administer, services run day and night. */
import type { Random } from './random.ts';
import { iso, modified, type Rows, userTarget } from './rows.ts';
import { ADMIN_APPLICATIONS, type Person, type Tenant } from './tenant.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Writes seven days from `from` (a Monday, midnight UTC). */
export function ordinaryWeek(rows: Rows, random: Random, tenant: Tenant, from: number): void {
  const help = tenant.admins[4]!;
  directory(rows, tenant, from);
  for (let day = 0; day < 7; day++) {
    const midnight = from + day * DAY;
    const weekend = day > 4;
    const at = (hour: number): number => midnight + Math.round((hour + random.next()) * HOUR);
    for (const person of tenant.people) workday(rows, random, person, at, weekend);
    for (let hour = 0; hour < 24; hour++) services(rows, random, tenant, midnight + hour * HOUR);
    health(rows, random, tenant, midnight);
    if (weekend) continue;
    for (const admin of tenant.admins.slice(0, 4)) administration(rows, random, tenant, admin, at);
    helpDesk(rows, random, tenant, help, at);
    if (day === 1 || day === 3) policyChange(rows, random, tenant, tenant.admins[0]!, at(10), day);
  }
  joinerAndLeaver(rows, random, tenant, from);
  otherIncidents(rows, from);
}

/** The directory as UEBA keeps it: twice in the week. */
function directory(rows: Rows, tenant: Tenant, from: number): void {
  for (const time of [from - 2 * DAY, from + 3 * DAY]) {
    for (const { id, upn } of tenant.emergency) {
      rows.row('IdentityInfo', time, {
        AccountObjectId: id,
        AccountUPN: upn,
        AccountName: upn.split('@')[0],
        AccountTenantId: tenant.id,
        IsAccountEnabled: true,
        AssignedRoles: ['Global Administrator'],
        UserState: 'Active',
        UserType: 'Member',
      });
    }
    for (const person of [...tenant.people, ...tenant.stewards]) {
      rows.row('IdentityInfo', time, {
        AccountObjectId: person.id,
        AccountUPN: person.upn,
        AccountName: person.upn.split('@')[0],
        AccountTenantId: tenant.id,
        IsAccountEnabled: true,
        AssignedRoles: 'admin' in person && person.admin ? ['User Administrator'] : [],
        UserState: 'Active',
        UserType: 'Member',
      });
    }
  }
}

function workday(rows: Rows, random: Random, person: Person, at: (hour: number) => number, weekend: boolean): void {
  if (weekend && random.chance(0.75)) return;
  const morning = at(random.between(7, 9));
  // Somebody mistypes, or does not look at the phone.
  if (random.chance(0.12)) rows.signIn(morning - 2 * MINUTE, person, { result: '50126', singleFactor: true });
  if (random.chance(0.1)) rows.signIn(morning - MINUTE, person, { result: random.pick(['50074', '500121']) });
  rows.signIn(morning, person);
  if (random.chance(0.5)) rows.signIn(at(13), person);
  for (let count = random.between(1, 3); count > 0; count--) {
    rows.signIn(at(random.between(8, 17)), person, { interactive: false });
  }
  if (random.chance(0.05)) rows.signIn(at(16), person, { interactive: false, result: '50126' });
  if (random.chance(0.6))
    rows.office(at(10), 'FileAccessed', 'SharePoint', person, {
      OfficeObjectId: 'https://contoso.sharepoint.com/sites/sales/plan.xlsx',
    });
  if (random.chance(0.3)) rows.office(at(11), 'MailItemsAccessed', 'Exchange', person);
  if (random.chance(0.02)) {
    rows.office(at(12), 'New-InboxRule', 'Exchange', person, {
      OfficeObjectId: person.upn,
      Parameters: JSON.stringify([
        { Name: 'MoveToFolder', Value: 'Newsletters' },
        { Name: 'From', Value: 'news@fabrikam.com' },
      ]),
    });
  }
}

/** What runs without people: every log source has rows in every hour, at night and on Sundays too. */
function services(rows: Rows, random: Random, tenant: Tenant, hour: number): void {
  const at = (): number => hour + random.between(0, HOUR - 1);
  const person = random.pick(tenant.people);
  rows.audit(
    at(),
    'Update device',
    'Device Registration Service',
    [
      {
        id: person.device.id,
        displayName: person.device.name,
        type: 'Device',
        modifiedProperties: [modified('ApproximateLastLogonTimestamp', '', iso(hour))],
      },
    ],
    { category: 'Device' },
  );
  rows.azure(
    at(),
    'Microsoft.Compute/virtualMachines/start/action',
    random.guid(),
    'microsoft.compute/virtualmachines/vm-batch-01',
  );
  if (random.chance(0.4))
    rows.azure(
      at(),
      'Microsoft.Storage/storageAccounts/listKeys/action',
      random.guid(),
      'microsoft.storage/storageaccounts/stbackup01',
    );
  rows.office(at(), 'FileSyncDownloadedFull', 'OneDrive', random.pick(tenant.people), {
    OfficeObjectId: 'https://contoso-my.sharepoint.com/personal/notes.one',
  });
  rows.signIn(at(), random.pick(tenant.people), { interactive: false });
  if (random.chance(0.6)) rows.signIn(at(), random.pick(tenant.people), { address: '198.51.100.250', country: 'CA' });
  // A phone that was left at home keeps asking with an old password.
  if (hour % (3 * HOUR) === 0)
    rows.signIn(at(), tenant.people.at(-1)!, { result: '50126', singleFactor: true, address: '198.51.100.77' });
}

function administration(rows: Rows, random: Random, tenant: Tenant, admin: Person, at: (hour: number) => number): void {
  const start = at(9);
  rows.signIn(start, admin, { application: random.pick(ADMIN_APPLICATIONS) });
  activateRole(
    rows,
    random,
    admin,
    start + 5 * MINUTE,
    random.pick(['User Administrator', 'Exchange Administrator', 'Security Administrator']),
  );
  rows.azure(
    start + 30 * MINUTE,
    'Microsoft.Resources/deployments/write',
    admin,
    'microsoft.resources/deployments/web',
    admin.address,
  );
  if (random.chance(0.3))
    rows.azure(
      start + 40 * MINUTE,
      'Microsoft.Authorization/roleAssignments/write',
      admin,
      `microsoft.authorization/roleassignments/${random.guid()}`,
      admin.address,
    );
  if (random.chance(0.4)) {
    const member = random.pick(tenant.people);
    rows.audit(
      start + 50 * MINUTE,
      random.chance(0.7) ? 'Add member to group' : 'Remove member from group',
      admin,
      [
        userTarget(member, [
          modified('Group.ObjectID', null, random.guid()),
          modified('Group.DisplayName', null, 'Sales'),
        ]),
      ],
      { category: 'GroupManagement', type: 'Assign' },
    );
  }
  if (random.chance(0.2)) {
    rows.office(start + HOUR, 'Add-MailboxPermission', 'Exchange', admin, {
      UserType: 'Admin',
      OfficeObjectId: 'Shared Sales',
      Parameters: JSON.stringify([
        { Name: 'Identity', Value: 'Shared Sales' },
        { Name: 'AccessRights', Value: 'FullAccess' },
      ]),
    });
  }
}

/** One activation: asked for and completed in PIM, carried out in the directory, and over after two hours. */
export function activateRole(rows: Rows, random: Random, person: Person, time: number, role: string): void {
  const id = random.guid();
  const pim = { service: 'PIM', category: 'RoleManagement', type: 'ActivateRole' };
  const targets = [
    { id, displayName: role, type: 'Role', modifiedProperties: [] },
    { id: random.guid(), type: 'Request', modifiedProperties: [] },
    userTarget(person),
  ];
  const properties = (oldRole: string | null, newRole: string | null): object[] => [
    modified('Role.ObjectID', oldRole && id, newRole && id),
    modified('Role.DisplayName', oldRole, newRole),
    modified('Role.WellKnownObjectName', oldRole && 'UserAccountAdmins', newRole && 'UserAccountAdmins'),
  ];
  rows.audit(time, 'Add member to role requested (PIM activation)', person, targets, pim);
  rows.audit(time + 2000, 'Add member to role', 'MS-PIM', [userTarget(person, properties(null, role))], {
    category: 'RoleManagement',
    type: 'Assign',
  });
  rows.audit(time + 4000, 'Add member to role completed (PIM activation)', person, targets, pim);
  rows.audit(time + 2 * HOUR, 'Remove member from role', 'MS-PIM', [userTarget(person, properties(role, null))], {
    category: 'RoleManagement',
    type: 'Unassign',
  });
  rows.audit(time + 2 * HOUR + 3000, 'Remove member from role (PIM activation expired)', 'Azure AD PIM', targets, {
    ...pim,
    type: 'DeactivateRole',
  });
}

/** Passwords of others are reset, methods of others are registered. */
function helpDesk(rows: Rows, random: Random, tenant: Tenant, help: Person, at: (hour: number) => number): void {
  for (let count = random.between(1, 3); count > 0; count--) {
    const person = random.pick(tenant.people.filter((candidate) => !candidate.admin));
    const time = at(random.between(8, 15));
    rows.audit(time, 'Reset user password', help, [userTarget(person)]);
    rows.audit(time + 1000, 'Reset password (by admin)', help, [userTarget(person)], {
      service: 'Self-service Password Management',
    });
    rows.audit(time + 5 * MINUTE, 'Change user password', person, [userTarget(person)]);
  }
  const person = random.pick(tenant.people);
  rows.audit(at(14), 'User registered security info', person, [userTarget(person)], {
    service: 'Authentication Methods',
    reason: 'User registered Authenticator App with Notification and Code',
    type: 'Add',
  });
  if (random.chance(0.4)) {
    const newcomer = random.pick(tenant.people);
    rows.audit(at(11), 'Admin registered security info', help, [userTarget(newcomer)], {
      service: 'Authentication Methods',
      reason: 'Admin registered temporary access pass method for user',
      type: 'Add',
    });
  }
}

/** A policy is edited, and keeps the emergency accounts excluded. */
export function policyChange(
  rows: Rows,
  random: Random,
  tenant: Tenant,
  admin: Person,
  time: number,
  step: number,
): void {
  const policy = tenant.policies[step % tenant.policies.length]!;
  const version = (state: string, applications: string[]): object => ({
    id: policy.id,
    displayName: policy.name,
    createdDateTime: '2025-03-04T09:12:11.1234567+00:00',
    state,
    conditions: {
      applications: { includeApplications: applications, excludeApplications: [] },
      users: {
        includeUsers: ['All'],
        excludeUsers: tenant.emergency.map(({ id }) => id),
        includeGroups: [],
        excludeGroups: [...new Set(tenant.emergency.map(({ exclusionGroup }) => exclusionGroup))],
        includeRoles: [],
        excludeRoles: [],
      },
    },
    grantControls: { operator: 'OR', builtInControls: ['mfa'] },
  });
  const target = {
    id: policy.id,
    displayName: policy.name,
    type: 'Policy',
    modifiedProperties: [
      modified('ConditionalAccessPolicy', version('enabled', ['All']), version('enabled', ['All', random.guid()])),
    ],
  };
  rows.audit(time, 'Update conditional access policy', admin, [target], {
    service: 'Conditional Access',
    category: 'Policy',
  });
  rows.audit(time + 1500, 'Update policy', admin, [{ ...target, modifiedProperties: [] }], { category: 'Policy' });
}

function joinerAndLeaver(rows: Rows, random: Random, tenant: Tenant, from: number): void {
  const joiner = { id: random.guid(), upn: 'nadia.falk@contoso.com' };
  const leaver = { id: random.guid(), upn: 'otto.behrens@contoso.com' };
  const admin = tenant.admins[1]!;
  rows.audit(from + DAY + 9 * HOUR, 'Add user', admin, [userTarget(joiner, [modified('AccountEnabled', [], [true])])], {
    type: 'Add',
  });
  rows.audit(from + 4 * DAY + 16 * HOUR, 'Disable account', admin, [
    userTarget(leaver, [modified('AccountEnabled', [true], [false])]),
  ]);
  rows.audit(from + 4 * DAY + 16 * HOUR + 1000, 'Update user', admin, [
    userTarget(leaver, [modified('AccountEnabled', [true], [false])]),
  ]);
  rows.audit(
    from + 4 * DAY + 17 * HOUR,
    'Delete user',
    admin,
    [{ ...userTarget(leaver), userPrincipalName: `${leaver.id.replaceAll('-', '')}${leaver.upn}` }],
    { type: 'Delete' },
  );
}

/** The health of rules, ours and others, as SentinelHealth tells it; one failure that the next run makes good. */
function health(rows: Rows, random: Random, tenant: Tenant, midnight: number): void {
  for (let hour = 0; hour < 24; hour += 4) {
    for (const name of ['Emergency account signed in', 'Failed sign-in of an emergency account', 'Impossible travel']) {
      const failed = hour === 8 && random.chance(0.2);
      rows.row('SentinelHealth', midnight + hour * HOUR + random.between(0, 5) * MINUTE, {
        OperationName: 'Scheduled analytics rule run',
        SentinelResourceName: name,
        SentinelResourceType: 'Analytics Rule',
        SentinelResourceKind: 'Scheduled',
        SentinelResourceId: `/subscriptions/${tenant.subscription}/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/law-soc/providers/Microsoft.SecurityInsights/alertRules/${name.toLowerCase().replaceAll(' ', '-')}`,
        Status: failed ? 'Failure' : 'Success',
        Reason: failed ? 'The query timed out.' : '',
        ExtendedProperties: { AlertsGeneratedAmount: '0', QueryResultAmount: '0' },
      });
    }
  }
}

/** Incidents of other products, taken and closed. */
function otherIncidents(rows: Rows, from: number): void {
  for (const [index, title] of ['Impossible travel activity', 'Malware was prevented', 'Mass download'].entries()) {
    const created = from + (index + 1) * DAY + 11 * HOUR;
    for (const [offset, status, owner] of [
      [0, 'New', null],
      [20 * MINUTE, 'Active', 'vera.winter@contoso.com'],
      [3 * HOUR, 'Closed', 'vera.winter@contoso.com'],
    ] as const) {
      rows.row('SecurityIncident', created + offset, {
        IncidentNumber: 4100 + index,
        IncidentName: `f0c7b1${index}4-52aa-4b7f-9d4e-1c2d3e4f5a6b`,
        Title: title,
        Severity: 'Medium',
        Status: status,
        ...(status === 'Closed' ? { Classification: 'BenignPositive', ClosedTime: iso(created + offset) } : {}),
        Owner: owner ? { userPrincipalName: owner } : {},
        ProviderName: 'Microsoft XDR',
        CreatedTime: iso(created),
        LastModifiedTime: iso(created + offset),
        AlertIds: [],
        RelatedAnalyticRuleIds: [],
        Labels: [],
      });
    }
  }
}
