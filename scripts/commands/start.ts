import type { Command } from 'commander';
import { ExitCode, UserError } from '../diagnostics/errors.ts';
import { forkModule } from '../launch/fork-module.ts';
import type { Report } from '../report/report.ts';
import type { TestOptions } from './test.ts';

const everyScenario: TestOptions = {
  rule: [],
  scenario: [],
  engine: 'local',
  format: 'text',
  verbose: false,
  everyRun: false,
  named: false,
};

/** `npm start`: validate and test at the same time; the matrix is the last thing on the screen. */
export function registerStart(program: Command): void {
  program
    .command('start')
    .description('the main job: validate the content, and run the rules over the scenarios')
    .option('--named', 'only the rules that a scenario names: what it expects and what it comes near to', false)
    .action(async ({ named }: { named: boolean }) => {
      const { packageRoot } = await import('../content/package-root.ts');
      const { renderReport } = await import('../report/report.ts');
      const { runTest } = await import('./test.ts');
      const root = packageRoot();
      const stop = new AbortController();
      const tested = runTest({ ...everyScenario, named, root }, stop.signal);
      // What fails below is told there; until then nothing may be left unhandled.
      tested.catch(() => undefined);
      const report = await validateInProcess(root, stop);
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
      process.stdout.write(renderReport(report, 'text', process.stdout.isTTY && !process.env.NO_COLOR));
      if (report.diagnostics.some((item) => item.severity === 'error')) {
        stop.abort(new Error('the content has errors'));
        process.exitCode = ExitCode.failed;
        return;
      }
      const { text, passed } = await tested;
      process.stdout.write(`\n${text}`);
      if (!passed) process.exitCode = ExitCode.failed;
    });
}

function validateInProcess(root: string, stop: AbortController): Promise<Report> {
  const child = forkModule('validate-process');
  return new Promise<Report>((resolve, reject) => {
    child.once('message', (answer: { report: Report } | { error: string }) => {
      if ('report' in answer) resolve(answer.report);
      else reject(new Error(answer.error));
    });
    child.once('exit', (_code, signal) =>
      reject(
        signal === 'SIGINT'
          ? new UserError('INTERRUPTED', { what: 'stopped', remedy: 'Run it again.' })
          : new Error('the process of the validation ended early'),
      ),
    );
    child.send({ root });
  }).catch((error: unknown) => {
    stop.abort(error);
    throw error;
  });
}
