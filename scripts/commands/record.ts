import { type Command, Option } from 'commander';
import { type AzureFlags, forEachTarget, targetHelp, targetOptions } from '../azure/command-line.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';

interface Flags extends AzureFlags {
  scenario: string;
  from: string;
  to: string;
  tables?: string;
  filter?: string;
  limit: string;
  keep?: string[];
  out?: string;
}

/** `record`: the rows around an incident as a pseudonymised scenario. */
export function registerRecord(program: Command): void {
  targetOptions(
    program
      .command('record')
      .description('pull the rows around an incident from a workspace into a scenario, pseudonymised'),
  )
    .requiredOption('--scenario <slug>', 'name of the scenario: small letters, digits, hyphens')
    .requiredOption('--from <time>', 'start of the window, ISO 8601 in UTC')
    .requiredOption('--to <time>', 'end of the window')
    .option('--tables <list>', 'tables, separated by commas (default: those that the rules read)')
    .option('--filter <kql>', 'predicate that every row has to meet')
    .option('--limit <n>', 'rows of one table; more is refused', '5000')
    .option('--keep <value...>', 'values that are public and stay as they are, such as an application id')
    .option('--out <folder>', 'folder of the scenario (default: test/scenarios/<scenario>)')
    .addOption(new Option('--format <format>', 'form of the answer').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  breakglass record --target production --scenario night-sign-in --from 2026-11-22T01:00:00Z --to 2026-11-22T05:00:00Z
  breakglass record --target production --scenario spray --from 2026-11-22T01:00:00Z --to 2026-11-22T02:00:00Z --tables SigninLogs --filter '* has "em-01"'

Names, ids, addresses and hosts are replaced, the same everywhere; a proof over the written rows looks for originals and
refuses where one is left. The table of pseudonyms is never written. Read the rows once yourself before you share them.
${targetHelp}
Exit codes: 0 written, 1 failed or refused, 2 wrong usage.`,
    )
    .action(async (flags: Flags) => {
      const [from, to] = [new Date(flags.from), new Date(flags.to)];
      if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime()) || from >= to) {
        throw new UserError('usage', {
          what: '--from and --to are two times, the first before the second',
          remedy: 'write them as 2026-11-22T01:00:00Z',
        });
      }
      if (!/^[a-z0-9][a-z0-9-]{1,79}$/.test(flags.scenario)) {
        throw new UserError('usage', {
          what: `"${flags.scenario}" is no name of a scenario`,
          remedy: 'use small letters, digits and hyphens',
        });
      }
      await forEachTarget<object>(
        flags,
        async (target) => {
          const path = await import('node:path');
          const { logIn } = await import('../azure/command-line.ts');
          const { loadContent } = await import('../azure/package-content.ts');
          const { logsOf } = await import('../azure/logs.ts');
          const { record, ruleTables } = await import('../azure/recording.ts');
          const content = await loadContent();
          const tables = flags.tables?.split(',').map((table) => table.trim()) ?? ruleTables(content);
          const odd = tables.find((table) => !/^[A-Za-z_]\w*$/.test(table));
          if (odd !== undefined)
            throw new UserError('usage', {
              what: `"${odd}" is no name of a table`,
              remedy: 'separate names by commas',
            });
          const { session, credential } = await logIn(target, flags);
          const recording = await record(logsOf(session, credential), content, {
            scenario: flags.scenario,
            from,
            to,
            tables,
            limit: Number(flags.limit),
            keep: flags.keep ?? [],
            folder: flags.out ?? path.join(content.root, 'test', 'scenarios', flags.scenario),
            ...(flags.filter === undefined ? {} : { filter: flags.filter }),
            ...(process.stderr.isTTY
              ? { progress: (what: string) => void process.stderr.write(`reading ${what}\n`) }
              : {}),
          });
          if (flags.format === 'text') {
            for (const { table, rows } of recording.tables) process.stdout.write(`  ${table}: ${rows} rows\n`);
            process.stdout.write(
              `${recording.pseudonyms} values replaced, none left; written to ${recording.folder}\nnext: tell the story and what must be raised in scenario.yaml, then \`breakglass test --scenario ${flags.scenario}\`\n`,
            );
          }
          return { exit: ExitCode.ok, answer: { target: target.name, ...recording } };
        },
        (answers) => {
          if (flags.format === 'json') process.stdout.write(`${JSON.stringify({ recordings: answers }, null, 2)}\n`);
        },
      );
    });
}
