/** Speed of playbook runs: each playbook of the package on a synthetic incident with generic answers. */
import Table from 'cli-table3';
import { packageRoot } from '../content/package-root.ts';
import { readContent } from '../content/read-content.ts';
import { deployedPlaybook } from './deployed-playbook.ts';
import { completeParameters } from './read-playbook.ts';
import { genericServices, genericTrigger } from './stubs/generic.ts';
import { runWorkflow } from './workflow/run.ts';
import { findTrigger } from './workflow/trigger.ts';

const now = new Date('2026-11-23T08:00:00Z');
const repetitions = 15;
/** Milliseconds that one run may take. */
const limit = 50;

/** Prints the median of one run of each playbook; the first run of each counts apart, because it compiles schemas. */
export async function benchPlaybook(): Promise<void> {
  const { content } = await readContent(packageRoot());
  const table = new Table({
    head: ['playbook', 'actions', 'first run', `median of ${repetitions}`, `within ${limit} ms`],
    style: { head: [], border: [] },
  });
  for (const { source } of content.playbooks) {
    const workflow = completeParameters(deployedPlaybook(content, source.slug));
    const trigger = findTrigger(workflow.definition);
    if (trigger === undefined) continue;
    const outputs = genericTrigger(workflow, trigger, now);
    const times: number[] = [];
    let actions = 0;
    for (let turn = 0; turn <= repetitions; turn++) {
      const services = genericServices(workflow, now);
      const started = performance.now();
      const run = await runWorkflow(workflow, { services, now, trigger: { name: trigger.name, outputs } });
      times.push(performance.now() - started);
      actions = run.actions.length;
    }
    const [first = 0, ...later] = times;
    const median = later.sort((left, right) => left - right)[Math.floor(later.length / 2)] ?? 0;
    table.push([
      source.slug,
      String(actions),
      `${first.toFixed(1)} ms`,
      `${median.toFixed(1)} ms`,
      median <= limit ? 'yes' : 'NO',
    ]);
  }
  process.stdout.write(`${table.toString()}\n`);
}
