import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

/** Runs the tool as a user does and answers what came out. */
function breakglass(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/breakglass.mjs', ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('--help lists the commands and ends with 0', async () => {
  const { code, stdout } = await breakglass('--help');
  expect(code).toBe(0);
  expect(stdout).toContain('Usage: breakglass');
});

test('an unknown command ends with 2 and points at --help', async () => {
  const { code, stderr } = await breakglass('deplyo');
  expect(code).toBe(2);
  expect(stderr).toContain('--help');
});

test('an unknown option ends with 2', async () => {
  const { code } = await breakglass('--no-such-option');
  expect(code).toBe(2);
});

test('a reader that closes the pipe ends the output without a stack trace', async () => {
  const child = spawn(process.execPath, ['scripts/breakglass.mjs', 'kql', 'support'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  await once(child, 'close');
  expect(stderr).toBe('');
});
