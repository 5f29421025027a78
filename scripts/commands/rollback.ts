import { type Command, Option } from 'commander';
import { type AzureFlags, forEachTarget, targetHelp, targetOptions } from '../azure/command-line.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';

interface Flags extends AzureFlags {
  journal: string;
  to?: string;
  list?: boolean;
  yes?: boolean;
}

/** `rollback`: back to what stood before a run, as the journal holds it. */
export function registerRollback(program: Command): void {
  targetOptions(
    program.command('rollback').description('restore what stood before a run of `deploy`, as its journal holds it'),
  )
    .option('--to <run>', 'back to before this run (default: the last one at the target)')
    .option('--list', 'show the runs of the journal')
    .option('--journal <file>', 'the journal of the deployments', 'out/journal.ndjson')
    .option('--yes', 'do not ask')
    .addOption(new Option('--format <format>', 'form of the answer').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  breakglass rollback --target production --list
  breakglass rollback --target production
  breakglass rollback --target production --to 20261124T101500Z-1a2b3c4d

What the run created is removed, what it changed is put back; the removal of watchlists with rows is refused. The rollback
is journaled like a deployment, so that it can itself be undone.
${targetHelp}
Exit codes: 0 done, 1 something failed or cannot be restored, 2 wrong usage.`,
    )
    .action(async (flags: Flags) => {
      await forEachTarget<object>(
        flags,
        async (target) => {
          const { readJournal, openJournal } = await import('../azure/journal.ts');
          const { runsOf } = await import('../azure/rollback.ts');
          const entries = readJournal(flags.journal);
          if (flags.list) {
            const runs = runsOf(entries, target.name);
            if (flags.format === 'text')
              for (const run of runs) process.stdout.write(`${run.run}  ${run.who}  ${run.items.length} items\n`);
            return { exit: ExitCode.ok, answer: { target: target.name, runs } };
          }
          const { confirm, logIn, newRun, useColor } = await import('../azure/command-line.ts');
          const { applyRollback, planRollback, rollbackSteps } = await import('../azure/rolling-back.ts');
          const { planText } = await import('../azure/plan-report.ts');
          const { session, identity } = await logIn(target, flags);
          const plan = await planRollback(session, entries, flags.to);
          const steps = rollbackSteps(plan);
          const warnings = plan.cannot.map((item) => `${item.key} cannot be restored: ${item.why}`);
          if (flags.format === 'text') {
            const view = {
              target: target.name,
              workspace: target.workspace,
              steps: [...plan.comparison.steps, ...plan.removals],
              refusals: [],
              warnings,
            };
            process.stdout.write(planText(view, { color: useColor() }));
          }
          if (steps.length === 0)
            return {
              exit: warnings.length > 0 ? ExitCode.failed : ExitCode.ok,
              answer: { target: target.name, results: [], warnings },
            };
          if (
            !flags.yes &&
            !(await confirm(`Roll back ${steps.length} items of ${target.workspace}? Type yes: `, 'yes', '--yes'))
          ) {
            throw new UserError('not-confirmed', {
              what: 'not confirmed; nothing was written',
              remedy: 'type yes, or give --yes',
              exitCode: ExitCode.failed,
            });
          }
          const journal = openJournal(flags.journal, { run: newRun(), who: identity.name, target: target.name });
          try {
            const { exit, results } = await applyRollback(session, plan, journal);
            const failed = results.filter((result) => result.outcome !== 'done');
            if (flags.format === 'text') {
              process.stdout.write(
                `\n${results.length - failed.length} restored or removed, ${failed.length} not; run ${journal.run}\n`,
              );
              for (const result of failed)
                process.stdout.write(`  ${result.key}: ${result.error?.report() ?? result.outcome}\n`);
            }
            return { exit, answer: { target: target.name, run: journal.run, results, warnings } };
          } finally {
            journal.close();
          }
        },
        (answers) => {
          if (flags.format === 'json') process.stdout.write(`${JSON.stringify({ rollbacks: answers }, null, 2)}\n`);
        },
      );
    });
}
