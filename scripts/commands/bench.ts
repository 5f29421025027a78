import type { Command } from 'commander';
import { ExitCode, UserError } from '../diagnostics/errors.ts';

/** Each room measures itself; the figures are ratios taken side by side in one run wherever there is something to compare. */
const rooms: Record<string, () => Promise<void>> = {
  kql: async () => (await import('../kql/bench.ts')).benchKql(),
  workbook: async () => (await import('../workbook/bench.ts')).benchWorkbook(),
  playbook: async () => (await import('../playbook/bench.ts')).benchPlaybook(),
  azure: async () => (await import('../azure/bench.ts')).benchAzure(),
};

/** `npm run bench`: the figures that the README names. */
export function registerBench(program: Command): void {
  program
    .command('bench')
    .description('measure speed and memory: KQL engine, workbook, playbooks, planning')
    .argument('[room...]', `what to measure: ${Object.keys(rooms).join(', ')} (default: all)`)
    .addHelpText(
      'after',
      '\nExamples:\n  npm run bench\n  npm run bench -- kql\n\nRun it on a machine that does nothing else.',
    )
    .action(async (names: string[]) => {
      const unknown = names.find((name) => !(name in rooms));
      if (unknown !== undefined) {
        throw new UserError('UNKNOWN_ROOM', {
          what: `nothing to measure under the name "${unknown}"`,
          remedy: `choose from: ${Object.keys(rooms).join(', ')}`,
        });
      }
      for (const name of names.length > 0 ? names : Object.keys(rooms)) {
        process.stdout.write(`\n${name}\n`);
        await rooms[name]?.();
      }
      process.exitCode = ExitCode.ok;
    });
}
