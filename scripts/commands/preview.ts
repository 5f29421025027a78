import { type Command, Option } from 'commander';
import { ExitCode } from '../diagnostics/errors.ts';

interface Options {
  scenario?: string;
  data?: string;
  engine: string;
  now?: string;
  param: Record<string, string>;
  screenshot?: string;
  check?: boolean;
  strict?: boolean;
  browser?: boolean;
  open: boolean;
  format: 'text' | 'json';
}

/** `preview`: a workbook in the browser, on recorded logs. */
export function registerPreview(program: Command): void {
  program
    .command('preview')
    .description('show a workbook in the browser, on recorded logs or a workspace')
    .argument('[files...]', 'workbook.json, .workbook or ARM template (default: the workbook of this package)')
    .option('--scenario <name>', 'recorded story that the queries run on (default: a telling one)')
    .option('--data <folder>', 'folder with <Table>.ndjson, .json, .csv or .parquet files')
    .option('--now <time>', 'what now() answers on --data, ISO 8601 (default: the time of the machine)')
    .addOption(
      new Option('--engine <name>', 'what runs the queries').choices(['local', 'log-analytics']).default('local'),
    )
    .option('--param <name=value>', 'value of a parameter or tab; may be repeated', collect, {})
    .option('--screenshot <file>', 'write a picture (.png) of the page instead of opening it')
    .option('--no-open', 'print the address and open no browser')
    .option('--check', 'render every item of every file and tell what became of it; opens nothing')
    .option('--strict', 'with --check: items that show an error in Azure too are failures')
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
Exit codes: 0 shown, 1 an item failed (--check), 2 wrong usage or an unreadable file.`,
    )
    .action(async (files: string[], options: Options) => {
      const { checkFiles, screenshot, serve } = await import('../workbook/preview.ts');
      if (options.check) {
        process.exitCode = (await checkFiles(files, options)) ? ExitCode.ok : ExitCode.failed;
      } else if (options.screenshot !== undefined) {
        await screenshot(files[0], options.screenshot, options);
      } else await serve(files[0], options);
    });
}

function collect(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  return at > 0 ? { ...before, [text.slice(0, at)]: text.slice(at + 1) } : { ...before, [text]: '' };
}
