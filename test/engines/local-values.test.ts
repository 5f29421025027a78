import { expect, test } from 'vitest';
import { storedValue } from '../../scripts/engines/local-values.ts';

test('objects inside arrays keep their content, as maps and as plain objects', () => {
  const expected = '[{"id":"a","roles":[{"name":"x"}]},null,"t"]';
  expect(storedValue([{ id: 'a', roles: [{ name: 'x' }] }, null, 't'], 'dynamic')).toBe(expected);
  const roles = [new Map([['name', 'x']])];
  const maps = [
    new Map<string, unknown>([
      ['id', 'a'],
      ['roles', roles],
    ]),
    null,
    't',
  ];
  expect(storedValue(maps, 'dynamic')).toBe(expected);
});
