import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cached, cacheFolder, digest } from '../../scripts/launch/cache.mjs';
import { compiledProgram } from '../../scripts/launch/program.mjs';

describe('a folder of the cache', () => {
  let name: string;
  let made: number;
  const get = () =>
    cached(name, () => {
      made++;
      return new Map([
        ['a.js', Buffer.from('export {}')],
        ['b.bin', Buffer.alloc(1000, 7)],
      ]);
    });
  beforeEach(() => {
    name = `test-${randomUUID()}`;
    made = 0;
  });
  afterEach(() => rmSync(join(cacheFolder(), name), { recursive: true, force: true }));

  test('is made once', async () => {
    expect(await get()).toBe(await get());
    expect(made).toBe(1);
  });

  test.each<[string, (folder: string) => void]>([
    ['a file was changed', (folder) => writeFileSync(join(folder, 'a.js'), 'import x')],
    ['a file was cut short', (folder) => truncateSync(join(folder, 'b.bin'), 999)],
    ['a file grew', (folder) => appendFileSync(join(folder, 'b.bin'), 'x')],
    ['a file is missing', (folder) => rmSync(join(folder, 'a.js'))],
    ['the manifest is missing', (folder) => rmSync(join(folder, 'manifest.json'))],
    ['the manifest is empty', (folder) => writeFileSync(join(folder, 'manifest.json'), '{}')],
  ])('is made again where %s', async (_, damage) => {
    damage(await get());
    const folder = await get();
    expect(made).toBe(2);
    expect(readFileSync(join(folder, 'a.js'), 'utf8')).toBe('export {}');
    expect(readFileSync(join(folder, 'b.bin'))).toHaveLength(1000);
  });

  test('is whole when several make it at the same time', async () => {
    const folders = await Promise.all([get(), get(), get()]);
    expect(new Set(folders).size).toBe(1);
    await get();
    expect(readFileSync(join(folders[0]!, 'a.js'), 'utf8')).toBe('export {}');
  });
});

test('a digest tells where one part ends and the next begins', () => {
  expect(digest(['ab', 'c'])).not.toBe(digest(['a', 'bc']));
});

// Without this one, a mistake in what compiles the tool would only show as a slower start.
test('the tool compiles, and its modules name the place of their sources', async () => {
  const program = await compiledProgram();
  expect(program).toBeDefined();
  expect(readFileSync(program!.entry('scenario-worker'), 'utf8')).toContain('BREAKGLASS_COMPILED');
});
