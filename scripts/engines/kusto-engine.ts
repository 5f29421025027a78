/**
 * A Kusto cluster or Microsoft's free emulator (https://learn.microsoft.com/azure/data-explorer/kusto-emulator-overview)
 * behind the engine interface. Recorded rows travel inside the query; nothing is written to the cluster.
 */
import { ClientRequestProperties, KustoConnectionStringBuilder, Client as KustoDataClient } from 'azure-kusto-data';
import { UserError } from '../diagnostics/errors.ts';
import { KqlRuntimeError } from '../kql/errors.ts';
import type {
  Column,
  KustoType,
  PreparedQuery,
  QueryEngine,
  QueryOptions,
  QueryResult,
  Value,
} from './query-engine.ts';
import { prepareWithRows, type RecordedRows } from './recorded-rows.ts';

/** Above what one query may take on the server before it answers with an error. */
const SERVER_TIMEOUT_MS = 4 * 60_000;

export interface KustoEngineOptions extends RecordedRows {
  /** `http://localhost:8080` for the emulator, else `https://<cluster>.<region>.kusto.windows.net`. */
  cluster: string;
  /** Default: the emulator's `NetDefaultDB`. */
  database?: string;
}

export class KustoEngine implements QueryEngine {
  readonly name = 'kusto';
  readonly #client: KustoDataClient;
  readonly #database: string;
  readonly #rows: RecordedRows;

  constructor(options: KustoEngineOptions) {
    this.#client = new KustoDataClient(connection(options.cluster));
    this.#database = options.database ?? 'NetDefaultDB';
    this.#rows = options;
  }

  async prepare(query: string): Promise<PreparedQuery> {
    return prepareWithRows(query, this.#rows, (text) => this.#execute(text));
  }

  async query(query: string, options: QueryOptions = {}): Promise<QueryResult> {
    return (await this.prepare(query)).run(options);
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  async #execute(text: string): Promise<QueryResult> {
    const properties = new ClientRequestProperties();
    properties.raw = true;
    properties.setTimeout(SERVER_TIMEOUT_MS);
    let frames: unknown;
    try {
      frames = await this.#client.executeQuery(this.#database, text, properties);
    } catch (error) {
      throw refusal(error);
    }
    return readPrimaryResult(frames);
  }
}

function connection(cluster: string): KustoConnectionStringBuilder {
  let url: URL;
  try {
    url = new URL(cluster);
  } catch {
    throw new UserError('KUSTO_CLUSTER', {
      what: `'${cluster}' is no address of a Kusto cluster`,
      remedy: 'give http://localhost:8080 for the emulator or https://<cluster>.<region>.kusto.windows.net',
    });
  }
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (local) return new KustoConnectionStringBuilder(cluster);
  if (url.protocol !== 'https:') {
    throw new UserError('KUSTO_CLUSTER', {
      what: `'${cluster}' would send a token without encryption`,
      remedy: 'use https; only the emulator on this machine may be reached by http',
    });
  }
  return KustoConnectionStringBuilder.withAzLoginIdentity(cluster);
}

interface RawFrame {
  FrameType?: string;
  TableKind?: string;
  Columns?: { ColumnName: string; ColumnType: string }[];
  Rows?: unknown[];
  HasErrors?: boolean;
  OneApiErrors?: { error?: { code?: string; '@message'?: string; message?: string } }[];
}

/**
 * Reads the primary result of a v2 answer (https://learn.microsoft.com/kusto/api/rest/response-v2).
 * @throws KqlRuntimeError when the answer carries an error, before or after rows.
 */
export function readPrimaryResult(frames: unknown): QueryResult {
  if (!Array.isArray(frames)) throw new KqlRuntimeError('the cluster answered in an unknown form');
  const all = frames as RawFrame[];
  const failure = all.find((frame) => frame.HasErrors)?.OneApiErrors?.[0]?.error;
  if (failure) throw new KqlRuntimeError(failure['@message'] ?? failure.message ?? failure.code ?? 'the query failed');
  const table = all.find((frame) => frame.FrameType === 'DataTable' && frame.TableKind === 'PrimaryResult');
  if (!table?.Columns || !table.Rows) throw new KqlRuntimeError('the cluster answered without a result');
  const columns: Column[] = table.Columns.map((column) => ({
    name: column.ColumnName,
    type: column.ColumnType as KustoType,
  }));
  const rows = table.Rows.map((row) => {
    // A failure in the middle of a result is a row that is an object.
    if (!Array.isArray(row)) throw new KqlRuntimeError(`the query failed after some rows: ${JSON.stringify(row)}`);
    return row.map((value, i) => cell(value, columns[i]?.type ?? 'dynamic'));
  });
  return { columns, rows };
}

function cell(value: unknown, type: KustoType): Value {
  if (value === null || value === undefined) return type === 'string' ? '' : null;
  if (type === 'bool') return value === true || value === 1;
  if (type === 'dynamic' && typeof value === 'string') {
    try {
      return JSON.parse(value) as Value;
    } catch {
      return value;
    }
  }
  if (type === 'datetime') return fullPrecision(String(value));
  if (type === 'guid') return String(value).toLowerCase();
  return value as Value;
}

/** `2026-11-22T10:11:12Z` with all seven digits of the fraction. */
function fullPrecision(text: string): string {
  const match = /^(.*:\d\d)(?:\.(\d{1,7}))?Z?$/.exec(text);
  return match ? `${match[1]}.${(match[2] ?? '').padEnd(7, '0')}Z` : text;
}

function refusal(error: unknown): Error {
  const response = (error as { response?: { status?: number; data?: unknown } }).response;
  if (response?.status === 400) {
    const detail = response.data as { error?: { '@message'?: string; message?: string } } | undefined;
    return new KqlRuntimeError(detail?.error?.['@message'] ?? detail?.error?.message ?? 'the query is refused');
  }
  const message = error instanceof Error ? error.message : String(error);
  return new UserError('KUSTO_UNREACHABLE', {
    what: `the Kusto cluster did not answer: ${message}`,
    remedy: 'start the emulator (see README, "The real engines"), or sign in with `az login` for a cluster',
    cause: error,
  });
}
