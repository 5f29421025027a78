import { expect, test } from 'vitest';
import { rows, useEngine } from './evaluate.ts';

useEngine();

const numbers =
  'datatable(g: string, v: long, r: real)["a", 1, 1.0, "a", 3, 3.0, "b", long(null), real(null), "b", 7, 7.0]';
const none = 'datatable(v: long, r: real, s: string, d: dynamic, t: datetime)[]';

/** One row of a summarize without groups. */
async function summary(data: string, aggregates: string): Promise<unknown[]> {
  return (await rows(`${data} | summarize ${aggregates}`))[0] ?? [];
}

test('nulls are passed over', async () => {
  expect(
    await rows(`${numbers} | summarize count(), sum(v), avg(v), min(v), max(v), countif(v > 2) by g | order by g asc`),
  ).toEqual([
    ['a', 2, 4, 2, 1, 3, 1],
    ['b', 2, 7, 7, 7, 7, 1],
  ]);
});

test('of no rows', async () => {
  expect(
    await summary(
      none,
      'count(), sum(v), sum(r), avg(v), min(v), max(s), dcount(v), make_list(v), make_set(s), make_bag(d), stdev(r), percentile(v, 50), take_any(s), arg_max(t, s)',
    ),
  ).toEqual([0, 0, 0, 'NaN', null, '', 0, [], [], {}, 0, null, '', null, '']);
});

test('conditions', async () => {
  expect(
    await summary(
      numbers,
      'sumif(v, g == "a"), avgif(r, v > 1), minif(v, v > 1), maxif(v, v < 7), dcountif(g, v > 3), make_list_if(v, v > 1), make_set_if(g, v > 1)',
    ),
  ).toEqual([4, 5, 3, 3, 1, [3, 7], ['a', 'b']]);
});

test('a sum of longs wraps around', async () => {
  expect(await summary('datatable(v: long)[9223372036854775807, 1]', 'sum(v)')).toEqual(['-9223372036854775808']);
});

test('lists keep the order of the rows; arrays are flattened by one level', async () => {
  const data =
    'datatable(v: int, d: dynamic)[3, dynamic([1, [2]]), int(null), dynamic(null), 1, dynamic("x"), 3, dynamic([])]';
  expect(await summary(data, 'make_list(v), make_list(d), make_list_with_nulls(v), make_list(v, 2)')).toEqual([
    [3, 1, 3],
    [1, [2], null, 'x'],
    [3, null, 1, 3],
    [3, 1],
  ]);
  expect(await summary(`${data} | sort by v asc`, 'make_list(v)')).toEqual([[1, 3, 3]]);
  expect(await summary(data, 'make_set(v), make_set(d)')).toEqual([
    [1, 3],
    [1, [2], 'x'],
  ]);
});

test('values of other types in lists', async () => {
  const data =
    'datatable(s: string, t: datetime, p: timespan, r: real, b: bool)["a\\"b", datetime(2020-01-01), 1h, 2.0, true]';
  expect(
    await summary(data, 'make_list(s), make_list(t), make_list(p), make_list(r), make_list(b), make_set(t)'),
  ).toEqual([['a"b'], ['2020-01-01T00:00:00.0000000Z'], ['01:00:00'], [2], [true], ['2020-01-01T00:00:00.0000000Z']]);
});

test('a bag keeps the first value of a key', async () => {
  const data = 'datatable(d: dynamic)[dynamic({"a": 1}), dynamic({"a": 2, "b": 3}), dynamic([1]), dynamic(null)]';
  expect(await summary(data, 'make_bag(d)')).toEqual([{ a: 1, b: 3 }]);
});

test('arg_max and arg_min answer one whole row', async () => {
  const data =
    'datatable(k: string, v: int, s: string, d: dynamic)["x", 1, "one", dynamic(1), "x", 5, "", dynamic(null), "y", int(null), "n", dynamic(2)]';
  expect(await rows(`${data} | summarize arg_max(v, *) by k | order by k asc`)).toEqual([
    ['x', 5, '', null],
    ['y', null, 'n', 2],
  ]);
  expect(await rows(`${data} | summarize arg_min(v, s) by k | order by k asc`)).toEqual([
    ['x', 1, 'one'],
    ['y', null, 'n'],
  ]);
});

test('spread', async () => {
  const data = 'range x from 1 to 5 step 1 | extend y = x * x';
  expect(await summary(data, 'stdev(x), variance(x), variancep(x), covariance(x, y), covariancep(x, y)')).toEqual([
    expect.closeTo(1.5811388300841898, 12),
    2.5,
    2,
    15,
    12,
  ]);
  expect(await summary('print x = 1', 'stdev(x), variance(x)')).toEqual([0, 0]);
});

test('percentiles are of nearest rank; weights count', async () => {
  expect(
    await summary('range x from 1 to 10 step 1', 'percentile(x, 50), percentile(x, 95), percentiles(x, 0, 100)'),
  ).toEqual([5, 10, 1, 10]);
  const latencies = 'datatable(n: long, v: long)[8, 10, 6, 20, 3, 30, 1, 40]';
  expect(await summary(latencies, 'percentilesw(v, n, 50, 75, 99.9)')).toEqual([20, 20, 40]);
  expect(await summary(latencies, 'percentiles_array(v, 25, 50)')).toEqual([[10, 20]]);
});

test('sketches are exact here', async () => {
  const query = 'range x from 1 to 10 step 1 | summarize a = hll(x), b = hll(x + 5), t = tdigest(x)';
  expect(
    await rows(`${query} | project dcount_hll(a), dcount_hll(hll_merge(a, b)), percentile_tdigest(t, 50)`),
  ).toEqual([[10, 15, 5]]);
});

test('bits and schemas', async () => {
  expect(await summary('datatable(n: long)[12, 10]', 'binary_all_and(n), binary_all_or(n), binary_all_xor(n)')).toEqual(
    [8, 14, 6],
  );
  const values = 'datatable(d: dynamic)[dynamic({"x": 1}), dynamic({"x": "s", "z": [1, 2]})]';
  expect(await summary(values, 'buildschema(d)')).toEqual([{ x: ['long', 'string'], z: { '`indexer`': 'long' } }]);
});

test('distinct values are counted exactly; the empty string is one, a null is none', async () => {
  const data = 'datatable(s: string, v: int)["a", 1, "", int(null), "a", 1, "A", 2]';
  expect(await summary(data, 'dcount(s), dcount(v), count_distinct(s)')).toEqual([3, 2, 3]);
});
