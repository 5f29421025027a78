/** A Log Analytics workspace behind the engine interface: queries run where the logs are. */
import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient, PipelinePolicy } from '@azure/core-rest-pipeline';
import { LogsQueryClient } from '@azure/monitor-query';
import { kqlTokens } from '../content/kql-tokens.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';
import type {
  Column,
  KustoType,
  PreparedQuery,
  QueryEngine,
  QueryOptions,
  QueryResult,
  Value,
} from './query-engine.ts';
import { throttlePolicy } from './throttle-policy.ts';

/** The service's own limit is 600. */
const serverTimeoutSeconds = 180;

export interface LogAnalyticsOptions {
  /** The workspace's GUID (`customerId`), not its ARM id. */
  workspaceId: string;
  credential: TokenCredential;
  /** Without version, such as `https://api.loganalytics.io`. */
  endpoint: string;
  audience: string;
  httpClient?: HttpClient;
  /** First waits in milliseconds; tests make them small. */
  timing?: { retry: number; throttle: number };
}

/** What a query cost, as the service counts it; what it does not tell is left out. */
export interface QueryCost {
  cpuSeconds?: number;
  rowsScanned?: number;
  bytesScanned?: number;
}

export interface LogAnalyticsResult extends QueryResult {
  cost?: QueryCost;
}

interface RawTable {
  name: string;
  columns: { name: string; type: string }[];
  rows: Value[][];
}

interface RawAnswer {
  tables?: RawTable[];
  error?: { code?: string; message?: string; details?: { message?: string; innererror?: { message?: string } }[] };
  statistics?: { query?: Record<string, unknown> };
  render?: { visualization?: string } & Record<string, string>;
}

export class LogAnalyticsEngine implements QueryEngine {
  readonly name = 'log-analytics';
  readonly #client: LogsQueryClient;
  readonly #workspaceId: string;
  /** Answers as text by request id: the SDK's own rows have lost the last digits of times. */
  readonly #raw = new Map<string, string>();

  constructor(options: LogAnalyticsOptions) {
    this.#workspaceId = options.workspaceId;
    const timing = options.timing ?? { retry: 1000, throttle: 5000 };
    this.#client = new LogsQueryClient(options.credential, {
      endpoint: `${options.endpoint}/v1`,
      audience: options.audience,
      retryOptions: { maxRetries: 4, retryDelayInMs: timing.retry, maxRetryDelayInMs: timing.retry * 32 },
      userAgentOptions: { userAgentPrefix: 'breakglass' },
      ...(options.httpClient ? { httpClient: options.httpClient } : {}),
    });
    this.#client.pipeline.addPolicy(throttlePolicy(timing.throttle), { beforePolicies: ['defaultRetryPolicy'] });
    this.#client.pipeline.addPolicy(this.#keepText());
  }

  #keepText(): PipelinePolicy {
    return {
      name: 'breakglassKeepTextPolicy',
      sendRequest: async (request, next) => {
        const response = await next(request);
        const id = request.headers.get('x-breakglass-query');
        if (id !== undefined) this.#raw.set(id, response.bodyAsText ?? '');
        return response;
      },
    };
  }

  /** The service binds when it runs; columns are known from the answer only. */
  async prepare(query: string): Promise<PreparedQuery> {
    return { columns: [], run: async (options = {}) => await this.query(query, options) };
  }

  /**
   * @throws UserError for a refused query, a server time-out and an engine option that the service has no equal for. A
   * partial answer is not thrown: its rows come with `partial`.
   */
  async query(query: string, options: QueryOptions = {}): Promise<LogAnalyticsResult> {
    if (options.visibility?.ingested !== undefined) {
      throw new UserError('window-unsupported', {
        what: 'a workspace cannot be asked for a window of ingestion time',
        remedy: 'use a window of TimeGenerated',
      });
    }
    const window = options.visibility?.timeGenerated;
    const now = options.now ?? new Date();
    const timespan = { startTime: window?.from ?? new Date(0), endTime: window?.to ?? now };
    const text = options.now === undefined ? query : atClock(query, options.now);
    const id = randomUUID();
    try {
      await this.#client.queryWorkspace(this.#workspaceId, text, timespan, {
        serverTimeoutInSeconds: serverTimeoutSeconds,
        includeQueryStatistics: true,
        includeVisualization: true,
        requestOptions: { headers: { 'x-breakglass-query': id } },
      });
      return readAnswer(this.#raw.get(id) ?? '');
    } catch (error) {
      throw refusal(error);
    } finally {
      this.#raw.delete(id);
    }
  }

  async close(): Promise<void> {}
}

/** @throws UserError where the text is not an answer of the query API. */
function readAnswer(text: string): LogAnalyticsResult {
  let answer: RawAnswer;
  try {
    answer = JSON.parse(text) as RawAnswer;
  } catch {
    throw new UserError('answer-unreadable', {
      what: 'the answer of the query API is not JSON',
      remedy: 'check --logs-endpoint',
      exitCode: ExitCode.failed,
    });
  }
  const table = answer.tables?.find((candidate) => candidate.name === 'PrimaryResult') ?? answer.tables?.[0];
  if (table === undefined) {
    const reason = answer.error === undefined ? 'no table' : messageOf(answer.error);
    throw new UserError('query-refused', {
      what: `the workspace answers without a result: ${reason}`,
      remedy: 'run the query in the portal to see more',
      exitCode: ExitCode.failed,
    });
  }
  const columns = table.columns.map(({ name, type }): Column => ({ name, type: kustoType(type) }));
  const { visualization: kind, ...properties } = answer.render ?? {};
  const cost = costOf(answer.statistics?.query);
  return {
    columns,
    rows: table.rows.map((row) => row.map((value, index) => cell(value, columns[index]?.type))),
    ...(kind === undefined ? {} : { visualization: { kind, properties } }),
    ...(answer.error === undefined ? {} : { partial: messageOf(answer.error) }),
    ...(cost === undefined ? {} : { cost }),
  };
}

