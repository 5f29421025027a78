import { type Command, Option } from 'commander';
import { type AzureFlags, forEachTarget, targetHelp, targetOptions } from '../azure/command-line.ts';
import type { Target } from '../azure/target.ts';
import type { Watchlist } from '../content/model.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';

interface Flags extends AzureFlags {
  file?: string;
  delete?: boolean;
  yes?: boolean;
  force?: boolean;
}

/** `watchlist diff|pull|push`: the rows of a watchlist between a private file and the workspace. */
export function registerWatchlist(program: Command): void {
  const watchlist = program
    .command('watchlist')
    .description('rows of a watchlist, between a private CSV file and the workspace');
  const sub = (name: string, description: string): Command =>
    targetOptions(
      watchlist
        .command(name)
        .description(description)
        .argument('<alias>', 'alias of the watchlist, such as BreakGlassAccounts'),
    )
      .option('--file <csv>', 'private CSV file (default: overlays.watchlists of the target)')
      .addOption(new Option('--format <format>', 'form of the answer').choices(['text', 'json']).default('text'));
  const help = `${targetHelp}
The rows name your emergency accounts: keep the file out of version control.`;
  sub('diff', 'show how file and workspace differ; writes nothing')
    .addHelpText(
      'after',
      `\nExamples:\n  breakglass watchlist diff BreakGlassAccounts --target production\n${help}\nExit codes: 0 the same, 10 different, 1 failed, 2 wrong usage.`,
    )
    .action(async (alias: string, flags: Flags) => await run(alias, flags, diff));
  sub('pull', 'write the rows of the workspace into the file')
    .option('--force', 'overwrite a file that has other rows')
    .addHelpText(
      'after',
      `\nExamples:\n  breakglass watchlist pull BreakGlassAccounts --target production --file private/BreakGlassAccounts.csv\n${help}`,
    )
    .action(async (alias: string, flags: Flags) => await run(alias, flags, pull));
  sub('push', 'write the rows of the file into the workspace; rows that only the workspace has stay')
    .option('--delete', 'remove rows that the file does not have')
    .option('--yes', 'do not ask')
    .addHelpText('after', `\nExamples:\n  breakglass watchlist push BreakGlassAccounts --target production\n${help}`)
    .action(async (alias: string, flags: Flags) => await run(alias, flags, push));
}

type Act = (context: {
  target: Target;
  watchlist: Watchlist;
  file: string;
  flags: Flags;
}) => Promise<{ exit: ExitCode; answer: object }>;

async function run(alias: string, flags: Flags, act: Act): Promise<void> {
  await forEachTarget<object>(
    flags,
    async (target) => {
      const { loadContent, privateRows } = await import('../azure/package-content.ts');
      const content = await loadContent();
      const item = content.watchlists.find(({ value }) => value.watchlistAlias.toLowerCase() === alias.toLowerCase());
      if (item === undefined) {
        throw new UserError('watchlist-unknown', {
          what: `the package has no watchlist ${alias}`,
          remedy: `one of: ${content.watchlists.map(({ value }) => value.watchlistAlias).join(', ')}`,
        });
      }
      const file = flags.file ?? privateRows(target, item.value.watchlistAlias);
      if (file === undefined) {
        throw new UserError('rows-file-missing', {
          what: 'no file is named',
          remedy: `give --file, or set overlays.watchlists.${item.value.watchlistAlias}.rows of the target`,
        });
      }
      return await act({ target, watchlist: item.value, file, flags });
    },
    (answers) => {
      if (flags.format === 'json') process.stdout.write(`${JSON.stringify({ targets: answers }, null, 2)}\n`);
    },
  );
}

async function compareRows(target: Target, watchlist: Watchlist, file: string, flags: Flags) {
  const { readFileSync } = await import('node:fs');
  const { logIn } = await import('../azure/command-line.ts');
  const rows = await import('../azure/watchlist-rows.ts');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new UserError('rows-unreadable', {
      what: `cannot read ${file}`,
      remedy: `\`breakglass watchlist pull ${watchlist.watchlistAlias}\` makes it`,
    });
  }
  const local = rows.parseRows(file, text, watchlist);
  const { session } = await logIn(target, flags);
  const list = rows.differences(watchlist, local, await rows.liveRows(session, watchlist));
  return { session, list, lines: rows.differenceLines(watchlist, list), rows };
}

const diff: Act = async ({ target, watchlist, file, flags }) => {
  const { list, lines } = await compareRows(target, watchlist, file, flags);
  if (flags.format === 'text')
    process.stdout.write(
      lines.length === 0 ? 'no differences\n' : `${lines.join('\n')}\n(- only in the workspace, + only in the file)\n`,
    );
  return {
    exit: list.length === 0 ? ExitCode.ok : ExitCode.changes,
    answer: { target: target.name, differences: list },
  };
};

const pull: Act = async ({ target, watchlist, file, flags }) => {
  const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = await import('node:fs');
  const path = await import('node:path');
  const { logIn } = await import('../azure/command-line.ts');
  const { liveRows, rowsCsv } = await import('../azure/watchlist-rows.ts');
  const { session } = await logIn(target, flags);
  const live = await liveRows(session, watchlist);
  const text = rowsCsv(
    watchlist,
    live.map((item) => item.row),
  );
  if (existsSync(file) && readFileSync(file, 'utf8').replaceAll('\r\n', '\n') !== text && !flags.force) {
    throw new UserError('file-exists', {
      what: `${file} has other rows`,
      remedy: 'look at `breakglass watchlist diff`, then give --force or another --file',
      exitCode: ExitCode.failed,
    });
  }
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  // Written beside and moved, so that a run that is cut off leaves the old file whole.
  writeFileSync(`${file}.partial`, text, { mode: 0o600 });
  renameSync(`${file}.partial`, file);
  if (flags.format === 'text')
    process.stdout.write(`${live.length} rows of ${watchlist.watchlistAlias} written to ${file}\n`);
  return { exit: ExitCode.ok, answer: { target: target.name, file, rows: live.length } };
};

const push: Act = async ({ target, watchlist, file, flags }) => {
  const { confirm } = await import('../azure/command-line.ts');
  const { session, list, lines, rows } = await compareRows(target, watchlist, file, flags);
  const meant = list.filter((item) => flags.delete || item.change !== 'remove');
  if (flags.format === 'text')
    process.stdout.write(`${[...lines, `${meant.length} of ${list.length} differences will be written`].join('\n')}\n`);
  if (meant.length === 0) return { exit: ExitCode.ok, answer: { target: target.name, written: 0, removed: 0 } };
  if (!flags.yes && !(await confirm(`Write ${meant.length} rows to ${target.workspace}? Type yes: `, 'yes', '--yes'))) {
    throw new UserError('not-confirmed', {
      what: 'not confirmed; nothing was written',
      remedy: 'type yes, or give --yes',
      exitCode: ExitCode.failed,
    });
  }
  const result = await rows.pushRows(session, watchlist, meant, flags.delete === true);
  if (flags.format === 'text')
    process.stdout.write(
      `${result.written} rows written, ${result.removed} removed; visible to queries within some minutes\n`,
    );
  return { exit: ExitCode.ok, answer: { target: target.name, ...result } };
};
