/** What the workbook of this package says of recorded stories, and of workspaces in which there is nothing yet. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readContent } from '../../scripts/content/read-content.ts';
import { checkWorkbook, renderWithoutBrowser } from '../../scripts/workbook/check.ts';
import { engineEnvironment } from '../../scripts/workbook/engine-environment.ts';
import { parseWorkbook } from '../../scripts/workbook/model.ts';
import { openEmpty, openPreviewData, type PreviewData } from '../../scripts/workbook/preview-data.ts';
import type { ItemView } from '../../scripts/workbook/view/item-view.ts';

const json = JSON.parse(readFileSync(new URL('../../workbooks/break-glass/workbook.json', import.meta.url), 'utf8'));
const model = parseWorkbook(json);

/** Every item of every tab by its name, as it is shown. */
async function shown(scenario: string): Promise<Map<string, ItemView>> {
  return shownOf(await openPreviewData({ scenario }));
}

async function shownOf(data: PreviewData): Promise<Map<string, ItemView>> {
  try {
    const environment = engineEnvironment(data.engine, data.now);
    const views = new Map<string, ItemView>();
    const render = renderWithoutBrowser(model, environment, (view) => {
      if (view.status !== 'hidden') views.set(view.name, view);
    });
    const result = await checkWorkbook('workbook.json', model, {}, render, false);
    expect([...result.errors, ...result.failed]).toEqual([]);
    return views;
  } finally {
    await data.engine.close();
  }
}

/** The rows of a query item as objects. */
function rowsOf(view: ItemView | undefined): Record<string, unknown>[] {
  const { columns = [], rows = [] } = view?.result ?? {};
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column.name, row[i]])));
}

/** The six areas of the overview: name to state. */
const areas = (views: ReadonlyMap<string, ItemView>): Record<string, unknown> =>
  Object.fromEntries(rowsOf(views.get('areas')).map((row) => [row.Area, row.State]));

/** Query items that show neither rows nor a sentence. */
const blank = (views: ReadonlyMap<string, ItemView>): string[] =>
  [...views].flatMap(([name, view]) => {
    if (view.kind !== 'query') return [];
    const told = view.body?.kind === 'message' && view.body.text.length > 20;
    return told || rowsOf(view).length > 0 ? [] : [name];
  });

const message = (view: ItemView | undefined): string => (view?.body?.kind === 'message' ? view.body.text : '');

/** Each story asks every query of the workbook. */
const PATIENCE = 300_000;

describe('the workbook', { timeout: PATIENCE }, () => {
  it('tells of the lockout: declared, in time, renewed', async () => {
    const views = await shown('admin-lockout');
    expect(blank(views)).toEqual([]);
    expect([...new Set(Object.values(areas(views)))]).toEqual(['sound']);
    expect(rowsOf(views.get('verdict'))[0]?.Verdict).toBe('The emergency route is sound');
    expect(rowsOf(views.get('uses'))).toHaveLength(1);
    expect(rowsOf(views.get('evidence-actions'))).toHaveLength(3);
  });

  it('tells of an ordinary week that the route is sound, and has rows or a sentence in every tile', async () => {
    const views = await shown('ordinary-week');
    expect(blank(views)).toEqual([]);
    expect([...new Set(Object.values(areas(views)))]).toEqual(['sound']);
    expect(rowsOf(views.get('verdict'))[0]?.Verdict).toBe('The emergency route is sound');
    expect(rowsOf(views.get('accounts-table'))).toHaveLength(2);
    expect(new Set(rowsOf(views.get('sources')).map((row) => row.State))).toEqual(new Set(['alive']));
  });

  it('tells that a drill is overdue, and which account was never practised', async () => {
    const views = await shown('drill-overdue');
    expect(blank(views)).toEqual([]);
    expect(areas(views)).toMatchObject({ 'Next drill': 'act now' });
    expect(rowsOf(views.get('drill-cadence')).map(({ Account, State, Days }) => ({ Account, State, Days }))).toEqual([
      { Account: 'EM-01', State: 'overdue', Days: -31 },
      { Account: 'EM-02', State: 'never practised', Days: null },
    ]);
    expect(rowsOf(views.get('verdict'))[0]?.Reasons).toContain('Never practised: EM-02');
  });

  it('tells that an empty list watches nothing, in every tile', async () => {
    const views = await shown('watchlist-emptied');
    expect(blank(views)).toEqual([]);
    expect(areas(views)).toMatchObject({
      Accounts: 'act now',
      'Last use': 'attention',
      'Next drill': 'act now',
      'Credential renewed': 'attention',
    });
    expect(rowsOf(views.get('areas')).find((row) => row.Area === 'Last use')).toMatchObject({
      Value: 'not known',
      Reason: 'No account is on the watchlist',
    });
    expect(rowsOf(views.get('verdict'))[0]?.Reasons).toContain('fill the watchlist BreakGlassAccounts');
    expect(message(views.get('accounts-table'))).toContain('Fill the watchlist BreakGlassAccounts');
    // Who took the accounts off the list stands in the table Watchlist; the activity log tells only of the request.
    expect(rowsOf(views.get('alarm-changes')).map((row) => [row.Actor, row.Operation])).toEqual([
      ['alex.kim@contoso.com', 'watchlist item: delete'],
      ['alex.kim@contoso.com', 'watchlist item: delete'],
    ]);
    expect(message(views.get('drill-cadence'))).toContain('No account is on the list');
  });

  it('tells that one account is not enough', async () => {
    const views = await shown('only-one-account-on-the-list');
    expect(blank(views)).toEqual([]);
    expect(areas(views)).toMatchObject({ Accounts: 'act now' });
    expect(rowsOf(views.get('verdict'))[0]?.Reasons).toContain('Only 1 of 2 accounts is on the list');
    expect(rowsOf(views.get('accounts-table'))).toHaveLength(1);
  });

  it('says in a workspace without a row that the alarm is not alive, and leaves no tile blank', async () => {
    const { content } = await readContent('.');
    const views = await shownOf(await openEmpty(content));
    expect(blank(views)).toEqual([]);
    expect(areas(views)).toMatchObject({
      'Last use': 'attention',
      'Credential renewed': 'attention',
      Alarm: 'act now',
    });
    expect(rowsOf(views.get('areas')).find((row) => row.Area === 'Last use')?.Value).toBe('not known');
  });
});
