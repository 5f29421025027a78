import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { alertsOf, backtest, windowsOf } from '../../scripts/azure/backtest.ts';
import { backtestText } from '../../scripts/azure/backtest-report.ts';
import { examine } from '../../scripts/azure/doctor.ts';
import { checksText } from '../../scripts/azure/doctor-report.ts';
import { tableQuestion } from '../../scripts/azure/logs.ts';
import { record, ruleTables } from '../../scripts/azure/recording.ts';
import { UserError } from '../../scripts/diagnostics/errors.ts';
import type { QueryEngine, QueryOptions, QueryResult } from '../../scripts/engines/query-engine.ts';
import { makeContent, makeRule, makeTarget } from './content-fixture.ts';
import { open } from './deployment.ts';
import { FakeAzure, workspaceId } from './fake-azure.ts';

/** An engine that answers from a function. */
function engineOf(answer: (query: string, options: QueryOptions) => QueryResult): QueryEngine {
  const query = async (text: string, options: QueryOptions = {}): Promise<QueryResult> => answer(text, options);
  return {
    name: 'log-analytics',
    query,
    prepare: async (text) => ({ columns: [], run: (options) => query(text, options) }),
    close: async () => {},
  };
}
const rowsOf = (count: number): QueryResult => ({
  columns: [{ name: 'A', type: 'string' }],
  rows: Array.from({ length: count }, () => ['x']),
});

describe('backtest', () => {
  const to = new Date('2026-11-24T12:34:56Z');

  it('takes the windows of the schedule, or days where those are too many', () => {
    const hourly = windowsOf(makeRule(0), { to, days: 2, maxRuns: 200 });
    expect(hourly.kind).toBe('schedule');
    expect(hourly.windows).toHaveLength(48);
    expect(hourly.windows.at(-1)).toEqual({
      from: new Date('2026-11-23T12:00:00Z'),
      to: new Date('2026-11-24T12:00:00Z'),
    });
    const nrt = windowsOf(makeRule(1), { to, days: 3, maxRuns: 200 });
    expect([nrt.kind, nrt.windows.length]).toEqual(['daily', 3]);
  });

  it('counts alerts as the rule groups them', () => {
    expect(alertsOf(makeRule(0, { triggerThreshold: 2 }), 2)).toBe(0);
    expect(alertsOf(makeRule(0, { eventGroupingSettings: { aggregationKind: 'SingleAlert' } }), 9)).toBe(1);
    expect(alertsOf(makeRule(0), 400)).toBe(150);
    expect(alertsOf(makeRule(1), 400)).toBe(30);
    expect(alertsOf(makeRule(0, { triggerOperator: 'lt', triggerThreshold: 1 }), 0)).toBe(1);
  });

  it('goes on when a rule is refused, and says so', async () => {
    const content = makeContent();
    const engine = engineOf((query, options) => {
      if (query.includes('"1"')) throw new UserError('query-refused', { what: 'no such table', remedy: '' });
      return options.now?.getUTCHours() === 3 ? { ...rowsOf(2), partial: 'too much' } : rowsOf(0);
    });
    const results = await backtest(engine, content, content.rules, { to, days: 2, maxRuns: 100, concurrency: 2 });
    expect(
      results.map((result) => [
        result.rule,
        result.runs,
        result.alerts,
        result.partial,
        result.failed,
        result.days.map((day) => day.alerts),
      ]),
    ).toEqual([
      ['rule-0', 48, 4, 2, 0, [0, 2, 2]],
      ['rule-1', 0, 0, 0, 1, []],
    ]);
    expect(backtestText('contoso', 2, results)).toContain('4 alerts in all, 2.0 a day');
  });
});

describe('watchlists of a backtest', () => {
  it('are read whole, once, and carried in the query, as a window of time would cut them', async () => {
    const content = makeContent();
    const asked: { query: string; options: QueryOptions }[] = [];
    const engine = engineOf((query, options) => {
      asked.push({ query, options });
      if (!query.startsWith('_GetWatchlist')) return rowsOf(0);
      return { columns: [{ name: 'UserObjectId', type: 'string' }], rows: [['id-1"; drop']] };
    });
    await backtest(engine, content, content.rules, {
      to: new Date('2026-11-24T12:00:00Z'),
      days: 1,
      maxRuns: 1,
      concurrency: 1,
    });
    const [list, ...runs] = asked;
    expect(list).toEqual({
      query: "_GetWatchlist('FixtureList0')",
      options: { visibility: { timeGenerated: { from: new Date(0) } } },
    });
    expect(runs.length).toBe(2);
    for (const { query } of runs) {
      expect(query).toMatch(/^let Watchlist_FixtureList0 =/);
      expect(query).not.toContain('_GetWatchlist');
      expect(query).not.toContain('"id-1"; drop"');
    }
  });
});

