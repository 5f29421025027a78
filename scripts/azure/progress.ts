/** Progress of a deployment: a live task list on a terminal, one line an item elsewhere. */
import { Listr } from 'listr2';
import type { StepResult } from './apply.ts';
import type { Step } from './plan.ts';

export interface Progress {
  onStart: (step: Step) => void;
  onEnd: (step: Step, result: StepResult) => void;
  /** Resolves when everything that was reported is shown. */
  finished: () => Promise<void>;
}

/** @param format what standard output is for: with `json` the task list, which draws there, is not used. */
export function deploymentProgress(steps: readonly Step[], format = 'text'): Progress {
  const draws = process.stdout.isTTY === true && process.env.TERM !== 'dumb' && format !== 'json';
  return draws ? taskList(steps) : lines(steps.length, process.stderr);
}

function lines(total: number, stream: NodeJS.WritableStream): Progress {
  let count = 0;
  return {
    onStart: () => {},
    onEnd: (step, result) => {
      stream.write(
        `[${++count}/${total}] ${result.outcome.padEnd(7)} ${step.action} ${step.key}${result.error ? `: ${result.error.message}` : ''}\n`,
      );
    },
    finished: async () => {},
  };
}

function taskList(steps: readonly Step[]): Progress {
  const ends = new Map<string, { promise: Promise<StepResult>; resolve: (result: StepResult) => void }>();
  const starts = new Map<string, { promise: Promise<void>; resolve: () => void }>();
  for (const { key } of steps) {
    let resolveEnd: (result: StepResult) => void = () => {};
    let resolveStart = (): void => {};
    ends.set(key, {
      promise: new Promise((resolve) => {
        resolveEnd = resolve;
      }),
      resolve: (result) => resolveEnd(result),
    });
    starts.set(key, {
      promise: new Promise((resolve) => {
        resolveStart = resolve;
      }),
      resolve: () => resolveStart(),
    });
  }
  const list = new Listr(
    steps.map((step) => ({
      title: `${step.action} ${step.key}`,
      task: async (_: unknown, task: { skip: (message: string) => void }) => {
        await starts.get(step.key)!.promise;
        const result = await ends.get(step.key)!.promise;
        if (result.outcome === 'skipped') task.skip(`${step.action} ${step.key}: skipped`);
        if (result.outcome === 'failed') throw new Error(result.error?.message ?? 'failed');
      },
    })),
    { concurrent: true, exitOnError: false, rendererOptions: { collapseErrors: false, showErrorMessage: true } },
  );
  const run = list.run().catch(() => {});
  return {
    onStart: (step) => starts.get(step.key)?.resolve(),
    onEnd: (step, result) => {
      starts.get(step.key)?.resolve();
      ends.get(step.key)?.resolve(result);
    },
    finished: async () => void (await run),
  };
}
