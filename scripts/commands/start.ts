import type { Command } from 'commander';
import { ExitCode } from '../diagnostics/errors.ts';

/** `npm start`: validate, then test, so that the matrix is the last thing on the screen. */
export function registerStart(program: Command): void {
  program
    .command('start')
    .description('the main job: validate the content, then run every rule over every scenario')
    .action(async () => {
      const validate = program.commands.find((command) => command.name() === 'validate');
      const test = program.commands.find((command) => command.name() === 'test');
      for (const step of [validate, test]) {
        if (step === undefined) continue;
        await step.parseAsync([], { from: 'user' });
        if ((process.exitCode ?? ExitCode.ok) !== ExitCode.ok) return;
      }
    });
}
