/** A process of its own that runs scenarios one after the other, as it is told, and sends each cell back. */
import { readContent } from '../content/read-content.ts';
import { loadScenarios } from './load-scenarios.ts';
import { type Cell, runScenarios, testedRules } from './run-scenarios.ts';
import { WorkspacePool } from './workspace-pool.ts';

/** What the worker is to do; the first message has everything, each message one scenario. */
export interface WorkerTask {
  root: string;
  rules: readonly string[];
  scenario: string;
  everyRun: boolean;
  named: boolean;
}

export type WorkerAnswer = { cells: Cell[] } | { error: string };

let prepared: ReturnType<typeof prepare> | undefined;

async function prepare(task: WorkerTask) {
  const { content } = await readContent(task.root);
  const rules = testedRules(content).filter((rule) => task.rules.includes(rule.slug));
  return { content, rules, pool: new WorkspacePool(content) };
}

async function run(task: WorkerTask): Promise<Cell[]> {
  prepared ??= prepare(task);
  const { content, rules, pool } = await prepared;
  const { scenarios } = await loadScenarios(task.root, content, [task.scenario]);
  const options = { open: pool.open.bind(pool), everyRun: task.everyRun, named: task.named };
  const cells: Cell[] = [];
  for await (const event of runScenarios(rules, scenarios, options)) if (event.type === 'cell') cells.push(event.cell);
  return cells;
}

process.on('message', (task: WorkerTask) => {
  run(task).then(
    (cells) => process.send?.({ cells } satisfies WorkerAnswer),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
