import { describe, expect, it } from 'vitest';
import { entityKey, mapEntities } from '../../scripts/sentinel/entity.ts';
import { raiseAlerts } from '../../scripts/sentinel/raise-alerts.ts';
import { result, rule, run } from './rules.ts';

const account = {
  entityType: 'Account',
  fieldMappings: [
    { identifier: 'AadUserId', columnName: 'Id' },
    { identifier: 'Name', columnName: 'Name' },
    { identifier: 'UPNSuffix', columnName: 'Suffix' },
  ],
};
const ip = { entityType: 'IP', fieldMappings: [{ identifier: 'Address', columnName: 'Address' }] };
const raise = (fields: Parameters<typeof rule>[0], rows: Parameters<typeof result>[0]) =>
  raiseAlerts({ slug: 'a-rule', rule: rule(fields) }, result(rows), run);
const perResult = { eventGroupingSettings: { aggregationKind: 'AlertPerResult' as const } };

describe('entity mapping', () => {
  it('drops a generic account name, and the entity when nothing else names it', () => {
    const named = mapEntities([account], [{ Name: 'Admin', Suffix: 'contoso.com' }]);
    expect(named.entities).toEqual([]);
    expect(named.losses.join()).toContain('generic');
    const withId = mapEntities([account], [{ Id: 'a1', Name: 'admin', Suffix: 'contoso.com' }]);
    expect(withId.entities).toEqual([
      { type: 'Account', identifiers: { AadUserId: 'a1', UPNSuffix: 'contoso.com' }, strong: true },
    ]);
  });

  it('tells strong identifiers from weak ones', () => {
    const [weak] = mapEntities([account], [{ Name: 'em-01' }]).entities;
    const [strong] = mapEntities([account], [{ Name: 'em-01', Suffix: 'contoso.com' }]).entities;
    expect([weak?.strong, strong?.strong]).toEqual([false, true]);
  });

  it('takes an account for the same when its strongest identifier is, whatever its case and name', () => {
    const { entities } = mapEntities(
      [account],
      [
        { Id: 'AA', Name: 'x' },
        { Id: 'aa', Name: 'y' },
      ],
    );
    expect(entities).toHaveLength(1);
    expect(entityKey(entities[0]!)).toContain('aa');
  });

  it('drops what is no address, and empty values', () => {
    const { entities, losses } = mapEntities(
      [ip],
      [{ Address: '203.0.113.7:443' }, { Address: '' }, { Address: '2001:db8::7' }],
    );
    expect(entities.map((entity) => entity.identifiers.Address)).toEqual(['2001:db8::7']);
    expect(losses.join()).toContain('203.0.113.7:443');
  });

  it('shares 500 entities of an alert equally between the mappings', () => {
    const rows = Array.from({ length: 600 }, (_, i) => ({
      Id: `id-${i}`,
      Address: `192.0.${Math.floor(i / 250)}.${i % 250}`,
    }));
    const { entities } = mapEntities([account, ip], rows);
    expect(entities.filter((entity) => entity.type === 'Account')).toHaveLength(250);
    expect(entities.filter((entity) => entity.type === 'IP')).toHaveLength(250);
  });
});

describe('threshold', () => {
  it.each([
    ['gt', 2, 3, true],
    ['gt', 2, 2, false],
    ['lt', 1, 0, true],
    ['eq', 0, 0, true],
    ['ne', 0, 0, false],
  ] as const)('%s %i with %i rows: %s', (triggerOperator, triggerThreshold, count, raised) => {
    const rows = Array.from({ length: count }, (_, i) => ({ n: String(i) }));
    expect(raise({ triggerOperator, triggerThreshold }, rows).length > 0).toBe(raised);
  });

  it('does not concern near-real-time rules', () => {
    expect(raise({ kind: 'NRT', triggerThreshold: 5 }, [{ n: '1' }])).toHaveLength(1);
  });
});

