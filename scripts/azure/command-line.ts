/** What the commands that talk to Azure share: flags, logging in, one report over many targets. */
import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import { type Command, Option } from 'commander';
import { ExitCode, isUserError, UserError } from '../diagnostics/errors.ts';
import { explain } from './errors.ts';
import { defaultCredential, type Identity, identityOf } from './identity.ts';
import type { Session } from './session.ts';
import { resolveTargets, type Target, type TargetFlags } from './target.ts';

export interface AzureFlags extends TargetFlags {
  format?: string;
  debug?: boolean;
}

/** Adds the flags that name a target. */
export function targetOptions(command: Command): Command {
  return command
    .option('--target <name>', 'target of breakglass.config.yaml; `all`, or several separated by commas')
    .option('--config <file>', 'configuration (default: breakglass.config.yaml)')
    .option('--tenant <id>', 'Microsoft Entra tenant id')
    .option('--subscription <id>', 'subscription of the workspace')
    .option('--resource-group <name>', 'resource group of the workspace')
    .option('--workspace <name>', 'Log Analytics workspace with Microsoft Sentinel')
    .addOption(new Option('--cloud <name>', 'cloud').choices(['public', 'usgovernment', 'china']))
    .option('--arm-endpoint <url>', 'Azure Resource Manager at another https address (or BREAKGLASS_ARM_ENDPOINT)')
    .option('--logs-endpoint <url>', 'Log Analytics query API at another https address (or BREAKGLASS_LOGS_ENDPOINT)')
    .option('--debug', 'show each request on standard error, without secrets');
}

/** The end of every `--help`: how a target is named. */
export const targetHelp = `
The target is always named: by --target, or by --subscription, --resource-group and --workspace, or by the environment
(BREAKGLASS_TARGET; AZURE_SUBSCRIPTION_ID, BREAKGLASS_RESOURCE_GROUP, BREAKGLASS_WORKSPACE). There is no default.
Login: Azure CLI, workload identity, managed identity or AZURE_CLIENT_* (DefaultAzureCredential).`;

export function debugLog(flags: AzureFlags): { debug?: (line: string) => void } {
  return flags.debug ? { debug: (line) => void process.stderr.write(`debug: ${line}\n`) } : {};
}

export function useColor(): boolean {
  return process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
}

/** One target, logged in to. */
export interface Login {
  target: Target;
  credential: TokenCredential;
  identity: Identity;
  session: Session;
}

export async function logIn(target: Target, flags: AzureFlags): Promise<Login> {
  const { Session } = await import('./session.ts');
  const credential = await defaultCredential(target.cloud, target.tenant);
  const identity = await identityOf(credential, target.cloud);
  const session = await Session.open({ target, credential, ...debugLog(flags) });
  return { target, credential, identity, session };
}

/**
 * Runs `action` for each named target, one after the other; a target that fails does not stop the others. The exit code
 * is the worst: failed, then changes, then ok.
 */
export async function forEachTarget<T>(
  flags: AzureFlags,
  action: (target: Target) => Promise<{ exit: ExitCode; answer?: T }>,
  print: (answers: (T | { target: string; error: object })[]) => void = () => {},
): Promise<void> {
  let targets: Target[];
  try {
    targets = await resolveTargets(flags);
  } catch (error) {
    if (flags.format !== 'json' || !isUserError(error)) throw error;
    process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
    process.exitCode = error.exitCode;
    return;
  }
  const answers: (T | { target: string; error: object })[] = [];
  const exits: ExitCode[] = [];
  for (const target of targets) {
    try {
      const { exit, answer } = await action(target);
      exits.push(exit);
      if (answer !== undefined) answers.push(answer);
    } catch (error) {
      const told = explain(error);
      if (!isUserError(told)) throw error;
      exits.push(told.exitCode);
      answers.push({ target: target.name, error: told.toJSON() });
      process.stderr.write(`${targets.length > 1 ? `${target.name}: ` : ''}${told.report()}\n`);
    }
  }
  print(answers);
  process.exitCode = worst(exits);
}

function worst(exits: readonly ExitCode[]): ExitCode {
  return (
    [ExitCode.defect, ExitCode.usage, ExitCode.failed, ExitCode.changes].find((code) => exits.includes(code)) ??
    ExitCode.ok
  );
}

/** A name for a run that sorts by time. */
export function newRun(): string {
  return `${new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, 'Z')}-${randomUUID().slice(0, 8)}`;
}

/** Asks on the terminal. @throws UserError where nobody can answer. */
export async function confirm(question: string, expected: string, flag: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UserError('confirmation-missing', {
      what: 'nobody is there to confirm (standard input is not a terminal)',
      remedy: `look at \`breakglass plan\`, then give ${flag}`,
    });
  }
  const { createInterface } = await import('node:readline/promises');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await prompt.question(question)).trim().toLowerCase() === expected.toLowerCase();
  } finally {
    prompt.close();
  }
}
