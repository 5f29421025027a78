/**
 * Workbooks in the shapes that public Sentinel workbooks have: what they ask, what the editor left in them, and what is
 * wrong in them. None fails, and each item comes out in its class.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CheckResult, checkWorkbook, renderWithoutBrowser } from '../../scripts/workbook/check.ts';
import { engineEnvironment } from '../../scripts/workbook/engine-environment.ts';
import { parseWorkbook } from '../../scripts/workbook/model.ts';
import { renderItem } from '../../scripts/workbook/page/render-item.ts';
import { liveChart } from '../../scripts/workbook/page/render-visualization.ts';
import { openPreviewData, type PreviewData } from '../../scripts/workbook/preview-data.ts';

const COMPLETE = { errors: [], waiting: [], notAvailable: [], notInThisData: [], hidden: 0 };

/** What becomes of the items of each workbook; those that are not named are rendered. */
const EXPECTED: Record<string, Partial<Record<keyof typeof COMPLETE, string[] | number>>> = {
  activity: {},
  'sign-ins': { hidden: 1 },
  incidents: {},
  collection: { notAvailable: ['beats per minute'], notInThisData: ['processor'] },
  devices: {
    notAvailable: ['where it is', 'odd hours', 'feed', 'other workspace'],
    notInThisData: ['chosen vendors', 'web firewall', 'custom table', 'parser', 'normalised', 'list'],
  },
  // Hidden: a text behind a switch that is off, what is only merged, and a text for the other position of the switch.
  framework: { notAvailable: ['assigned', 'posture', 'shared'], hidden: 3 },
  operators: {
    errors: ['agents by their id', 'range as a value', 'scan without an order', 'updates that are needed'],
    notAvailable: [
      'anomalies',
      'forecast',
      'country of an address',
      'clusters of rows',
      'patterns of messages',
      'file with headings',
      'facets',
      'resource graph inside',
      'cluster elsewhere',
    ],
    notInThisData: [
      'unknown function',
      'columns of one service',
      'normalised, with an argument',
      'list that is not there',
      'application insights',
    ],
  },
  untidy: {
    errors: [
      'misspelt operator',
      'no operator',
      'odd parameters',
      'only a comment',
      'two statements',
      'unknown column',
    ],
    notAvailable: ['no known type'],
  },
};

describe('a workbook in the shape of public ones', () => {
  let data: PreviewData;
  beforeAll(async () => {
    data = await openPreviewData({ scenario: 'admin-lockout' });
  });
  afterAll(() => data.engine.close());

  async function check(slug: string): Promise<CheckResult> {
    const file = new URL(`./workbooks/public-shapes/${slug}.json`, import.meta.url);
    const model = parseWorkbook(JSON.parse(readFileSync(file, 'utf8')));
    const render = renderWithoutBrowser(model, engineEnvironment(data.engine, data.now), (view) => {
      renderItem(view, { mode: 'live', drawChart: liveChart });
    });
    return checkWorkbook(slug, model, {}, render, false);
  }

  it.each(Object.keys(EXPECTED))('%s', async (slug) => {
    const result = await check(slug);
    const names = (list: { item: string }[]) => list.map((one) => one.item);
    expect(result.failed).toEqual([]);
    expect({
      errors: names(result.errors).sort(),
      waiting: names(result.waiting),
      notAvailable: names(result.notAvailable),
      notInThisData: names(result.notInThisData),
      hidden: result.hidden,
    }).toEqual({ ...COMPLETE, ...EXPECTED[slug] });
    const others = result.hidden + result.errors.length + result.waiting.length + result.notAvailable.length;
    expect(result.rendered + others).toBe(result.items);
  });
});
