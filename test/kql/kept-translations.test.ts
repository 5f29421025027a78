import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';
import type { Column } from '../../scripts/engines/query-engine.ts';
import type { Catalog } from '../../scripts/kql/catalog.ts';
import { KqlError } from '../../scripts/kql/errors.ts';
import { keptTranslate } from '../../scripts/kql/kept-translations.ts';

const columns: readonly Column[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'Count', type: 'long' },
];
const catalog = (more: Partial<Catalog> = {}): Catalog => ({
  tables: [{ name: 'Things', columns }],
  functions: [{ name: 'Few', parameters: '()', body: 'Things | where Count < 3' }],
  tableFunctions: [
    { name: 'Listed', parameters: ['name'], version: '1', resolve: () => ({ name: 'Listed', columns }) },
  ],
  ...more,
});
const rows = [1, 2, 3].map((Count) => ({ TimeGenerated: `2026-11-0${Count}T00:00:00Z`, Count }));

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'kept-'));
  folder = join(parent, 'version');
  mkdirSync(folder);
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));
const files = () => readdirSync(folder);

describe('translations kept from process to process', () => {
  it('answer as the ones that were made, for other bounds too', async () => {
    const query = 'Few | summarize Total = sum(Count) | render barchart';
    const bounds = { timeGenerated: { from: new Date('2026-11-02T00:00:00Z') } };
    const answers = [];
    for (let start = 0; start < 2; start++) {
      const translate = keptTranslate(folder);
      const engine = await LocalEngine.open({ catalog: catalog(), tables: [{ name: 'Things', rows }], translate });
      answers.push(await engine.query(query));
      if (start === 1) answers.push(await engine.query(query, { visibility: bounds }));
      await engine.close();
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[0]?.rows).toEqual([[3]]);
    expect(answers[0]?.visualization?.kind).toBe('barchart');
    expect(answers[2]?.rows).toEqual([[2]]);
    expect(files()).toHaveLength(1);
  });

  it('are not made again', () => {
    const made = keptTranslate(folder)('Things | count', catalog()).sql({});
    const [file] = files();
    const changed = JSON.parse(
      readFileSync(join(folder, file ?? ''))
        .subarray(32)
        .toString(),
    );
    expect(changed.query.sql['']).toBe(made);
    // The kept text is answered although the catalog is another object.
    expect(keptTranslate(folder)('Things | count', catalog()).sql({})).toBe(made);
    expect(files()).toHaveLength(1);
  });

  it.each<[string, Partial<Catalog>]>([
    ['a table', { tables: [{ name: 'Things', columns: columns.slice(1) }] }],
    ['a function', { functions: [{ name: 'Few', parameters: '()', body: 'Things | where Count < 2' }] }],
    ['what a function answers from', { tableFunctions: [{ ...catalog().tableFunctions[0]!, version: '2' }] }],
    ['a file', { externalFiles: new Map([['https://contoso.com/list.csv', '/tmp/list.csv']]) }],
  ])('are another one when the catalog has another of %s', (_, more) => {
    keptTranslate(folder)('Things | where Count > 1', catalog()).sql({});
    keptTranslate(folder)('Things | where Count > 1', catalog(more)).sql({});
    expect(files()).toHaveLength(2);
  });

  it('are not kept where a function does not tell what it answers from', () => {
    const { version: _, ...open } = catalog().tableFunctions[0]!;
    keptTranslate(folder)('Things', catalog({ tableFunctions: [open] })).sql({});
    expect(files()).toEqual([]);
  });

  it('refuse again what was refused, with the same findings', () => {
    const refusals = [0, 1].map(() => {
      try {
        return keptTranslate(folder)('Nothing | take 1', catalog());
      } catch (error) {
        return error instanceof KqlError ? error.diagnostics : error;
      }
    });
    expect(refusals[1]).toEqual(refusals[0]);
    expect(files()).toHaveLength(1);
  });

  it('make room for new ones', () => {
    const translate = (query: string) => keptTranslate(folder, 4)(query, catalog()).sql({});
    for (let count = 0; count < 5; count++) translate(`Things | where Count > ${count}`);
    expect(files()).toHaveLength(5);
    translate('Things | where Count > 5');
    expect(files()).toHaveLength(3);
  });

  it('of a version that nobody used for long are removed, and nothing else', () => {
    const names = ['0123456789abcdef', 'fedcba9876543210', 'something else'];
    for (const name of names) mkdirSync(join(parent, name));
    for (const name of [names[0]!, names[2]!]) utimesSync(join(parent, name), 0, 0);
    keptTranslate(folder)('Things', catalog()).sql({});
    expect(readdirSync(parent).sort()).toEqual([names[1], names[2], 'version']);
  });

  it('are left aside when the file is damaged', () => {
    const made = keptTranslate(folder)('Things | count', catalog()).sql({});
    for (const name of files()) writeFileSync(join(folder, name), 'not what was written');
    expect(keptTranslate(folder)('Things | count', catalog()).sql({})).toBe(made);
  });
});
