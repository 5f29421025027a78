import { describe, expect, it } from 'vitest';
import { lintWorkbook } from '../../scripts/workbook/lint/lint-workbook.ts';
import { dropDown, parameters, query, text } from './sample.ts';

const content = { functions: [], watchlists: [] };

/** Codes with the line they stand at, of a workbook with these items. */
function lint(items: unknown[], more: Record<string, unknown> = { fromTemplateId: 'sentinel-Test' }): string[] {
  const named = items.map((item, index) => ({ name: `item ${index}`, ...(item as object) }));
  const source = JSON.stringify({ version: 'Notebook/1.0', items: named, ...more }, null, 1);
  return lintWorkbook('w.json', source, content).map((one) => one.code);
}

const time = { name: 'TimeRange', type: 4, value: { durationMs: 86_400_000 } };
const signIns = (
  content: Record<string, unknown> = {},
  kql = 'SigninLogs | summarize Count = count() by AppDisplayName',
) => query(kql, { timeContextFromParameter: 'TimeRange', visualization: 'table', ...content });

describe('workbook lint', () => {
  it('finds nothing in a sound workbook', () => {
    expect(
      lint([
        parameters(time),
        signIns({
          gridSettings: {
            formatters: [
              { columnMatch: 'Count', formatter: 3 },
              { columnMatch: 'App.*', formatter: 1 },
            ],
          },
        }),
      ]),
    ).toEqual([]);
  });

  it('names the place of a finding', () => {
    const source = '{\n "version": "Notebook/1.0",\n "fromTemplateId": "sentinel-UserWorkbook",\n "items": []\n}';
    expect(lintWorkbook('w.json', source, content)).toMatchObject([
      { code: 'workbook-template-id', place: { file: 'w.json', start: { line: 3 } } },
    ]);
  });

  it.each<[string, unknown[], Record<string, unknown> | undefined]>([
    ['workbook-template-id', [], {}],
    [
      'workbook-resource-id',
      [],
      {
        fromTemplateId: 'sentinel-Test',
        fallbackResourceIds: ['/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg'],
      },
    ],
    ['workbook-item-type', [{ type: 77, content: {} }], undefined],
    ['workbook-schema', [{ type: 1, content: { json: 7 } }], undefined],
    ['workbook-schema', [parameters(time, { name: 'X', type: 1, description: 5 }), text('{X}')], undefined],
    ['workbook-kql', [parameters(time), signIns({}, 'SigninLogs | where NoSuch == 1')], undefined],
    ['workbook-kql', [parameters(time), signIns({}, 'SigninLogs | wher x')], undefined],
    ['workbook-parameter-undeclared', [text('{TimeRang:label}')], undefined],
    [
      'workbook-parameter-undeclared',
      [{ ...text('x'), conditionalVisibility: { parameterName: 'Nope', comparison: 'isEqualTo', value: '1' } }],
      undefined,
    ],
    ['workbook-parameter-order', [text('{TimeRange:label}'), parameters(time)], undefined],
    [
      'workbook-parameter-order',
      [
        {
          type: 12,
          content: { version: 'NotebookGroup/1.0', items: [parameters({ name: 'In', type: 1 }), text('{In}')] },
        },
        text('{In}'),
      ],
      undefined,
    ],
    ['workbook-parameter-unused', [parameters(dropDown('P', ['a']))], undefined],
    ['workbook-format-unknown', [parameters(time), text('{TimeRange:lable}')], undefined],
    [
      'workbook-time-parameter',
      [parameters(dropDown('P', ['a'])), signIns({ timeContextFromParameter: 'P' })],
      undefined,
    ],
    ['workbook-time-unbounded', [query('SigninLogs | count')], undefined],
    ['workbook-name-duplicate', [text('a', { name: 'same' }), text('b', { name: 'same' })], undefined],
    ['workbook-name-missing', [text('a', { name: '' })], undefined],
    [
      'workbook-column-unknown',
      [parameters(time), signIns({ gridSettings: { formatters: [{ columnMatch: 'Counts', formatter: 3 }] } })],
      undefined,
    ],
    [
      'workbook-column-unknown',
      [parameters(time), signIns({ visualization: 'tiles', tileSettings: { leftContent: { columnMatch: 'Title' } } })],
      undefined,
    ],
    [
      'workbook-column-unknown',
      [parameters(time), signIns({ exportFieldName: 'Nope', exportParameterName: 'E' }), text('{E}')],
      undefined,
    ],
    [
      'workbook-settings-dead',
      [parameters(time), signIns({ visualization: 'piechart', mapSettings: { locInfo: 'LatLong' } })],
      undefined,
    ],
  ])('finds %s', (code, items, more) => {
    expect(lint(items, more)).toContain(code);
  });

  it('matches tabs with what they show', () => {
    const tabs = {
      type: 11,
      content: {
        version: 'LinkItem/1.0',
        style: 'tabs',
        links: [
          { linkTarget: 'parameter', cellValue: 'Tab', subTarget: 'one', linkLabel: 'One' },
          { linkTarget: 'parameter', cellValue: 'Tab', subTarget: 'two', linkLabel: 'Two' },
        ],
      },
    };
    const shown = (value: string) =>
      text(value, { conditionalVisibility: { parameterName: 'Tab', comparison: 'isEqualTo', value } });
    expect(lint([tabs, shown('one'), shown('two')])).toEqual([]);
    expect(lint([tabs, shown('one'), shown('tow')])).toEqual(['workbook-condition-dead', 'workbook-tab-dead']);
  });

  it('fills parameters before it binds', () => {
    const list = parameters(time, dropDown('App', ['Portal'], { multiSelect: true, quote: "'", delimiter: ',' }));
    const kql =
      'SigninLogs | where TimeGenerated {TimeRange} and AppDisplayName in ({App}) | make-series N = count() on TimeGenerated from {TimeRange:start} to {TimeRange:end} step {TimeRange:grain}';
    expect(lint([list, signIns({}, kql)])).toEqual([]);
  });

  it.each(['', 'no json', '[]', '{"items": 3}'])('tells that %j is no workbook', (source) => {
    expect(lintWorkbook('w.json', source, content)[0]?.code).toBe('workbook-json');
  });
});
