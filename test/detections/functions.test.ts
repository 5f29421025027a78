/** The workspace functions of the package, on values that logs and watchlists really hold. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContent } from '../../scripts/content/read-content.ts';
import type { LocalEngine } from '../../scripts/engines/local-engine.ts';
import { openScenario } from '../../scripts/scenarios/open-scenario.ts';
import type { Scenario } from '../../scripts/scenarios/scenario.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const EM01 = 'e1a0c7d2-4b83-4f5e-9a16-0d2b7c8e9f01';

let engine: LocalEngine;

beforeAll(async () => {
  const { content } = await readContent('.');
  const watchlists = {
    BreakGlassSettings: [
      { Name: ' graceMINUTES', Value: ' 45 ' },
      { Name: 'RotationHours', Value: 'soon' },
      { Name: 'Unknown', Value: '1' },
    ],
    BreakGlassAccounts: [
      {
        UserObjectId: ` {${EM01.toUpperCase()}} `,
        AccountUPN: ' BreakGlass-EM01@contoso.onmicrosoft.com',
        Label: ' EM-01 ',
      },
      { UserObjectId: EM01, AccountUPN: 'breakglass-em01@contoso.onmicrosoft.com', Label: 'EM-01' },
      { UserObjectId: 'e2b1d8e3-5c94-4a6f-8b27-1e3c8d9f0a02' },
      { UserObjectId: ' ', Label: 'EM-03' },
    ],
    BreakGlassActivations: [
      {
        ActivationId: 'A',
        Account: 'em-01',
        Type: 'DRILL',
        StartTime: '2026-11-20T08:00:00Z',
        EndTime: '2026-11-20T10:00:00Z',
        ClosedTime: '2026-11-20T09:00:00Z',
      },
      { ActivationId: 'B', Account: EM01.toUpperCase(), Type: 'Emergency', StartTime: '2026-11-19T08:00:00Z' },
      { ActivationId: 'C', Account: 'nobody', Type: 'Emergency', StartTime: '2026-11-19T08:00:00Z' },
      { ActivationId: 'D', Account: 'EM-01', Type: 'Emergency', StartTime: 'tomorrow' },
    ],
  };
  const scenario = { tables: [], missingTables: [], watchlists, clock: { from: NOW, to: NOW } } as unknown as Scenario;
  engine = await openScenario(scenario, content);
});

afterAll(() => engine.close());

async function rows(query: string): Promise<unknown[][]> {
  return (await engine.query(query, { now: NOW })).rows;
}

describe('BreakGlassAddress', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['', ''],
  ])('reads %j as %j', async (written, address) => {
    expect(await rows(`print BreakGlassAddress('${written}')`)).toEqual([[address]]);
  });
});

describe('BreakGlassSetting', () => {
  it.each([
    ['GraceMinutes', '45'],
    ['RotationHours', '24'],
    ['MinimumAccounts', '2'],
    ['AllowedPolicies', ''],
  ])('%s is %j', async (name, value) => {
    expect(await rows(`print BreakGlassSetting('${name}')`)).toEqual([[value]]);
  });
});

describe('BreakGlassAccounts', () => {
  it('makes one clean row of each account', async () => {
    expect(
      await rows(
        'BreakGlassAccounts() | project AccountId, AccountUPN, AccountName, UPNSuffix, Account | order by AccountId asc',
      ),
    ).toEqual([
      [EM01, 'breakglass-em01@contoso.onmicrosoft.com', 'breakglass-em01', 'contoso.onmicrosoft.com', 'EM-01'],
      ['e2b1d8e3-5c94-4a6f-8b27-1e3c8d9f0a02', '', '', '', 'e2b1d8e3-5c94-4a6f-8b27-1e3c8d9f0a02'],
    ]);
  });
});

describe('BreakGlassActivations', () => {
  it('resolves the account, ends open activations, and leaves out what has no account or start', async () => {
    expect(
      await rows(
        'BreakGlassActivations() | project ActivationId, AccountId, Type, EndTime | order by ActivationId asc',
      ),
    ).toEqual([
      ['A', EM01, 'drill', '2026-11-20T09:00:00.0000000Z'],
      ['B', EM01, 'emergency', '2026-11-19T16:00:00.0000000Z'],
    ]);
  });
});

describe('BreakGlassDeclared', () => {
  const declared = (time: string): Promise<unknown[][]> =>
    rows(
      `print EventId = 'e', EventTime = datetime(${time}), AccountId = '${EM01}' | invoke BreakGlassDeclared() | project Account, Declaration, ActivationId`,
    );

  it.each([
    ['2026-11-20T08:30:00Z', 'declared drill', 'A'],
    // Within the 45 minutes of grace before the start and after the end.
    ['2026-11-20T07:20:00Z', 'declared drill', 'A'],
    ['2026-11-20T09:40:00Z', 'declared drill', 'A'],
    // After that the ended activation is named for a day.
    ['2026-11-20T10:00:00Z', 'not declared', 'A'],
    ['2026-11-22T08:00:00Z', 'not declared', ''],
    ['2026-11-19T12:00:00Z', 'declared emergency', 'B'],
  ])('an event at %s is %s', async (time, declaration, activation) => {
    expect(await declared(time)).toEqual([['EM-01', declaration, activation]]);
  });
});
