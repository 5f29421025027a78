import { test } from 'vitest';
import { answers, useEngine } from './evaluate.ts';

useEngine();

test('paths into dynamic values; what is not there is null', async () => {
  await answers([
    ['dynamic({"a": {"b": [10, 20]}}).a.b[1]', 20],
    ['dynamic({"a": {"b": [10, 20]}}).a.b[-1]', 20],
    ['dynamic({"a b": 1})["a b"]', 1],
    ['dynamic([1, 2])[5]', null],
    ['dynamic({"a": null}).a', null],
    ['dynamic({"A": 1}).a', null],
    ['dynamic("text").a', null],
    ['gettype(dynamic({"a": null}).a)', 'null'],
    ['gettype(dynamic({"a": 1.5}).a)', 'double'],
    ['gettype(dynamic([1]))', 'array'],
    ['gettype(dynamic({}))', 'dictionary'],
    ['gettype(dynamic("x"))', 'string'],
    ['gettype(int(1))', 'int'],
    ['gettype(1s)', 'timespan'],
  ]);
});

test('arrays', async () => {
  const arr = 'dynamic([1, 2, 3, 4, 5])';
  await answers([
    [`array_length(${arr})`, 5],
    ['array_length(parse_json("{}"))', null],
    [`array_concat(${arr}, dynamic(["x"]))`, [1, 2, 3, 4, 5, 'x']],
    ['array_concat(dynamic([1]), dynamic(null))', [1]],
    [`array_reverse(${arr})`, [5, 4, 3, 2, 1]],
    [`array_rotate_left(${arr}, 2)`, [3, 4, 5, 1, 2]],
    [`array_rotate_right(${arr}, 2)`, [4, 5, 1, 2, 3]],
    [`array_shift_left(${arr}, 2)`, [3, 4, 5, null, null]],
    [`array_shift_right(${arr}, 2, -1)`, [-1, -1, 1, 2, 3]],
    [`array_slice(${arr}, 1, 2)`, [2, 3]],
    [`array_slice(${arr}, -3, -2)`, [3, 4]],
    [
      `array_split(${arr}, 2)`,
      [
        [1, 2],
        [3, 4, 5],
      ],
    ],
    [`array_split(${arr}, dynamic([1, 3]))`, [[1], [2, 3], [4, 5]]],
    [`array_sum(${arr})`, 15],
    [`array_index_of(${arr}, 3)`, 2],
    ['array_index_of(dynamic(["this", "is", "an", "example"]), "an", -2)', 2],
    [`array_index_of(${arr}, 9)`, -1],
    ['array_iff(dynamic([true, false, true]), dynamic([1, 2, 3]), dynamic([4, 5, 6]))', [1, 5, 3]],
    ['array_iff(dynamic([1, 0, 50]), "yes", "no")', ['yes', 'no', 'yes']],
    ['array_sort_asc(dynamic([null, "d", "a", "c", "c"]))', ['a', 'c', 'c', 'd', null]],
    ['array_sort_desc(dynamic([2, 10, 1.5]))', [10, 2, 1.5]],
    ['array_sort_asc(dynamic([3, null, 1]), false)', [null, 1, 3]],
    [
      'pack_array(1, "x", 2s, datetime(2020-01-01), real(1.0), int(null))',
      [1, 'x', '00:00:02', '2020-01-01T00:00:00.0000000Z', 1, null],
    ],
    ['repeat(1, 3)', [1, 1, 1]],
    ['range(1, 8, 3)', [1, 4, 7]],
    ['range(5, 1, -2)', [5, 3, 1]],
    ['range(1, 0)', []],
    ['range(1h, 2h, 30m)', ['01:00:00', '01:30:00', '02:00:00']],
    [
      'zip(dynamic([1, 3, 5]), dynamic([2, 4]))',
      [
        [1, 2],
        [3, 4],
        [5, null],
      ],
    ],
  ]);
});

test('sets keep the order of first appearance', async () => {
  await answers([
    ['set_union(dynamic([2, 1, 2]), dynamic([3, 1]))', [2, 1, 3]],
    ['set_intersect(dynamic([1, 2, 3, 3]), dynamic([3, 1]))', [1, 3]],
    ['set_difference(dynamic([1, 2, 2, 3]), dynamic([3]))', [1, 2]],
    ['set_difference(dynamic([1]), dynamic([1]))', []],
    ['set_has_element(dynamic(["a", "b"]), "b")', true],
    ['set_has_element(dynamic([1, 2]), 3)', false],
    ['set_equals(dynamic([1, 2]), dynamic([2, 1, 1]))', true],
    ['jaccard_index(dynamic([1, 2, 3]), dynamic([1, 2, 3, 4]))', 0.75],
  ]);
});

test('bags', async () => {
  await answers([
    ['bag_pack("a", 1, "b", "x")', { a: 1, b: 'x' }],
    ['bag_pack("a", dynamic(null), "b", 2s)', { a: null, b: '00:00:02' }],
    ['bag_keys(dynamic({"b": 1, "a": 2}))', ['b', 'a']],
    ['bag_keys(parse_json("[1]"))', null],
    ['bag_has_key(dynamic({"a": {"b": 1}}), "a")', true],
    ['bag_has_key(dynamic({"a": {"b": 1}}), "$.a.b")', true],
    ['bag_has_key(dynamic({"a": 1}), "b")', false],
    ['bag_merge(dynamic({"a": 1}), dynamic({"a": 2, "b": 3}), dynamic(null))', { a: 1, b: 3 }],
    ['bag_remove_keys(dynamic({"a": 1, "b": {"c": 2, "d": 3}}), dynamic(["a", "$.b.c"]))', { b: { d: 3 } }],
    ['bag_set_key(dynamic({"a": 1}), "b", 2)', { a: 1, b: 2 }],
    ['bag_set_key(dynamic({"a": 1}), "$.b.c", "x")', { a: 1, b: { c: 'x' } }],
    ['bag_zip(dynamic(["a", "b", "c"]), dynamic([1, "2"]))', { a: 1, b: '2', c: null }],
    ['bag_zip(parse_json("a"), dynamic([1]))', null],
    ['treepath(dynamic({"a": "b", "c": [1, {"x": "y"}]}))', ["['a']", "['c']", "['c'][0]", "['c'][0]['x']"]],
    ['dynamic_to_json(dynamic({"b": 1, "a": {"d": [2], "c": 1}}))', '{"a":{"c":1,"d":[2]},"b":1}'],
    ['extract_json("$.a[1].b", "{\\"a\\":[0,{\\"b\\":\\"x\\"}]}")', 'x'],
    ['extract_json("$.a", "{\\"a\\":12}", typeof(int))', 12],
    ['extract_json("$.b", "{\\"a\\":12}")', ''],
  ]);
});

test('comparison of dynamic values with others', async () => {
  await answers([
    ['dynamic({"a": "x"}).a == "x"', true],
    ['dynamic({"a": 5}).a == 5', true],
    ['dynamic({"a": 5.5}).a > 5', true],
    ['dynamic({"a": true}).a == true', true],
    ['dynamic({"a": 1}).b == "x"', false],
    ['dynamic({"a": "User"}).a =~ "user"', true],
    ['dynamic({"a": ["x", "y"]}).a has "y"', true],
    ['"b" in (dynamic(["a", "b"]))', true],
    ['dynamic({"a": "b"}).a in ("a", "b")', true],
    ['dynamic({"a": 3}).a in (1, 3)', true],
  ]);
});
