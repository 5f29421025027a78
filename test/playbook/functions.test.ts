/** The function catalogue: each line is an expression and what it answers, or a part of why it is refused. */
import { describe, expect, it } from 'vitest';
import { ticksOfMilliseconds } from '../../scripts/playbook/functions/dotnet-dates.ts';
import { functionNames } from '../../scripts/playbook/functions/index.ts';
import { toJson, type Value } from '../../scripts/playbook/value.ts';
import { type ExpressionScope, evaluateString, TemplateError } from '../../scripts/playbook/workflow/evaluate.ts';

const values: Record<string, Value> = {
  n: null,
  o: { a: 1, B: { c: [1, 2] } },
  l: [3, 1, 2],
  e: [],
  s: 'Hello World',
  form: {
    body: {
      '$content-type': 'application/x-www-form-urlencoded',
      $content: Buffer.from('a=1&b=2&b=3').toString('base64'),
    },
  },
};
const scope: ExpressionScope = {
  environment: {
    nowTicks: () => ticksOfMilliseconds(Date.parse('2026-11-23T08:09:10.123Z')),
    random: () => 0.5,
    guid: () => '01234567-89ab-4cde-8f01-23456789abcd',
  },
  reference: (name, args) =>
    name === 'variables'
      ? (values[String(args[0])] ?? null)
      : name === 'outputs'
        ? (values[String(args[0])] ?? null)
        : undefined,
};
const v = (name: string): string => `variables('${name}')`;

