import { type Command, Option } from 'commander';
import { ExitCode } from '../diagnostics/errors.ts';
import type { ReportFormat } from '../report/report.ts';

const formats: ReportFormat[] = ['text', 'json', 'sarif', 'junit', 'github'];

interface Options {
  format: ReportFormat;
  strict: boolean;
}

/** `workbook lint`: what is wrong with workbooks before anyone deploys them. */
export function registerWorkbook(program: Command): void {
  const workbook = program.command('workbook').description('work on workbooks');
  workbook
    .command('lint')
    .description('check workbooks: schema, parameters, queries and their columns, gallery rules, dead settings')
    .argument('[files...]', 'workbooks in gallery format (default: the workbooks of this package)')
    .addOption(new Option('--format <format>', 'form of the report').choices(formats).default('text'))
    .option('--strict', 'fail on warnings too', false)
    .addHelpText(
      'after',
      `
Examples:
  breakglass workbook lint
  breakglass workbook lint my-workbook.json --format sarif

Exit codes: 0 no errors, 1 errors found, 2 wrong usage or an unreadable file.`,
    )
    .action(async (files: string[], options: Options) => {
      const { lintFiles } = await import('../workbook/lint/lint-files.ts');
      const { renderReport } = await import('../report/report.ts');
      const report = await lintFiles(files);
      process.stdout.write(renderReport(report, options.format, process.stdout.isTTY && !process.env.NO_COLOR));
      const fails = report.diagnostics.some(
        (one) => one.severity === 'error' || (options.strict && one.severity === 'warning'),
      );
      if (fails) process.exitCode = ExitCode.failed;
    });
}
