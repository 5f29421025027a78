/** Whatever is done to a workbook, the preview shows it: nothing throws, every item gets a view and markup. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QueryResult, Value } from '../../scripts/engines/query-engine.ts';
import { evaluateWorkbook } from '../../scripts/workbook/evaluate.ts';
import { parseWorkbook, walkItems } from '../../scripts/workbook/model.ts';
import { renderLayout } from '../../scripts/workbook/page/layout.ts';
import { renderItem } from '../../scripts/workbook/page/render-item.ts';
import { liveChart } from '../../scripts/workbook/page/render-visualization.ts';
import { INITIAL_STATE } from '../../scripts/workbook/state.ts';
import type { ItemView } from '../../scripts/workbook/view/item-view.ts';
import { stubEnvironment } from './sample.ts';

const everyFeature = JSON.parse(
  readFileSync(new URL('./workbooks/every-feature.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;

/** What editors, exports and hands leave in settings. */
const leftOver = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    '12',
    '1e400',
    'NaN',
    true,
    'true',
    'FALSE',
    [],
    {},
    [null],
    [[]],
    '{',
    '{Text}',
    '{Text:lable}',
  ),
  fc.constantFrom<unknown>(
    'table',
    'PIECHART',
    'tiles',
    'map',
    'graph',
    'card',
    'stat',
    'unknownchart',
    'value::all',
    'Count',
    'Account',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ),
  fc.constantFrom<unknown>(
    { columnMatch: '(' },
    { columnMatch: '.*', formatter: '18' },
    { durationMs: '0' },
    { startTime: 'x' },
    [{}],
    [{ operator: 'regex', thresholdValue: '[' }],
  ),
  fc.string({ maxLength: 12 }),
  fc.double(),
);

/** Paths to every value of a JSON document. */
function paths(value: unknown, at: (string | number)[] = []): (string | number)[][] {
  const below = Array.isArray(value)
    ? value.flatMap((one, index) => paths(one, [...at, index]))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, one]) => paths(one, [...at, key]))
      : [];
  return [at, ...below];
}

type Change = { path: (string | number)[]; kind: 'replace' | 'remove' | 'repeat' | 'rename'; value: unknown };

function changed(document: unknown, changes: readonly Change[]): unknown {
  const copy = structuredClone(document);
  for (const { path, kind, value } of changes) {
    let parent = copy as Record<string | number, unknown>;
    for (const key of path.slice(0, -1)) {
      if (typeof parent !== 'object' || parent === null) break;
      parent = parent[key] as Record<string | number, unknown>;
    }
    const last = path.at(-1);
    if (last === undefined || typeof parent !== 'object' || parent === null) continue;
    if (kind === 'replace') parent[last] = value;
    else if (kind === 'repeat' && Array.isArray(parent)) parent.push(structuredClone(parent[last as number]));
    else if (kind === 'remove' && Array.isArray(parent)) parent.splice(Number(last), 1);
    else if (kind === 'rename' && !Array.isArray(parent)) {
      parent[String(last).toUpperCase()] = parent[last];
      delete parent[last];
    } else delete parent[last];
  }
  return copy;
}

const cell: fc.Arbitrary<Value> = fc.oneof(
  fc.string({ maxLength: 10 }),
  fc.constantFrom<Value>(
    null,
    'NaN',
    '<script>',
    '2026-11-22T10:00:00Z',
    'US',
    '[1,2]',
    { a: [1] },
    [1, 'x', null],
    '9223372036854775807',
    true,
  ),
  fc.integer(),
  fc.double(),
);
const result: fc.Arbitrary<QueryResult> = fc.record({
  columns: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom(
        'TimeGenerated',
        'Count',
        'Account',
        'Status',
        'x',
        'id',
        'parent',
        '',
        '__proto__',
        'Id',
        'Source',
      ),
      type: fc.constantFrom(
        'string',
        'long',
        'real',
        'datetime',
        'dynamic',
        'bool',
        'timespan',
        'decimal',
        'guid',
        'int',
      ),
    }),
    { selector: (column) => column.name, maxLength: 6 },
  ),
  rows: fc.array(fc.array(cell, { maxLength: 7 }), { maxLength: 8 }),
  visualization: fc.constantFrom(
    { kind: 'timechart', properties: {} },
    { kind: 'piechart', properties: { xcolumn: 'x' } },
    { kind: 'odd', properties: {} },
  ),
});

async function show(
  json: unknown,
  state: Record<string, unknown>,
  answer: QueryResult,
): Promise<Map<string, ItemView>> {
  const model = parseWorkbook(json);
  const views = new Map<string, ItemView>();
  const environment = stubEnvironment(() => ({ status: 'rows', result: answer }));
  await evaluateWorkbook(model, { ...INITIAL_STATE, values: state }, environment, (view) => {
    views.set(view.id, view);
    renderItem(view, { mode: 'live', drawChart: liveChart });
    renderItem(view, { mode: 'file', drawChart: liveChart });
  });
  renderLayout(model);
  return views;
}

describe('any workbook', () => {
  it('is shown, whatever its settings hold', async () => {
    const places = paths(everyFeature).filter((path) => path.length > 0);
    const change: fc.Arbitrary<Change> = fc.record({
      path: fc.constantFrom(...places),
      kind: fc.constantFrom('replace', 'remove', 'repeat', 'rename'),
      value: leftOver,
    });
    const tab = fc.constantFrom('grids', 'charts', 'tiles', 'others', 'nowhere');
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 12 }),
        tab,
        result,
        async (changes, chosen, answer) => {
          const views = await show(changed(everyFeature, changes), { tab: chosen }, answer);
          for (const view of views.values()) {
            expect(view.why ?? '').not.toContain('cannot be drawn');
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is shown, whatever the rows hold', async () => {
    const chart = (visualization: string, settings: Record<string, unknown>) => ({
      type: 3,
      content: { query: 'X', visualization, ...settings },
    });
    const items = [
      ...[
        '',
        'table',
        'tiles',
        'card',
        'stat',
        'map',
        'graph',
        'piechart',
        'timechart',
        'barchart',
        'categoricalbar',
        'scatterchart',
        'areachart',
      ].map((name) => chart(name, {})),
      chart('map', { mapSettings: { locInfo: 'LatLong', latitude: 'Count', longitude: 'x' } }),
      chart('graph', { graphSettings: { nodeIdField: 'Id', sourceIdField: 'Source', targetIdField: 'Account' } }),
      chart('table', {
        gridSettings: {
          hierarchySettings: { treeType: 0, idColumn: 'id', parentColumn: 'parent' },
          formatters: Array.from({ length: 24 }, (_, formatter) => ({ columnMatch: '.*', formatter })),
        },
      }),
      chart('table', {
        gridSettings: { hierarchySettings: { treeType: 1, groupBy: ['Status', 'Account'], finalBy: 'Count' } },
      }),
    ];
    await fc.assert(
      fc.asyncProperty(result, async (answer) => {
        const views = await show({ items }, {}, answer);
        for (const view of views.values()) expect(view.status).toBe('rendered');
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    null,
    7,
    'text',
    [],
    {},
    { items: null },
    { items: {} },
    { items: [null, 1, 'x', [], {}] },
    { items: [{ type: '3' }] },
  ])('is shown, be it %j', async (json) => {
    await show(json, {}, { columns: [], rows: [] });
    expect([...walkItems(parseWorkbook(json).items)].length).toBeLessThan(6);
  });
});
