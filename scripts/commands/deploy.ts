import { type Command, Option } from 'commander';
import type { StepResult } from '../azure/apply.ts';
import { type AzureFlags, forEachTarget, targetHelp, targetOptions } from '../azure/command-line.ts';
import type { PlanFlags } from '../azure/planning.ts';

interface Flags extends AzureFlags, PlanFlags {
  plan?: string;
  yes?: boolean;
  validate?: boolean;
  journal: string;
  concurrency: string;
}

interface Answer {
  target: string;
  run: string;
  journal: string;
  results: (Omit<StepResult, 'error'> & { error?: object })[];
}

/** `deploy`: carries out a plan, shown first or made before. */
export function registerDeploy(program: Command): void {
  targetOptions(
    program.command('deploy').description('bring a target to what the repository says, item by item, with a journal'),
  )
    .option('--plan <file>', 'apply exactly this plan, or refuse where workspace or repository moved since')
    .option('--yes', 'do not ask')
    .option('--no-validate', 'deploy content that `validate` finds errors in')
    .option('--journal <file>', 'append-only journal of every write', 'out/journal.ndjson')
    .option('--concurrency <n>', 'items written at the same time', '4')
    .option('--overwrite', "set the workspace's own tuning back to the repository's values")
    .option('--adopt', 'take over items with our ids that were deployed another way')
    .option('--sample-rows', 'fill new watchlists with the sample rows of the package (lab only)')
    .addOption(new Option('--format <format>', 'form of the result').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  breakglass deploy --target production
  breakglass deploy --target production --plan plan.json --yes
  breakglass deploy --target all --yes

A run that was cut off or failed is simply run again: it goes on where it stopped. Ctrl-C ends after the items under way.
${targetHelp}
Exit codes: 0 done, 1 something failed or was refused, 2 wrong usage.`,
    )
    .action(async (flags: Flags) => {
      await forEachTarget<Answer>(
        flags,
        async (target) => {
          const { deployTarget } = await import('../azure/deployment.ts');
          return await deployTarget(target, { ...flags, concurrency: Number(flags.concurrency) });
        },
        (answers) => {
          if (flags.format === 'json') process.stdout.write(`${JSON.stringify({ deployments: answers }, null, 2)}\n`);
          else if (answers.length > 1) process.stdout.write(summaryOf(answers));
        },
      );
    });
}

function summaryOf(answers: readonly (Answer | { target: string; error: object })[]): string {
  const lines = answers.map((answer) => {
    if ('error' in answer) return `  ${answer.target}: refused`;
    const failed = answer.results.filter((result) => result.outcome !== 'done').length;
    return `  ${answer.target}: ${answer.results.length - failed} done, ${failed} not done`;
  });
  return `\n${answers.length} targets\n${lines.join('\n')}\n`;
}
