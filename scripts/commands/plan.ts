import { type Command, Option } from 'commander';
import { type AzureFlags, forEachTarget, targetHelp, targetOptions } from '../azure/command-line.ts';
import type { PlanDocument } from '../azure/plan-file.ts';
import type { PlanFlags } from '../azure/planning.ts';
import { ExitCode } from '../diagnostics/errors.ts';

interface Flags extends AzureFlags, PlanFlags {
  out?: string;
  verbose?: boolean;
}

/** `plan`: what would change at a target, field by field; writes nothing there. */
export function registerPlan(program: Command): void {
  targetOptions(
    program.command('plan').description('show what a deployment would change, field by field; writes nothing to Azure'),
  )
    .option('--out <file>', 'save the plan, for `deploy --plan`')
    .option('--overwrite', "set the workspace's own tuning back to the repository's values")
    .option('--adopt', 'take over items with our ids that were deployed another way')
    .option('--sample-rows', 'fill new watchlists with the sample rows of the package (lab only)')
    .option('--verbose', 'show the fields of new items too')
    .addOption(
      new Option('--format <format>', 'form of the plan').choices(['text', 'json', 'markdown']).default('text'),
    )
    .addHelpText(
      'after',
      `
Examples:
  breakglass plan --target production
  breakglass plan --target production --out plan.json && breakglass deploy --target production --plan plan.json
  breakglass plan --target all --format markdown
${targetHelp}
Exit codes: 0 no changes, 10 changes, 1 failed or refused, 2 wrong usage.`,
    )
    .action(async (flags: Flags) => {
      const { logIn, useColor } = await import('../azure/command-line.ts');
      const { planTarget } = await import('../azure/planning.ts');
      const { loadContent } = await import('../azure/package-content.ts');
      const { hasChanges, planMarkdown, planText } = await import('../azure/plan-report.ts');
      const { writePlanFile } = await import('../azure/plan-file.ts');
      await forEachTarget<PlanDocument>(
        flags,
        async (target) => {
          const content = await loadContent();
          const { session } = await logIn(target, flags);
          const planned = await planTarget(session, content, flags, progressLine());
          if (flags.format === 'text')
            process.stdout.write(planText(planned.view, { color: useColor(), verbose: flags.verbose === true }));
          if (flags.format === 'markdown') process.stdout.write(planMarkdown(planned.view));
          const changes = hasChanges(planned.comparison.steps);
          const exit =
            planned.comparison.refusals.length > 0 ? ExitCode.failed : changes ? ExitCode.changes : ExitCode.ok;
          return { exit, answer: planned.document };
        },
        (answers) => {
          if (flags.format === 'json') process.stdout.write(`${JSON.stringify({ plans: answers }, null, 2)}\n`);
          if (flags.out !== undefined)
            writePlanFile(
              flags.out,
              answers.filter((answer): answer is PlanDocument => 'steps' in answer),
            );
        },
      );
    });
}

/** One line that is written over, on a terminal only. */
function progressLine(): ((what: string) => void) | undefined {
  if (!process.stderr.isTTY) return undefined;
  return (what) => void process.stderr.write(`\r\u001b[2Kreading ${what}\r`);
}
