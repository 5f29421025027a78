import { type Command, Option } from 'commander';
import { type AzureFlags, forEachTarget, targetHelp, targetOptions } from '../azure/command-line.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { ExitCode } from '../diagnostics/errors.ts';
import type { ReportFormat } from '../report/report.ts';

interface Flags extends AzureFlags {
  strict?: boolean;
}

/** `drift`: what somebody changed in the workspace since it was deployed; writes nothing. */
export function registerDrift(program: Command): void {
  targetOptions(
    program.command('drift').description('show what was changed in a workspace behind the repository; writes nothing'),
  )
    .option('--strict', 'tuning counts as drift too')
    .addOption(
      new Option('--format <format>', 'form of the report')
        .choices(['text', 'json', 'sarif', 'github'])
        .default('text'),
    )
    .addHelpText(
      'after',
      `
Examples:
  breakglass drift --target production
  breakglass drift --target all --format sarif > drift.sarif
${targetHelp}
Exit codes: 0 no drift, 10 drift, 1 failed, 2 wrong usage.`,
    )
    .action(async (flags: Flags) => {
      const { logIn, useColor } = await import('../azure/command-line.ts');
      const { planTarget } = await import('../azure/planning.ts');
      const { loadContent } = await import('../azure/package-content.ts');
      const { driftFindings } = await import('../azure/drift.ts');
      const { renderReport, sortDiagnostics } = await import('../report/report.ts');
      const started = performance.now();
      const files = new Set<string>();
      await forEachTarget<{ findings: Diagnostic[] }>(
        flags,
        async (target) => {
          const content = await loadContent();
          const { session } = await logIn(target, flags);
          const { comparison } = await planTarget(session, content, {});
          for (const item of comparison.desired) files.add(item.file);
          const findings = driftFindings(target.name, comparison);
          const counts = (item: Diagnostic): boolean =>
            item.severity === 'error' || (flags.strict === true && item.code === 'drift-tuned');
          return { exit: findings.some(counts) ? ExitCode.changes : ExitCode.ok, answer: { findings } };
        },
        (answers) => {
          const diagnostics = sortDiagnostics(
            answers.flatMap((answer) => ('findings' in answer ? answer.findings : [])),
          );
          const report = {
            tool: 'breakglass drift',
            files: [...files],
            diagnostics,
            duration: performance.now() - started,
          };
          process.stdout.write(renderReport(report, flags.format as ReportFormat, useColor()));
        },
      );
    });
}
