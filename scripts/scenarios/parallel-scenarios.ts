/** Runs scenarios in several processes: each has its own engine, and translates and plans only the rules that it is given. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Cell } from './run-scenarios.ts';
import type { Scenario } from './scenario.ts';
import type { WorkerAnswer, WorkerTask } from './scenario-worker.ts';

export interface ParallelOptions extends Omit<WorkerTask, 'scenarios'> {
  signal: AbortSignal;
  /** Told of each scenario when all processes have done it, with the cells of all rules. */
  done: (scenario: Scenario, cells: readonly Cell[]) => void;
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
  const shares = sharesOf(rules, scenarios, usefulProcesses(scenarios, rules));
  const children: ChildProcess[] = [];
  const stop = (): void => {
    for (const child of children) child.kill();
  };
  signal.addEventListener('abort', stop, { once: true });
  const cells = new Map<string, Cell[][]>(scenarios.map((scenario) => [scenario.slug, []]));
  const bySlug = new Map(scenarios.map((scenario) => [scenario.slug, scenario]));
  const told = (slug: string, made: readonly Cell[]): void => {
    const all = [...(cells.get(slug) ?? []), [...made]];
    cells.set(slug, all);
    if (all.length === shares.length) done(bySlug.get(slug)!, all.flat());
  };
  try {
    await Promise.all(
      shares.map((share) => {
        const child = fork(new URL('./scenario-worker.ts', import.meta.url), {
          execArgv: ['--import', import.meta.resolve('tsx')],
          serialization: 'advanced',
        });
        children.push(child);
        return work(child, { ...task, rules: share, scenarios: [...bySlug.keys()] }, told, signal);
      }),
    );
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** The rules dealt out: those that most scenarios name first, each to the share that has least to do. */
function sharesOf(rules: readonly string[], scenarios: readonly Scenario[], count: number): string[][] {
  const names = scenarios.flatMap(({ expect, nearMiss }) => [...expect.map(({ rule }) => rule), ...nearMiss]);
  const weight = (rule: string): number => 4 + names.filter((name) => name === rule).length;
  const shares = Array.from({ length: count }, (): { rules: string[]; weight: number } => ({ rules: [], weight: 0 }));
  for (const rule of [...rules].sort((a, b) => weight(b) - weight(a))) {
    const least = shares.reduce((a, b) => (b.weight < a.weight ? b : a));
    least.rules.push(rule);
    least.weight += weight(rule);
  }
  return shares.map((share) => share.rules);
}

function work(
  child: ChildProcess,
  task: WorkerTask,
  told: (slug: string, cells: readonly Cell[]) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = task.scenarios.length;
    child.once('exit', () => reject(signal.aborted ? signal.reason : new Error('a process of the test ended early')));
    child.on('message', (answer: WorkerAnswer) => {
      if ('error' in answer) {
        reject(new Error(answer.error));
        return;
      }
      told(answer.scenario, answer.cells);
      if (--left === 0) resolve();
    });
    child.send(task);
  });
}
