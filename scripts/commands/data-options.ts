/** The flags that say what a workbook's queries run on, for every command that shows one. */
import { type Command, Option } from 'commander';
import { type AzureFlags, targetOptions } from '../azure/command-line.ts';
import { UserError } from '../diagnostics/errors.ts';
import type { PreviewDataOptions } from '../workbook/preview-data.ts';

export interface DataFlags extends AzureFlags {
  scenario?: string;
  data?: string;
  engine: string;
  now?: string;
  param?: Record<string, string>;
}

export function dataOptions(command: Command): Command {
  return targetOptions(command)
    .option('--scenario <name>', 'recorded story that the queries run on (default: a telling one)')
    .option('--data <folder>', 'folder with <Table>.ndjson, .json, .csv or .parquet files')
    .option('--now <time>', 'what now() answers on --data, ISO 8601 (default: the time of the machine)')
    .addOption(
      new Option('--engine <name>', 'what runs the queries').choices(['local', 'log-analytics']).default('local'),
    )
    .option('--param <name=value>', 'value of a parameter or tab; may be repeated', collect);
}

/** What the flags ask for; a live workspace is logged in to when its data is opened. */
export function dataOf<Flags extends DataFlags>(
  flags: Flags,
): Omit<Flags, 'param'> & PreviewDataOptions & { param: Record<string, string> } {
  return { ...flags, param: flags.param ?? {}, ...(flags.engine === 'log-analytics' ? { live: liveOf(flags) } : {}) };
}

function liveOf(flags: AzureFlags): NonNullable<PreviewDataOptions['live']> {
  return async () => {
    const { logIn } = await import('../azure/command-line.ts');
    const { logsOf } = await import('../azure/logs.ts');
    const { workspacePath } = await import('../azure/scope.ts');
    const { resolveTargets } = await import('../azure/target.ts');
    const [target, another] = await resolveTargets(flags);
    if (target === undefined || another !== undefined) {
      throw new UserError('usage', {
        what: 'one workspace is shown at a time',
        remedy: 'name one target with --target',
      });
    }
    const { session, credential } = await logIn(target, flags);
    const { scope, customerId } = session.workspace;
    const workspace = { id: workspacePath(target), customerId, location: scope.location };
    return { engine: logsOf(session, credential), name: target.name, workspace };
  };
}

function collect(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  return at > 0 ? { ...before, [text.slice(0, at)]: text.slice(at + 1) } : { ...before, [text]: '' };
}
