import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatPlace } from '../../scripts/diagnostics/diagnostic.ts';
import { compare, differences, outcomesOf } from '../../scripts/scenarios/compare.ts';
import { readScenario } from '../../scripts/scenarios/read-scenario.ts';
import { alert } from '../sentinel/rules.ts';

const HEADER = `title: A story
story: What happened.
clock: { from: 2026-11-23T08:00:00Z, to: 2026-11-23T12:00:00Z }
expect: []
`;

async function folder(files: Record<string, string>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'scenario-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return path;
}

/** What is found, as `file:line code`. */
async function findings(files: Record<string, string>, recording = false): Promise<string[]> {
  const path = await folder(files);
  const { diagnostics } = await readScenario(path, { recording });
  return diagnostics.map(({ code, place }) => {
    const at = formatPlace(place);
    const name = at.slice(at.lastIndexOf('/') + 1).split(':');
    return `${name[0]}:${name[1] ?? ''} ${code}`;
  });
}

describe('reading a scenario', () => {
  it('gives rows their time of ingestion', async () => {
    const rows =
      '{"TimeGenerated":"2026-11-23T08:10:00Z"}\n{"TimeGenerated":"2026-11-23T08:11:00Z","_IngestionTime":"2026-11-23T09:00:00Z"}\n';
    const path = await folder({ 'scenario.yaml': HEADER, 'SigninLogs.ndjson': rows });
    const { scenario, diagnostics } = await readScenario(path);
    expect(diagnostics).toEqual([]);
    expect(scenario!.tables[0]!.rows.map((row) => row._IngestionTime)).toEqual([
      '2026-11-23T08:14:00.000Z',
      '2026-11-23T09:00:00Z',
    ]);
  });

  it.each([
    ['a missing header', { 'SigninLogs.ndjson': '' }, 'scenario-missing-file'],
    ['an unknown table', { 'scenario.yaml': HEADER, 'SigninLog.ndjson': '' }, 'SigninLog.ndjson: row-unknown-table'],
    ['an unknown field', { 'scenario.yaml': `${HEADER}foo: 1\n` }, 'scenario.yaml:5 scenario-field'],
    ['a key twice', { 'scenario.yaml': `${HEADER}title: B\n` }, 'scenario.yaml:5 yaml-duplicate-key'],
    [
      'a wrong type',
      { 'scenario.yaml': HEADER, 'SigninLogs.ndjson': '\n{"TimeGenerated":"2026-11-23T08:10:00Z","ResultType":0}' },
      'SigninLogs.ndjson:2 row-wrong-type',
    ],
    [
      'an unknown column',
      { 'scenario.yaml': HEADER, 'SigninLogs.ndjson': '{"TimeGenerated":"2026-11-23T08:10:00Z","ResultTyp":"0"}' },
      'SigninLogs.ndjson:1 row-unknown-column',
    ],
    ['half a line', { 'scenario.yaml': HEADER, 'SigninLogs.ndjson': '{"Time' }, 'SigninLogs.ndjson:1 row-syntax'],
    [
      'no time',
      { 'scenario.yaml': HEADER, 'SigninLogs.ndjson': '{"ResultType":"0"}' },
      'SigninLogs.ndjson:1 row-without-time',
    ],
    [
      'a clock that runs backwards',
      { 'scenario.yaml': HEADER.replace('12:00', '07:00') },
      'scenario.yaml:3 scenario-clock',
    ],
    [
      'a description that is neither text nor list',
      { 'scenario.yaml': HEADER.replace('[]', '[{ rule: x, at: 2026-11-23T09:00:00Z, description: [] }]') },
      'scenario.yaml:4 scenario-field',
    ],
    [
      'an expectation after the end',
      { 'scenario.yaml': HEADER.replace('[]', '[{ rule: x, at: 2026-11-24T08:00:00Z }]') },
      'scenario.yaml:4 scenario-expectation-outside-clock',
    ],
  ])('tells %s with its place', async (_, files, expected) => {
    const found = await findings(files as unknown as Record<string, string>);
    expect(found.join('\n')).toContain(expected);
    expect(found).toHaveLength(1);
  });

  it('takes a folder of rows alone as a recording, with watchlists beside it', async () => {
    const path = await folder({
      'SigninLogs.ndjson': '{"TimeGenerated":"2026-11-23T08:10:00Z","Notebook":1}',
      'BreakGlassAccounts.csv': 'UserObjectId,AccountUPN\na1,em@contoso.com\n',
    });
    const { scenario, diagnostics } = await readScenario(path, { recording: true });
    expect(diagnostics.map((finding) => finding.code)).toEqual(['recording-column-ignored']);
    expect(scenario).toMatchObject({
      judged: false,
      watchlists: { BreakGlassAccounts: [{ UserObjectId: 'a1', AccountUPN: 'em@contoso.com' }] },
    });
    expect(scenario!.clock.from.toISOString()).toBe('2026-11-23T08:10:00.000Z');
  });
});

describe('comparing', () => {
  const at = new Date('2026-11-23T09:00:00Z');
  const raised = outcomesOf([], [alert('2026-11-23T08:30:00Z', { title: 'T', customDetails: { Kind: ['drill'] } })]);

  it('accepts what fits, and wants every incident expected', () => {
    expect(compare([{ rule: 'r', at, title: 'T', severity: 'Medium' }], raised)).toEqual([]);
    expect(compare([], raised).map((problem) => problem.kind)).toEqual(['unexpected']);
    expect(compare([{ rule: 'r', at, count: 2 }], raised).map((problem) => problem.kind)).toEqual(['missed']);
  });

  it('says in what they differ', () => {
    const early = { rule: 'r', at: new Date('2026-11-23T08:00:00Z'), title: 'U', severity: 'High' as const };
    expect(
      differences(
        { ...early, customDetails: { Kind: 'real' }, entities: [{ type: 'IP', Address: '192.0.2.1' }] },
        raised[0]!,
      ),
    ).toEqual([
      'raised 2026-11-23T08:30:00Z, expected no later than 2026-11-23T08:00:00Z',
      'title "T", expected "U"',
      'severity Medium, expected High',
      'no IP entity with Address 192.0.2.1',
      'custom detail Kind is "drill", expected "real"',
    ]);
    expect(differences({ rule: 'r', at, quietBefore: at }, raised[0]!).join()).toContain('not before');
  });

  it('wants every value of a list among the custom details', () => {
    const compared = (Kind: string | string[]): string[] =>
      differences({ rule: 'r', at, customDetails: { Kind } }, raised[0]!);
    expect(compared(['drill'])).toEqual([]);
    expect(compared(['drill', 'real'])).toEqual(['custom detail Kind is "drill", expected "real"']);
  });

  it('reads the description whole, or for what it must hold', () => {
    const [told] = outcomesOf([], [alert('2026-11-23T08:30:00Z', { description: '08:21:00 Add user: Robin' })]);
    const compared = (description: string | string[]): string[] => differences({ rule: 'r', at, description }, told!);
    expect(compared('08:21:00 Add user: Robin')).toEqual([]);
    expect(compared(['Add user', 'Robin'])).toEqual([]);
    expect(compared('Add user')).toEqual(['description "08:21:00 Add user: Robin", expected "Add user"']);
    expect(compared(['Add user', 'Lee'])).toEqual(['description "08:21:00 Add user: Robin" lacks "Lee"']);
  });
});
