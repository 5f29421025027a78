import { describe, expect, test } from 'vitest';
import { column, useEngine, value, values } from './evaluate.ts';

useEngine();

describe('tostring', () => {
  test('of every type', async () => {
    expect(
      await values(
        'tostring(true)',
        'tostring(42)',
        'tostring(int(-7))',
        'tostring(datetime(2020-06-15 13:45:09.1234567))',
        'tostring(1d + 2h + 3ms)',
        'tostring(guid(74BE27DE-1E4E-49D9-B579-FE0B331D3642))',
        'tostring(decimal(1.50))',
      ),
    ).toEqual([
      'True',
      '42',
      '-7',
      '2020-06-15T13:45:09.1234567Z',
      '1.02:00:00.0030000',
      '74be27de-1e4e-49d9-b579-fe0b331d3642',
      '1.5',
    ]);
  });

  test('a null of any type is an empty string', async () => {
    const types = ['bool', 'int', 'long', 'real', 'decimal', 'datetime', 'timespan', 'guid', 'dynamic'];
    expect(await values(...types.map((type) => `tostring(${type}(null))`))).toEqual(types.map(() => ''));
  });

  test('reals have 15 digits where these are enough, else 17', async () => {
    expect(
      await values(
        'tostring(1.0)',
        'tostring(0.1)',
        'tostring(0.1 + 0.2)',
        'tostring(1.0 / 3)',
        'tostring(1e15)',
        'tostring(123456789012345.0)',
        'tostring(0.0001)',
        'tostring(0.000001)',
        'tostring(real(nan))',
        'tostring(-1.0 / 0.0)',
      ),
    ).toEqual([
      '1',
      '0.1',
      '0.30000000000000004',
      '0.33333333333333331',
      '1E+15',
      '123456789012345',
      '0.0001',
      '1E-06',
      'NaN',
      '-Infinity',
    ]);
  });

  test('of a dynamic: a string without its quotes, all else as compact JSON', async () => {
    expect(
      await values(
        'tostring(dynamic("a b"))',
        'tostring(dynamic({"a": 1, "b": [true, null, 2.0]}))',
        'tostring(dynamic({"a": {"b": "x"}}).a)',
        'tostring(dynamic({"a": {"b": "x"}}).a.b)',
        'tostring(dynamic({"a": 1}).absent)',
      ),
    ).toEqual(['a b', '{"a":1,"b":[true,null,2.0]}', '{"b":"x"}', 'x', '']);
  });
});

describe('numbers', () => {
  test('texts with spaces, signs, hexadecimal digits; a fraction is no whole number', async () => {
    expect(
      await values(
        'toint(" 42 ")',
        'tolong("+7")',
        'tolong("0x1F")',
        'toint("-0x10")',
        'tolong("1.5")',
        'tolong("7e0")',
        'tolong("")',
      ),
    ).toEqual([42, 7, 31, null, null, null, null]);
  });

  test('texts out of range are null', async () => {
    expect(await values('toint("2147483648")', 'tolong("9223372036854775808")', 'toint("-2147483648")')).toEqual([
      null,
      null,
      -2147483648,
    ]);
  });

  test('a real is truncated and stays at the ends of the range', async () => {
    expect(await column('datatable(r: real)[2.5, -2.5, 1e30, -1e30, real(nan)] | project toint(r)')).toEqual([
      2,
      -2,
      2147483647,
      -2147483648,
      null,
    ]);
    expect(await column('datatable(r: real)[1e19, -1e19] | project tostring(tolong(r))')).toEqual([
      '9223372036854775807',
      '-9223372036854775808',
    ]);
  });

  test('a long keeps its low bits as int, also inside a dynamic', async () => {
    expect(await column('datatable(l: long)[4294967297, -1, 9223372036854775807] | project toint(l)')).toEqual([
      1, -1, -1,
    ]);
    expect(await value('toint(dynamic(9223372036854775807))')).toBe(-1);
  });

  test('todouble reads exponents, infinities and overflow', async () => {
    expect(
      await values(
        'todouble("1.5e3")',
        'todouble("inf")',
        'todouble("-Infinity")',
        'todouble("1e400")',
        'todouble("1,000")',
        'todouble("nan")',
      ),
    ).toEqual([1500, 'Infinity', '-Infinity', 'Infinity', null, 'NaN']);
  });

  test('times are their ticks', async () => {
    expect(await values('tolong(1d)', 'todouble(1h)', 'tolong(datetime(1970-01-01))')).toEqual([
      864000000000,
      36000000000,
      '621355968000000000',
    ]);
  });

  test('dynamic values give up what they hold', async () => {
    expect(
      await values(
        'tolong(dynamic("12"))',
        'tolong(dynamic(3.9))',
        'tolong(dynamic(true))',
        'tolong(dynamic([1]))',
        'todouble(dynamic(5))',
        'tolong(dynamic("x"))',
      ),
    ).toEqual([12, 3, 1, null, 5, null]);
  });
});

describe('bool, guid, datetime, timespan', () => {
  test('tobool', async () => {
    expect(
      await values(
        'tobool("TRUE")',
        'tobool("0")',
        'tobool("5")',
        'tobool("yes")',
        'tobool("")',
        'tobool(-5)',
        'tobool(dynamic(false))',
      ),
    ).toEqual([true, false, true, null, null, true, false]);
  });

  test('toguid takes hyphens where they are', async () => {
    expect(await values('toguid("0123456789abcdef0123456789abcdef")', 'toguid("no guid")')).toEqual([
      '01234567-89ab-cdef-0123-456789abcdef',
      null,
    ]);
  });

  test('todatetime', async () => {
    expect(
      await values(
        'todatetime("2020-06-15")',
        'todatetime("2020-06-15T13:45:09.1234567Z")',
        'todatetime("2020-06-15T13:45:09+02:00")',
        'todatetime("6/15/2020 1:45:09 PM")',
        'todatetime("Sat, 8 Nov 14 15:05:02 GMT")',
        'todatetime("not a date")',
        'todatetime("2021-02-29")',
        'todatetime(dynamic("2020-01-01"))',
        'todatetime(637185312000000000)',
      ),
    ).toEqual([
      '2020-06-15T00:00:00.0000000Z',
      '2020-06-15T13:45:09.1234567Z',
      '2020-06-15T11:45:09.0000000Z',
      '2020-06-15T13:45:09.0000000Z',
      '2014-11-08T15:05:02.0000000Z',
      null,
      null,
      '2020-01-01T00:00:00.0000000Z',
      '2020-02-29T00:00:00.0000000Z',
    ]);
  });

  test('totimespan', async () => {
    expect(
      await values(
        'totimespan("1d")',
        'totimespan("1.02:03:04.5")',
        'totimespan("-00:30:00")',
        'totimespan("13:00")',
        'totimespan("90")',
        'totimespan("25:00")',
      ),
    ).toEqual(['1.00:00:00', '1.02:03:04.5000000', '-00:30:00', '13:00:00', '90.00:00:00', null]);
  });
});

describe('parse_json', () => {
  test('what is no JSON is a string, an empty text null', async () => {
    expect(
      await values(
        'parse_json("{\\"a\\": 1}")',
        'parse_json("[1,")',
        'parse_json("")',
        'parse_json("123")',
        'parse_json("true")',
        'gettype(parse_json("null"))',
      ),
    ).toEqual([{ a: 1 }, '[1,', null, 123, true, 'null']);
  });

  test('a dynamic that holds JSON text is read too', async () => {
    expect(await value('parse_json(dynamic({"inner": "{\\"b\\":2}"}).inner).b')).toBe(2);
  });
});
