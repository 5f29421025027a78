import { type Command, Option } from 'commander';
import { targetHelp } from '../azure/command-line.ts';
import { ExitCode } from '../diagnostics/errors.ts';
import { type DataFlags, dataOf, dataOptions } from './data-options.ts';

interface Options extends DataFlags {
  screenshot?: string;
  check?: boolean;
  browser?: boolean;
  open: boolean;
  format?: 'text' | 'json';
}

/** `preview`: a workbook in the browser, on recorded logs. */
export function registerPreview(program: Command): void {
  dataOptions(
    program
      .command('preview')
      .description('show a workbook in the browser, on recorded logs or a workspace')
      .argument('[files...]', 'workbook.json, .workbook or ARM template (default: the workbook of this package)'),
  )
    .option('--screenshot <file>', 'write a picture (.png) of the page instead of opening it')
    .option('--no-open', 'print the address and open no browser')
    .option('--check', 'render every item of every file and tell what became of it; opens nothing')
    .option('--no-browser', 'with --check: make the markup only, in no browser page')
    .addOption(new Option('--format <format>', 'form of the --check report').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  breakglass preview
  breakglass preview --scenario administrator-compromise --param Tab=sessions
  breakglass preview my.workbook --data recorded/ --now 2026-11-23T12:00:00Z
  breakglass preview --screenshot out/overview.png --param TimeRange=30d
  breakglass preview workbooks/*/workbook.json --check --format json

The page is served on this machine only and loads again when the file changes. Ctrl-C ends it.
Time ranges are 24h, 7d, PT12H or from/to in ISO 8601; several values are separated by commas.

--check tells what became of each item: rendered, waiting for a parameter, not available offline, an error
that Azure shows too (the query is wrong), or failed.
${targetHelp}
Exit codes: 0 shown, 1 an item failed or shows an error (--check), 2 wrong usage or an unreadable file.`,
    )
    .action(async (files: string[], options: Options) => {
      const { checkFiles, screenshot, serve } = await import('../workbook/preview.ts');
      const chosen = dataOf(options);
      if (options.check) {
        process.exitCode = (await checkFiles(files, chosen)) ? ExitCode.ok : ExitCode.failed;
      } else if (options.screenshot !== undefined) {
        await screenshot(files[0], options.screenshot, chosen);
      } else await serve(files[0], chosen);
    });
}
