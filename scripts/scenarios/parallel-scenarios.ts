/** Runs scenarios in several processes: each has its own engine, and takes the next rule when it has done one. */
import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { forkModule } from '../launch/fork-module.ts';
import type { Cell } from './run-scenarios.ts';
import type { Scenario } from './scenario.ts';
import type { WorkerAnswer, WorkerTask } from './scenario-worker.ts';

export interface ParallelOptions extends Omit<WorkerTask, 'scenarios'> {
  rules: readonly string[];
  signal: AbortSignal;
  /** Told of each rule when it was run over all scenarios. */
  done: (rule: string, cells: readonly Cell[]) => void;
}

/** Processes worth starting: one a processor, and none for a scenario or two, or for one rule. */
export function usefulProcesses(scenarios: readonly Scenario[], rules: readonly string[]): number {
  return scenarios.length < 4 ? 1 : Math.min(availableParallelism(), 4, rules.length);
}

/**
 * Runs every rule over every scenario.
 * @throws the reason of the signal when it is aborted; Error when a process fails
 */
export async function runInProcesses(scenarios: readonly Scenario[], options: ParallelOptions): Promise<void> {
  const { signal, done, rules, ...task } = options;
  const children: ChildProcess[] = [];
  const stop = (): void => {
    for (const child of children) child.kill();
  };
  signal.addEventListener('abort', stop, { once: true });
  const left = [...rules];
  try {
    await Promise.all(
      Array.from({ length: usefulProcesses(scenarios, rules) }, () => {
        const child = forkModule('scenario-worker');
        children.push(child);
        return work(child, { ...task, scenarios: scenarios.map(({ slug }) => slug) }, left, done, signal);
      }),
    );
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Gives the process one rule after the other, until none is left. */
function work(
  child: ChildProcess,
  task: WorkerTask,
  left: string[],
  done: ParallelOptions['done'],
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let rule: string | undefined;
    child.once('exit', () => reject(signal.aborted ? signal.reason : new Error('a process of the test ended early')));
    child.on('message', (answer: WorkerAnswer) => {
      if ('error' in answer) {
        reject(new Error(answer.error));
        return;
      }
      if (rule !== undefined) done(rule, answer.cells ?? []);
      rule = left.shift();
      if (rule === undefined) resolve();
      else child.send({ rule });
    });
    child.send(task);
  });
}
