import { exec } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { commandsFor } from '../../scripts/commands/index.ts';

const readme = readFileSync('README.md', 'utf8');
const shown = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap((block) => (block[1] ?? '').split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => line !== '');

/** What a test must not run: the tests themselves, an installation, and a server that waits for the reader. */
const left = (line: string): boolean => line === 'npm test' || line.includes(' preview ');

function run(line: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    exec(line, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? 1), output: stdout + stderr });
    });
  });
}

describe('the README stays true', () => {
  test.each(shown.filter((line) => !left(line)))(
    '%s',
    async (line) => {
      const { code, output } = await run(line.replace('npm ci && ', ''));
      expect(code, output.slice(-3000)).toBe(0);
    },
    400_000,
  );

  test('every command stands in its table', async () => {
    const program = new Command();
    for (const register of await commandsFor(undefined)) register(program);
    const missing = program.commands
      .map((command) => command.name())
      .filter((name) => !readme.includes(`| \`${name}\``));
    expect(program.commands.length).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });

  test('every file that it names exists', () => {
    const named = [
      ...readme.matchAll(/\]\(([^)]+)\)|`((?:detections|schemas|test|scripts|workbooks|\.github)\/[\w./-]+\.\w+)`/g),
    ];
    for (const [, link, path] of named) {
      const file = (link ?? path ?? '').replace(/#.*$/, '');
      if (file !== '' && !file.startsWith('http')) expect(() => readFileSync(file), file).not.toThrow();
    }
  });
});

test('a command is found by its own name, and brings no other', async () => {
  const program = new Command();
  const names = (await commandsFor(undefined)).map((register) => {
    const before = program.commands.length;
    register(program);
    return program.commands[before]?.name() ?? '';
  });
  for (const name of names) {
    const alone = new Command();
    for (const register of await commandsFor(name)) register(alone);
    expect(alone.commands.map((command) => command.name())).toEqual([name]);
  }
});
