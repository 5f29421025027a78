/** Plugins whose columns depend on the rows, inside functions. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';

const columns = [
  { name: 'Kind', type: 'string' as const },
  { name: 'Item', type: 'dynamic' as const },
];
const one = { Kind: 'a', Item: { user: 'adele', hits: 2 } };

let engine: LocalEngine;
beforeAll(async () => {
  engine = await LocalEngine.open({
    catalog: {
      tables: [{ name: 'Lists', columns }],
      functions: [
        {
          name: 'OfKind',
          parameters: '(wanted: string)',
          body: 'Lists\n| where Kind == wanted\n| evaluate bag_unpack(Item)',
        },
        { name: 'Users', parameters: '()', body: 'OfKind("a") | project user' },
        { name: 'PerKind', parameters: '()', body: 'Lists | evaluate pivot(Kind, count(), Item)' },
      ],
      tableFunctions: [],
    },
    tables: [{ name: 'Lists', rows: [one, { Kind: 'b', Item: { host: 'srv-01' } }] }],
    threads: 1,
  });
});
afterAll(() => engine.close());
const answer = async (query: string) => {
  const { columns: found, rows } = await engine.query(query);
  return [found.map((column) => column.name), ...rows];
};

test('a stored function unpacks a bag', async () => {
  expect(await answer('OfKind("a")')).toEqual([
    ['Kind', 'hits', 'user'],
    ['a', 2, 'adele'],
  ]);
  expect(await answer('OfKind("b") | project host')).toEqual([['host'], ['srv-01']]);
});

test('a stored function that calls one does so as well', async () => {
  expect(await answer('Users | where user == "adele"')).toEqual([['user'], ['adele']]);
});

test('a stored function pivots', async () => {
  expect(await answer('PerKind() | summarize a = sum(a), b = sum(b)')).toEqual([
    ['a', 'b'],
    [1, 1],
  ]);
});

test('a function of the query unpacks a bag that is handed to it', async () => {
  const open = 'let open = (t: (Kind: string, Item: dynamic)) { t | evaluate bag_unpack(Item) };';
  expect(await answer(`${open} Lists | where Kind == "b" | invoke open()`)).toEqual([
    ['Kind', 'host'],
    ['b', 'srv-01'],
  ]);
});

test('a function that is called in several ways may have several sets of columns: it is refused', async () => {
  await expect(answer('union OfKind("a"), OfKind("b")')).rejects.toThrow('called in several ways');
  await expect(answer('union OfKind("b"), Users')).rejects.toThrow('called in several ways');
  expect(await answer('OfKind("a") | join kind=inner OfKind("a") on user | project user')).toEqual([
    ['user'],
    ['adele'],
  ]);
});

test('a prepared query follows the rows', async () => {
  const prepared = await engine.prepare('OfKind("a") | project-away Kind');
  expect((await prepared.run()).columns.map((column) => column.name)).toEqual(['hits', 'user']);
  await engine.setTable('Lists', [{ Kind: 'a', Item: { colour: 'red' } }]);
  expect(await prepared.run()).toMatchObject({ columns: [{ name: 'colour', type: 'string' }], rows: [['red']] });
  await engine.setTable('Lists', [one]);
  expect((await prepared.run()).rows).toEqual([[2, 'adele']]);
});
