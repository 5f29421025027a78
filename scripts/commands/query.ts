import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { ExitCode, UserError } from '../diagnostics/errors.ts';

const formats = ['table', 'json', 'csv'] as const;

interface Options {
  data: string[];
  external: string[];
  now?: string;
  format?: (typeof formats)[number];
  cases?: string;
  out?: string;
  limit: string;
}

/** `query`: any KQL over recorded logs; `query --cases`: a file of queries, answered one line each. */
export function registerQuery(program: Command): void {
  program
    .command('query')
    .description('run KQL over recorded logs, on this machine')
    .argument('[kql]', 'the query; `-` reads it from standard input')
    .option(
      '--data <path>',
      'folder with <Table>.ndjson, .json, .csv or .parquet files, or one such file; may be repeated',
      (path: string, before: string[]) => [...before, path],
      [] as string[],
    )
    .option(
      '--external <address=file>',
      'file that stands for an address of externaldata, which is never fetched; may be repeated',
      (pair: string, before: string[]) => [...before, pair],
      [] as string[],
    )
    .option('--now <time>', 'what now() answers, ISO 8601 (default: the time of the machine)')
    .addOption(
      new Option('--format <format>', 'form of the answer (default: table on a terminal, else json)').choices(formats),
    )
    .option('--limit <rows>', 'rows that a table on a terminal shows', '50')
    .option('--cases <file>', 'answer every query of an NDJSON file with lines {"id", "query"}')
    .option('--out <file>', 'where the answers of --cases go')
    .addHelpText(
      'after',
      `
Examples:
  breakglass query 'print now(), hash_sha256("x")'
  breakglass query --data recorded/ 'SigninLogs | summarize n = count() by ResultType | order by n desc'
  breakglass query --data SigninLogs.ndjson --now 2026-11-23T12:00:00Z 'SigninLogs | where TimeGenerated > ago(1h)'
  breakglass query --external 'https://contoso.com/l.csv=l.csv' 'externaldata(ip: string)["https://contoso.com/l.csv"]'
  breakglass query --cases cases.jsonl --out answers.jsonl

A query that is refused ends with its place and reason; nothing is guessed.
Exit codes: 0 answered, 1 the query is refused, 2 wrong usage or unreadable data.`,
    )
    .action(async (kql: string | undefined, options: Options) => {
      if (options.cases) await answerCases(options);
      else await answerOne(kql, options);
    });
}

async function openEngine(options: Options) {
  const [{ LocalEngine }, { findTableFiles }, { tableSchemas }] = await Promise.all([
    import('../engines/local-engine.ts'),
    import('../engines/local-files.ts'),
    import('../content/table-schemas.ts'),
  ]);
  const schemas = tableSchemas();
  const names = new Set(schemas.map((table) => table.name));
  const tables = options.data.flatMap((path) => findTableFiles(path, (name) => names.has(name)));
  return LocalEngine.open({
    catalog: { tables: schemas, functions: [], tableFunctions: [], externalFiles: externalFiles(options.external) },
    tables,
    onUnknownColumn: (finding) => process.stderr.write(`${finding.place}: ${finding.message}; left out\n`),
  });
}

/** `https://…=file`: the address may hold the sign itself, the file does not. */
function externalFiles(pairs: readonly string[]): Map<string, string> {
  return new Map(
    pairs.map((pair) => {
      const at = pair.lastIndexOf('=');
      const [address, file] = [pair.slice(0, at), pair.slice(at + 1)];
      if (at > 0 && existsSync(file)) return [address, file];
      throw new UserError('QUERY_EXTERNAL', {
        what: at > 0 ? `there is no file ${file}` : `--external ${pair} names no file`,
        remedy: "write it as --external 'https://contoso.com/list.csv=list.csv'",
      });
    }),
  );
}

async function answerOne(kql: string | undefined, options: Options): Promise<void> {
  if (kql === undefined) {
    throw new UserError('QUERY_MISSING', {
      what: 'there is no query',
      remedy: "give it as an argument: 'SigninLogs | take 5'",
    });
  }
  const now = options.now === undefined ? new Date() : timeOf(options.now);
  const text = kql === '-' ? await standardInput() : kql;
  const engine = await openEngine(options);
  try {
    const result = await engine.query(text, { now });
    const format = options.format ?? (process.stdout.isTTY ? 'table' : 'json');
    const { renderResult } = await import('../report/query-result.ts');
    const limit = process.stdout.isTTY ? Number(options.limit) : Number.POSITIVE_INFINITY;
    process.stdout.write(renderResult(result, format, limit));
  } catch (error) {
    const { KqlError } = await import('../kql/errors.ts');
    if (!(error instanceof KqlError)) throw error;
    const { renderKqlError } = await import('../report/query-result.ts');
    process.stderr.write(renderKqlError(error, text));
    process.exitCode = ExitCode.failed;
  } finally {
    await engine.close();
  }
}

function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) {
    throw new UserError('QUERY_NOW', {
      what: `--now ${text} is not a time`,
      remedy: 'write it as 2026-11-23T12:00:00Z',
    });
  }
  return time;
}

async function standardInput(): Promise<string> {
  let text = '';
  for await (const part of process.stdin.setEncoding('utf8')) text += part;
  return text;
}

/** A query that takes longer than this is answered by an error line. */
const CASE_TIMEOUT = 60_000;

async function answerCases(options: Options): Promise<void> {
  if (!options.out)
    throw new UserError('QUERY_OUT', { what: '--cases needs --out', remedy: 'name the file for the answers' });
  const { answerCase, readCases } = await import('../kql/conformance.ts');
  const { createWriteStream } = await import('node:fs');
  const { once } = await import('node:events').then((events) => events.default);
  const cases = await readCases(options.cases as string);
  const now = options.now === undefined ? new Date() : timeOf(options.now);
  const engine = await openEngine(options);
  const out = createWriteStream(options.out);
  let refused = 0;
  try {
    for (const [i, testCase] of cases.entries()) {
      const answer = await answerCase(engine, testCase, { now, timeout: CASE_TIMEOUT });
      if ('error' in answer) refused++;
      if (!out.write(`${JSON.stringify(answer)}\n`)) await once(out, 'drain');
      if (process.stderr.isTTY) process.stderr.write(`\r${i + 1}/${cases.length}`);
    }
  } finally {
    out.end();
    await once(out, 'finish');
    await engine.close();
  }
  process.stderr.write(
    `${process.stderr.isTTY ? '\r' : ''}${cases.length} queries: ${cases.length - refused} answered, ${refused} refused\n`,
  );
}
