/** Starts a module of the tool in a process of its own, in the way in which this process was started (launch.mjs). */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Set by program.mjs in compiled modules: the folder where they are. */
declare const BREAKGLASS_COMPILED: URL | undefined;

/** The modules that run in a process of their own, as program.mjs names them, with their sources. */
const sources = {
  'scenario-worker': '../scenarios/scenario-worker.ts',
  'validate-process': '../commands/validate-process.ts',
};

/** Messages travel with the structured clone algorithm. */
export function forkModule(name: keyof typeof sources): ChildProcess {
  const serialization = 'advanced';
  // A compiled module's process begins with the same snapshot as this one, if any: flags are handed on.
  if (typeof BREAKGLASS_COMPILED !== 'undefined') {
    return fork(fileURLToPath(new URL(`${name}.js`, BREAKGLASS_COMPILED)), { serialization });
  }
  return fork(new URL(sources[name], import.meta.url), {
    execArgv: ['--import', import.meta.resolve('tsx')],
    serialization,
  });
}
