import { type Command, Option } from 'commander';
import type { RuleBacktest } from '../azure/backtest.ts';
import { type AzureFlags, forEachTarget, targetHelp, targetOptions } from '../azure/command-line.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';

interface Flags extends AzureFlags {
  days: string;
  rule?: string[];
  maxRuns: string;
}

/** `backtest`: would-be alerts a day over the real workspace, before a rule is enabled. */
export function registerBacktest(program: Command): void {
  targetOptions(
    program
      .command('backtest')
      .description('run the rules over past days of a real workspace and count the alerts they would raise'),
  )
    .option('--days <n>', 'days back from now', '7')
    .option('--rule <slug...>', 'only these rules')
    .option('--max-runs <n>', 'runs of one rule; a rule with more is run once a day over that day', '200')
    .addOption(new Option('--format <format>', 'form of the report').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  breakglass backtest --target production --days 14
  breakglass backtest --target production --days 2 --rule sign-in-succeeded --max-runs 3000

Reads logs only. Windows are those of the schedule with its delay; a daily window counts rows that two short ones would
count in two alerts once. Cost is what the query API reports.
${targetHelp}
Exit codes: 0 all rules ran, 1 a rule failed, 2 wrong usage.`,
    )
    .action(async (flags: Flags) => {
      const [days, maxRuns] = [Number(flags.days), Number(flags.maxRuns)];
      if (!Number.isInteger(days) || days < 1 || days > 90 || !Number.isInteger(maxRuns) || maxRuns < 1) {
        throw new UserError('usage', {
          what: '--days is from 1 to 90 and --max-runs at least 1',
          remedy: 'leave them out for 7 days and 200 runs',
        });
      }
      await forEachTarget<{ target: string; rules: RuleBacktest[] }>(
        flags,
        async (target) => {
          const { logIn } = await import('../azure/command-line.ts');
          const { loadContent } = await import('../azure/package-content.ts');
          const { logsOf } = await import('../azure/logs.ts');
          const { backtest } = await import('../azure/backtest.ts');
          const { backtestText } = await import('../azure/backtest-report.ts');
          const content = await loadContent();
          const unknown = flags.rule?.find((slug) => !content.rules.some((rule) => rule.source.slug === slug));
          if (unknown !== undefined) {
            throw new UserError('rule-unknown', {
              what: `the package has no rule ${unknown}`,
              remedy: `one of: ${content.rules.map((rule) => rule.source.slug).join(', ')}`,
            });
          }
          const rules = content.rules.filter(
            (rule) => flags.rule === undefined || flags.rule.includes(rule.source.slug),
          );
          const { session, credential } = await logIn(target, flags);
          const onEnd = (result: RuleBacktest): void =>
            void (
              process.stderr.isTTY &&
              process.stderr.write(`${result.rule}: ${result.runs} runs, ${result.alerts} alerts\n`)
            );
          const results = await backtest(logsOf(session, credential), content, rules, {
            to: new Date(),
            days,
            maxRuns,
            concurrency: 3,
            onEnd,
          });
          if (flags.format === 'text') process.stdout.write(backtestText(target.name, days, results));
          return {
            exit: results.some((result) => result.failed > 0) ? ExitCode.failed : ExitCode.ok,
            answer: { target: target.name, rules: results },
          };
        },
        (answers) => {
          if (flags.format === 'json') process.stdout.write(`${JSON.stringify({ backtests: answers }, null, 2)}\n`);
        },
      );
    });
}
