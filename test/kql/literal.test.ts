import { expect, test } from 'vitest';
import { KqlUnsupported } from '../../scripts/kql/errors.ts';
import { analyze } from '../../scripts/kql/language-service.ts';
import { nameLiteral, stringLiteral } from '../../scripts/kql/literal.ts';

test('a value cannot leave its literal: quotes, backslashes, line ends and other alphabets are escaped', () => {
  expect(stringLiteral('a"b\\c')).toBe('"a\\"b\\\\c"');
  expect(stringLiteral('x\n| take 1')).toBe('"x\\u000a| take 1"');
  expect(stringLiteral('Zo\u00eb \u{1f600}')).toBe('"Zo\\u00eb \\ud83d\\ude00"');
});

test('odd names are quoted', () => {
  expect(nameLiteral('UserId')).toBe('UserId');
  expect(nameLiteral('odd "name"')).toBe('["odd \\"name\\""]');
});

test('a query on which the binder itself fails is refused at its place', () => {
  const catalog = { tables: [], functions: [], tableFunctions: [] };
  expect(() => analyze('print datetime_diff(1h, now(), now())', catalog)).toThrow(KqlUnsupported);
});
