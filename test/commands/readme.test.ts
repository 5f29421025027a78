import { exec } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { commands } from '../../scripts/commands/index.ts';

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

  test('every command stands in its table', () => {
    const program = new Command();
    for (const register of commands) register(program);
    const missing = program.commands
      .map((command) => command.name())
      .filter((name) => !readme.includes(`| \`${name}\``));
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
