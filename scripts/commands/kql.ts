import { type Command, Option } from 'commander';
import { ExitCode, UserError } from '../diagnostics/errors.ts';
import type { QueryEngine } from '../engines/query-engine.ts';
import type { Catalog } from '../kql/catalog.ts';
import type { SupportEntry } from '../kql/support.ts';

interface SupportOptions {
  format: 'text' | 'json';
  only?: SupportEntry['support'];
}

interface ConformanceOptions {
  engine: 'kusto' | 'log-analytics';
  cluster: string;
  database?: string;
  workspaceId?: string;
  format: 'text' | 'json';
}

/** `kql support` and `kql conformance`: what the local engine answers, and where it differs from a real one. */
export function registerKql(program: Command): void {
  const kql = program
    .command('kql')
    .description('what the local KQL engine answers, and how it compares with real ones');
  kql
    .command('support')
    .description('list operators, functions, aggregates and plugins: answered exactly, or refused')
    .addOption(new Option('--format <format>', 'form of the list').choices(['text', 'json']).default('text'))
    .addOption(new Option('--only <support>', 'only these').choices(['exact', 'refused']))
    .addHelpText(
      'after',
      '\nExamples:\n  breakglass kql support\n  breakglass kql support --only refused --format json',
    )
    .action(async (options: SupportOptions) => {
      const { supportTable } = await import('../kql/support.ts');
      const rows = supportTable().filter((row) => !options.only || row.support === options.only);
      process.stdout.write(options.format === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : renderSupport(rows));
    });
  kql
    .command('conformance')
    .description('run a file of queries on the local engine and on a real one, and print where they differ')
    .argument('<cases>', 'NDJSON file with lines {"id", "query"}')
    .addOption(
      new Option('--engine <engine>', 'the engine to compare with')
        .choices(['kusto', 'log-analytics'])
        .default('kusto'),
    )
    .option('--cluster <url>', 'for kusto: a cluster, or the free emulator', 'http://localhost:8080')
    .option('--database <name>', "for kusto: the database (default: the emulator's)")
    .option('--workspace-id <guid>', 'for log-analytics: the workspace')
    .addOption(new Option('--format <format>', 'form of the report').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  breakglass kql conformance cases.jsonl
  breakglass kql conformance cases.jsonl --engine log-analytics --workspace-id 00000000-0000-0000-0000-000000000001

Exit codes: 0 no difference, 1 differences, 2 wrong usage.`,
    )
    .action(conformance);
}

function renderSupport(rows: readonly SupportEntry[]): string {
  const width = Math.max(...rows.map((row) => row.name.length), 4);
  const lines = rows.map(({ kind, name, support, reason }) =>
    `${kind.padEnd(10)} ${name.padEnd(width)} ${support}${reason ? `: ${reason}` : ''}`.trimEnd(),
  );
  const exact = rows.filter((row) => row.support === 'exact').length;
  return `${lines.join('\n')}\n\n${exact} exact, ${rows.length - exact} refused\n`;
}

async function conformance(file: string, options: ConformanceOptions): Promise<void> {
  const { compareEngines, readCases } = await import('../kql/conformance.ts');
  const { LocalEngine } = await import('../engines/local-engine.ts');
  const cases = await readCases(file);
  const catalog = { tables: [], functions: [], tableFunctions: [] };
  const local = await LocalEngine.open({ catalog });
  const other = await remoteEngine(options, catalog);
  try {
    const differences = await compareEngines(local, other, cases, { now: new Date(), timeout: 60_000 });
    if (options.format === 'json') process.stdout.write(`${JSON.stringify(differences, null, 2)}\n`);
    for (const { id, query, what } of options.format === 'text' ? differences : []) {
      process.stdout.write(`${id}: ${what}\n  ${query.replaceAll('\n', '\n  ')}\n`);
    }
    process.stderr.write(`${cases.length} queries, ${differences.length} differ between local and ${options.engine}\n`);
    if (differences.length > 0) process.exitCode = ExitCode.failed;
  } finally {
    await local.close();
    await other.close();
  }
}

async function remoteEngine(options: ConformanceOptions, catalog: Catalog): Promise<QueryEngine> {
  if (options.engine === 'kusto') {
    const { KustoEngine } = await import('../engines/kusto-engine.ts');
    const { cluster, database } = options;
    return new KustoEngine({ cluster, catalog, tables: [], ...(database && { database }) });
  }
  if (!options.workspaceId) {
    throw new UserError('CONFORMANCE_WORKSPACE', {
      what: '--engine log-analytics needs a workspace',
      remedy: 'add --workspace-id with the GUID that its overview page shows',
    });
  }
  const { publicWorkspace } = await import('../azure/logs.ts');
  return publicWorkspace(options.workspaceId);
}
