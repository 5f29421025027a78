import { expect, test } from 'vitest';
import { answers, rows, useEngine } from './evaluate.ts';

useEngine();

test('element by element; what is no number is null', async () => {
  await answers([
    ['series_add(dynamic([1, 2, 4]), dynamic([4, 2, 1]))', [5, 4, 5]],
    ['series_subtract(dynamic([1, 2]), 1)', [0, 1]],
    ['series_multiply(dynamic([1, 2, null]), dynamic([3, 4, 5]))', [3, 8, null]],
    ['series_divide(dynamic([1, 2]), dynamic([4, 2, 1]))', [0.25, 1, null]],
    ['series_pow(dynamic([2, 3]), 2)', [4, 9]],
    ['series_abs(dynamic([-6.5, 0, 8]))', [6.5, 0, 8]],
    ['series_greater(dynamic([1, 2, 4]), dynamic([4, 2, 1]))', [false, false, true]],
    ['series_less_equals(dynamic([1, 2, 4]), dynamic([4, 2, 1]))', [true, true, false]],
    ['series_sign(dynamic([-6, 0, 8]))', [-1, 0, 1]],
    ['series_floor(dynamic([-1.5, 1.5]))', [-2, 1]],
  ]);
});

test('sums, products and likeness', async () => {
  await answers([
    ['series_sum(dynamic([1, 2, 3, 4]))', 10],
    ['series_product(dynamic([1, 2, 3, 4]))', 24],
    ['series_dot_product(dynamic([1, 2, 4]), dynamic([4, 2, 1]))', 12],
    ['series_magnitude(dynamic([3, 4]))', 5],
    ['series_cosine_similarity(dynamic([1, 0]), dynamic([0, 2]))', 0],
    ['series_pearson_correlation(dynamic([1, 2, 3]), dynamic([2, 4, 6]))', 1],
  ]);
});

test('filling', async () => {
  await answers([
    ['series_fill_forward(dynamic([null, 36, null, 16]))', [null, 36, 36, 16]],
    ['series_fill_backward(dynamic([null, 36, null, 16, null]))', [36, 36, 16, 16, null]],
    ['series_fill_const(dynamic([null, 1]), 9)', [9, 1]],
    ['series_fill_const(dynamic([0, 1]), 9, 0)', [9, 1]],
    ['series_fill_linear(dynamic([null, 2, null, 4, null]))', [2, 2, 3, 4, 4]],
    ['series_fill_linear(dynamic([null, 2, null, 4]), real(null), false)', [null, 2, 3, 4]],
  ]);
});

test('filters', async () => {
  await answers([
    ['series_fir(dynamic([1, 2, 3, 4, 5]), dynamic([1, 1, 1]))', [1 / 3, 1, 2, 3, 4]],
    ['series_fir(dynamic([1, 2, 3]), dynamic([1, -1]), false)', [1, 1, 1]],
    ['series_fir(dynamic([1, 2, 3]), dynamic([1, 1, 1]), false, true)', [3, 6, 5]],
    ['series_iir(dynamic([0, 1, 2, 3]), dynamic([1]), dynamic([1, -1]))', [0, 1, 3, 6]],
  ]);
});

test('statistics as columns and as a bag', async () => {
  expect(await rows('print x = dynamic([23, 46, 2, 87]) | project series_stats(x)')).toEqual([
    [2, 2, 87, 3, 39.5, expect.closeTo(Math.sqrt(3977 / 3), 10), expect.closeTo(3977 / 3, 10)],
  ]);
  await answers([
    [
      'series_stats_dynamic(dynamic([1, 3]))',
      { min: 1, min_idx: 0, max: 3, max_idx: 1, avg: 2, stdev: Math.SQRT2, variance: 2, sum: 4, len: 2 },
    ],
  ]);
});

test('a line through the points', async () => {
  const [row] = await rows('print y = dynamic([1, 3, 5, 7]) | project series_fit_line(y)');
  expect(row?.slice(0, 2)).toEqual([1, 2]);
  expect(row?.[4]).toBe(1);
  expect(row?.[5]).toEqual([1, 3, 5, 7]);
});
