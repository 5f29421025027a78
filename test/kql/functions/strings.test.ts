import { expect, test } from 'vitest';
import { answers, column, rows, useEngine } from './evaluate.ts';

useEngine();

test('length counts code points, size counts bytes', async () => {
  await answers([
    ['strlen("café")', 4],
    ['string_size("café")', 5],
    ['strlen("😀")', 1],
    ['string_size("😀")', 4],
    ['strlen("")', 0],
    ['strlen(strcat("a", 1, true, 1s))', 14],
  ]);
});

test('substring: negative starts count from the end, nothing is out of range', async () => {
  await answers([
    ['substring("hello", 1, 3)', 'ell'],
    ['substring("hello", -2)', 'lo'],
    ['substring("abc", 5, 3)', ''],
    ['substring("abc", -1, 2)', 'c'],
    ['substring("abc", 1)', 'bc'],
    ['substring("xy", -1, 0)', ''],
    ['substring("naïve café", 6, 4)', 'café'],
  ]);
});

test('split, strcat_array, strcat_delim, strrep', async () => {
  await answers([
    ['split("aa_bb", "_")', ['aa', 'bb']],
    ['split("aaa_bbb_ccc", "_", 1)', ['bbb']],
    ['split("", "_")', ['']],
    ['split("a__b", "_")', ['a', '', 'b']],
    ['split("aabbcc", "bb")', ['aa', 'cc']],
    ['split("a.b.c", ".")[1]', 'b'],
    ['strcat_array(dynamic([1, "b", true]), "->")', '1->b->true'],
    ['strcat_array(split("a b", " "), "\\"")', 'a"b'],
    ['strcat_delim("-", 1, "2", "A", 1s)', '1-2-A-00:00:01'],
    ['strrep("ABC", 2)', 'ABCABC'],
    ['strrep(123, 3, ".")', '123.123.123'],
    ['strrep("x", 0)', ''],
    ['reverse("añ😀")', '😀ña'],
    ['strcat("a", tostring(int(null)), "b")', 'ab'],
  ]);
});

test('indexof and countof', async () => {
  await answers([
    ['indexof("abcdefg", "cde")', 2],
    ['indexof("abcdefg", "cde", 3)', -1],
    ['indexof("abcdefg", "cde", -5)', 2],
    ['indexof("abcdefgabcdefg", "cde", 1, 10, 2)', 9],
    ['indexof("abcdefgabcdefg", "cde", 1, -1, 3)', -1],
    ['indexof(1234567, 5, 1, 4)', 4],
    ['indexof("é😀x", "x")', 2],
    ['countof("aaaa", "aa")', 3],
    ['countof("ababa", "aba")', 2],
    ['countof("ababa", "aba", "regex")', 1],
    ['countof("abcabc", "a.c", "regex")', 2],
    ['countof("abc", "x")', 0],
    ['has_any_index("this is an example", dynamic(["foo", "example"]))', 1],
    ['has_any_index("this is an example", dynamic(["exam"]))', -1],
  ]);
});

test('replacement', async () => {
  await answers([
    ['replace_string("A cat, a cat", "cat", "dog")', 'A dog, a dog'],
    ['replace_string("a.b", ".", "")', 'ab'],
    ['replace_strings("a cat into a dog", dynamic(["cat", "dog"]), dynamic(["dog", "pigeon"]))', 'a dog into a pigeon'],
    ['replace_strings("This is", dynamic(["is", "This"]), dynamic(["was", "This"]))', 'Thwas was'],
    ['replace_regex("Number is 1", @"is (\\d+)", @"was: \\1")', 'Number was: 1'],
    ['replace_regex("a1b2", @"\\d", "")', 'ab'],
    ['translate("krasp", "otsku", "spark")', 'kusto'],
    ['translate("abc", "x", "abc")', 'xxx'],
    ['translate("abc", "", "abd")', 'd'],
  ]);
});