describe('record', () => {
  const window = { from: new Date('2026-11-22T01:00:00Z'), to: new Date('2026-11-22T05:00:00Z') };
  const signIn = {
    columns: [
      { name: 'TimeGenerated', type: 'datetime' as const },
      { name: 'UserPrincipalName', type: 'string' as const },
      { name: 'IPAddress', type: 'string' as const },
      { name: 'Empty', type: 'string' as const },
    ],
    rows: [['2026-11-22T02:00:00.0000000Z', 'robin@fabrikam.com', '51.15.20.30', '']],
  };
  const engine = engineOf((query) => {
    if (query.startsWith('SigninLogs')) return signIn;
    if (query.startsWith('AuditLogs'))
      throw new Error("Failed to resolve table or column expression named 'AuditLogs'");
    return {
      columns: [
        { name: 'UserObjectId', type: 'string' },
        { name: 'Label', type: 'string' },
        { name: '_DTItemId', type: 'string' },
      ],
      rows: [['e1a0c7d2-4b83-4f5e-9a16-0d2b7c8e9f01', 'Vault seven', 'x']],
    };
  });
  const folder = (): string => path.join(mkdtempSync(path.join(tmpdir(), 'breakglass-record-')), 'night');

  it('writes a scenario without originals', async () => {
    const out = folder();
    const recording = await record(engine, makeContent(), {
      scenario: 'night',
      ...window,
      tables: ['SigninLogs', 'AuditLogs'],
      limit: 10,
      keep: [],
      folder: out,
    });
    expect(recording.tables).toEqual([{ table: 'SigninLogs', rows: 1 }]);
    expect(recording.missing).toEqual(['AuditLogs']);
    const text = readdirSync(out)
      .map((name) => readFileSync(path.join(out, name), 'utf8'))
      .join('\n');
    expect(text).not.toMatch(/robin|fabrikam|51\.15|e1a0c7d2|Vault/);
    expect(JSON.parse(readFileSync(path.join(out, 'SigninLogs.ndjson'), 'utf8'))).toEqual({
      TimeGenerated: '2026-11-22T02:00:00.0000000Z',
      UserPrincipalName: 'user1@contoso1.example',
      IPAddress: '192.0.2.1',
    });
    expect(text).toContain('missingTables:\n  - AuditLogs');
  });

  it('refuses to cut rows, to overwrite, and partial answers, and then leaves nothing', async () => {
    const options = { scenario: 'night', ...window, tables: ['SigninLogs'], limit: 0, keep: [] };
    const out = folder();
    await expect(record(engine, makeContent(), { ...options, folder: out })).rejects.toMatchObject({
      code: 'record-too-many',
    });
    const partial = engineOf(() => ({ ...signIn, partial: 'cut' }));
    await expect(record(partial, makeContent(), { ...options, limit: 5, folder: out })).rejects.toMatchObject({
      code: 'answer-partial',
    });
    expect(existsSync(out)).toBe(false);
    await expect(record(engine, makeContent(), { ...options, limit: 5, folder: tmpdir() })).rejects.toMatchObject({
      code: 'scenario-exists',
    });
  });

  it('knows the tables that the rules read', () => {
    expect(ruleTables(makeContent())).toEqual(['SigninLogs']);
  });
});

describe('doctor', () => {
  it('names what is missing, with the remedy, and goes on where it may not look', async () => {
    const azure = new FakeAzure({
      permissions: { actions: ['*/read', 'Microsoft.SecurityInsights/*'], notActions: [] },
      fault: (_, { path }) =>
        path.includes('aadiam') ? { kind: 'status', status: 403, code: 'AuthorizationFailed' } : undefined,
    });
    azure.seed(`${workspaceId}/providers/Microsoft.SecurityInsights/settings/Ueba`, { kind: 'Ueba', properties: {} });
    const session = await open(azure);
    const answers = engineOf((query) => {
      if (query.includes('SentinelHealth'))
        throw new Error("Failed to resolve table expression named 'SentinelHealth'");
      return { columns: [], rows: [[query.includes('SigninLogs') ? 12 : 0, '2026-11-24T10:00:00.0000000Z']] };
    });
    const checks = await examine({
      target: makeTarget(),
      identity: { name: 'engineer@contoso.example', objectId: 'x', tenant: 't', kind: 'person', expires: new Date(0) },
      client: session.client,
      workspace: session.workspace,
      content: makeContent(),
      askTable: tableQuestion(answers as never),
    });
    const state = Object.fromEntries(checks.map((check) => [check.name, check.state]));
    expect(state).toMatchObject({
      identity: 'ok',
      'Microsoft.SecurityInsights/alertRules/write': 'ok',
      'Microsoft.Logic/workflows/write': 'missing',
      SigninLogs: 'ok',
      AADNonInteractiveUserSignInLogs: 'missing',
      SentinelHealth: 'missing',
      UEBA: 'ok',
      'Microsoft Sentinel Automation Contributor': 'missing',
    });
    expect(checks.filter((check) => check.state === 'missing' && check.remedy === undefined)).toEqual([]);
    expect(checks.filter((check) => check.state === 'unknown')).toHaveLength(1);
    expect(azure.writes).toEqual([]);
    expect(checksText('contoso', checks, false)).toContain('missing SentinelHealth: the table does not exist');
  });
});
