/** Runs a workbook's queries on an engine: cached by text and window, and with refusals told apart. */
import { isUserError } from '../diagnostics/errors.ts';
import type { QueryEngine, QueryResult } from '../engines/query-engine.ts';
import { type KqlDiagnostic, KqlError, KqlRuntimeError, KqlUnsupported } from '../kql/errors.ts';
import {
  NOT_IN_DATA,
  type PreviewWorkspace,
  previewResources,
  type QueryOutcome,
  type TimeWindow,
  type WorkbookEnvironment,
} from './environment.ts';

/** A result of a query that reads from somewhere this data does not have. */
const NOTHING: QueryResult = { columns: [], rows: [] };

/**
 * @param now the clock of the data: a scenario's end, or the machine's for a live workspace.
 * Answers are kept, so a parameter re-runs only the queries whose text or window it changes.
 */
export function engineEnvironment(engine: QueryEngine, now: Date, workspace?: PreviewWorkspace): WorkbookEnvironment {
  const answers = new Map<string, Promise<QueryOutcome>>();
  return {
    now,
    resources: previewResources(workspace),
    async runQuery(query, window, signal) {
      const key = `${window ? `${window.from.toISOString()}/${window.to.toISOString()}` : ''}\n${query}`;
      const known = answers.get(key);
      if (known) return known;
      // The answer serves later requests too, so the signal of the first one must not cut it off half way.
      signal?.throwIfAborted();
      const answer = ask(engine, query, window, now);
      answers.set(key, answer);
      answer.catch(() => answers.delete(key));
      return answer;
    },
  };
}

async function ask(
  engine: QueryEngine,
  query: string,
  window: TimeWindow | undefined,
  now: Date,
): Promise<QueryOutcome> {
  try {
    // The end of a window is inclusive for the service; the engine's is exclusive.
    const to = window && new Date(window.to.getTime() + 1);
    const result = await engine.query(query, {
      now,
      signal: AbortSignal.timeout(MAX_DURATION_MS),
      ...(window ? { visibility: { timeGenerated: { from: window.from, to: to! } } } : {}),
    });
    return { status: 'rows', result };
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') {
      return { status: 'failed', message: `The query took longer than ${MAX_DURATION_MS / 1000} seconds.` };
    }
    return refusal(error, query);
  }
}

const MAX_DURATION_MS = 60_000;

/** What a refusal means for a workbook: a fault that Azure shows too, data that is not here, or a limit of ours. */
export function refusal(error: unknown, query: string): QueryOutcome {
  if (!(error instanceof KqlError)) {
    // A workspace that refuses a query is Azure itself.
    const refused = isUserError(error) && error.code === 'query-refused';
    return {
      status: refused ? 'error' : 'failed',
      message: error instanceof Error ? error.message.slice(0, 500) : String(error),
    };
  }
  if (error instanceof KqlUnsupported) {
    if (/\b(externaldata|cluster|adx|arg|workspace|app|resource)\b/i.test(error.feature)) {
      return { status: 'unavailable', message: `${error.feature} reads from outside and is not available offline.` };
    }
    return { status: 'unavailable', message: `Not available offline: ${error.message}.` };
  }
  if (error instanceof KqlRuntimeError) return { status: 'error', message: error.message };
  const found = error.diagnostics.filter((one) => one.severity === 'error');
  const text = (one: KqlDiagnostic) => query.slice(one.start, one.start + one.length);
  const elsewhere = found.filter((one) => one.code === 'KS211').map((one) => ELSEWHERE[text(one).toLowerCase()]);
  const place = elsewhere.find((one) => one !== undefined);
  if (place !== undefined) {
    return { status: 'unavailable', message: `The query reads from ${place}, which is not available offline.` };
  }
  const syntax = found.find((one) => SYNTAX.test(one.code));
  if (syntax) return { status: 'error', message: located(syntax) };
  const missing = [...new Set(found.filter((one) => one.code === 'KS204' || one.code === 'KS211').map(text))];
  if (missing.length > 0) return { status: 'rows', result: NOTHING, note: missingNote(missing) };
  const columns = found.filter((one) => one.code === 'KS142');
  const absent = error.diagnostics.filter((one) => one.code === 'KS205').map(text);
  if (columns.length === found.length && columns.length > 0) {
    if (absent.length > 0) return { status: 'rows', result: NOTHING, note: missingNote([...new Set(absent)]) };
    const custom = columns.map(text).filter((name) => CUSTOM_COLUMN.test(name));
    if (custom.length === columns.length || readsWatchlist(query) || SOLUTION_PARSER.test(query)) {
      const names = [...new Set(columns.map(text))].join(', ');
      return {
        status: 'rows',
        result: NOTHING,
        note: `${NOT_IN_DATA}: ${names}. A workspace without that source shows an error here.`,
      };
    }
  }
  const first = found[0] ?? error.diagnostics[0];
  return { status: 'error', message: first ? located(first) : error.message };
}

/** Functions that read from outside the workspace. */
const ELSEWHERE: Readonly<Record<string, string | undefined>> = {
  workspace: 'another workspace',
  app: 'Application Insights',
  cluster: 'another cluster',
  database: 'another database',
  adx: 'Azure Data Explorer',
  arg: 'Azure Resource Graph',
  resource: 'another resource',
};

/** Codes of the parser (KS001 to KS099) and of stray text. */
const SYNTAX = /^KS0\d\d$|^KS198$/;
/** Columns that exist only once a source has sent them: the suffixes of custom logs, and custom fields. */
const CUSTOM_COLUMN = /_(s|d|g|b|t|CF)$|\*/;

/**
 * Tables of the catalogue that are parsers of Sentinel's solutions (Solutions/<name>/Parsers of Azure-Sentinel): their
 * columns change with the version that is deployed, so one that is unknown here is no fault of the workbook.
 */
const SOLUTION_PARSER = new RegExp(
  `\\b(${[
    ...['ApacheHTTPServer', 'BoxEvents', 'CiscoDuo', 'CiscoISEEvent', 'CiscoWSAEvent', 'Cisco_Umbrella', 'Cloudflare'],
    ...['Corelight', 'Dynamics365Activity', 'GCP_IAM', 'GWorkspaceActivityReports', 'GitHubAudit', 'GitHubRepo'],
    ...['InfobloxCDC', 'Infoblox_dnsclient', 'McAfeeEPOEvent', 'NGINXHTTPServer', 'OracleDatabaseAuditEvent'],
    ...['OracleWebLogicServerEvent', 'PaloAltoCDLEvent', 'PaloAltoPrismaCloud', 'PingFederateEvent', 'ProofpointPOD'],
    ...['PulseConnectSecure', 'SlackAudit', 'UbiquitiAuditEvent', 'ZPAEvent', 'ZoomLogs'],
  ].join('|')})\\b`,
);

function readsWatchlist(query: string): boolean {
  return /_GetWatchlist\s*\(/i.test(query);
}

function missingNote(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return `${NOT_IN_DATA}: ${shown}${names.length > 4 ? ', …' : ''}. A workspace without that source shows an error here.`;
}

function located(diagnostic: KqlDiagnostic): string {
  return `${diagnostic.message} (line ${diagnostic.line}, column ${diagnostic.column} of the query)`;
}
