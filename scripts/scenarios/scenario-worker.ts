/** A process of its own that runs some rules over scenarios one after the other, and sends the cells of each back. */
import { readContent } from '../content/read-content.ts';
import { loadScenarios } from './load-scenarios.ts';
import { type Cell, runScenarios, testedRules } from './run-scenarios.ts';
import { WorkspacePool } from './workspace-pool.ts';

/** What the worker is to do. */
export interface WorkerTask {
  root: string;
  rules: readonly string[];
  scenarios: readonly string[];
  everyRun: boolean;
  named: boolean;
}

export type WorkerAnswer = { scenario: string; cells: readonly Cell[] } | { error: string };

async function run(task: WorkerTask): Promise<void> {
  const { content } = await readContent(task.root);
  const rules = testedRules(content).filter((rule) => task.rules.includes(rule.slug));
  const pool = new WorkspacePool(content);
  const { scenarios } = await loadScenarios(task.root, content, task.scenarios);
  for (const scenario of scenarios) {
    const options = { open: pool.open.bind(pool), everyRun: task.everyRun, named: task.named };
    const cells: Cell[] = [];
    for await (const event of runScenarios(rules, [scenario], options))
      if (event.type === 'cell') cells.push(event.cell);
    process.send?.({ scenario: scenario.slug, cells } satisfies WorkerAnswer);
  }
}

process.on('message', (task: WorkerTask) => {
  run(task).catch((error: unknown) =>
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
