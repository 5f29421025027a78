import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';

const files: Record<string, string> = {
  'list.csv':
    'ip,hits,seen,note,more\r\n192.0.2.1,5,2026-11-23T08:00:00Z,"a ""b"", c","{""a"":1}"\r\n192.0.2.2,,,,\r\n',
  'more.csv': '192.0.2.3,7\n',
  'wide.csv': '1,2,3\n',
  'lines.txt': 'first\n"second,\n\nlast',
  'windows.txt': 'first\r\n',
  'rows.json': '{"ip":"192.0.2.1","hits":5,"more":{"a":[1]}}\n{"ip":null,"hits":"7"}\n',
  'array.multijson': '[{"ip":"192.0.2.1"},\n{"ip":"192.0.2.2"}]',
};

let folder: string;
let engine: LocalEngine;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'external-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const externalFiles = new Map(Object.keys(files).map((name) => [`https://contoso.com/${name}`, join(folder, name)]));
  engine = await LocalEngine.open({
    catalog: { tables: [], functions: [], tableFunctions: [], externalFiles },
    threads: 1,
  });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});
const rows = async (query: string) => (await engine.query(query)).rows;

describe('externaldata over a file that is given', () => {
  it('reads a delimited file by position, as the types of its schema', async () => {
    const schema = 'externaldata(ip: string, hits: long, seen: datetime, note: string, more: dynamic)';
    expect(await rows(`${schema}[@"https://contoso.com/list.csv"] with (ignoreFirstRecord=true)`)).toEqual([
      ['192.0.2.1', 5, '2026-11-23T08:00:00.0000000Z', 'a "b", c', { a: 1 }],
      ['192.0.2.2', null, null, '', null],
    ]);
  });
  it('reads several files one after the other, and lets a missing cell be null', async () => {
    const query =
      'externaldata(ip: string, hits: long, note: string)[h"https://contoso.com/more.csv", "https://contoso.com/more.csv"] with (format="csv") | summarize sum(hits), countif(note == "")';
    expect(await rows(query)).toEqual([[14, 2]]);
  });
  it('reads lines of text without the empty ones', async () => {
    const query = (name: string) => `externaldata(line: string)["https://contoso.com/${name}"] with (format="txt")`;
    expect(await rows(query('lines.txt'))).toEqual([['first'], ['"second,'], ['last']]);
    await expect(rows(query('windows.txt'))).rejects.toThrow('carriage returns');
  });
  it('reads JSON by the names of its properties', async () => {
    expect(
      await rows(
        'externaldata(hits: long, ip: string, more: dynamic)["https://contoso.com/rows.json"] | order by ip desc',
      ),
    ).toEqual([
      [5, '192.0.2.1', { a: [1] }],
      [7, '', null],
    ]);
    expect(await rows('externaldata(ip: string)["https://contoso.com/array.multijson"] | count')).toEqual([[2]]);
  });
  it('refuses an address without a file, a format and a property that it does not know, and a row with too many cells', async () => {
    const refused = (query: string, why: string) => expect(rows(query)).rejects.toThrow(why);
    await refused('externaldata(a: string)["https://contoso.com/none.csv"]', '--external');
    await refused('externaldata(a: string)["https://contoso.com/more.csv"] with (format="parquet")', 'format parquet');
    await refused(
      'externaldata(a: string)["https://contoso.com/more.csv"] with (recreate_schema=true)',
      'recreate_schema',
    );
    await refused('externaldata(a: string)["https://contoso.com/wide.csv"]', 'CSV Error');
  });
});