describe('event grouping', () => {
  const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ n: String(i) }));
  it('makes one alert of all rows, or one a row', () => {
    expect(raise({}, rows(3)).map((alert) => alert.rows.length)).toEqual([3]);
    expect(raise(perResult, rows(3)).map((alert) => alert.rows.length)).toEqual([1, 1, 1]);
  });

  it.each([
    ['Scheduled', 150],
    ['NRT', 30],
  ] as const)('%s: at most %i alerts a run, the last one stands for the rest', (kind, limit) => {
    expect(raise({ ...perResult, kind }, rows(limit)).some((alert) => alert.summary)).toBe(false);
    const alerts = raise({ ...perResult, kind }, rows(limit + 10));
    expect(alerts).toHaveLength(limit);
    expect(alerts.at(-1)).toMatchObject({ summary: true });
    expect(alerts.at(-1)!.rows).toHaveLength(11);
  });

  it('gives the same alert the same id, and others another', () => {
    const ids = raise(perResult, rows(2)).map((alert) => alert.id);
    expect(ids).toEqual(raise(perResult, rows(2)).map((alert) => alert.id));
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('alert details', () => {
  it('fills placeholders from the row, three at most', () => {
    const alertDetailsOverride = { alertDisplayNameFormat: '{{A}} {{ B }} {{C}} {{D}}' };
    const [alert] = raise({ alertDetailsOverride }, [{ A: 'a', B: 'b', C: 'c', D: 'd' }]);
    expect(alert!.title).toBe('a b c {{D}}');
    expect(alert!.losses.join()).toContain('only 3 placeholders');
  });

  it('cuts the title to 256 bytes without half a character, and the description to 5 KB', () => {
    const alertDetailsOverride = { alertDisplayNameFormat: '{{A}}', alertDescriptionFormat: '{{A}}' };
    const [alert] = raise({ alertDetailsOverride }, [{ A: 'ü'.repeat(4000) }]);
    expect(alert!.title).toBe('ü'.repeat(128));
    expect(Buffer.byteLength(alert!.description)).toBe(5120);
  });

  it('falls back to the rule where a format renders to nothing', () => {
    const [alert] = raise({ alertDetailsOverride: { alertDisplayNameFormat: '{{A}}' } }, [{ A: '' }]);
    expect(alert!.title).toBe('A rule');
  });

  it('takes severity and tactics from columns, when they are ones', () => {
    const alertDetailsOverride = { alertSeverityColumnName: 'S', alertTacticsColumnName: 'T' };
    const [good] = raise({ alertDetailsOverride }, [{ S: 'high', T: 'Impact, Persistence' }]);
    expect(good).toMatchObject({ severity: 'High', tactics: ['Impact', 'Persistence'], losses: [] });
    const [bad] = raise({ alertDetailsOverride }, [{ S: 'Critical', T: 'Mischief' }]);
    expect(bad).toMatchObject({ severity: 'Medium', tactics: ['InitialAccess'] });
    expect(bad!.losses).toHaveLength(2);
  });

  it('sets dynamic properties, and techniques among them', () => {
    const alertDynamicProperties = [
      { alertProperty: 'RemediationSteps', value: 'R' },
      { alertProperty: 'Techniques', value: 'T' },
    ];
    const [alert] = raise({ alertDetailsOverride: { alertDynamicProperties } }, [{ R: 'Call.', T: 'T1098, T1110' }]);
    expect(alert).toMatchObject({ dynamicProperties: { RemediationSteps: 'Call.' }, techniques: ['T1098', 'T1110'] });
  });

  it('keeps distinct values of custom details, 50 a key and 2 KB in all', () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({ n: String(i), same: 'x', long: 'y'.repeat(1500) + i }));
    const [alert] = raise({ customDetails: { N: 'n', Same: 'same', Long: 'long' } }, rows);
    expect(alert!.customDetails.N).toHaveLength(50);
    expect(alert!.customDetails.Same).toEqual(['x']);
    expect(alert!.customDetails.Long).toHaveLength(1);
    expect(alert!.losses.join()).toContain('2 KB');
  });

  it('spans the times of its rows', () => {
    const rows = [{ TimeGenerated: '2026-11-23T07:30:00Z' }, { TimeGenerated: '2026-11-23T07:10:00Z' }];
    expect(raise({}, rows)[0]).toMatchObject({ startTime: rows[1]!.TimeGenerated, endTime: rows[0]!.TimeGenerated });
  });
});
