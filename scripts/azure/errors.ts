/** What can go wrong between the tool and Azure, told so that the reader knows what to do. */
import { ExitCode, isUserError, UserError } from '../diagnostics/errors.ts';
import { redactText } from './redact.ts';

/** An answer of Azure that is not a success. */
export class ArmError extends Error {
  readonly status: number;
  readonly code: string;
  readonly request: string;

  constructor(status: number, code: string, message: string, request: string) {
    super(redactText(message));
    this.name = 'ArmError';
    this.status = status;
    this.code = code;
    this.request = request;
  }
}

/**
 * Whether a failed write may have been carried out all the same: it was cut off, or answered with a server error.
 * An answer that says no (4xx) is certain.
 */
export function outcomeUnknown(error: unknown): boolean {
  if (error instanceof ArmError) return error.status >= 500 || error.status === 408;
  return !isUserError(error);
}

interface ErrorShape {
  name?: string;
  code?: string;
  message?: string;
  statusCode?: number;
  errors?: unknown[];
  cause?: unknown;
}

/**
 * The user's words for an error of the SDK, the network or Azure; anything that is a defect of the tool comes back as it
 * was.
 */
export function explain(error: unknown): unknown {
  if (isUserError(error)) return error;
  if (error instanceof ArmError) return explainAnswer(error);
  const shape = (typeof error === 'object' && error !== null ? error : {}) as ErrorShape;
  if (
    /CredentialUnavailable|AggregateAuthentication|AuthenticationRequired|AuthenticationError/.test(shape.name ?? '')
  ) {
    return new UserError('not-logged-in', {
      what: `no identity could log in to Azure: ${attempts(shape)}`,
      remedy:
        'run `az login --tenant <tenant id>`; in a pipeline use workload identity (azure/login) or AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET',
      exitCode: ExitCode.failed,
      cause: error,
    });
  }
  const network = shape.code ?? (shape.cause as ErrorShape | undefined)?.code ?? '';
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(network)) {
    return new UserError('certificate-untrusted', {
      what: `the server's certificate is not trusted: ${redactText(shape.message ?? network)}`,
      remedy: 'put the authority that signed it into a PEM file and name that file in NODE_EXTRA_CA_CERTS',
      exitCode: ExitCode.failed,
    });
  }
  if (
    shape.name === 'AbortError' ||
    /^(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|EPIPE|REQUEST_SEND_ERROR)$/.test(network)
  ) {
    return new UserError('endpoint-unreachable', {
      what: `Azure cannot be reached: ${redactText(shape.message ?? network)}`,
      remedy: 'check network, proxy (HTTPS_PROXY) and --arm-endpoint / --logs-endpoint; then run the command again',
      exitCode: ExitCode.failed,
    });
  }
  if (shape.name === 'RestError' && typeof shape.statusCode === 'number') {
    return explainAnswer(
      new ArmError(shape.statusCode, shape.code ?? String(shape.statusCode), shape.message ?? '', ''),
    );
  }
  return error;
}

/** What each source of an identity said, in short: most of them only that they are not there. */
function attempts(error: ErrorShape): string {
  const tried = (error.errors ?? []) as ErrorShape[];
  if (tried.length === 0) return firstSentence(error);
  const named = tried.map(
    (attempt) =>
      /\b([A-Z]\w+)Credential\b/.exec((attempt.message ?? '').replace('CredentialUnavailableError', ''))?.[1] ??
      'another source',
  );
  const telling = tried.find((attempt) => attempt.name !== 'CredentialUnavailableError');
  return `tried ${[...new Set(named)].join(', ')}${telling === undefined ? '; none of them is set up here' : `: ${firstSentence(telling)}`}`;
}

function explainAnswer(error: ArmError): UserError {
  const told = `${firstSentence(error)}${error.request ? ` [${error.request}]` : ''}`;
  const fail = (code: string, what: string, remedy: string) =>
    new UserError(code, { what, remedy, exitCode: ExitCode.failed, cause: error });
  switch (error.status) {
    case 401:
      return fail(
        'token-refused',
        `Azure refuses the token (expired, or of another tenant or cloud): ${told}`,
        'log in again: `az login --tenant <tenant id>`; check --cloud and --tenant',
      );
    case 403:
      return fail(
        'permission-missing',
        `the identity may not do this: ${told}`,
        '`breakglass doctor` lists the permissions that lack and the role that holds each',
      );
    case 404:
      return fail(
        'not-found',
        `not found: ${told}`,
        'check subscription, resource group and workspace; a role that cannot read them looks the same',
      );
    case 409:
    case 412:
      return fail(
        'changed-meanwhile',
        `somebody changed it at the same time: ${told}`,
        'look at a new plan, then run the command again',
      );
    case 429:
      return fail(
        'throttled',
        `Azure still throttles after many waits: ${told}`,
        'wait some minutes, then run it again',
      );
    default:
      return fail(
        error.status >= 500 ? 'azure-failed' : 'azure-refused',
        `Azure answered ${error.status} ${error.code}: ${told}`,
        error.status >= 500
          ? 'run the command again: it continues where it stopped'
          : 'the message above names the property; `breakglass validate` finds most of these before Azure does',
      );
  }
}

function firstSentence(error: ErrorShape): string {
  const text = redactText(error.message ?? '')
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > 400 ? `${text.slice(0, 400)}...` : text;
}
