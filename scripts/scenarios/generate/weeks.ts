/** The generated scenarios: files as they are committed. */
import { stringify } from 'yaml';
import type { Watchlist } from '../../content/model.ts';
import { noise } from './noise.ts';
import { DAY, ordinaryWeek } from './ordinary.ts';
import { Random } from './random.ts';
import { Rows } from './rows.ts';
import { makeTenant } from './tenant.ts';

export const GENERATED = ['ordinary-week', 'noisy-week'] as const;
export type GeneratedScenario = (typeof GENERATED)[number];

const FROM = Date.parse('2026-11-16T00:00:00Z');

/** `2026-11-16T00:00:00Z` */
const seconds = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

const STORIES: Readonly<Record<GeneratedScenario, { title: string; story: string; nearMiss?: string[] }>> = {
  'ordinary-week': {
    title: 'An ordinary week',
    story:
      'Forty people sign in, mistype passwords and overlook a phone; administrators activate roles, reset passwords, edit ' +
      'policies that keep the emergency accounts excluded, and let a leaver go; services run day and night. Nobody ' +
      'touches an emergency account.',
  },
  'noisy-week': {
    title: 'A noisy week',
    story:
      'A password spray, an outage of multifactor authentication, a red team that takes over an everyday administrator and ' +
      'a wave of role activations. All of it concerns other accounts.',
    nearMiss: ['sign-in-failed', 'credentials-changed', 'account-weakened', 'persistence-planted'],
  },
};

/** File name to text: scenario.yaml and one NDJSON file a table, the same for the same watchlist on every machine. */
export function generateScenario(slug: GeneratedScenario, accounts: Watchlist): Map<string, string> {
  const random = new Random(slug);
  const emergency = accounts.rows.map((row) => ({
    id: row.UserObjectId ?? '',
    upn: row.AccountUPN ?? '',
    exclusionGroup: row.ExclusionGroupId ?? '',
  }));
  const stewards = accounts.rows.flatMap((row) => [
    { id: row.OwnerObjectId ?? '', upn: row.Owner ?? '' },
    { id: row.CustodianObjectId ?? '', upn: row.Custodian ?? '' },
  ]);
  const tenant = makeTenant(random, emergency, stewards, 40);
  const rows = new Rows(random, tenant);
  ordinaryWeek(rows, random, tenant, FROM);
  if (slug === 'noisy-week') noise(rows, random, tenant, FROM);
  const { title, story, nearMiss } = STORIES[slug];
  const header = {
    title,
    story,
    clock: { from: seconds(FROM), to: seconds(FROM + 7 * DAY) },
    ...(nearMiss ? { nearMiss } : {}),
    expect: [],
  };
  const files = new Map([
    ['scenario.yaml', `# Generated: breakglass scenario generate ${slug}\n${stringify(header, { lineWidth: 120 })}`],
  ]);
  for (const [table, recorded] of [...rows.tables].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const sorted = recorded.sort((a, b) => (a.TimeGenerated < b.TimeGenerated ? -1 : 1));
    files.set(`${table}.ndjson`, sorted.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  return files;
}
