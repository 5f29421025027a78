import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCodeCache, writeCodeCache } from '../../scripts/kql/code-cache.ts';
import { builtIns } from '../../scripts/kql/language-service.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'code-cache-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a code cache is read as it was written, and leaves nothing beside it', () => {
  const file = join(folder, 'sub', 'cache.bin');
  writeCodeCache(file, () => Buffer.from('compiled'));
  expect(readCodeCache(file)?.toString()).toBe('compiled');
  expect(readdirSync(join(folder, 'sub'))).toEqual(['cache.bin']);
});

test('a cache with a changed, missing or added byte is no cache', () => {
  const file = join(folder, 'damaged.bin');
  writeCodeCache(file, () => Buffer.from('compiled'));
  const whole = readFileSync(file);
  const changed = Buffer.from(whole);
  changed[whole.length - 3] = 0;
  for (const bytes of [changed, whole.subarray(0, -1), Buffer.concat([whole, Buffer.of(0)]), Buffer.alloc(0)]) {
    writeFileSync(file, bytes);
    expect(readCodeCache(file)).toBeUndefined();
  }
  expect(readCodeCache(join(folder, 'absent.bin'))).toBeUndefined();
});

test('a cache that cannot be made or written is no error', () => {
  const file = join(folder, 'never.bin');
  writeCodeCache(file, () => {
    throw new Error('no memory');
  });
  writeCodeCache(join(folder, 'damaged.bin', 'below-a-file.bin'), () => Buffer.from('compiled'));
  expect(readCodeCache(file)).toBeUndefined();
});

test('the built-in names are there before any query is analyzed', () => {
  const { functions, aggregates, plugins } = builtIns();
  expect(functions).toContain('strcat');
  expect(aggregates).toContain('arg_max');
  expect(plugins).toContain('bag_unpack');
});