const answers: [string, Value][] = [
  // strings
  ["concat('a', 1, true, null)", 'a1True'],
  ['concat(createArray(1), createArray(2))', [1, 2]],
  ["substring('hello', 1, 3)", 'ell'],
  ["substring('hello', 2)", 'llo'],
  ["slice('Hello World', 2, -2)", 'llo Wor'],
  ["replace('a.b.c', '.', '-')", 'a-b-c'],
  ['guid()', '01234567-89ab-4cde-8f01-23456789abcd'],
  ["guid('N')", '0123456789ab4cde8f0123456789abcd'],
  ["guid('P')", '(01234567-89ab-4cde-8f01-23456789abcd)'],
  ["toUpper('straße')", 'STRASSE'],
  ["indexOf('Hello', 'L')", 2],
  ["lastIndexOf('Hello', 'L')", 3],
  ["nthIndexOf('123456789 123465789', '1', 2)", 10],
  ["nthIndexOf('a', 'b', 1)", -1],
  ["startsWith('Hello', 'he')", true],
  ["endsWith('Hello', 'LO')", true],
  ["split('a,b,,c', ',')", ['a', 'b', '', 'c']],
  ["trim('  a ')", 'a'],
  ["formatNumber(1234567890, '0,0.00', 'en-us')", '1,234,567,890.00'],
  ["formatNumber(17.35, 'C2')", '$17.35'],
  ["formatNumber(0.256, 'P1')", '25.6%'],
  ["formatNumber(255, 'X4')", '00FF'],
  ["formatNumber(5, 'D3')", '005'],
  ["encodeXmlValue('<a b=\"c\">&''</a>')", '&lt;a b=&quot;c&quot;&gt;&amp;&apos;&lt;/a&gt;'],
  ["decodeXmlValue('&lt;&amp;&#65;&#x42;&quot;')", '<&AB"'],
  ["decodeXmlName(encodeXmlName('1 b:c'))", '1 b:c'],
  // collections
  [`contains(${v('s')}, 'World')`, true],
  [`contains(${v('s')}, 'world')`, false],
  [`contains(${v('o')}, 'a')`, true],
  [`contains(${v('l')}, 2)`, true],
  [`length(${v('s')})`, 11],
  [`sort(${v('l')})`, [1, 2, 3]],
  [`reverse(${v('l')})`, [2, 1, 3]],
  [`empty(${v('n')})`, true],
  [`empty(${v('e')})`, true],
  [`first(${v('e')})`, null],
  [`last(${v('l')})`, 2],
  [`first(${v('s')})`, 'H'],
  ['union(createArray(1, 2), createArray(2, 3))', [1, 2, 3]],
  [`union(${v('o')}, json('{"a":9}'))`, { a: 9, B: { c: [1, 2] } }],
  ['intersection(createArray(1, 2), createArray(2, 3))', [2]],
  [`take(${v('l')}, 2)`, [3, 1]],
  [`skip(${v('l')}, 2)`, [2]],
  [`join(${v('l')}, '; ')`, '3; 1; 2'],
  ["chunk('abcde', 2)", ['ab', 'cd', 'e']],
  ['range(3, 3)', [3, 4, 5]],
  // logic: only the chosen branch is evaluated
  ["if(true, 'yes', int('x'))", 'yes'],
  ['equals(1, 1.0)', true],
  ["equals('a', 'A')", false],
  [`equals(${v('o')}, json('{"B":{"c":[1,2]},"a":1}'))`, true],
  ['and(true, not(false))', true],
  ["greater('b', 'a')", true],
  ['lessOrEquals(2, 2)', true],
  ["isInt('10')", true],
  ["isFloat('1.5e3')", true],
  ["isInt('a')", false],
  // numbers
  ['div(11, 5)', 2],
  ['div(-11, 5)', -2],
  ['div(11, 5.0)', 2.2],
  ["div(float('11'), 5)", 2.2],
  ['mod(-7, 2)', -1],
  ['add(9223372036854775806, 1)', 9223372036854775807n],
  ["sub(ticks('2026-11-23T08:01:00Z'), ticks('2026-11-23T08:00:00Z'))", 600000000],
  ["div(sub(ticks('2026-11-23T08:01:00Z'), ticks('2026-11-23T08:00:00Z')), 10000000)", 60],
  ["ticks('2026-11-23T08:00:00Z')", 639310176000000000n],
  ['max(1, 3, 2)', 3],
  [`min(${v('l')})`, 1],
  ['rand(1, 11)', 6],
  // conversion
  ["int('10')", 10],
  ["float('10.333')", 10.333],
  ["bool('true')", true],
  ['bool(0)', false],
  [`string(${v('o')})`, '{"a":1,"B":{"c":[1,2]}}'],
  ['string(true)', 'True'],
  ["json('[1,null]')", [1, null]],
  ["base64('hello')", 'aGVsbG8='],
  ["base64ToString('aGVsbG8=')", 'hello'],
  ["base64ToBinary('aGVsbG8=')", { '$content-type': 'application/octet-stream', $content: 'aGVsbG8=' }],
  ["string(binary('hello'))", 'hello'],
  ["dataUri('hello')", 'data:text/plain;charset=utf-8;base64,aGVsbG8='],
  ["dataUriToString('data:text/plain;charset=utf-8;base64,aGVsbG8=')", 'hello'],
  ["utf8Length('é')", 2],
  ["utf16Length('é')", 2],
  ["encodeUriComponent('https://contoso.com?a=b c''(é)')", 'https%3A%2F%2Fcontoso.com%3Fa%3Db%20c%27%28%C3%A9%29'],
  ["encodeURIComponent('a/b')", 'a%2Fb'],
  ["decodeUriComponent('a%2Fb')", 'a/b'],
  ["array('hello')", ['hello']],
  ["createArray('a', 1)", ['a', 1]],
  ["formDataValue('form', 'a')", '1'],
  ["formDataMultiValues('form', 'b')", ['2', '3']],
  ['json(xml(\'<a x="1"><b>2</b><b>3</b></a>\'))', { a: { '@x': '1', b: ['2', '3'] } }],
  ["xpath(xml('<a><b>2</b><b>3</b></a>'), 'sum(/a/b)')", 5],
  ['xpath(xml(json(\'{"a":{"b":"x < y"}}\')), \'string(/a/b)\')', 'x < y'],
  ["xpath(xml('<a><b>2</b></a>'), '/a/b/text()')", ['2']],
  // dates
  ['utcNow()', '2026-11-23T08:09:10.1230000Z'],
  ["utcNow('yyyy-MM-dd HH:mm')", '2026-11-23 08:09'],
  ["addDays('2026-02-28T00:00:00Z', 1)", '2026-03-01T00:00:00.0000000Z'],
  ["addDays('2026-02-28', 1, 'yyyy-MM-dd')", '2026-03-01'],
  ["addHours('2026-01-01T00:00:00+02:00', 1)", '2025-12-31T23:00:00.0000000Z'],
  ["addToTime('2026-01-31T10:00:00Z', 1, 'Month')", '2026-02-28T10:00:00.0000000Z'],
  ["subtractFromTime('2024-02-29T10:00:00Z', 1, 'Year')", '2023-02-28T10:00:00.0000000Z'],
  ["getFutureTime(2, 'Week', 'D')", 'Monday, December 7, 2026'],
  ["getPastTime(1, 'Day', 's')", '2026-11-22T08:09:10'],
  ["dateDifference('2026-11-22T08:00:00Z', '2026-11-23T09:30:00Z')", '1.01:30:00'],
  ["convertFromUtc('2026-01-01T08:00:00.000Z', 'Pacific Standard Time')", '2026-01-01T00:00:00.0000000'],
  ["convertToUtc('2026-07-01T00:00:00.000', 'W. Europe Standard Time')", '2026-06-30T22:00:00.0000000Z'],
  ["convertTimeZone('2026-07-01T00:00:00', 'UTC', 'India Standard Time', 'HH:mm')", '05:30'],
  ["formatDateTime('2026-11-23T08:09:10.1234567Z', 'yyyyMMddTHHmmssfff')", '20261123T080910123'],
  ["formatDateTime('11/23/2026 8:09:10 PM', 'o')", '2026-11-23T20:09:10.0000000Z'],
  ["formatDateTime('2026-11-23', 'dddd d MMMM', 'de-DE')", 'Montag 23 November'],
  ["formatDateTime('Mon, 23 Nov 2026 08:09:10 GMT', 'r')", 'Mon, 23 Nov 2026 08:09:10 GMT'],
  ["parseDateTime('23 November 2026')", '2026-11-23T00:00:00.0000000Z'],
  ["startOfMonth('2026-11-23T08:09:10Z')", '2026-11-01T00:00:00.0000000Z'],
  ["startOfHour('2026-11-23T08:09:10Z', 'HH:mm')", '08:00'],
  ["dayOfWeek('2026-11-22')", 0],
  ["dayOfYear('2026-12-31')", 365],
  // addresses, objects
  ["uriHost('https://www.localhost.com:8080')", 'www.localhost.com'],
  ["uriPort('https://www.contoso.com')", 443],
  ["uriPathAndQuery('https://contoso.com/a/b?c=d')", '/a/b?c=d'],
  ["uriScheme('https://contoso.com')", 'https'],
  ["coalesce(null, 'a', 'b')", 'a'],
  [`addProperty(${v('o')}, 'd', 2)?['d']`, 2],
  [`setProperty(${v('o')}, 'a', 2)['a']`, 2],
  [`removeProperty(${v('o')}, 'a')`, { B: { c: [1, 2] } }],
  // access
  [`${v('o')}['B']['c'][1]`, 2],
  [`${v('o')}?['x']?['y']`, null],
  [`${v('o')}.B.c[0]`, 1],
  [`${v('o')}?['b']?['C']`, [1, 2]],
  [`${v('l')}?[9]`, null],
];

