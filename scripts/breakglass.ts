/** Entry point: parses arguments, maps errors to exit codes, nothing else. */
import { Command, CommanderError } from 'commander';
import { commandsFor } from './commands/index.ts';
import { ExitCode, isUserError } from './diagnostics/errors.ts';

// A reader that has seen enough, such as `head`, closes the pipe: that is the end of the output, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

const program = new Command('breakglass')
  .description('Microsoft Sentinel content for emergency access (break glass) accounts: validate, test, see, deploy.')
  .showHelpAfterError('(add --help for usage and examples)')
  .exitOverride()
  .configureHelp({ sortSubcommands: true });
for (const register of await commandsFor(process.argv[2])) register(program);
// Subcommands are made before exitOverride reaches them, so each one is told.
const override = (command: Command): void => {
  command.exitOverride();
  command.commands.forEach(override);
};
override(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  if (isUserError(error)) {
    process.stderr.write(`${error.report()}\n`);
    return error.exitCode;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`breakglass: this is a defect of the tool, not of your input\n${detail.slice(0, 4000)}\n`);
  return ExitCode.defect;
}