function kustoType(type: string): KustoType {
  const known: readonly string[] = [
    'bool',
    'datetime',
    'decimal',
    'dynamic',
    'guid',
    'int',
    'long',
    'real',
    'string',
    'timespan',
  ];
  return known.includes(type) ? (type as KustoType) : type === 'boolean' ? 'bool' : 'string';
}

/** Dynamic values come as JSON text, times with as many digits as are not zero. */
function cell(value: Value, type: KustoType | undefined): Value {
  if (value === null || value === undefined) return type === 'string' ? '' : null;
  if (type === 'datetime' && typeof value === 'string') {
    const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?Z?$/.exec(value);
    return match ? `${match[1]}.${(match[2] ?? '').padEnd(7, '0')}Z` : value;
  }
  if (type === 'dynamic' && typeof value === 'string') {
    try {
      return JSON.parse(value) as Value;
    } catch {
      return value;
    }
  }
  return value;
}

function costOf(query: Record<string, unknown> | undefined): QueryCost | undefined {
  if (query === undefined) return undefined;
  const at = (...path: string[]): unknown =>
    path.reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined,
      query,
    );
  const cost: QueryCost = {};
  const cpu = at('resourceUsage', 'cpu', 'totalCpu') ?? at('resourceUsage', 'cpu', 'total cpu');
  const clock = typeof cpu === 'string' ? /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(cpu) : null;
  if (clock)
    cost.cpuSeconds =
      Number(clock[1] ?? 0) * 86400 + Number(clock[2]) * 3600 + Number(clock[3]) * 60 + Number(clock[4]);
  else if (typeof at('executionTime') === 'number') cost.cpuSeconds = at('executionTime') as number;
  const rows = at('inputDatasetStatistics', 'rows', 'scanned');
  if (typeof rows === 'number') cost.rowsScanned = rows;
  const bytes =
    at('inputDatasetStatistics', 'extents', 'scannedSize') ??
    at('resourceUsage', 'network', 'inter_cluster_total_bytes');
  if (typeof bytes === 'number') cost.bytesScanned = bytes;
  return Object.keys(cost).length === 0 ? undefined : cost;
}

function messageOf(error: NonNullable<RawAnswer['error']>): string {
  const detail = error.details?.find((item) => item.innererror?.message ?? item.message);
  return (detail?.innererror?.message ?? detail?.message ?? error.message ?? error.code ?? 'no reason given').replace(
    /\s+/g,
    ' ',
  );
}

/** Login and network errors pass as they are; the caller has words for them. */
function refusal(error: unknown): unknown {
  const { statusCode, code, message = '' } = error as { statusCode?: number; code?: string; message?: string };
  const told = message.replace(/\s+/g, ' ').slice(0, 500);
  if (statusCode === 400 || code === 'BadArgumentError' || code === 'SyntaxError' || code === 'SemanticError') {
    return new UserError('query-refused', {
      what: `the workspace refuses the query: ${told}`,
      remedy: 'mend the query; `breakglass validate` shows most mistakes with their place',
      exitCode: ExitCode.failed,
    });
  }
  if (statusCode === 504 || code === 'GatewayTimeout') {
    return new UserError('query-timeout', {
      what: `the query took longer than ${serverTimeoutSeconds} seconds`,
      remedy: 'ask for a shorter window',
      exitCode: ExitCode.failed,
    });
  }
  return error;
}

/**
 * The query as it reads at `now`: `now()` and `ago(x)` count from there, as the workspace offers no clock of its own.
 * Strings and comments stay as they are.
 */
export function atClock(query: string, now: Date): string {
  const literal = `datetime(${now.toISOString()})`;
  const tokens = kqlTokens(query);
  const significant = tokens.filter((token) => token.kind !== 'space' && token.kind !== 'comment');
  const replacements = new Map<number, string>();
  significant.forEach((token, index) => {
    const calls =
      token.kind === 'identifier' && significant[index + 1]?.text === '(' && significant[index - 1]?.text !== '.';
    if (!calls || (token.text !== 'now' && token.text !== 'ago')) return;
    const empty = significant[index + 2]?.text === ')';
    // `now()` loses its parentheses' emptiness: `(datetime(...) + (0s))`, so that both forms close as they were opened.
    replacements.set(token.start, `(${literal} ${token.text === 'ago' ? '-' : '+'} `);
    if (empty) replacements.set(significant[index + 1]!.start, '(0s');
    replacements.set(closing(significant, index + 1), '))');
  });
  return tokens.map((token) => replacements.get(token.start) ?? token.text).join('');
}

function closing(tokens: readonly { text: string; kind: string; start: number }[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    if (tokens[index]!.text === '(') depth++;
    if (tokens[index]!.text === ')' && --depth === 0) return tokens[index]!.start;
  }
  return -1;
}
