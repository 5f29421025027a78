import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json } from '../../scripts/azure/json.ts';
import { Pseudonyms } from '../../scripts/azure/pseudonyms.ts';

const rows: Json[] = [
  {
    TimeGenerated: '2026-11-22T10:11:12.1234567Z',
    UserId: 'e1a0c7d2-4b83-4f5e-9a16-0d2b7c8e9f01',
    UserPrincipalName: 'jordan.kim@fabrikam.com',
    UserDisplayName: 'Jordan Kim',
    IPAddress: '51.15.20.30',
    AppDisplayName: 'Azure Portal',
    AppId: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
    UserAgent: 'Mozilla/5.0 (Windows NT 10.0) Chrome/142.0.0.0 Safari/537.36',
    UniqueTokenIdentifier: 'q1Zk3tPpXUeE0Kx7Jf6aAA',
    DeviceDetail: { displayName: 'JK-LAPTOP', deviceId: '' },
    LocationDetails: { city: 'Utrecht', countryOrRegion: 'NL', geoCoordinates: { latitude: 52.1, longitude: 5.12 } },
    Status: { errorCode: 0, additionalDetails: 'MFA requirement satisfied for Jordan Kim (jordan.kim@fabrikam.com)' },
  },
  {
    OperationName: 'Delete user',
    InitiatedBy: {
      user: {
        userPrincipalName: 'e1a0c7d24b834f5e9a160d2b7c8e9f01jordan.kim@fabrikam.com',
        id: 'E1A0C7D2-4B83-4F5E-9A16-0D2B7C8E9F01',
        ipAddress: '2a02:8106:1:2::5',
      },
      app: { displayName: 'Azure MFA StrongAuthenticationService' },
    },
    TargetResources: [
      {
        type: 'User',
        displayName: 'Emergency One',
        modifiedProperties: [
          { displayName: 'DisplayName', oldValue: '["Emergency One"]', newValue: '["Robin Winter"]' },
        ],
      },
    ],
    ResourceId:
      '/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/rg-prod/providers/Microsoft.KeyVault/vaults/kv-winter',
    Text: 'Robin Winter asked Jordan Kim; guest robin_gmail.com#EXT#@fabrikam.onmicrosoft.com',
  },
];

function pseudonymised(input: Json[]): { output: Json[]; names: Pseudonyms } {
  const names = new Pseudonyms();
  for (const row of input) names.learn(row);
  return { names, output: input.map((row) => names.apply(row)) };
}

it('takes every original out, wherever it stands', () => {
  const { output, names } = pseudonymised(rows);
  const text = JSON.stringify(output);
  for (const original of [
    'jordan',
    'Kim',
    'fabrikam',
    'e1a0c7d2',
    '51.15.20.30',
    'JK-LAPTOP',
    'Utrecht',
    '2a02',
    'Winter',
    'Emergency One',
    '0b1f6471',
    'rg-prod',
    'gmail',
    'q1Zk3tPp',
    '52.1',
  ]) {
    expect(text.toLowerCase(), original).not.toContain(original.toLowerCase());
  }
  expect(names.leftovers('T', output)).toEqual([]);
});

it('keeps what rules depend on', () => {
  const [signIn, audit] = pseudonymised(rows).output as [Record<string, Json>, Record<string, Json>];
  expect(signIn.AppDisplayName).toBe('Azure Portal');
  expect(signIn.AppId).toBe('c44b4083-3bb0-49c1-b47d-974e53cbdf3c');
  expect(signIn.UserAgent).toContain('Chrome/142.0.0.0');
  expect((signIn.LocationDetails as Record<string, Json>).countryOrRegion).toBe('NL');
  expect(audit.OperationName).toBe('Delete user');
  expect(signIn.TimeGenerated).toBe('2026-11-22T10:11:12.1234567Z');
});

it('is consistent over tables and spellings', () => {
  const [signIn, audit] = pseudonymised(rows).output as [
    Record<string, Json>,
    Record<string, Record<string, Record<string, Json>>>,
  ];
  expect(audit.InitiatedBy!.user!.id).toBe(signIn.UserId);
  expect(String(audit.InitiatedBy!.user!.userPrincipalName)).toBe(
    `${String(signIn.UserId).replaceAll('-', '')}${String(signIn.UserPrincipalName)}`,
  );
  expect(String(signIn.IPAddress)).toMatch(/^192\.0\.2\./);
});

it('finds what it never learnt', () => {
  const names = new Pseudonyms();
  expect(
    names.leftovers('T', [{ a: 'call 51.15.20.30 or e1a0c7d2-4b83-4f5e-9a16-0d2b7c8e9f01' }]).map((item) => item.what),
  ).toEqual(['e1a0c7d2-4b83-4f5e-9a16-0d2b7c8e9f01', '51.15.20.30']);
});

it('leaves no identifier of any made-up row', () => {
  const identifier = fc.oneof(
    fc.uuid(),
    fc.ipV4().filter((ip) => !/^(0|127|255)\./.test(ip)),
    fc.emailAddress().filter((mail) => /^[\w.+-]+@[a-z0-9.-]+$/i.test(mail)),
  );
  const row = fc.record({
    a: identifier,
    text: fc.tuple(identifier, fc.lorem(), identifier).map((parts) => parts.join(' ')),
    nested: fc.array(fc.record({ value: identifier })),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (input) => {
      const { names, output } = pseudonymised(input as unknown as Json[]);
      expect(names.leftovers('T', output)).toEqual([]);
    }),
    { numRuns: 60, seed: 7 },
  );
});
