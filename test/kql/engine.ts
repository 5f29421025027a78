/** One engine over a few tables, for tests of the language. */
import { LocalEngine } from '../../scripts/engines/local-engine.ts';
import type { QueryOptions, Value } from '../../scripts/engines/query-engine.ts';
import type { Catalog } from '../../scripts/kql/catalog.ts';

export const catalog: Catalog = {
  tables: [
    {
      name: 'SigninLogs',
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'UserId', type: 'string' },
        { name: 'ResultType', type: 'string' },
        { name: 'IsRisky', type: 'bool' },
        { name: 'DurationMs', type: 'long' },
        { name: 'LocationDetails', type: 'dynamic' },
      ],
    },
    {
      name: 'AuditLogs',
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'OperationName', type: 'string' },
      ],
    },
  ],
  functions: [
    {
      name: 'FailedSince',
      parameters: '(start:datetime, code:string="50126")',
      body: 'SigninLogs | where TimeGenerated >= start and ResultType == code',
    },
  ],
  tableFunctions: [
    {
      name: '_GetWatchlist',
      parameters: ['alias'],
      resolve: ([alias]) => ({ name: `watchlist:${alias}`, columns: [{ name: 'SearchKey', type: 'string' }] }),
    },
  ],
};

export const signIns = [
  {
    TimeGenerated: '2026-11-23T08:00:00Z',
    UserId: 'ADELE',
    ResultType: '0',
    IsRisky: null,
    DurationMs: 10,
    LocationDetails: { city: 'Oslo' },
    _IngestionTime: '2026-11-23T08:04:00Z',
  },
  {
    TimeGenerated: '2026-11-23T09:00:00Z',
    UserId: 'adele',
    ResultType: '50126',
    IsRisky: true,
    LocationDetails: '{"city":"Bergen"}',
  },
  { TimeGenerated: '2026-11-23T10:00:00.1234567Z', UserId: 'bo', ResultType: '50126', DurationMs: 30 },
];

export async function openEngine(): Promise<LocalEngine> {
  return LocalEngine.open({
    catalog,
    threads: 1,
    tables: [
      { name: 'SigninLogs', rows: signIns },
      { name: 'watchlist:Accounts', rows: [{ SearchKey: 'adele' }], columns: [{ name: 'SearchKey', type: 'string' }] },
    ],
  });
}

/** The rows of an answer, and its column names where `names` is wanted. */
export function asker(engine: () => LocalEngine) {
  const now = new Date('2026-11-23T12:00:00Z');
  const rows = async (query: string, options: QueryOptions = {}): Promise<Value[][]> =>
    (await engine().query(query, { now, ...options })).rows;
  const names = async (query: string): Promise<string[]> =>
    (await engine().prepare(query)).columns.map((column) => column.name);
  return { rows, names };
}
