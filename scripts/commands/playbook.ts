import { type Command, Option } from 'commander';
import { ExitCode } from '../diagnostics/errors.ts';
import type { ReportFormat } from '../report/report.ts';

/** `playbook`: run, check, lint, draw and build the Logic Apps of the package. */
export function registerPlaybook(program: Command): void {
  const playbook = program
    .command('playbook')
    .description('run, check, lint, draw and build playbooks, without any cloud');
  registerRun(playbook);
  registerCheck(playbook);
  registerLint(playbook);
  registerGraph(playbook);
  registerUnverified(playbook);
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

interface RunOptions {
  incident?: string;
  body?: string;
  scenario?: string;
  stubs?: string;
  generic: boolean;
  now?: string;
  trace: boolean;
  format: 'text' | 'json' | 'mermaid';
  root?: string;
}

function registerRun(playbook: Command): void {
  playbook
    .command('run')
    .description('run a playbook on a recorded or synthetic incident, on a virtual clock; nothing is sent')
    .argument('<playbook>', 'slug of a playbook of the package, or an azuredeploy.json')
    .option('--incident <file>', 'the incident: body of the incident trigger, or as the REST API answers it')
    .option('--body <file>', 'body of the request, for a playbook with a request trigger')
    .option('--scenario <slug>', 'play this scenario: its rules raise the incidents, its rows answer the queries')
    .option('--stubs <folder>', "answers in the platform's staticResults shape, one JSON file an action")
    .option('--generic', 'answer what nothing else answers with a plausible body', false)
    .option('--now <time>', 'when the run begins, ISO 8601 (default: when the incident was created)')
    .option('--trace', 'show every action with inputs and outputs', false)
    .addOption(
      new Option('--format <format>', 'form of the report').choices(['text', 'json', 'mermaid']).default('text'),
    )
    .option('--root <folder>', 'the package (default: the nearest folder upwards with detections)')
    .addHelpText(
      'after',
      `
Examples:
  breakglass playbook run notify-responders --scenario admin-lockout
  breakglass playbook run notify-responders --incident incident.json --stubs stubs --trace
  breakglass playbook run open-tasks --generic --format mermaid

Incidents and watchlists are those of a simulated workspace. Teams, mail and webhooks are kept and shown. Everything else
needs a stub, --scenario (for queries) or --generic; a call that nothing answers fails and says how to stub it:
  stubs/Query_contacts.json    {"status": "Succeeded", "outputs": {"statusCode": 200, "body": {"value": []}}}
  stubs/approval.json          {"match": {"connector": "office365", "path": "/approvalmail/*"},
                                "delay": "PT5M", "outputs": {"statusCode": 200, "body": {"SelectedOption": "Approve"}}}

Exit codes: 0 the run succeeded, 1 it ended otherwise, 2 wrong usage.`,
    )
    .action(async (name: string, options: RunOptions) => {
      const { runForCommand } = await import('../playbook/run-command.ts');
      const { runJson, runText } = await import('../playbook/run-report.ts');
      const { mermaidGraph } = await import('../playbook/graph.ts');
      for (const { run, workflow } of await runForCommand(name, options)) {
        if (options.format === 'json') process.stdout.write(runJson(run));
        else if (options.format === 'mermaid') process.stdout.write(mermaidGraph(workflow.definition, run));
        else process.stdout.write(runText(run, options.trace));
        if (run.status !== 'Succeeded') process.exitCode = ExitCode.failed;
      }
    });
}

function registerLint(playbook: Command): void {
  playbook
    .command('lint')
    .description('find mistakes in playbook templates: names, order, races, secrets, markup')
    .argument('[files...]', 'azuredeploy.json files (default: all of the package)')
    .addOption(
      new Option('--format <format>', 'form of the report')
        .choices(['text', 'json', 'sarif', 'junit', 'github'])
        .default('text'),
    )
    .option('--strict', 'fail on warnings too', false)
    .option('--root <folder>', 'the package (default: the nearest folder upwards with detections)')
    .addHelpText(
      'after',
      `
Examples:
  breakglass playbook lint
  breakglass playbook lint ~/Azure-Sentinel/Playbooks/*/azuredeploy.json --format sarif

Exit codes: 0 no errors, 1 errors found, 2 wrong usage.`,
    )
    .action(async (files: string[], options: { format: ReportFormat; strict: boolean; root?: string }) => {
      const { lintFiles } = await import('../playbook/lint/lint-files.ts');
      const { renderReport } = await import('../report/report.ts');
      const { packageRoot } = await import('../content/package-root.ts');
      const report = await lintFiles(options.root ?? packageRoot(), files);
      process.stdout.write(renderReport(report, options.format, process.stdout.isTTY && !process.env.NO_COLOR));
      if (report.diagnostics.some(({ severity }) => severity === 'error' || (options.strict && severity === 'warning')))
        process.exitCode = ExitCode.failed;
    });
}

function registerGraph(playbook: Command): void {
  playbook
    .command('graph')
    .description('draw a playbook as a Mermaid flowchart, for its readme')
    .argument('<playbook>', 'slug of a playbook of the package, or an azuredeploy.json')
    .option('--root <folder>', 'the package (default: the nearest folder upwards with detections)')
    .addHelpText(
      'after',
      '\nExamples:\n  breakglass playbook graph notify-responders\n  breakglass playbook run notify-responders --generic --format mermaid   # with the path of a run',
    )
    .action(async (name: string, options: { root?: string }) => {
      const { findPlaybook } = await import('../playbook/run-command.ts');
      const { mermaidGraph } = await import('../playbook/graph.ts');
      const { workflow } = await findPlaybook(name, options.root);
      process.stdout.write(mermaidGraph(workflow.definition));
    });
}

function registerUnverified(playbook: Command): void {
  playbook
    .command('unverified')
    .description('list what the runner assumes of Azure without proof')
    .action(async () => {
      const { assumptions } = await import('../playbook/unverified.ts');
      for (const { area, assumed, check } of assumptions)
        process.stdout.write(`${area}: ${assumed}\n  to settle it: ${check}\n`);
    });
}
