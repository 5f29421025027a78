import type { Command } from 'commander';
import { ExitCode } from '../diagnostics/errors.ts';

/** `npm start`: validate, then test, so that the matrix is the last thing on the screen. */
export function registerStart(program: Command): void {
  program
    .command('start')
    .description('the main job: validate the content, then run the rules over the scenarios')
    .option('--all', 'run every rule over every scenario, not only over those that name it (minutes)', false)
    .action(async (options: { all: boolean }) => {
      const validate = program.commands.find((command) => command.name() === 'validate');
      const test = program.commands.find((command) => command.name() === 'test');
      for (const [step, args] of [
        [validate, []],
        [test, options.all ? [] : ['--named']],
      ] as const) {
        if (step === undefined) continue;
        await step.parseAsync([...args], { from: 'user' });
        if ((process.exitCode ?? ExitCode.ok) !== ExitCode.ok) return;
      }
    });
}
