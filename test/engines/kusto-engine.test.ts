import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { KustoEngine, readPrimaryResult } from '../../scripts/engines/kusto-engine.ts';
import type { Catalog } from '../../scripts/kql/catalog.ts';
import { KqlError } from '../../scripts/kql/errors.ts';

const catalog: Catalog = {
  tables: [
    {
      name: 'SigninLogs',
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'UserId', type: 'string' },
        { name: 'Status', type: 'dynamic' },
      ],
    },
  ],
  functions: [],
  tableFunctions: [],
};
const rows = [
  { TimeGenerated: '2026-11-23T07:00:00Z', UserId: 'early', Status: { errorCode: 0 } },
  { TimeGenerated: '2026-11-23T07:50:00Z', UserId: '"]; .drop table T', Status: { errorCode: 50126 } },
  { TimeGenerated: '2026-11-23T07:55:00Z', UserId: 'late', _IngestionTime: '2026-11-23T08:30:00Z' },
];

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A cluster that answers every query with the same frames and keeps what it was asked. */
async function cluster(status: number, answer: unknown): Promise<{ engine: KustoEngine; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.url !== '/v2/rest/query') {
      response.writeHead(404).end();
      return;
    }
    asked.push(await bodyOf(request));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const engine = new KustoEngine({
    cluster: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    catalog,
    tables: [{ name: 'SigninLogs', rows }],
  });
  closing.push(
    () => engine.close(),
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
  );
  return { engine, asked };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

const header = { FrameType: 'DataSetHeader', IsProgressive: false, Version: 'v2.0' };
const completion = { FrameType: 'DataSetCompletion', HasErrors: false, Cancelled: false };
const primary = {
  FrameType: 'DataTable',
  TableId: 1,
  TableKind: 'PrimaryResult',
  TableName: 'PrimaryResult',
  Columns: [
    { ColumnName: 'TimeGenerated', ColumnType: 'datetime' },
    { ColumnName: 'Status', ColumnType: 'dynamic' },
    { ColumnName: '_IngestionTime', ColumnType: 'datetime' },
  ],
  Rows: [['2026-11-23T07:50:00Z', '{"errorCode":50126}', '2026-11-23T07:50:00Z']],
};

test('a query travels with the rows that the run can see, at the recorded moment, and the answer is read exactly', async () => {
  const { engine, asked } = await cluster(200, [header, primary, completion]);
  const result = await engine.query('SigninLogs | where TimeGenerated > ago(1h)', {
    now: new Date('2026-11-23T08:00:00Z'),
    visibility: {
      timeGenerated: { from: new Date('2026-11-23T07:30:00Z') },
      ingested: { to: new Date('2026-11-23T08:00:00Z') },
    },
  });
  expect(result).toEqual({
    columns: [
      { name: 'TimeGenerated', type: 'datetime' },
      { name: 'Status', type: 'dynamic' },
    ],
    rows: [['2026-11-23T07:50:00.0000000Z', { errorCode: 50126 }]],
  });
  const { db, csl } = JSON.parse(asked[0] ?? '');
  expect(db).toBe('NetDefaultDB');
  expect(csl).toContain('datetime(2026-11-23T08:00:00.000Z)');
  expect(csl).toContain('"\\"]; .drop table T"');
  expect(csl).not.toContain('early');
  expect(csl).not.toContain('late');
});

test('a query that does not bind is refused before anything is sent', async () => {
  const { engine, asked } = await cluster(200, []);
  await expect(engine.query('SigninLogs | where NoSuchColumn == 1')).rejects.toThrow(KqlError);
  expect(asked).toEqual([]);
});

test('an error of the cluster is told in its own words', async () => {
  const { engine } = await cluster(400, { error: { code: 'BadRequest', '@message': 'Semantic error: SEM0100' } });
  await expect(engine.query('SigninLogs | count')).rejects.toThrow('SEM0100');
});

test('a cluster that does not answer is told with the remedy', async () => {
  const engine = new KustoEngine({ cluster: 'http://127.0.0.1:1', catalog, tables: [] });
  await expect(engine.query('SigninLogs | count')).rejects.toMatchObject({ code: 'KUSTO_UNREACHABLE' });
});

test('a token never goes out without encryption', () => {
  expect(() => new KustoEngine({ cluster: 'http://contoso.kusto.windows.net', catalog, tables: [] })).toThrow(
    'without encryption',
  );
});

test('an error after rows is an error, not a shorter result', () => {
  const broken = { ...primary, Rows: [...primary.Rows, { OneApiErrors: [{ error: { code: 'LimitsExceeded' } }] }] };
  expect(() => readPrimaryResult([header, broken, completion])).toThrow('LimitsExceeded');
  const failed = { ...completion, HasErrors: true, OneApiErrors: [{ error: { '@message': 'out of memory' } }] };
  expect(() => readPrimaryResult([header, primary, failed])).toThrow('out of memory');
});

test('a table by its name is refused: the cluster would read a table of its own', async () => {
  const { engine, asked } = await cluster(200, [header, primary, completion]);
  await expect(engine.query('table("SigninLogs") | count')).rejects.toThrow(/table\(\)/);
  expect(asked).toEqual([]);
});
