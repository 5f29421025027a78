/** Runs scenarios in several processes: each has its own engine, and takes the next scenario when it has done one. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Cell } from './run-scenarios.ts';
import type { Scenario } from './scenario.ts';
import type { WorkerAnswer, WorkerTask } from './scenario-worker.ts';

export interface ParallelOptions extends Omit<WorkerTask, 'scenario'> {
  signal: AbortSignal;
  /** Told of each scenario when it is done. */
  done: (scenario: Scenario, cells: readonly Cell[]) => void;
}

/** Processes worth starting: one a processor, and none for a scenario or two. */
export function usefulProcesses(scenarios: readonly Scenario[]): number {
  return scenarios.length < 4 ? 1 : Math.min(availableParallelism(), 4);
}

/**
 * Runs every scenario; those with most rows and hours first, so that no process is left with a long one at the end.
 * @throws the reason of the signal when it is aborted; Error when a process fails
 */
export async function runInProcesses(scenarios: readonly Scenario[], options: ParallelOptions): Promise<void> {
  const { signal, done, ...task } = options;
  const weight = (scenario: Scenario): number => scenario.clock.to.getTime() - scenario.clock.from.getTime();
  const queue = [...scenarios].sort((a, b) => weight(b) - weight(a));
  const children: ChildProcess[] = [];
  const stop = (): void => {
    for (const child of children) child.kill();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.all(
      Array.from({ length: usefulProcesses(scenarios) }, async () => {
        const child = fork(new URL('./scenario-worker.ts', import.meta.url), {
          execArgv: ['--import', import.meta.resolve('tsx')],
          serialization: 'advanced',
        });
        children.push(child);
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          done(next, await ask(child, { ...task, scenario: next.slug }, signal));
        }
      }),
    );
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

function ask(child: ChildProcess, task: WorkerTask, signal: AbortSignal): Promise<readonly Cell[]> {
  return new Promise((resolve, reject) => {
    const ended = (): void =>
      reject(signal.aborted ? signal.reason : new Error(`the process of ${task.scenario} ended`));
    child.once('exit', ended);
    child.once('message', (answer: WorkerAnswer) => {
      child.removeListener('exit', ended);
      if ('error' in answer) reject(new Error(answer.error));
      else resolve(answer.cells);
    });
    child.send(task);
  });
}
