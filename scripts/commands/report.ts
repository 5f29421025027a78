import type { Command } from 'commander';
import { targetHelp } from '../azure/command-line.ts';
import { type DataFlags, dataOf, dataOptions } from './data-options.ts';

interface Options extends DataFlags {
  workbook?: string;
  out: string;
}

/** `report`: the evidence pack of the 90-day review as one file. */
export function registerReport(program: Command): void {
  dataOptions(
    program
      .command('report')
      .description('write the evidence pack for the review: every tab of the workbook in one file'),
  )
    .requiredOption('--out <file>', 'report.html or report.pdf')
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
      await makeReport(dataOf(options));
      process.stdout.write(`${options.out}\n`);
    });
}
