import { type Command, Option } from 'commander';
import { ExitCode } from '../diagnostics/errors.ts';

/** `playbook`: run, check, lint, draw and build the Logic Apps of the package. */
export function registerPlaybook(program: Command): void {
  const playbook = program
    .command('playbook')
    .description('run, check, lint, draw and build playbooks, without any cloud');
  registerCheck(playbook);
  registerBuild(playbook);
}

function registerCheck(playbook: Command): void {
  playbook
    .command('check')
    .description('parse and dry-run playbook templates with a synthetic trigger and generic answers')
    .argument('<files...>', 'azuredeploy.json files, of this package or from anywhere')
    .addOption(
      new Option('--format <format>', 'form of the report; json is one line a file')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText(
      'after',
      `
Examples:
  breakglass playbook check playbooks/*/azuredeploy.json
  breakglass playbook check ~/Azure-Sentinel/Playbooks/*/azuredeploy.json --format json

Nothing is sent: every call is answered with a body that has what the workflow reads of it.

Exit codes: 0 every file was parsed and each workflow ran to an end state, 1 not so, 2 wrong usage.`,
    )
    .action(async (files: string[], options: { format: 'text' | 'json' }) => {
      const { checkPlaybook } = await import('../playbook/check.ts');
      const { checkLine } = await import('../playbook/check-report.ts');
      let failed = 0;
      for (const file of files) {
        const result = await checkPlaybook(file);
        if (!result.parsed || result.status === 'NotParsed' || result.unsupported.length > 0) failed++;
        process.stdout.write(options.format === 'json' ? `${JSON.stringify(result)}\n` : checkLine(result));
      }
      if (options.format === 'text')
        process.stdout.write(`${files.length} files, ${files.length - failed} ran to an end state\n`);
      if (failed > 0) process.exitCode = ExitCode.failed;
    });
}

function registerBuild(playbook: Command): void {
  playbook
    .command('build')
    .description('write the queries and the tasks of the triage guides into the templates of the playbooks')
    .option('--check', 'change nothing; fail where a template is not up to date', false)
    .option('--root <folder>', 'the package (default: the nearest folder upwards with detections)')
    .addHelpText(
      'after',
      `
Examples:
  breakglass playbook build
  breakglass playbook build --check

Queries stand in playbooks/<slug>/queries/<name>.kql, tasks in detections/rules/<rule>.md under "Tasks".

Exit codes: 0 up to date (now), 1 --check found one that is not, 2 wrong usage.`,
    )
    .action(async (options: { check: boolean; root?: string }) => {
      const { rename, writeFile } = await import('node:fs/promises');
      const { packageRoot } = await import('../content/package-root.ts');
      const { readContent } = await import('../content/read-content.ts');
      const { buildPlaybooks } = await import('../playbook/build.ts');
      const { content } = await readContent(options.root ?? packageRoot());
      for (const { slug, file, before, after } of await buildPlaybooks(content)) {
        const current = before === after;
        if (!current && !options.check) {
          await writeFile(`${file}.new`, after);
          await rename(`${file}.new`, file);
        }
        if (!current && options.check) process.exitCode = ExitCode.failed;
        process.stdout.write(
          `${slug}: ${current ? 'up to date' : options.check ? 'not up to date, run breakglass playbook build' : 'written'}\n`,
        );
      }
    });
}
