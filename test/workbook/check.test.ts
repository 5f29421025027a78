import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KqlError, KqlRuntimeError, KqlUnsupported } from '../../scripts/kql/errors.ts';
import { checkWorkbook, renderWithoutBrowser } from '../../scripts/workbook/check.ts';
import { refusal } from '../../scripts/workbook/engine-environment.ts';
import { parseWorkbook } from '../../scripts/workbook/model.ts';
import { parseWorkbookText, readWorkbook } from '../../scripts/workbook/read-workbook.ts';
import { stubEnvironment } from './sample.ts';

const everyFeature = JSON.parse(readFileSync(new URL('./workbooks/every-feature.json', import.meta.url), 'utf8'));

describe('check', () => {
  it('opens every tab and tells what became of each item', async () => {
    const model = parseWorkbook(everyFeature);
    const environment = stubEnvironment((kql) =>
      kql.includes('wher ')
        ? { status: 'error', message: 'Expected: ;' }
        : kql.startsWith('Foo_CL')
          ? { status: 'rows', result: { columns: [], rows: [] }, note: 'Not in this data: Foo_CL.' }
          : { status: 'failed', message: 'cannot' },
    );
    const result = await checkWorkbook(
      'w.json',
      model,
      {},
      renderWithoutBrowser(model, environment, () => undefined),
      false,
    );
    const names = (list: { item: string }[]) => list.map((one) => one.item);
    expect(names(result.notAvailable)).toEqual(['metric', 'arg', 'template', 'odd']);
    expect(names(result.waiting)).toEqual(['waiting', 'waiting2']);
    expect(result.errors).toEqual([{ item: 'syntax', why: 'Expected: ;' }]);
    expect(names(result.notInThisData)).toEqual(['unknown']);
    expect(result.failed).toEqual([]);
    expect(result.hidden).toBe(1);
    expect(result.rendered + result.hidden + 7).toBe(result.items);
  });

  it('counts an item whose markup cannot be made as failed', async () => {
    const model = parseWorkbook({ items: [{ type: 1, name: 'a', content: { json: 'x' } }] });
    const render = renderWithoutBrowser(model, stubEnvironment(), () => {
      throw new Error('broken');
    });
    expect((await checkWorkbook('w.json', model, {}, render, false)).failed).toEqual([{ item: 'a', why: 'broken' }]);
  });
});

describe('a refused query', () => {
  const place = { start: 0, length: 0, line: 1, column: 1 };
  const refused = (kql: string, ...found: [code: string, word: string][]) =>
    refusal(
      new KqlError(
        found.map(([code, word]) => ({
          ...place,
          code,
          severity: 'error',
          message: `no ${word}`,
          start: kql.indexOf(word),
          length: word.length,
        })),
      ),
      kql,
    );

  it('over a table or function of another solution is missing data', () => {
    expect(refused('Foo_CL | take 1', ['KS204', 'Foo_CL'])).toMatchObject({
      status: 'rows',
      result: { rows: [] },
      note: expect.stringContaining('Foo_CL'),
    });
    expect(refused('Parser() | take 1', ['KS211', 'Parser'])).toMatchObject({ status: 'rows' });
    expect(refused('ZPAEvent | where Newer == 1', ['KS142', 'Newer'])).toMatchObject({ status: 'rows' });
    expect(refused('AzureDiagnostics | where x_s == 1', ['KS142', 'x_s'])).toMatchObject({ status: 'rows' });
  });

  it('with a fault of its own is an error that Azure shows too', () => {
    expect(refused('SigninLogs | where Nope', ['KS142', 'Nope'])).toMatchObject({
      status: 'error',
      message: expect.stringContaining('line 1'),
    });
    expect(refused('Foo_CL | wher', ['KS204', 'Foo_CL'], ['KS005', 'wher'])).toMatchObject({ status: 'error' });
    expect(refusal(new KqlRuntimeError('bad regex'), '')).toMatchObject({ status: 'error' });
  });

  it('that only a workspace can answer is unavailable, and a defect of ours has failed', () => {
    expect(refusal(new KqlUnsupported('operator x', place), '')).toMatchObject({
      status: 'unavailable',
      message: 'Not available offline: the local engine does not support operator x (line 1, column 1).',
    });
    expect(refusal(new TypeError('defect'), '')).toMatchObject({ status: 'failed', message: 'defect' });
    expect(refused("workspace('x').T", ['KS211', 'workspace'])).toMatchObject({ status: 'unavailable' });
  });
});

describe('reading a workbook', () => {
  const inner = { version: 'Notebook/1.0', items: [] };

  it('finds it in an ARM template', () => {
    const template = {
      resources: [
        {
          type: 'Microsoft.Insights/workbooks',
          properties: { displayName: 'Mine', serializedData: JSON.stringify(inner) },
        },
      ],
    };
    expect(parseWorkbookText(JSON.stringify(template), 'a.json')).toEqual({ json: inner, displayName: 'Mine' });
    const byVariable = { variables: { workbookContent: JSON.stringify(inner) }, resources: [] };
    expect(parseWorkbookText(JSON.stringify(byVariable), 'a.json').json).toEqual(inner);
  });

  it('reads trailing commas and a byte order mark', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'workbook-')), 'w.json');
    writeFileSync(file, '\uFEFF{"version":"Notebook/1.0","items":[],}');
    expect((await readWorkbook(file)).json.items).toEqual([]);
  });

  it.each([
    ['no json at all', 'WORKBOOK_JSON'],
    ['{"a":1}', 'WORKBOOK_NONE'],
    ['[]', 'WORKBOOK_NONE'],
  ])('says what is wrong with %j', (source, code) => {
    expect(() => parseWorkbookText(source, 'a.json')).toThrow(expect.objectContaining({ code }));
  });

  it('says that a file is not there', async () => {
    await expect(readWorkbook('/nowhere/w.json')).rejects.toMatchObject({
      code: 'WORKBOOK_UNREADABLE',
      place: '/nowhere/w.json',
    });
  });
});
