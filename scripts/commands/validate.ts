import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { ExitCode } from '../diagnostics/errors.ts';
import type { Report, ReportFormat } from '../report/report.ts';

const formats: ReportFormat[] = ['text', 'json', 'sarif', 'junit', 'github'];

interface Options {
  format: ReportFormat;
  root?: string;
  strict: boolean;
}

/** `validate`: syntax, schema and meaning of all content, each finding with code, place and remedy. */
export function registerValidate(program: Command): void {
  program
    .command('validate')
    .description('check the content: syntax, schemas, KQL, contracts between columns and alerts, limits, ids, versions')
    .argument('[paths...]', 'files or folders to report on, also outside the package (default: the whole package)')
    .addOption(new Option('--format <format>', 'form of the report').choices(formats).default('text'))
    .option('--root <folder>', 'the package (default: the nearest folder upwards with detections)')
    .option('--strict', 'fail on warnings too', false)
    .addHelpText(
      'after',
      `
Examples:
  breakglass validate
  breakglass validate detections/rules/sign-in-succeeded.yaml
  breakglass validate --format sarif > breakglass.sarif

A finding that is meant to be is silenced where it stands, with a reason:
  # breakglass-ignore <code>: why it is right here
on the line itself, on the line above it, or in the head of the file for all of the file.

Exit codes: 0 no errors, 1 errors found, 2 wrong usage.`,
    )
    .action(async (paths: string[], options: Options) => {
      const { packageRoot } = await import('../content/package-root.ts');
      const { renderReport } = await import('../report/report.ts');
      const report = await validatePackage(options.root ?? packageRoot(), paths);
      process.stdout.write(renderReport(report, options.format, process.stdout.isTTY && !process.env.NO_COLOR));
      const fails = (item: Diagnostic): boolean =>
        item.severity === 'error' || (options.strict && item.severity === 'warning');
      if (report.diagnostics.some(fails)) process.exitCode = ExitCode.failed;
    });
}

/** Checks the package at `root`, or what `paths` select of it, with its scenarios. Findings are sorted. */
export async function validatePackage(root: string, paths: readonly string[]): Promise<Report> {
  const started = performance.now();
  const { selectContent } = await import('../content/select-content.ts');
  const { displayPath } = await import('../content/read-content.ts');
  const { checkContent, contentFiles } = await import('../content/validate.ts');
  const { tableSchemas } = await import('../content/table-schemas.ts');
  const { readScenario, scenarioFolders } = await import('../scenarios/read-scenario.ts');
  const { sortDiagnostics } = await import('../report/report.ts');
  const selection = await selectContent(root, paths);
  const scenarioRoot = join(root, 'test', 'scenarios');
  const folders = selection.scenarios ?? (existsSync(scenarioRoot) ? await scenarioFolders(scenarioRoot) : []);
  const scenarios = await Promise.all(folders.map((folder) => readScenario(folder, { tables: tableSchemas() })));
  const diagnostics = [
    ...selection.diagnostics,
    ...checkContent(selection.content),
    ...scenarios.flatMap((scenario) => scenario.diagnostics),
  ].filter((item) => selection.selects(item.place.file));
  const files = [
    ...contentFiles(selection.content).filter(selection.selects),
    ...folders.map((folder) => displayPath(join(folder, 'scenario.yaml'))),
    ...scenarios.flatMap(({ scenario }) => scenario?.tables.map((table) => table.file) ?? []),
    ...diagnostics.map((item) => item.place.file),
  ];
  return {
    tool: 'breakglass validate',
    files: [...new Set(files)],
    diagnostics: sortDiagnostics(diagnostics),
    duration: performance.now() - started,
  };
}
