import { type Command, Option } from 'commander';
import { type AzureFlags, forEachTarget, targetHelp, targetOptions } from '../azure/command-line.ts';
import type { Check } from '../azure/doctor.ts';
import { ExitCode } from '../diagnostics/errors.ts';

/** `doctor`: what is there and what is missing for a deployment to work; reads only. */
export function registerDoctor(program: Command): void {
  targetOptions(
    program.command('doctor').description('check identity, permissions, logs and settings of a target; reads only'),
  )
    .addOption(new Option('--format <format>', 'form of the report').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  breakglass doctor --target production
  breakglass doctor --target all --format json
${targetHelp}
Exit codes: 0 nothing is missing, 1 something is, 2 wrong usage.`,
    )
    .action(async (flags: AzureFlags) => {
      await forEachTarget<{ target: string; checks: Check[] }>(
        flags,
        async (target) => {
          const { logIn, useColor } = await import('../azure/command-line.ts');
          const { loadContent } = await import('../azure/package-content.ts');
          const { examine } = await import('../azure/doctor.ts');
          const { logsOf, tableQuestion } = await import('../azure/logs.ts');
          const { checksText } = await import('../azure/doctor-report.ts');
          const content = await loadContent();
          const { session, identity, credential } = await logIn(target, flags);
          const askTable = tableQuestion(logsOf(session, credential));
          const checks = await examine({
            target,
            identity,
            client: session.client,
            workspace: session.workspace,
            content,
            askTable,
          });
          if (flags.format === 'text') process.stdout.write(checksText(target.name, checks, useColor()));
          const exit = checks.some((check) => check.state === 'missing') ? ExitCode.failed : ExitCode.ok;
          return { exit, answer: { target: target.name, checks } };
        },
        (answers) => {
          if (flags.format === 'json') process.stdout.write(`${JSON.stringify({ targets: answers }, null, 2)}\n`);
        },
      );
    });
}
