import { expect, test } from 'vitest';
import { contentCatalog, functionParameters, watchlistRows } from '../../scripts/content/catalog.ts';
import { calledFunctions, deployableQuery } from '../../scripts/content/deployable-query.ts';
import { kqlTokens, referencedNames, withoutComments } from '../../scripts/content/kql-tokens.ts';
import type { Item, WorkspaceFunction } from '../../scripts/content/model.ts';
import { readContent } from '../../scripts/content/read-content.ts';
import { translate } from '../../scripts/kql/translate.ts';
import { packageWith } from './package.ts';

const fn = (name: string, body: string, parameters?: WorkspaceFunction['FunctionParams']): Item<WorkspaceFunction> => ({
  source: { file: `${name}.yaml`, slug: name, text: '' },
  value: {
    id: '',
    Function: { Title: name, Version: '1.0.0', LastUpdated: '2026-11-24' },
    Category: 'c',
    FunctionName: name,
    FunctionAlias: name,
    FunctionQuery: body,
    ...(parameters ? { FunctionParams: parameters } : {}),
  },
});

test('tokens joined are the query', () => {
  const query =
    'T // c "x\n| where a == "x // y\\" z" and b == @"c:\\" and d == ```\n// no\n``` and e == h\'s\' | take 1d';
  const tokens = kqlTokens(query);
  expect(tokens.map((token) => token.text).join('')).toBe(query);
  expect(tokens.filter((token) => token.kind === 'comment').map((token) => token.text)).toEqual(['// c "x']);
  expect(tokens.filter((token) => token.kind === 'string').map((token) => token.text)).toEqual([
    '"x // y\\" z"',
    '@"c:\\"',
    '```\n// no\n```',
    "h's'",
  ]);
});

test('comments go, strings with slashes and indentation stay', () => {
  expect(withoutComments('// head\nT // tail  \n\n  | where u == "https://x" // z\n  // only\n  | take 1\n')).toBe(
    'T\n  | where u == "https://x"\n  | take 1',
  );
});

test('names in strings, comments, after dots and declared names are no references', () => {
  expect([...referencedNames('let A = B(); A | where c.D == "E" // F')]).toEqual(['let', 'B', 'where', 'c']);
});

test('functions are put in front, callees first, once each', () => {
  const functions = [
    fn('Outer', 'union Inner(), Other()'),
    fn('Inner', 'T'),
    fn('Other', 'Inner() | take 1;'),
    fn('Unused', 'T'),
  ];
  expect(deployableQuery('Outer()\r\n| take 5', { functions })).toBe(
    [
      'let Inner = () {\nT\n};',
      'let Other = () {\nInner() | take 1\n};',
      'let Outer = () {\nunion Inner(), Other()\n};',
      'Outer()\n| take 5',
    ].join('\n'),
  );
});

test('a let of the same name is not replaced', () => {
  expect(deployableQuery('let Inner = T; Inner', { functions: [fn('Inner', 'U')] })).toBe('let Inner = T; Inner');
});

test('functions in a circle are an error that names them', () => {
  expect(() => calledFunctions('A()', { functions: [fn('A', 'B()'), fn('B', 'A()')] })).toThrow('A -> B -> A');
});

test('comments go only when the text would be too long', () => {
  const functions = [fn('F', `// ${'x'.repeat(9_990)}\nT`)];
  expect(deployableQuery('T // kept', { functions })).toBe('T // kept');
  expect(deployableQuery('F() // gone', { functions })).toBe('let F = () {\nT\n};\nF()');
});

test('indentation goes when that is not enough, but never inside a string', () => {
  const functions = [fn('F', `T\n    | where a == "    x"\n${' '.repeat(9_990)}| take 1`)];
  expect(deployableQuery('F()', { functions })).toBe('let F = () {\nT\n| where a == "    x"\n| take 1\n};\nF()');
});

test('parameters are in the syntax of Kusto', () => {
  const parameters = [
    { Name: 'rows', Type: 'table:(*)' },
    { Name: 'who', Type: 'string', Default: '' },
    { Name: 'window', Type: 'timespan', Default: '1h' },
  ];
  expect(functionParameters(fn('F', 'T', parameters).value)).toBe('rows:(*), who:string="", window:timespan=1h');
});

test('the catalogue knows tables, functions and watchlists', async () => {
  const { content } = await readContent(await packageWith());
  const catalog = contentCatalog(content);
  expect(catalog.tables.find((table) => table.name === 'SigninLogs')?.columns).toContainEqual({
    name: 'UserId',
    type: 'string',
  });
  expect(catalog.functions[1]).toMatchObject({ name: 'BreakGlassSignIns', parameters: '(window:timespan=1d)' });
  const [getWatchlist, health] = catalog.tableFunctions;
  expect(getWatchlist?.resolve(['breakglassaccounts'])).toEqual({
    name: 'watchlist:BreakGlassAccounts',
    columns: [
      { name: '_DTItemId', type: 'string' },
      { name: 'LastUpdatedTimeUTC', type: 'datetime' },
      { name: 'SearchKey', type: 'string' },
      { name: 'WatchlistItem', type: 'dynamic' },
      { name: 'UserObjectId', type: 'string' },
      { name: 'Label', type: 'string' },
    ],
  });
  expect(getWatchlist?.resolve(['nobody'])?.columns).toHaveLength(4);
  expect(health?.resolve([])?.name).toBe('SentinelHealth');
});

test('rows of a watchlist carry the search key and the row as a bag', async () => {
  const { content } = await readContent(await packageWith());
  const list = content.watchlists[0]!.value;
  const rows = watchlistRows(
    list,
    [
      { UserObjectId: 'a', Label: 'EM-01' },
      { UserObjectId: 'a', Label: 'EM-01' },
    ],
    new Date('2026-11-24'),
  );
  expect(rows[0]).toMatchObject({
    UserObjectId: 'a',
    SearchKey: 'a',
    LastUpdatedTimeUTC: '2026-11-24T00:00:00.000Z',
    WatchlistItem: { UserObjectId: 'a', Label: 'EM-01' },
  });
  expect(rows[0]?._DTItemId).not.toBe(rows[1]?._DTItemId);
});

/** The stages of a statement with their numbers taken in the order in which they are named. */
function renumbered(sql: string): string {
  const names = new Map<string, string>();
  return sql.replace(/"[#$]\d+"/g, (name) => {
    const known = names.get(name) ?? `"${names.size}"`;
    names.set(name, known);
    return known;
  });
}

test('a rule as it is deployed, with its functions inlined, is the same statement as the one that calls them', async () => {
  const { content } = await readContent('.');
  const catalog = contentCatalog(content);
  const differing = content.rules
    .filter(({ value }) => {
      const sql = (query: string): string => renumbered(translate(query, catalog).sql({ ingestedTo: true }));
      return sql(value.query) !== sql(deployableQuery(value.query, content));
    })
    .map(({ source }) => source.slug);
  expect(differing).toEqual([]);
}, 60_000);
