/** Speed of the engine against hand-written SQL on the same rows in the same run; every figure is a ratio. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import Table from 'cli-table3';
import { LocalEngine } from '../engines/local-engine.ts';
import type { Column } from '../engines/query-engine.ts';
import type { Catalog } from './catalog.ts';
import { translate } from './translate.ts';

const columns: readonly Column[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'UserId', type: 'string' },
  { name: 'UserPrincipalName', type: 'string' },
  { name: 'IPAddress', type: 'string' },
  { name: 'ResultType', type: 'string' },
  { name: 'AppDisplayName', type: 'string' },
  { name: 'DurationMs', type: 'long' },
  { name: 'LocationDetails', type: 'dynamic' },
  { name: 'ConditionalAccessPolicies', type: 'dynamic' },
];
const catalog: Catalog = { tables: [{ name: 'SigninLogs', columns }], functions: [], tableFunctions: [] };

/** Rows like those of SigninLogs, made by DuckDB: 4,000 users, one row in fifty a failure, two dynamic columns. */
function rowsSql(count: number): string {
  return `SELECT TIMESTAMP '2026-10-01' + to_milliseconds(i * 1000) AS TimeGenerated,
  md5((i % 4000)::VARCHAR) AS UserId, 'user' || (i % 4000) || '@contoso.example' AS UserPrincipalName,
  '203.0.113.' || (hash(i) % 256) AS IPAddress, CASE WHEN hash(i + 1) % 50 = 0 THEN '50126' ELSE '0' END AS ResultType,
  'Application ' || (hash(i + 2) % 40) AS AppDisplayName, (hash(i + 3) % 1000)::BIGINT AS DurationMs,
  '{"city":"City ' || (hash(i + 4) % 200) || '","countryOrRegion":"' || chr((65 + hash(i + 5) % 26)::INTEGER) || 'X"}' AS LocationDetails,
  '[{"displayName":"Policy A","result":"success"},{"displayName":"Policy ' || (hash(i + 6) % 9) || '","result":"' || CASE WHEN hash(i + 7) % 3 = 0 THEN 'failure' ELSE 'notApplied' END || '"}]' AS ConditionalAccessPolicies
FROM range(${count}) AS r(i)`;
}

interface Shape {
  name: string;
  kql: string;
  sql: string;
}

const shapes: readonly Shape[] = [
  {
    name: 'filter',
    kql: `SigninLogs | where ResultType != "0" and TimeGenerated > datetime(2026-10-03) and tostring(LocationDetails.countryOrRegion) == "AX" | count`,
    sql: `SELECT count(*) FROM "SigninLogs" WHERE "ResultType" <> '0' AND "TimeGenerated" > ${ticks('2026-10-03')} AND coalesce("LocationDetails"->>'$.countryOrRegion', '') = 'AX'`,
  },
  {
    name: 'summarize',
    kql: 'SigninLogs | summarize n = count(), failed = countif(ResultType != "0"), users = dcount(UserId) by AppDisplayName, bin(TimeGenerated, 1d)',
    sql: `SELECT "AppDisplayName", "TimeGenerated" - "TimeGenerated" % 864000000000, count(*), count(*) FILTER ("ResultType" <> '0'), count(DISTINCT "UserId") FROM "SigninLogs" GROUP BY 1, 2`,
  },
  {
    name: 'join',
    kql: 'let failed = SigninLogs | where ResultType == "50126" | summarize attempts = count() by UserId; SigninLogs | where ResultType == "0" and DurationMs > 500 | join kind=inner failed on UserId | summarize n = count(), a = max(attempts) by AppDisplayName',
    sql: `SELECT s."AppDisplayName", count(*), max(f.attempts) FROM "SigninLogs" s JOIN (SELECT "UserId", count(*) AS attempts FROM "SigninLogs" WHERE "ResultType" = '50126' GROUP BY 1) f USING ("UserId") WHERE s."ResultType" = '0' AND s."DurationMs" > 500 GROUP BY 1`,
  },
  {
    name: 'mv-expand',
    kql: 'SigninLogs | where ResultType == "50126" or DurationMs > 900 | mv-expand p = ConditionalAccessPolicies | summarize n = count() by name = tostring(p.displayName), result = tostring(p.result)',
    sql: `SELECT p->>'$.displayName', p->>'$.result', count(*) FROM (SELECT unnest(json_extract("ConditionalAccessPolicies", '$[*]')) AS p FROM "SigninLogs" WHERE "ResultType" = '50126' OR "DurationMs" > 900) GROUP BY 1, 2`,
  },
  {
    name: 'arg_max',
    kql: 'SigninLogs | summarize arg_max(TimeGenerated, IPAddress, ResultType, AppDisplayName) by UserId',
    sql: `SELECT "UserId", max("TimeGenerated"), arg_max("IPAddress", "TimeGenerated"), arg_max("ResultType", "TimeGenerated"), arg_max("AppDisplayName", "TimeGenerated") FROM "SigninLogs" GROUP BY 1`,
  },
];

