import { type Command, Option } from 'commander';
import type { Content } from '../content/model.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';
import type { QueryEngine } from '../engines/query-engine.ts';
import type { RecordedRows } from '../engines/recorded-rows.ts';
import type { TestRun } from '../scenarios/reporters/text.ts';
import type { Cell, ScenarioWorkspaces } from '../scenarios/run-scenarios.ts';
import type { Scenario } from '../scenarios/scenario.ts';

type Format = 'text' | 'json' | 'junit';

export interface TestOptions {
  rule: string[];
  scenario: string[];
  data?: string;
  engine: 'local' | 'kusto' | 'log-analytics';
  cluster?: string;
  workspaceId?: string;
  format: Format;
  verbose: boolean;
  everyRun: boolean;
  named: boolean;
  root?: string;
}

/** `test`: every rule over every scenario, as Sentinel would run it. */
export function registerTest(program: Command): void {
  const collect = (value: string, all: string[]): string[] => [...all, value];
  program
    .command('test')
    .description('run the rules over the scenarios: what fires, when, for whom, and what stays quiet')
    .option('--rule <slug>', 'only this rule; may be repeated', collect, [])
    .option('--scenario <slug>', 'only this scenario; may be repeated', collect, [])
    .option('--data <folder>', 'a recorded story anywhere: a scenario folder, or a folder of <Table>.ndjson files')
    .addOption(
      new Option('--engine <engine>', 'what runs the queries')
        .choices(['local', 'kusto', 'log-analytics'])
        .default('local'),
    )
    .option('--cluster <url>', 'for --engine kusto: a cluster or the emulator, such as http://localhost:8080')
    .option('--workspace-id <guid>', 'for --engine log-analytics: a workspace; the recorded rows travel in the query')
    .addOption(new Option('--format <format>', 'form of the report').choices(['text', 'json', 'junit']).default('text'))
    .option('--verbose', 'show each incident as an analyst sees it', false)
    .option('--every-run', 'run each scheduled run one by one, without proving quiet stretches at once (slow)', false)
    .option('--named', 'only the rules that a scenario names: what it expects and what it comes near to (quick)', false)
    .option('--root <folder>', 'the package (default: the nearest folder upwards with detections)')
    .addHelpText(
      'after',
      `
Examples:
  breakglass test
  breakglass test --rule sign-in-succeeded --verbose
  breakglass test --scenario admin-lockout --format json
  breakglass test --data ~/exports/incident-42
  breakglass test --engine kusto --cluster http://localhost:8080 --scenario admin-lockout
  breakglass test --engine log-analytics --workspace-id 00000000-0000-0000-0000-000000000001 --scenario admin-lockout

The clock is virtual. A scheduled rule runs at each queryFrequency, five minutes late, over the window of its queryPeriod,
and sees only rows that were ingested by then; a near-real-time rule runs every minute over the rows ingested in one
minute, two minutes late. "within" in the matrix is the longest time from the ingestion of a row to its incident.

With --data a folder needs no scenario.yaml: then its rows set the clock, nothing is expected, and the report says what
was raised. <Watchlist>.csv files in the folder, such as BreakGlassAccounts.csv, replace the sample watchlists.

Exit codes: 0 all as expected, 1 something is not, 2 wrong usage.`,
    )
    .action(async (options: TestOptions) => {
      const { text, passed } = await runTest(options);
      process.stdout.write(text);
      if (!passed) process.exitCode = ExitCode.failed;
    });
}

