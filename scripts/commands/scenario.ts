import type { Command } from 'commander';
import { UserError } from '../diagnostics/errors.ts';

/** `scenario generate`: writes the scenarios that are made rather than recorded. */
export function registerScenario(program: Command): void {
  const scenario = program.command('scenario').description('make scenarios');
  scenario
    .command('generate')
    .description('write the generated weeks to test/scenarios again, from their seed')
    .argument('[names...]', 'ordinary-week, noisy-week (default: both)')
    .option('--root <folder>', 'the package (default: the nearest folder upwards with detections)')
    .addHelpText('after', '\nExamples:\n  breakglass scenario generate\n  breakglass scenario generate ordinary-week')
    .action(async (names: string[], options: { root?: string }) => {
      const { mkdir, readdir, rm, writeFile } = await import('node:fs/promises');
      const { join } = await import('node:path');
      const { packageRoot } = await import('../content/package-root.ts');
      const { readContent } = await import('../content/read-content.ts');
      const { unknownName } = await import('../scenarios/load-scenarios.ts');
      const { GENERATED, generateScenario } = await import('../scenarios/generate/weeks.ts');
      const chosen = names.length === 0 ? [...GENERATED] : names;
      const root = options.root ?? packageRoot();
      const { content } = await readContent(root);
      const accounts = content.watchlists.find((item) => item.value.watchlistAlias === 'BreakGlassAccounts');
      if (accounts === undefined) {
        throw new UserError('WATCHLIST_MISSING', {
          what: 'there is no watchlist BreakGlassAccounts in this package',
          remedy: 'Run this in a package with detections/watchlists/BreakGlassAccounts.yaml.',
        });
      }
      for (const name of chosen) {
        const slug = GENERATED.find((candidate) => candidate === name);
        if (slug === undefined) throw unknownName('generated scenario', name, GENERATED);
        const folder = join(root, 'test', 'scenarios', slug);
        const files = generateScenario(slug, accounts.value);
        await mkdir(folder, { recursive: true });
        for (const [file, text] of files) await writeFile(join(folder, file), text);
        // A table that is no longer generated must not stay behind.
        for (const file of await readdir(folder)) {
          if (file.endsWith('.ndjson') && !files.has(file)) await rm(join(folder, file));
        }
        const rows = [...files.values()].reduce((sum, text) => sum + text.split('\n').length - 1, 0);
        process.stdout.write(`${slug}: ${files.size} files, about ${rows} rows\n`);
      }
    });
}
