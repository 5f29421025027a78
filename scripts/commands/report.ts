import { type Command, Option } from 'commander';
import { type AzureFlags, targetHelp, targetOptions } from '../azure/command-line.ts';
import { collect, workspaceOf } from './preview.ts';

interface Options extends AzureFlags {
  scenario?: string;
  data?: string;
  engine: string;
  now?: string;
  param?: Record<string, string>;
  workbook?: string;
  out: string;
}

/** `report`: the evidence pack of the 90-day review as one file. */
export function registerReport(program: Command): void {
  targetOptions(
    program
      .command('report')
      .description('write the evidence pack for the review: every tab of the workbook in one file'),
  )
    .requiredOption('--out <file>', 'report.html or report.pdf')
    .option('--scenario <name>', 'recorded story that the queries run on')
    .option('--data <folder>', 'folder with <Table>.ndjson, .json, .csv or .parquet files')
    .option('--now <time>', 'what now() answers on --data, ISO 8601 (default: the time of the machine)')
    .addOption(
      new Option('--engine <name>', 'what runs the queries').choices(['local', 'log-analytics']).default('local'),
    )
    .option('--param <name=value>', 'value of a parameter; may be repeated', collect)
    .option('--workbook <file>', 'another workbook than that of this package')
    .addHelpText(
      'after',
      `
Examples:
  breakglass report --engine log-analytics --target production --out review.pdf
  breakglass report --scenario admin-lockout --out out/report.html

The file needs nothing else: no script, no address. A PDF is printed through Chromium.
${targetHelp}
Exit codes: 0 written, 2 wrong usage or unreadable data.`,
    )
    .action(async (options: Options) => {
      const { makeReport } = await import('../workbook/make-report.ts');
      await makeReport({ ...options, param: options.param ?? {}, ...workspaceOf(options) });
      process.stdout.write(`${options.out}\n`);
    });
}
