import { expect, it } from 'vitest';
import { differences, liveRows, parseRows, pushRows, rowsCsv } from '../../scripts/azure/watchlist-rows.ts';
import { parseWatchlistCsv } from '../../scripts/content/watchlist-csv.ts';
import { makeContent } from './content-fixture.ts';
import { deploy, open } from './deployment.ts';
import { FakeAzure } from './fake-azure.ts';

const content = makeContent();
const watchlist = content.watchlists[0]!.value;

it('pushes what differs, removes only when told, and repeats without doubling', async () => {
  const azure = new FakeAzure();
  await deploy(azure, content, { rows: new Map([['FixtureList0', 'UserObjectId,Label\nid-1,EM-01\nid-2,EM-02\n']]) });
  const session = await open(azure);
  const local = [
    { UserObjectId: 'ID-1', Label: 'EM-01' },
    { UserObjectId: 'id-3', Label: 'EM-03' },
  ];
  const list = differences(watchlist, local, await liveRows(session, watchlist));
  expect(list.map((item) => [item.change, item.searchKey])).toEqual([
    ['change', 'id-1'],
    ['remove', 'id-2'],
    ['add', 'id-3'],
  ]);
  expect(await pushRows(session, watchlist, list, false)).toEqual({ written: 2, removed: 0 });
  await pushRows(session, watchlist, list, false);
  expect((await liveRows(session, watchlist)).map((item) => item.row.UserObjectId)).toEqual(['ID-1', 'id-2', 'id-3']);
  const rest = differences(watchlist, local, await liveRows(session, watchlist));
  expect(await pushRows(session, watchlist, rest, true)).toEqual({ written: 0, removed: 1 });
  expect(differences(watchlist, local, await liveRows(session, watchlist))).toEqual([]);
});

it('writes CSV that reads back the same', () => {
  const rows = [
    { UserObjectId: 'a,b', Label: 'say "hi"\nthere' },
    { UserObjectId: 'c', Label: '' },
  ];
  expect(parseWatchlistCsv('x.csv', rowsCsv(watchlist, rows), watchlist).rows).toEqual(rows);
});

it('refuses two rows of one key', () => {
  expect(() => parseRows('x.csv', 'UserObjectId,Label\na,1\nA,2\n', watchlist)).toThrow(/two rows/);
});