test('trimming takes a regular expression', async () => {
  await answers([
    ['trim_start("https://", "https://bing.com")', 'bing.com'],
    ['trim_end(".com", "bing.com")', 'bing'],
    ['trim(@"\\s+", "  Hello, world!   ")', 'Hello, world!'],
    ['trim_start(@"[^\\w]+", "-  Te st1")', 'Te st1'],
    ['trim("1", "11")', ''],
    ['trim("x", "abc")', 'abc'],
  ]);
});

test('extract: no match is an empty text, a type converts', async () => {
  await answers([
    ['extract(@"(\\d+)-(\\d+)", 2, "2020-12-31")', '12'],
    ['extract(@"(\\d+)", 0, "ab12")', '12'],
    ['extract(@"(\\d+)", 1, "none")', ''],
    ['extract("(b)(x)?", 2, "abc")', ''],
    ['extract(@"(\\d+)", 1, "x77", typeof(long))', 77],
    ['extract(@"(\\d+)", 1, "none", typeof(long))', null],
    ['extract("user=([^,]+)", 1, tostring(dynamic({"m": "user=eve,x"}).m))', 'eve'],
    ['extract("a", 3, "a")', ''],
  ]);
});

test('extract_all: one group gives texts, several give arrays, no match is null', async () => {
  await answers([
    ['extract_all(@"(\\d+)", "12, 345")', ['12', '345']],
    [
      'extract_all(@"([a-z])(\\d)", "a1 b2")',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['extract_all(@"([a-z])(\\d)", dynamic([2]), "a1 b2")', ['1', '2']],
    ['extract_all(@"(\\d+)", "none")', null],
    [
      'extract_all(@"(?P<first>\\w)(?P<middle>\\w+)(?P<last>\\w)", dynamic(["first", 2, "last"]), "82b8be2d-dfa7")',
      [
        ['8', '2b8be2', 'd'],
        ['d', 'fa', '7'],
      ],
    ],
  ]);
  await expect(rows('print extract_all("a", "aaa")')).rejects.toThrow(/group/);
  await expect(rows('print extract_all("(?P<x>a)", dynamic(["y"]), "aaa")')).rejects.toThrow(/names of groups/);
});

test('indexof_regex', async () => {
  await answers([
    ['indexof_regex("abcabc", @"a.c")', 0],
    ['indexof_regex("abcabcdefg", @"a.c", 0, 9, 2)', 3],
    ['indexof_regex("abcabc", @"a.c", 1, -1, 2)', -1],
    ['indexof_regex("ababaa", @"a.a", 0, -1, 2)', -1],
    ['indexof_regex("abcabc", @"a|ab", -1)', null],
  ]);
});

test('emptiness: strings are never null, other types are empty when they are null', async () => {
  await answers([
    ['isempty("")', true],
    ['isempty(" ")', false],
    ['isempty(int(null))', true],
    ['isempty(dynamic(null))', true],
    ['isempty(dynamic([]))', false],
    ['isnotempty(dynamic({"a": ""}).a)', false],
    ['isnull("")', false],
    ['isnull(dynamic(null))', true],
    ['isnotnull(5)', true],
    ['isnull(datetime(null))', true],
  ]);
});

test('code points', async () => {
  await answers([
    ['unicode_codepoints_from_string("aé😀")', [97, 233, 128512]],
    ['unicode_codepoints_to_string(dynamic([75, 117, 115]), 116, 111)', 'Kusto'],
    ['isascii("abc")', true],
    ['isascii("é")', false],
    ['strcmp("ABC", "abc")', -1],
    ['strcmp("b", "a")', 1],
    ['strcmp("a", "a")', 0],
  ]);
});

test('format_bytes', async () => {
  await answers([
    ['format_bytes(564)', '564 Bytes'],
    ['format_bytes(10332, 1)', '10.1 KB'],
    ['format_bytes(20010332)', '19 MB'],
    ['format_bytes(20010332, 2)', '19.08 MB'],
    ['format_bytes(20010332, 0, "KB")', '19541 KB'],
  ]);
});

test('has finds whole terms of every alphabet, without case', async () => {
  const data =
    'datatable(s: string)["alpha-beta", "alpha_beta", "alphabet", "Привет Мир", "ПриветМир", "12.34.56", ""]';
  expect(await column(`${data} | where s has "alpha"`)).toEqual(['alpha-beta', 'alpha_beta']);
  expect(await column(`${data} | where s has "ПРИВЕТ"`)).toEqual(['Привет Мир']);
  expect(await column(`${data} | where s has "34"`)).toEqual(['12.34.56']);
  expect(await column(`${data} | where s hasprefix "alph"`)).toEqual(['alpha-beta', 'alpha_beta', 'alphabet']);
  expect(await column(`${data} | where s hassuffix "beta"`)).toEqual(['alpha-beta', 'alpha_beta']);
  expect(await column(`${data} | where s has_cs "Alpha"`)).toEqual([]);
  expect((await column(`${data} | where s has ""`)).length).toBe(7);
  expect(await column(`${data} | where s has_any ("beta", "мир")`)).toEqual(['alpha-beta', 'alpha_beta', 'Привет Мир']);
  expect(await column(`${data} | where s has_all ("beta", "ALPHA")`)).toEqual(['alpha-beta', 'alpha_beta']);
});

test('a set of characters is trimmed off; one of a pattern once', async () => {
  await answers([
    [`trim(@'\\s+', '\\t a b \\n')`, 'a b'],
    [`trim(@'[\\s{}]+', ' {A-{1}} ')`, 'A-{1'],
    [`trim('"', '""a""')`, '"a"'],
    [`trim(@'[^a]+', 'xxabaxx')`, 'aba'],
    [`trim_start('x*', 'xxyx')`, 'yx'],
    [`trim_end(@'\\d+', 'a1b22')`, 'a1b'],
  ]);
});

test('terms end where no letter and no digit stands, in every alphabet', async () => {
  await answers([
    [`'the cat sat' has 'cat'`, true],
    [`'concatenate' has 'cat'`, false],
    [`'xa-a-a ' has 'a-a'`, true],
    [`'Zoë has a Über-Pass' has 'über'`, true],
    [`'éclair' has 'clair'`, false],
    [`'a_b' has 'a'`, true],
    [`'user.name@contoso' hasprefix 'nam'`, true],
    [`'日本cat' hassuffix 'cat'`, true],
  ]);
});

test('numbers and times are read as they are written', async () => {
  await answers([
    [`todatetime('2026-11-23T08:21:00Z') == datetime(2026-11-23T08:21:00Z)`, true],
    [`todatetime('2026-11-23 08:21:00.12') == datetime(2026-11-23T08:21:00.12Z)`, true],
    [`todatetime('2026-11-23T08:21:00.1234567Z') == datetime(2026-11-23T08:21:00.1234567Z)`, true],
    [`todatetime('2026-13-23T08:21:00Z')`, null],
    [`todatetime('2026-11-23T08:21:00.12ZZ')`, null],
    [`tolong('007')`, 7],
    [`tolong('-12')`, -12],
    [`toint('2147483648')`, null],
  ]);
});

test('a version is one number of four times eight digits', async () => {
  await answers([
    ['parse_version("1.2.3.40")', '1000000020000000300000040'],
    ['parse_version("1.2")', '1000000020000000000000000'],
    ['parse_version("0.0.0.1")', '1'],
    ['parse_version("99999999.99999999.99999999.99999999")', '99999999999999999999999999999999'],
    ['parse_version("1.2.3.4.5")', null],
    ['parse_version("v1.2")', null],
    ['parse_version("123456789")', null],
    ['parse_version("")', null],
    ['parse_version("10.0.19041") > parse_version("9.9")', true],
    ['parse_version("1.0") == parse_version("1.0.0.0")', true],
    ['tostring(parse_version("0.0.1.0"))', '100000000'],
    ['tostring(decimal(10.50))', '10.5'],
    ['tostring(decimal(100))', '100'],
  ]);
  const query = 'datatable(v: string)["1.10", "1.9", "1.2.3"] | summarize arg_max(parse_version(v), v) | project v';
  expect(await rows(query)).toEqual([['1.10']]);
});