const refusals: [string, RegExp][] = [
  ["substring('hello', 4, 5)", /outside of a text/],
  [`${v('n')}['a']`, /is null.*write '\?'/],
  [`${v('o')}?['a']['b']`, /kind Integer/],
  [`${v('o')}?['x']['b']`, /is null/],
  [`${v('o')}['x']`, /no property 'x'; it has: a, B/],
  [`${v('l')}[9]`, /index 9/],
  ["int('')", /int\(\) takes an integer/],
  [`int(${v('n')})`, /int\(\)/],
  [`length(${v('n')})`, /length\(\) takes/],
  [`split(${v('n')}, ',')`, /must be a string, not Null/],
  ['div(1, 0)', /by zero/],
  ['add(9223372036854775807, 1)', /does not fit in 64 bits/],
  ["json('{')", /not JSON/],
  ["xml('<a>')", /not XML/],
  [`addProperty(${v('o')}, 'a', 2)`, /already/],
  ["addDays('2026-02-30', 1)", /not a timestamp/],
  ["convertFromUtc('2026-01-01', 'Middle Earth Time')", /time zone/],
  ['range(0, 900000000)', /more than a workflow can carry/],
  ["and(true, 'x')", /must be a boolean/],
  ["nothing('x')", /'nothing' is not a function/],
  ["replace('a')", /takes 3 arguments, not 1/],
  ["concat('a'", /',' or '\)' was expected/],
  ["'a", /no closing quote/],
  ['a', /neither a call nor a constant/],
];