function ticks(day: string): string {
  return String(621_355_968_000_000_000n + BigInt(Date.parse(day)) * 10_000n);
}

async function median(runs: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

/** Engine and hand-written SQL in turn, so that both meet the same load. */
async function sideBySide(
  runs: number,
  one: () => Promise<unknown>,
  two: () => Promise<unknown>,
): Promise<[number, number]> {
  await one();
  await two();
  const times: [number[], number[]] = [[], []];
  for (let i = 0; i < runs; i++) {
    times[0].push(await median(1, one));
    times[1].push(await median(1, two));
  }
  const middle = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
  return [middle(times[0]), middle(times[1])];
}

/** The rows of the benchmark as a Parquet or NDJSON file. */
async function write(count: number, file: string): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const format = file.endsWith('.parquet') ? 'PARQUET' : 'JSON';
  const rows =
    format === 'PARQUET'
      ? rowsSql(count)
      : `SELECT * REPLACE (strftime("TimeGenerated", '%Y-%m-%dT%H:%M:%S.%fZ') AS "TimeGenerated", "LocationDetails"::JSON AS "LocationDetails", "ConditionalAccessPolicies"::JSON AS "ConditionalAccessPolicies") FROM (${rowsSql(count)})`;
  await connection.run(`COPY (${rows}) TO '${file}' (FORMAT ${format})`);
  connection.closeSync();
}

const milliseconds = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** Prints the tables of `npm run bench` for the KQL engine. `sizes` are row counts. */
export async function benchKql(sizes: readonly number[] = [1_000_000, 10_000_000]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-bench-'));
  try {
    await benchShapes(sizes, folder);
    await benchLoading(folder);
    benchTranslation();
    benchColdStart();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchShapes(sizes: readonly number[], folder: string): Promise<void> {
  const table = new Table({
    head: ['query', 'rows', 'KQL', 'hand-written SQL', 'ratio'],
    style: { head: [], border: [] },
  });
  for (const size of sizes) {
    const file = join(folder, 'SigninLogs.parquet');
    await write(size, file);
    const engine = await LocalEngine.open({ catalog, tables: [{ name: 'SigninLogs', file }] });
    for (const shape of shapes) {
      const prepared = await engine.prepare(shape.kql);
      const [kql, sql] = await sideBySide(
        size > 2_000_000 ? 3 : 7,
        () => prepared.run(),
        () => engine.sql(shape.sql),
      );
      table.push([shape.name, size.toLocaleString('en'), milliseconds(kql), milliseconds(sql), (kql / sql).toFixed(2)]);
    }
    await engine.close();
  }
  process.stdout.write(
    `${table}\npeak memory of the process: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB\n\n`,
  );
}

async function benchLoading(folder: string): Promise<void> {
  const file = join(folder, 'SigninLogs.ndjson');
  const count = 200_000;
  await write(count, file);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const engine = await LocalEngine.open({ catalog });
  const [own, plain] = await sideBySide(
    3,
    () => engine.addTable({ name: 'SigninLogs', file }),
    () => connection.run(`CREATE OR REPLACE TABLE t AS SELECT * FROM read_json('${file}')`),
  );
  await engine.close();
  connection.closeSync();
  const rate = (time: number): string => `${Math.round(count / time).toLocaleString('en')} rows/ms`;
  const size = Math.round(statSync(file).size / 1_000_000);
  process.stdout.write(
    `NDJSON loading, ${count.toLocaleString('en')} rows, ${size} MB: ${rate(own)}; read_json ${rate(plain)}; ratio ${(own / plain).toFixed(2)}\n`,
  );
}

function benchTranslation(): void {
  const times = Array.from({ length: 20 }, () => shapes.map(({ kql }) => kql))
    .flat()
    .map((kql) => {
      const started = performance.now();
      translate(kql, catalog).sql({});
      return performance.now() - started;
    })
    .slice(shapes.length)
    .sort((a, b) => a - b);
  process.stdout.write(
    `translation, median of ${times.length}: ${milliseconds(times[Math.floor(times.length / 2)] ?? 0)}\n`,
  );
}

/** A process from start to the first answer. */
function benchColdStart(): void {
  const script = join(import.meta.dirname, '..', 'breakglass.mjs');
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now();
    spawnSync(process.execPath, [script, 'query', 'print 1'], { stdio: 'ignore' });
    return performance.now() - started;
  }).sort((a, b) => a - b);
  process.stdout.write(
    `cold start of \`breakglass query\` to its first answer, median of 5: ${milliseconds(times[2] ?? 0)}\n`,
  );
}
