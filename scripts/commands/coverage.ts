import { type Command, Option } from 'commander';
import { ExitCode } from '../diagnostics/errors.ts';

interface Options {
  format: 'markdown' | 'json' | 'navigator';
  root?: string;
}

/** `coverage`: what is watched by which rule, and proven by which scenario. */
export function registerCoverage(program: Command): void {
  program
    .command('coverage')
    .description('show which requirements, ATT&CK techniques, tables and operations are watched and proven')
    .addOption(
      new Option('--format <format>', 'form of the report')
        .choices(['markdown', 'json', 'navigator'])
        .default('markdown'),
    )
    .option('--root <folder>', 'the package (default: the nearest folder upwards with detections)')
    .addHelpText(
      'after',
      `
Examples:
  breakglass coverage > coverage.md
  breakglass coverage --format navigator > layer.json    open it in the ATT&CK Navigator

A rule, hunting query, playbook or automation rule answers for a requirement by a tag such as Requirement:M1, a workbook by
\`requirements\` in workbook.yaml. "Proven by" names scenarios in which one of the rules must fire.

Exit codes: 0 done, 1 content that cannot be read.`,
    )
    .action(async (options: Options) => {
      const { packageRoot } = await import('../content/package-root.ts');
      const { readContent } = await import('../content/read-content.ts');
      const { coverage } = await import('../content/coverage.ts');
      const { loadScenarios } = await import('../scenarios/load-scenarios.ts');
      const { scenarioProof } = await import('../scenarios/scenario-proof.ts');
      const { coverageMarkdown, coverageNavigator } = await import('../report/coverage.ts');
      const root = options.root ?? packageRoot();
      const { content, diagnostics } = await readContent(root);
      const loaded = await loadScenarios(root, content, []);
      const errors = [...diagnostics, ...loaded.diagnostics].filter((item) => item.severity === 'error');
      if (errors.length > 0) {
        process.stderr.write(
          `${errors.length} files have errors and are left out; \`breakglass validate\` shows them.\n`,
        );
        process.exitCode = ExitCode.failed;
      }
      const result = coverage(content, loaded.scenarios.map(scenarioProof));
      const texts = {
        markdown: () => coverageMarkdown(result),
        json: () => `${JSON.stringify(result, null, 2)}\n`,
        navigator: () => coverageNavigator(result),
      };
      process.stdout.write(texts[options.format]());
    });
}