/** Runs the rules over the scenarios, with a line of progress on a terminal; answers the report. */
export async function runTest(options: TestOptions, signal?: AbortSignal): Promise<{ text: string; passed: boolean }> {
  const { packageRoot } = await import('../content/package-root.ts');
  const { readContent } = await import('../content/read-content.ts');
  const { loadRecording, loadScenarios, unknownName } = await import('../scenarios/load-scenarios.ts');
  const { runScenarios, testedRules } = await import('../scenarios/run-scenarios.ts');
  const { runInProcesses, usefulProcesses } = await import('../scenarios/parallel-scenarios.ts');
  const { passed } = await import('../scenarios/reporters/text.ts');
  const started = performance.now();
  if (options.data !== undefined && options.scenario.length > 0) {
    throw new UserError('OPTIONS_CONFLICT', {
      what: '--data and --scenario exclude each other',
      remedy: 'Name a folder with --data, or scenarios of the package with --scenario.',
    });
  }
  const root = options.root ?? packageRoot();
  const { content, diagnostics: contentFindings } = await readContent(root);
  const slugs = content.rules.map((rule) => rule.source.slug);
  for (const slug of options.rule) if (!slugs.includes(slug)) throw unknownName('rule', slug, slugs);
  const loaded =
    options.data === undefined
      ? await loadScenarios(root, content, options.scenario)
      : await loadRecording(options.data, content);
  const rules = testedRules(content).filter((rule) => options.rule.length === 0 || options.rule.includes(rule.slug));
  const ruleSlugs = rules.map((rule) => rule.slug);

  const abort = new AbortController();
  const interrupt = (): void => abort.abort(new UserError('INTERRUPTED', { what: 'stopped', remedy: 'Run it again.' }));
  process.once('SIGINT', interrupt);
  const stop = (): void => abort.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  const progress = progressLine();
  const cells: Cell[] = [];
  let done = 0;
  try {
    if (options.engine === 'local' && options.data === undefined && usefulProcesses(loaded.scenarios, ruleSlugs) > 1) {
      await runInProcesses(loaded.scenarios, {
        root,
        rules: ruleSlugs,
        everyRun: options.everyRun,
        named: options.named,
        signal: abort.signal,
        done: (rule, made) => {
          cells.push(...made);
          progress(`${++done}/${ruleSlugs.length} ${rule}`);
        },
      });
      cells.sort((a, b) => ruleSlugs.indexOf(a.rule) - ruleSlugs.indexOf(b.rule));
    } else {
      const workspaces = await openWorkspaces(options, content, loaded.scenarios);
      const events = runScenarios(rules, loaded.scenarios, workspaces, {
        everyRun: options.everyRun,
        named: options.named,
        signal: abort.signal,
      });
      for await (const event of events) {
        if (event.type === 'cell') cells.push(event.cell);
        if (event.type === 'rule') progress(`${++done}/${ruleSlugs.length} ${event.rule}`);
      }
      await workspaces.close();
    }
  } finally {
    progress();
    process.removeListener('SIGINT', interrupt);
    signal?.removeEventListener('abort', stop);
  }
  const run = {
    rules: ruleSlugs,
    scenarios: loaded.scenarios,
    cells,
    // A rule that cannot be read is not in the matrix: that must not look like a pass.
    diagnostics: [...contentFindings.filter((finding) => finding.severity === 'error'), ...loaded.diagnostics],
    milliseconds: performance.now() - started,
  };
  return { text: await render(run, options), passed: passed(run) };
}

async function render(run: TestRun, options: TestOptions): Promise<string> {
  if (options.format === 'json') return (await import('../scenarios/reporters/json.ts')).jsonReport(run);
  if (options.format === 'junit') return (await import('../scenarios/reporters/junit.ts')).junitReport(run);
  const { recordingReport, testReport } = await import('../scenarios/reporters/text.ts');
  const text = {
    width: Math.min(process.stdout.columns ?? 100, 160),
    color: Boolean(process.stdout.isTTY) && !process.env.NO_COLOR,
    verbose: options.verbose,
  };
  const unjudged = run.scenarios.length > 0 && run.scenarios.every((scenario) => !scenario.judged);
  return unjudged ? recordingReport(run, text) : testReport(run, text);
}

async function openWorkspaces(
  options: TestOptions,
  content: Content,
  scenarios: readonly Scenario[],
): Promise<ScenarioWorkspaces> {
  if (options.engine === 'local') {
    const { WorkspacePool } = await import('../scenarios/workspace-pool.ts');
    return new WorkspacePool(content, scenarios);
  }
  const { scenarioCatalog, scenarioTables } = await import('../scenarios/open-scenario.ts');
  const connect = await remoteEngine(options);
  return {
    groupsFor: async (_, wanted) =>
      wanted.map((scenario) => {
        const catalog = scenarioCatalog(scenario, content);
        const engine = connect({ catalog, tables: scenarioTables(scenario, content) });
        // Neither a cluster nor a workspace has functions of ours.
        return { engine, catalog, inlined: true, members: [{ scenario }] };
      }),
    close: async () => undefined,
  };
}

/** One of Microsoft's engines, as what answers over the rows of a scenario. */
async function remoteEngine({
  engine,
  cluster,
  workspaceId,
}: TestOptions): Promise<(rows: RecordedRows) => QueryEngine> {
  if (engine === 'log-analytics') {
    if (workspaceId === undefined) {
      throw new UserError('WORKSPACE_MISSING', {
        what: '--engine log-analytics needs a workspace',
        remedy: 'Add --workspace-id with the GUID that its overview page shows.',
      });
    }
    const { publicWorkspace } = await import('../azure/logs.ts');
    const { overRecordedRows } = await import('../engines/recorded-rows.ts');
    const workspace = await publicWorkspace(workspaceId);
    return (rows) => overRecordedRows(workspace, rows);
  }
  if (cluster === undefined) {
    throw new UserError('CLUSTER_MISSING', {
      what: '--engine kusto needs a cluster',
      remedy: 'Add --cluster http://localhost:8080 for the emulator, or the address of a cluster.',
    });
  }
  const { KustoEngine } = await import('../engines/kusto-engine.ts');
  return (rows) => new KustoEngine({ cluster, ...rows });
}

/** One line on a terminal's standard error that is overwritten, and cleared at the end; nothing elsewhere. */
function progressLine(): (text?: string) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (text) => process.stderr.write(text === undefined ? '\r\u001b[K' : `\r\u001b[K${text.slice(0, 78)}`);
}
