/**
 * How the tool starts. Three ways, each with the same answers; a faster one is left aside wherever it cannot be had:
 *
 * 1. compiled modules in a Node.js process that begins with the Kusto language service in its memory (a V8 startup
 *    snapshot, which only a flag of a new process can name): commands that bind KQL;
 * 2. compiled modules in this process: the other commands;
 * 3. the TypeScript sources through tsx: where no cache can be written, or with BREAKGLASS_CACHE=off (stack traces that name
 *    the sources).
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import { compiledProgram } from './program.mjs';
import { kustoSnapshot } from './snapshot.mjs';

/**
 * Commands whose first act is to load the language service. For the others a second process would cost, not save: `preview`
 * shows its page before it binds a query.
 */
const BINDING = new Set(['query', 'kql', 'validate', 'test', 'start', 'mutate', 'report', 'bench']);

/** @param {string[]} args what follows the name of the tool */
export async function launch(args) {
  const program = process.env.BREAKGLASS_CACHE === 'off' ? undefined : await compiledProgram();
  if (!program) {
    const { register } = await import('tsx/esm/api');
    register();
    await import('../breakglass.ts');
    return;
  }
  const entry = program.entry('breakglass');
  const help = args.includes('--help') || args.includes('-h');
  const snapshot = BINDING.has(args[0] ?? '') && !help ? await kustoSnapshot() : undefined;
  if (snapshot) await runIn(snapshot, entry, args);
  else await import(pathToFileURL(entry).href);
}

/**
 * Runs the tool in a process of its own and ends as that one ends.
 * @param {string} snapshot
 * @param {string} entry
 * @param {string[]} args
 */
function runIn(snapshot, entry, args) {
  const child = spawn(process.execPath, ['--snapshot-blob', snapshot, entry, ...args], { stdio: 'inherit' });
  // What is sent to this process alone is handed on. A terminal tells both of Ctrl+C, and a second one would mean more.
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGINT'])) {
    process.on(signal, () => void (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
      resolve(undefined);
    });
  });
}
