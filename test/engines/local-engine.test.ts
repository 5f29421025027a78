import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine, type TableData } from '../../scripts/engines/local-engine.ts';
import { findTableFiles } from '../../scripts/engines/local-files.ts';
import { catalog, signIns } from '../kql/engine.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakglass-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function using<T>(tables: readonly TableData[], work: (engine: LocalEngine) => Promise<T>): Promise<T> {
  const engine = await LocalEngine.open({ catalog, tables, threads: 1 });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

function file(name: string, text: string): TableData {
  const path = join(folder, name);
  writeFileSync(path, text);
  return { name: 'SigninLogs', file: path };
}

const count = 'SigninLogs | count';

describe('what a run sees', () => {
  it('is restricted by time and by ingestion, and reads the clock', async () => {
    await using([{ name: 'SigninLogs', rows: signIns }], async (engine) => {
      const query = await engine.prepare(
        'SigninLogs | summarize n = count(), earliest = min(ingestion_time()), hourBefore = ago(1h)',
      );
      const at = (time: string) => new Date(`2026-11-23T${time}Z`);
      const run = (from: string, to: string, seen: string) =>
        query.run({
          now: at(to),
          visibility: { timeGenerated: { from: at(from), to: at(to) }, ingested: { to: at(seen) } },
        });
      expect((await run('08:00', '09:00', '08:03')).rows).toEqual([[0, null, '2026-11-23T08:00:00.0000000Z']]);
      expect((await run('08:00', '09:00', '08:05')).rows).toEqual([
        [1, '2026-11-23T08:04:00.0000000Z', '2026-11-23T08:00:00.0000000Z'],
      ]);
      expect((await run('08:00', '09:00:01', '12:00')).rows[0]?.[0]).toBe(2);
      expect((await query.run()).rows[0]?.[0]).toBe(3);
    });
  });

  it('changes with the rows of a table', async () => {
    await using([], async (engine) => {
      const query = await engine.prepare('SigninLogs | summarize make_set(UserId)');
      expect((await query.run()).rows).toEqual([[[]]]);
      await engine.setTable('SigninLogs', [{ UserId: 'a' }]);
      expect((await query.run()).rows).toEqual([[['a']]]);
      await engine.setTable('SigninLogs', [{ UserId: 'b' }]);
      expect((await query.run()).rows).toEqual([[['b']]]);
    });
  });

  it('keeps all seven digits of a second, and what JSON would round', async () => {
    const rows = [
      { TimeGenerated: '2026-11-23T10:00:00.1234567Z', DurationMs: '9007199254740993', LocationDetails: '{"x":1.0}' },
    ];
    await using([{ name: 'SigninLogs', rows }], async (engine) => {
      const {
        rows: [row],
      } = await engine.query(
        'SigninLogs | project TimeGenerated, DurationMs, tostring(LocationDetails), UserId, IsRisky',
      );
      expect(row).toEqual(['2026-11-23T10:00:00.1234567Z', '9007199254740993', '{"x":1.0}', '', null]);
    });
  });

  it('ends with the signal', async () => {
    await using([], async (engine) => {
      await expect(engine.query(count, { signal: AbortSignal.abort() })).rejects.toThrow('abort');
    });
  });
});

describe('files', () => {
  const line =
    '{"TimeGenerated":"2026-11-23T10:00:00.1234567Z","UserId":"bo","DurationMs":3,"LocationDetails":{"city":"Oslo"}}';

  it.each([
    ['SigninLogs.ndjson', `${line}\n\n${line}\n`],
    ['SigninLogs.json', `[${line},${line}]`],
    [
      'answer.json',
      `{"tables":[{"columns":[{"name":"TimeGenerated"},{"name":"LocationDetails"}],"rows":[["2026-11-23T10:00:00.1234567Z","{\\"city\\":\\"Oslo\\"}"],["2026-11-23T10:00:00.1234567Z","{\\"city\\":\\"Oslo\\"}"]]}]}`,
    ],
    [
      'SigninLogs.csv',
      '\ufeff"TimeGenerated [UTC]",LocationDetails\n2026-11-23T10:00:00.1234567Z,"{""city"":""Oslo""}"\n2026-11-23T10:00:00.1234567Z,"{""city"":""Oslo""}"\n',
    ],
    ['large.ndjson', `${line}\n`.repeat(8000)],
  ])('%s', async (name, text) => {
    await using([file(name, text)], async (engine) => {
      const { rows } = await engine.query(
        'SigninLogs | summarize n = count() by TimeGenerated, tostring(LocationDetails.city)',
      );
      expect(rows).toEqual([['2026-11-23T10:00:00.1234567Z', 'Oslo', name === 'large.ndjson' ? 8000 : 2]]);
    });
  });

  it.each([
    ['{"UserId":"a"}\n{"UserId":5}\n', 'bad.ndjson:2', 'UserId of SigninLogs: 5 is not a string'],
    ['{"TimeGenerated":"yesterday"}', 'bad.ndjson:1', 'is not a datetime'],
    ['{"userid":"a"}', 'bad.ndjson:1', 'no column userid, but UserId'],
    ['{"UserId":', 'bad.ndjson:1', 'not JSON'],
    ['[1]', 'bad.ndjson:1', 'must be a JSON object'],
    [`${`${line}\n`.repeat(8000)}{"UserId":5}`, 'bad.ndjson:8001', 'is not a string'],
  ])('names the place of a row that does not fit: %.20s', async (text, place, message) => {
    await expect(using([file('bad.ndjson', text)], async () => undefined)).rejects.toMatchObject({
      place: expect.stringContaining(place),
      message: expect.stringContaining(message),
    });
  });

  it('finds the tables of a folder', () => {
    const path = join(folder, 'SigninLogs.ndjson');
    const isTable = (name: string) => name === 'SigninLogs';
    expect(findTableFiles(folder, isTable).map(({ name }) => name)).toContain('SigninLogs');
    expect(findTableFiles(path, isTable)).toEqual([{ name: 'SigninLogs', file: path }]);
    expect(() => findTableFiles(join(folder, 'nothing'), isTable)).toThrow('no such file');
  });
});
