/** The people, applications and addresses of the generated weeks. Everything is invented; addresses are documentation's. */
import type { Random } from './random.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly upn: string;
  readonly admin: boolean;
  /** Where the person works on most days. */
  readonly address: string;
  readonly device: { readonly id: string; readonly name: string; readonly system: string; readonly browser: string };
}

export interface Emergency {
  readonly id: string;
  readonly upn: string;
  readonly exclusionGroup: string;
}

export interface Tenant {
  readonly id: string;
  readonly workspace: string;
  readonly subscription: string;
  readonly people: readonly Person[];
  readonly admins: readonly Person[];
  readonly emergency: readonly Emergency[];
  /** Owners and custodians of the emergency accounts. */
  readonly stewards: readonly { readonly id: string; readonly upn: string }[];
  readonly policies: readonly { readonly id: string; readonly name: string }[];
}

export const APPLICATIONS = [
  {
    id: '00000003-0000-0ff1-ce00-000000000000',
    name: 'Office 365 SharePoint Online',
    resource: 'Office 365 SharePoint Online',
  },
  {
    id: '00000002-0000-0ff1-ce00-000000000000',
    name: 'Office 365 Exchange Online',
    resource: 'Office 365 Exchange Online',
  },
  { id: '1fec8e78-bce4-4aaf-ab1b-5451cc387264', name: 'Microsoft Teams', resource: 'Microsoft Teams Services' },
  { id: '4765445b-32c6-49b0-83e6-1d93765276ca', name: 'OfficeHome', resource: 'OfficeHome' },
] as const;

export const ADMIN_APPLICATIONS = [
  {
    id: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
    name: 'Azure Portal',
    resource: 'Windows Azure Service Management API',
  },
  {
    id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
    name: 'Microsoft Azure CLI',
    resource: 'Windows Azure Service Management API',
  },
] as const;

const GIVEN = [
  'Alba',
  'Bruno',
  'Chiara',
  'Dario',
  'Elif',
  'Farid',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kaya',
  'Linus',
  'Mara',
  'Nuno',
  'Oona',
  'Pavel',
  'Quinn',
  'Rhea',
  'Sami',
  'Tilda',
  'Umar',
  'Vera',
  'Wanda',
  'Yusuf',
];
const FAMILY = [
  'Adler',
  'Brandt',
  'Costa',
  'Dahl',
  'Engel',
  'Fontaine',
  'Glass',
  'Hofer',
  'Ito',
  'Jansen',
  'Kowal',
  'Lund',
  'Moreau',
  'Novak',
  'Okoye',
  'Petrov',
  'Quist',
  'Rossi',
  'Sato',
  'Tanaka',
  'Ulrich',
  'Varga',
  'Winter',
  'Young',
];
const SYSTEMS = [
  { system: 'Windows10', browser: 'Edge 130.0.0' },
  { system: 'Windows11', browser: 'Chrome 130.0.0' },
  { system: 'MacOs', browser: 'Safari 18.0' },
];

/** A tenant with `size` everyday people, of whom some administer; the emergency accounts are those of the watchlist. */
export function makeTenant(
  random: Random,
  emergency: readonly Emergency[],
  stewards: Tenant['stewards'],
  size: number,
): Tenant {
  const people = Array.from({ length: size }, (_, index): Person => {
    const given = GIVEN[index % GIVEN.length]!;
    const family = FAMILY[(index * 7 + Math.floor(index / GIVEN.length)) % FAMILY.length]!;
    return {
      id: random.guid(),
      name: `${given} ${family}`,
      upn: `${given}.${family}@contoso.com`.toLowerCase(),
      admin: index < 6,
      address: random.chance(0.7) ? `192.0.2.${random.between(10, 60)}` : `198.51.100.${random.between(10, 200)}`,
      device: { id: random.guid(), name: `LT-${1000 + index}`, ...random.pick(SYSTEMS) },
    };
  });
  return {
    id: '0f2c7a14-6b1e-4c55-9d0a-3e8d5b7f9a01',
    workspace: '5c1f8e2a-3b47-4d96-8a70-9e6d2c4b1f08',
    subscription: 'd4f0b6a2-9c31-4e58-8b7d-2a6c1e5f9037',
    people,
    admins: people.filter((person) => person.admin),
    emergency,
    stewards: [...new Map(stewards.map((person) => [person.id, person])).values()],
    policies: ['Require MFA for all users', 'Require compliant device', 'Block legacy authentication'].map((name) => ({
      id: random.guid(),
      name,
    })),
  };
}