describe('functions of the Workflow Definition Language', () => {
  it.each(answers)('%s', (expression, expected) => {
    expect(evaluateString(`@${expression}`, scope)).toEqual(expected);
  });

  it.each(refusals)('%s is refused', (expression, reason) => {
    expect(() => evaluateString(`@${expression}`, scope)).toThrow(TemplateError);
    expect(() => evaluateString(`@${expression}`, scope)).toThrow(reason);
  });

  it('has every name of the catalogue', () => {
    const catalogue =
      'concat substring slice replace guid toLower toUpper indexOf nthIndexOf lastIndexOf startsWith endsWith split trim formatNumber trimByteOrderMark encodeXmlValue decodeXmlValue encodeXmlName decodeXmlName contains length sort reverse empty intersection union first last take skip join chunk if equals and or not less lessOrEquals greater greaterOrEquals isInt isFloat json xml int string float bool decimal base64 base64ToBinary base64ToString binary dataUri dataUriToBinary dataUriToString decodeBase64 decodeDataUri utf8Length utf16Length encodeUriComponent decodeUriComponent uriComponent uriComponentToBinary uriComponentToString array createArray triggerFormDataValue triggerFormDataMultiValues triggerMultipartBody formDataValue formDataMultiValues multipartBody min max rand add sub mul div mod range utcNow getFutureTime getPastTime addToTime subtractFromTime addSeconds addMinutes addHours addDays dateDifference convertTimeZone convertToUtc convertFromUtc formatDateTime parseDateTime startOfHour startOfDay startOfMonth dayOfWeek dayOfMonth dayOfYear ticks formatTimeSpan parameters result actions outputs body triggerOutputs triggerBody trigger item items iterationIndexes variables listCallbackUrl workflow uriHost uriPath uriPathAndQuery uriPort uriScheme uriQuery coalesce addProperty setProperty removeProperty xpath mergeObjects action actionBody actionOutputs encodeURIComponent'.split(
        ' ',
      );
    const known = new Set(functionNames().map((name) => name.toLowerCase()));
    expect(catalogue.filter((name) => !known.has(name.toLowerCase()))).toEqual([]);
  });
});

describe('strings of a definition', () => {
  const strings: [string, Value][] = [
    ['plain', 'plain'],
    ["@variables('l')", [3, 1, 2]],
    ["@{variables('l')}", '[3,1,2]'],
    ["a@{variables('s')}b@{true}", 'aHello WorldbTrue'],
    ['@@not', '@not'],
    ['@@{not}', '@{not}'],
    ['a @@{not} b', 'a @{not} b'],
    ['duty@contoso.example', 'duty@contoso.example'],
    ["@{concat('}', '{')}", '}{'],
    ["@{'it''s'}", "it's"],
    ["@ concat ( 'a' , 'b' ) ", 'ab'],
    ['', ''],
  ];
  it.each(strings)('%s', (text, expected) => expect(evaluateString(text, scope)).toEqual(expected));

  it('prints big integers exactly', () => {
    expect(toJson(evaluateString("@createArray(ticks('2026-11-23T08:00:00Z'))", scope))).toBe('[639310176000000000]');
  });
});
