import { expect, test } from 'vitest';
import { knownCodes } from '../../scripts/content/ignore-comments.ts';
import { defineDiagnostics, formatPlace } from '../../scripts/diagnostics/diagnostic.ts';
import { UserError } from '../../scripts/diagnostics/errors.ts';

test('a catalogue makes findings of typed parameters', () => {
  const make = defineDiagnostics({
    'too-many': {
      severity: 'warning',
      message: ({ count }: { count: number }) => `There are ${count}.`,
      remedy: ({ count }) => `Remove ${count - 1}.`,
    },
  });
  expect(make('too-many', { file: 'a.yaml', start: { line: 2, column: 5 } }, { count: 3 })).toEqual({
    code: 'too-many',
    severity: 'warning',
    message: 'There are 3.',
    remedy: 'Remove 2.',
    place: { file: 'a.yaml', start: { line: 2, column: 5 } },
  });
});

test('places are links of terminals and editors', () => {
  expect(formatPlace({ file: 'a.yaml', start: { line: 2, column: 5 } })).toBe('a.yaml:2:5');
  expect(formatPlace({ file: 'a.yaml' })).toBe('a.yaml');
});

test('codes are unique over all rooms, in lower case with hyphens', () => {
  const codes = knownCodes();
  expect(codes.filter((code) => !/^[a-z0-9]+(-[a-z0-9]+)+$/.test(code))).toEqual([]);
  expect(new Set(codes).size).toBe(codes.length);
});

test('a user error tells where, what and what to do', () => {
  const error = new UserError('path-missing', { what: 'There is no x.', remedy: 'Name another.', place: 'x:1' });
  expect(error.report()).toBe('x:1: There is no x. (path-missing)\n  remedy: Name another.');
  expect(error.toJSON()).toEqual({
    code: 'path-missing',
    message: 'There is no x.',
    remedy: 'Name another.',
    place: 'x:1',
  });
});
