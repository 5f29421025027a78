import { describe, expect, test } from 'vitest';
import { parseJson, parseYaml } from '../../scripts/content/source-map.ts';

/** The text at a place of one line. */
function at(
  text: string,
  place: { start?: { line: number; column: number }; end?: { line: number; column: number } },
): string {
  const line = text.split(/\r?\n/)[(place.start?.line ?? 1) - 1] as string;
  return line.slice((place.start?.column ?? 1) - 1, (place.end?.column ?? 1) - 1);
}

describe('a place inside a query', () => {
  test.each([
    ['a block', 'a: 1\nquery: |\n    T\n    | where\n      Wrong == 1\n\n    | take 1\n'],
    ['a block with an indentation of its own', 'query: |2\n    T\n  | where Wrong\n'],
    ['a block that keeps its end', 'query: |+\n  T | where Wrong\n\nb: 2\n'],
    ['a block with Windows line ends', 'query: |\r\n  T\r\n  | where Wrong\r\n'],
    ['one line', 'query: T | where Wrong\n'],
    ['single quotes', "query: 'T | where Wrong'\n"],
    ['double quotes', 'query: "T | where Wrong"\n'],
  ])('of %s is exact', (_, text) => {
    const parsed = parseYaml('a.yaml', text);
    const { query } = parsed.value as { query: string };
    expect(at(text, parsed.placeInString(['query'], query.indexOf('Wrong'), 5))).toBe('Wrong');
  });

  test('of folded or escaped text is its beginning', () => {
    const text = 'query: >\n  T\n  | where Wrong\n';
    const parsed = parseYaml('a.yaml', text);
    const { query } = parsed.value as { query: string };
    expect(parsed.placeInString(['query'], query.indexOf('Wrong'), 5).start).toEqual({ line: 1, column: 8 });
  });
});

describe('places of YAML', () => {
  const text = 'list:\n  - name: a\n    deep: { key: value }\n';
  const parsed = parseYaml('a.yaml', text);
  test('of a value and of its key', () => {
    expect(at(text, parsed.place(['list', 0, 'deep', 'key']))).toBe('value');
    expect(at(text, parsed.place(['list', 0, 'deep', 'key'], 'key'))).toBe('key');
  });
  test('of what is not there is that of what should hold it', () => {
    expect(parsed.place(['list', 0, 'missing', 'more']).start).toEqual({ line: 2, column: 5 });
  });
  test('an alias bomb is a finding, not a hang', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)
      .join('\n')}\n`;
    const { value, diagnostics } = parseYaml('a.yaml', bomb);
    expect(value).toBeUndefined();
    expect(diagnostics.map((item) => item.code)).toEqual(['yaml-syntax']);
  });
});

describe('places of JSON', () => {
  const text = '\uFEFF{\n  "list": [\n    { "name": "a" }\n  ]\n}';
  test('of values and keys, with a byte order mark before', () => {
    const parsed = parseJson('a.json', text);
    expect(parsed.value).toEqual({ list: [{ name: 'a' }] });
    expect(at(text, parsed.place(['list', 0, 'name']))).toBe('"a"');
    expect(at(text, parsed.place(['list', 0, 'name'], 'key'))).toBe('"name"');
    expect(parsed.place(['list', 0, 'missing']).start).toEqual({ line: 3, column: 5 });
  });
  test.each([
    ['nothing', '', 'value expected at the end of the file'],
    ['a comment', '{ // no\n}', 'invalid comment token'],
    ['a trailing comma', '{"a":1,}', 'property name expected'],
    ['two values', '{} {}', 'end of file expected'],
  ])('%s is one finding', (_, broken, detail) => {
    const { diagnostics } = parseJson('a.json', broken);
    expect(diagnostics.map((item) => item.code)).toEqual(['json-syntax']);
    expect(diagnostics[0]?.message.toLowerCase()).toContain(detail);
  });
});
