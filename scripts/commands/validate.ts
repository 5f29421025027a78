import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { Content } from '../content/model.ts';
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
  const { readVersionLock } = await import('../content/read-content.ts');
  const { checkContent, checkPublication, contentSources } = await import('../content/validate.ts');
  const { applyIgnoreComments } = await import('../content/ignore-comments.ts');
  const { sortDiagnostics } = await import('../report/report.ts');
  const { content, diagnostics: reading, selects, foreign, scenarios } = await selectContent(root, paths);
  const recorded = await checkScenarios(root, scenarios, content);
  const found = [
    ...reading,
    ...checkContent(content),
    // Files from elsewhere are drafts; they have no published version to keep to.
    ...(foreign ? [] : checkPublication(content, await readVersionLock(root))),
    ...(await lintArtifacts(content, selects)),
    ...recorded.diagnostics,
  ].filter((item) => selects(item.place.file));
  const texts = [...contentSources(content).filter((source) => selects(source.file)), ...recorded.texts];
  const diagnostics = sortDiagnostics(applyIgnoreComments(found, texts));
  const files = [...new Set([...texts.map((item) => item.file), ...diagnostics.map((item) => item.place.file)])];
  return { tool: 'breakglass validate', files, diagnostics, duration: performance.now() - started };
}

/** What workbooks and playbooks hold inside: items, parameters, expressions, queries. */
async function lintArtifacts(content: Content, selects: (file: string) => boolean): Promise<Diagnostic[]> {
  const { lintWorkbook } = await import('../workbook/lint/lint-workbook.ts');
  const { lintPlaybook } = await import('../playbook/lint/index.ts');
  const { buildPlaybooks } = await import('../playbook/build.ts');
  const { playbookDiagnostic } = await import('../diagnostics/playbook.ts');
  const { displayPath } = await import('../content/read-content.ts');
  const diagnostics: Diagnostic[] = [];
  for (const { source } of content.workbooks) {
    if (selects(source.file)) diagnostics.push(...lintWorkbook(source.file, source.text, content));
  }
  for (const { source } of content.playbooks) {
    if (selects(source.file)) diagnostics.push(...lintPlaybook(source.file, source.text));
  }
  for (const { slug, file, before, after } of await buildPlaybooks(content)) {
    if (before !== after)
      diagnostics.push(playbookDiagnostic('playbook-not-built', { file: displayPath(file) }, { slug }));
  }
  return diagnostics;
}

/** Reads scenario folders (default: those of the package) as `test` does, and looks for traces of real tenants. */
async function checkScenarios(
  root: string,
  chosen: readonly string[] | undefined,
  content: Content,
): Promise<{ diagnostics: Diagnostic[]; texts: { file: string; text: string }[] }> {
  const { displayPath } = await import('../content/read-content.ts');
  const { tableSchemas } = await import('../content/table-schemas.ts');
  const { checkFixtureText } = await import('../content/checks/fixtures.ts');
  const { checkScenario } = await import('../scenarios/check-scenario.ts');
  const { readScenario, scenarioFolders } = await import('../scenarios/read-scenario.ts');
  const home = join(root, 'test', 'scenarios');
  const folders = chosen ?? (existsSync(home) ? await scenarioFolders(home) : []);
  const diagnostics: Diagnostic[] = [];
  const texts: { file: string; text: string }[] = [];
  for (const folder of folders) {
    const read = await readScenario(folder, { tables: tableSchemas() });
    diagnostics.push(...read.diagnostics, ...(read.scenario ? checkScenario(read.scenario, content) : []));
    for (const name of (await readdir(folder)).filter((entry) => /\.(ndjson|yaml)$/.test(entry)).sort()) {
      const file = displayPath(join(folder, name));
      const text = await readFile(join(folder, name), 'utf8').catch(() => '');
      texts.push({ file, text });
      diagnostics.push(...checkFixtureText(file, text));
    }
  }
  return { diagnostics, texts };
}
