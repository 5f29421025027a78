import { expect, test } from 'vitest';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';
import type { Catalog } from '../../scripts/kql/catalog.ts';
import { functionsWithoutMissingLegs } from '../../scripts/kql/fuzzy-union.ts';
import { visibleDifference } from '../../scripts/kql/visible-difference.ts';

const column = (name: string) => ({ name, type: 'string' as const });
const tables = [
  { name: 'Present', columns: [column('User'), column('Place')] },
  { name: 'Absent', columns: [column('User'), column('Device')] },
];
const functions = [
  // Hides it: the same columns with the leg and without.
  { name: 'Users', parameters: '()', body: 'union isfuzzy=true Present, Absent | project User' },
  { name: 'Grouped', parameters: '()', body: 'Users() | summarize n = count() by User' },
  // Its columns tell.
  { name: 'All', parameters: '()', body: 'union isfuzzy=true Present, Absent' },
  { name: 'ThroughAll', parameters: '()', body: 'All() | summarize arg_max(User, *)' },
  { name: 'HiddenAgain', parameters: '()', body: 'All() | project User, Place' },
  // Its values tell: columns become keys of a bag.
  { name: 'Packed', parameters: '()', body: 'union isfuzzy=true Present, Absent | project Bag = tostring(pack_all())' },
  {
    name: 'Chosen',
    parameters: '()',
    body: 'union isfuzzy=true Present, Absent | project D = column_ifexists("Device", "none")',
  },
  { name: 'ThroughPacked', parameters: '()', body: 'Packed() | distinct Bag' },
  {
    name: 'Empty',
    parameters: '()',
    body: 'union isfuzzy=true Present, Absent | where * == "" | project User',
  },
  // Reads the table that its caller names.
  { name: 'Listed', parameters: '(alias:string)', body: '_GetWatchlist(alias) | project User' },
  { name: 'Untouched', parameters: '()', body: 'Present | extend Bag = pack_all() | project User, Place' },
];
const whole: Catalog = { tables, functions, tableFunctions: [watchlist(['User', 'Owner'])] };
const lacking = functionsWithoutMissingLegs(
  { tables: tables.filter(({ name }) => name !== 'Absent'), functions, tableFunctions: [watchlist([])] },
  ['Absent'],
);

/** @param short columns of the watchlist `Short`; every other one has `User` */
function watchlist(short: readonly string[]): Catalog['tableFunctions'][number] {
  return {
    name: '_GetWatchlist',
    parameters: ['watchlistAlias'],
    resolve: ([alias = '']) => ({
      name: `watchlist:${alias}`,
      columns: (alias === 'Short' ? short : ['User']).map(column),
    }),
  };
}

const sees = visibleDifference(whole, lacking, ['Absent', 'watchlist:Short']);

test.each([
  'Users() | count',
  'Grouped() | where n > 0',
  'HiddenAgain() | count',
  'Present | summarize count() by Place',
  '_GetWatchlist("Long") | distinct User',
])('a difference that is hidden changes no answer: %s', async (query) => {
  expect(sees(query)).toBe(false);
  const rows = [{ User: 'ada', Place: '' }];
  const answers = [whole, lacking].map(async (catalog) => {
    const engine = await LocalEngine.open({ catalog, tables: [{ name: 'Present', rows }] });
    const answer = await engine.query(query);
    await engine.close();
    return answer;
  });
  const [one, other] = await Promise.all(answers);
  expect(one).toEqual(other);
});

test.each([
  'Absent | count',
  'All() | count',
  'ThroughAll()',
  'ThroughPacked()',
  'Chosen()',
  'Empty()',
  'Untouched()',
  'Users() | getschema',
  'Users() | extend Bag = pack_all()',
  'search "ada"',
  'union *sent | count',
  'table("Absent") | count',
  '_GetWatchlist("Short") | count',
  'let alias = strcat("Sh", "ort"); _GetWatchlist(alias)',
])('a query that may see it is bound with what is there: %s', (query) => {
  expect(sees(query)).toBe(true);
});
