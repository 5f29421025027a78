/** A process of its own that runs one rule after the other over scenarios, and sends the cells of each back. */
import { readContent } from '../content/read-content.ts';
import { loadScenarios } from './load-scenarios.ts';
import { type Cell, runScenarios, testedRules } from './run-scenarios.ts';
import { WorkspacePool } from './workspace-pool.ts';

/** What the worker is to do: sent once, before the first rule. */
export interface WorkerTask {
  root: string;
  scenarios: readonly string[];
  everyRun: boolean;
  named: boolean;
}

/** `cells` are those of the last rule that was sent; absent: the worker is ready for the first one. */
export type WorkerAnswer = { cells?: readonly Cell[] } | { error: string };

async function open(task: WorkerTask): Promise<(slug: string) => Promise<Cell[]>> {
  const { content } = await readContent(task.root);
  const { scenarios } = await loadScenarios(task.root, content, task.scenarios);
  const rules = testedRules(content);
  const pool = new WorkspacePool(content, scenarios);
  return async (slug) => {
    const cells: Cell[] = [];
    const one = rules.filter((rule) => rule.slug === slug);
    for await (const event of runScenarios(one, scenarios, pool, task)) {
      if (event.type === 'cell') cells.push(event.cell);
    }
    return cells;
  };
}

let opened: ReturnType<typeof open> | undefined;

async function answer(message: WorkerTask | { rule: string }): Promise<WorkerAnswer> {
  if (!('rule' in message)) {
    opened = open(message);
    await opened;
    return {};
  }
  return { cells: await (await opened!)(message.rule) };
}

process.on('message', (message: WorkerTask | { rule: string }) => {
  answer(message)
    .catch((error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
    .then((result) => process.send?.(result));
});
