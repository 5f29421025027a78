/** The whole way of one deployment at the command line: plan, show, confirm, check, apply, sum up. */
import type { Content } from '../content/model.ts';
import { formatPlace } from '../diagnostics/diagnostic.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';
import { type StepResult, writingSteps } from './apply.ts';
import { type AzureFlags, confirm, logIn, newRun, useColor } from './command-line.ts';
import { openJournal } from './journal.ts';
import { loadContent } from './package-content.ts';
import { planFor, readPlanFile, refuseMoved } from './plan-file.ts';
import { planText } from './plan-report.ts';
import { type PlanFlags, planTarget } from './planning.ts';
import { deploymentProgress } from './progress.ts';
import type { Comparison, Session } from './session.ts';
import type { Target } from './target.ts';

export interface DeployFlags extends AzureFlags, PlanFlags {
  plan?: string;
  yes?: boolean;
  journal: string;
  concurrency: number;
  /** `--no-validate` makes it false. */
  validate?: boolean;
}

export interface DeployAnswer {
  target: string;
  run: string;
  journal: string;
  results: (Omit<StepResult, 'error'> & { error?: object })[];
}

/** Plans and applies at one target. @throws UserError where it refuses before the first write. */
export async function deployTarget(
  target: Target,
  flags: DeployFlags,
): Promise<{ exit: ExitCode; answer: DeployAnswer }> {
  if (!Number.isInteger(flags.concurrency) || flags.concurrency < 1 || flags.concurrency > 16) {
    throw new UserError('usage', {
      what: '--concurrency is a whole number from 1 to 16',
      remedy: 'leave it out: 4 is right for most',
    });
  }
  const content = await loadContent();
  if (flags.validate !== false) await refuseInvalid(content);
  const saved = flags.plan === undefined ? undefined : planFor(readPlanFile(flags.plan), target);
  const { session, identity } = await logIn(target, flags);
  const planned = await planTarget(session, content, saved === undefined ? flags : { ...flags, ...saved.options });
  if (saved !== undefined) refuseMoved(saved, planned.comparison);
  if (flags.format !== 'json') process.stdout.write(planText(planned.view, { color: useColor() }));
  await session.refuseWhatCannotWork(planned.comparison);
  const steps = writingSteps(planned.comparison.steps);
  if (steps.length > 0 && !flags.yes) {
    const agreed = await confirm(
      `Write ${steps.length} item${steps.length === 1 ? '' : 's'} to ${target.workspace}? Type yes: `,
      'yes',
      '--yes',
    );
    if (!agreed)
      throw new UserError('not-confirmed', {
        what: 'not confirmed; nothing was written',
        remedy: 'type yes, or give --yes',
        exitCode: ExitCode.failed,
      });
  }
  return await applyAndReport(session, planned.comparison, { ...flags, who: identity.name });
}

/** A rule whose query does not bind would be switched off by Sentinel some hours later. */
async function refuseInvalid(content: Content): Promise<void> {
  const { checkContent } = await import('../content/validate.ts');
  const errors = checkContent(content).filter((diagnostic) => diagnostic.severity === 'error');
  if (errors.length === 0) return;
  throw new UserError('content-invalid', {
    what: `the content has ${errors.length} error${errors.length === 1 ? '' : 's'}, the first: ${errors[0]!.message}`,
    place: formatPlace(errors[0]!.place),
    remedy: '`breakglass validate` lists all of them; nothing was written (--no-validate deploys all the same)',
    exitCode: ExitCode.failed,
  });
}

/** Applies a comparison with progress, journal and summary. */
export async function applyAndReport(
  session: Session,
  comparison: Comparison,
  flags: { journal: string; concurrency: number; format?: string; who: string },
): Promise<{ exit: ExitCode; answer: DeployAnswer }> {
  const { target } = session;
  const steps = writingSteps(comparison.steps);
  const run = newRun();
  if (steps.length === 0)
    return { exit: ExitCode.ok, answer: { target: target.name, run, journal: flags.journal, results: [] } };
  const journal = openJournal(flags.journal, { run, who: flags.who, target: target.name });
  const progress = deploymentProgress(steps, flags.format);
  let stop = false;
  const interrupted = (): void => {
    if (stop) process.exit(130);
    stop = true;
    process.stderr.write('\nstopping after the items under way (Ctrl-C again ends at once)\n');
  };
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  try {
    const { onStart, onEnd } = progress;
    const results = await session.deploy(comparison, journal, {
      concurrency: flags.concurrency,
      stopping: () => stop,
      onStart,
      onEnd,
    });
    await progress.finished();
    if (flags.format !== 'json') process.stdout.write(resultText(target, results, run, flags.journal));
    const answer = {
      target: target.name,
      run,
      journal: flags.journal,
      results: results.map(({ error, ...result }) => (error ? { ...result, error: error.toJSON() } : result)),
    };
    return { exit: results.every((result) => result.outcome === 'done') ? ExitCode.ok : ExitCode.failed, answer };
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    journal.close();
  }
}

function resultText(target: Target, results: readonly StepResult[], run: string, journal: string): string {
  const count = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
  const lines = [
    `\n${target.name}: ${count('done')} done, ${count('failed')} failed, ${count('skipped')} skipped; run ${run}, journal ${journal}`,
  ];
  for (const result of results) if (result.error) lines.push(`  ${result.key}: ${result.error.report()}`);
  if (count('failed') + count('skipped') > 0)
    lines.push('  run the same command again: it goes on where this run stopped');
  return `${lines.join('\n')}\n`;
}
