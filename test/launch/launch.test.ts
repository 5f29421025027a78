/** The tool as a process: however it starts, it answers, fails and ends in the same way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { kustoSnapshot } from '../../scripts/launch/snapshot.mjs';

function start(args: readonly string[], env: Record<string, string> = {}) {
  return spawn(process.execPath, ['scripts/breakglass.mjs', ...args], { env: { ...process.env, ...env } });
}

async function run(args: readonly string[], input = '', env: Record<string, string> = {}) {
  const child = start(args, env);
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (part) => {
      out[name] += part;
    });
  }
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, ...out };
}

/** A flag of Node.js that changes nothing here, and with which no snapshot was made. */
const withoutSnapshot = { NODE_OPTIONS: '--no-deprecation' };
const fromSources = { BREAKGLASS_CACHE: 'off' };

test('there is a snapshot, unless Node.js has flags of its own', async () => {
  const flags = process.execArgv.splice(0);
  const options = process.env.NODE_OPTIONS;
  delete process.env.NODE_OPTIONS;
  try {
    expect(await kustoSnapshot()).toMatch(/kusto\.blob$/);
    process.env.NODE_OPTIONS = withoutSnapshot.NODE_OPTIONS;
    expect(await kustoSnapshot()).toBeUndefined();
  } finally {
    process.execArgv.push(...flags);
    if (options === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = options;
  }
});

describe.each([
  ['with the snapshot', { NODE_OPTIONS: '' }],
  ['without a snapshot', withoutSnapshot],
  ['from the sources', fromSources],
] as [string, Record<string, string>][])('%s', (_, env) => {
  test('a query is answered', async () => {
    const query = 'SigninLogs | summarize n = count(), d = make_bag(pack("a", 1)) | extend t = bin(now(), 1d)';
    const { code, stdout, stderr } = await run(['query', '--now', '2026-11-23T12:00:00Z', query], '', env);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([{ n: 0, d: {}, t: '2026-11-23T00:00:00.0000000Z' }]);
  });

  test('a query that does not bind ends with 1 and its place; the query comes from the standard input', async () => {
    const { code, stdout, stderr } = await run(['query', '-'], 'SigninLogs | where nowhere', env);
    expect(stdout).toBe('');
    expect(stderr).toContain('KS142');
    expect(code).toBe(1);
  });

  test('wrong usage ends with 2', async () => {
    const { code, stderr } = await run(['query', '--no-such-option'], '', env);
    expect(stderr).toContain('--no-such-option');
    expect(code).toBe(2);
  });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends the tool and the process that it began', async (signal) => {
  const child = start(['query', '-'], { NODE_OPTIONS: '' });
  // It waits for its input: as soon as it has one process, or two, it may be told to end.
  const ended = once(child, 'close');
  while (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await Promise.race([ended, after(200)]);
  }
  // The pipes are closed when the last process that holds them has ended.
  await ended;
  expect(child.exitCode).not.toBe(0);
});
