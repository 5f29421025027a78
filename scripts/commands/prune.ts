import { type Command, Option } from 'commander';
import { type AzureFlags, forEachTarget, targetHelp, targetOptions } from '../azure/command-line.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';

interface Flags extends AzureFlags {
  max: string;
  confirm?: string;
  journal: string;
}

/** `prune`: removes retired items that this package put there, and nothing else. */
export function registerPrune(program: Command): void {
  targetOptions(
    program
      .command('prune')
      .description('remove items that were retired from the repository; only what this tool put there'),
  )
    .option('--max <n>', 'refuse to remove more than this', '5')
    .option('--confirm <n>', 'how many items are to go, for a pipeline; has to be the exact number')
    .option('--journal <file>', 'append-only journal of every write', 'out/journal.ndjson')
    .addOption(new Option('--format <format>', 'form of the answer').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  breakglass prune --target production
  breakglass prune --target production --confirm 2

An item is removed when it bears this package's record in the workspace and was retired with a reason
(breakglass bump --retire). A watchlist with rows is never removed.
${targetHelp}
Exit codes: 0 done or nothing to do, 1 something failed or was refused, 2 wrong usage.`,
    )
    .action(async (flags: Flags) => {
      await forEachTarget<object>(
        flags,
        async (target) => {
          const { confirm, logIn, newRun, useColor } = await import('../azure/command-line.ts');
          const { planTarget } = await import('../azure/planning.ts');
          const { loadContent } = await import('../azure/package-content.ts');
          const { planText } = await import('../azure/plan-report.ts');
          const { openJournal } = await import('../azure/journal.ts');
          const { remove } = await import('../azure/removal.ts');
          const content = await loadContent();
          const { session, identity } = await logIn(target, flags);
          const { comparison, view } = await planTarget(session, content, {});
          const steps = comparison.steps.filter((step) => step.action === 'remove');
          const orphans = comparison.steps.filter((step) => step.action === 'orphan');
          if (flags.format === 'text')
            process.stdout.write(
              planText({ ...view, steps: [...steps, ...orphans], refusals: [], warnings: [] }, { color: useColor() }),
            );
          if (steps.length === 0) return { exit: ExitCode.ok, answer: { target: target.name, results: [] } };
          if (steps.length > Number(flags.max)) {
            throw new UserError('prune-too-many', {
              what: `${steps.length} items would be removed, more than --max ${flags.max}`,
              remedy: 'make sure that this is the right branch of the repository; then give a higher --max',
              exitCode: ExitCode.failed,
            });
          }
          const count = String(steps.length);
          const agreed =
            flags.confirm === undefined
              ? (await confirm(`Remove ${count} from ${target.workspace}? Type yes: `, 'yes', `--confirm ${count}`)) &&
                (await confirm(`They are gone for good. Type the number of items: `, count, `--confirm ${count}`))
              : flags.confirm === count;
          if (!agreed) {
            throw new UserError('not-confirmed', {
              what: `not confirmed: ${count} items would go; nothing was removed`,
              remedy: `look at the list, then give --confirm ${count}`,
              exitCode: ExitCode.failed,
            });
          }
          const journal = openJournal(flags.journal, { run: newRun(), who: identity.name, target: target.name });
          try {
            const results = await remove(session, steps, comparison.snapshot, journal);
            const failed = results.filter((result) => result.outcome !== 'done');
            if (flags.format === 'text') {
              process.stdout.write(
                `\n${results.length - failed.length} removed, ${failed.length} not; run ${journal.run}\n`,
              );
              for (const result of failed)
                process.stdout.write(`  ${result.key}: ${result.error?.report() ?? result.outcome}\n`);
            }
            return {
              exit: failed.length > 0 ? ExitCode.failed : ExitCode.ok,
              answer: { target: target.name, run: journal.run, results },
            };
          } finally {
            journal.close();
          }
        },
        (answers) => {
          if (flags.format === 'json') process.stdout.write(`${JSON.stringify({ prunes: answers }, null, 2)}\n`);
        },
      );
    });
}
