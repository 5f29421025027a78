import { describe, expect, it } from 'vitest';
import { parseWorkbook } from '../../scripts/workbook/model.ts';
import { visualize } from '../../scripts/workbook/view/visualize.ts';
import { query, resultOf } from './sample.ts';

function chart(visualization: string, rows: Parameters<typeof resultOf>[0]) {
  const [item] = parseWorkbook({ items: [query('T', { visualization })] }).items;
  if (item?.kind !== 'query') throw new Error('no query item');
  const view = visualize(item, resultOf(rows), (text) => text);
  if (view.kind !== 'chart') throw new Error(`a ${view.kind}`);
  return view.option as { animation?: boolean; series: { name?: string; data: { name?: string }[] }[] };
}

describe('a chart', () => {
  it.each(['piechart', 'barchart', 'timechart', 'scatterchart'])('does not move: %s', (visualization) => {
    expect(chart(visualization, [{ App: 'a', Count: 1 }]).animation).toBe(false);
  });

  // Names that have a meaning in the plain objects of the drawing library: with them it throws.
  it.each(['__proto__', 'hasOwnProperty'])('is drawn although a log value is called %s', (name) => {
    const [pie] = chart('piechart', [{ App: name, Count: 1 }]).series;
    expect(pie?.data.map((slice) => slice.name)).toEqual([`${name}\u200b`]);
    const bars = chart('barchart', [{ Day: 'Monday', Count: 1, App: name }]).series;
    expect(bars.map((series) => series.name)).toEqual([`${name}\u200b`]);
  });
});
