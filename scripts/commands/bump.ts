import { type Command, Option } from 'commander';
import type { BumpLevel, BumpPlan } from '../content/bump.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';

interface Options {
  level: BumpLevel;
  retire?: string;
  reason?: string;
  dryRun: boolean;
  check: boolean;
  format: 'text' | 'json';
  root?: string;
}

/** `bump`: raises the versions of what changed, and writes the version lock. */
export function registerBump(program: Command): void {
  program
    .command('bump')
    .description('raise the version of every item that changed since the last bump, and write the version lock')
    .argument('[items...]', 'items such as rules/sign-in-succeeded (default: all that changed)')
    .addOption(
      new Option('--level <level>', 'which number to raise').choices(['patch', 'minor', 'major']).default('patch'),
    )
    .option('--retire <item>', 'record that a removed item is gone for good')
    .option('--reason <text>', 'why it was retired')
    .option('--dry-run', 'only show what would be written', false)
    .option('--check', 'write nothing; exit 1 when something would be written', false)
    .addOption(new Option('--format <format>', 'form of the report').choices(['text', 'json']).default('text'))
    .option('--root <folder>', 'the package (default: the nearest folder upwards with detections)')
    .addHelpText(
      'after',
      `
Examples:
  breakglass bump
  breakglass bump rules/sign-in-succeeded --level minor
  breakglass bump --retire rules/old-rule --reason "merged into sign-in-failed"

A rule counts as changed when its deployed query does: a change in a function raises the rules that call it.
Files keep their comments and layout; only the version in them changes.`,
    )
    .action(async (items: string[], options: Options) => {
      const { writeBump } = await import('../content/write-bump.ts');
      const { packageRoot } = await import('../content/package-root.ts');
      if ((options.retire === undefined) !== (options.reason === undefined)) {
        throw new UserError('bump-usage', {
          what: '--retire and --reason belong together.',
          remedy: 'Name the item that is gone and say why: --retire rules/old-rule --reason "...".',
        });
      }
      const retire = options.retire && options.reason ? [{ key: options.retire, reason: options.reason }] : [];
      const write = !options.dryRun && !options.check;
      const plan = await writeBump(options.root ?? packageRoot(), { level: options.level, only: items, retire }, write);
      process.stdout.write(
        options.format === 'json' ? `${JSON.stringify(plan.changes, null, 2)}\n` : text(plan, write),
      );
      if (options.check && plan.changes.length > 0) process.exitCode = ExitCode.failed;
    });
}

function text({ changes, files }: BumpPlan, written: boolean): string {
  const lines = changes.map(({ key, kind, from, to }) => {
    const versions = from === undefined || from === to ? to : `${from} -> ${to}`;
    return `${kind.padEnd(8)} ${key} ${versions}`;
  });
  const word = written ? 'written' : 'would be written';
  lines.push(
    changes.length === 0
      ? 'Nothing changed.'
      : `${changes.length} items, ${files.length} content files and the lock ${word}.`,
  );
  return `${lines.join('\n')}\n`;
}
