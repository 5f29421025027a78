/**
 * Requests to Azure Resource Manager, all through the pipeline of `@azure/arm-securityinsight`'s client: its
 * authentication, retries and telemetry, with an explicit api-version and a body that is not cut by its old mappers.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SecurityInsights } from '@azure/arm-securityinsight';
import type { TokenCredential } from '@azure/core-auth';
import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type PipelinePolicy,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { throttlePolicy } from '../engines/throttle-policy.ts';
import type { Cloud } from './cloud.ts';
import { ArmError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { redactText } from './redact.ts';

/** Waits in milliseconds; tests make them small. */
export interface Timing {
  /** First wait of the exponential back-off after 5xx and network errors. */
  retry: number;
  /** First wait after a 429 that names no time. */
  throttle: number;
  /** Between two looks at a long-running operation. */
  poll: number;
  /** First wait when a written item cannot be read back yet. */
  settle: number;
}

export const serviceTiming: Timing = { retry: 1000, throttle: 5000, poll: 3000, settle: 1000 };

export interface ArmClientOptions {
  cloud: Cloud;
  subscription: string;
  credential: TokenCredential;
  /** The last step below every policy; tests put an Azure of their own here. */
  httpClient?: HttpClient;
  timing?: Timing;
  /** Told one line a request, without secrets. */
  debug?: (line: string) => void;
  signal?: AbortSignal;
}

const pollLimit = 400;
/** Milliseconds for one request with all its retries. */
const answerLimit = 300_000;

export class ArmClient {
  readonly sentinel: SecurityInsights;
  readonly timing: Timing;
  readonly signal: AbortSignal | undefined;
  readonly #cloud: Cloud;
  readonly #origins: Set<string>;

  constructor(options: ArmClientOptions) {
    this.timing = options.timing ?? serviceTiming;
    this.signal = options.signal;
    this.#cloud = options.cloud;
    this.#origins = new Set([new URL(options.cloud.arm).origin, new URL(options.cloud.armAudience).origin]);
    const perCall = [throttlePolicy(this.timing.throttle, options.signal)];
    const perRetry = options.debug ? [debugPolicy(options.debug)] : [];
    this.sentinel = new SecurityInsights(options.credential, options.subscription, {
      endpoint: options.cloud.arm,
      credentialScopes: `${options.cloud.armAudience}/.default`,
      userAgentOptions: { userAgentPrefix: 'breakglass' },
      retryOptions: { maxRetries: 4, retryDelayInMs: this.timing.retry, maxRetryDelayInMs: this.timing.retry * 32 },
      additionalPolicies: [
        ...perCall.map((policy) => ({ policy, position: 'perCall' as const })),
        ...perRetry.map((policy) => ({ policy, position: 'perRetry' as const })),
      ],
      ...(options.httpClient ? { httpClient: options.httpClient } : {}),
    });
  }

  /** The resource, or undefined where there is none. @throws ArmError for any other answer than success. */
  async get(path: string, apiVersion: string, query: Record<string, string> = {}): Promise<JsonObject | undefined> {
    const response = await this.#send('GET', path, apiVersion, undefined, query);
    if (response.status === 404) return undefined;
    return resourceOf(this.#succeeded(response));
  }

  /** Every element of a collection over all its pages; empty where the collection does not exist. */
  async list(path: string, apiVersion: string, query: Record<string, string> = {}): Promise<JsonObject[]> {
    const all: JsonObject[] = [];
    const seen = new Set<string>();
    let response = await this.#send('GET', path, apiVersion, undefined, query);
    if (response.status === 404 && codeOf(response) !== 'ResourceGroupNotFound') return all;
    for (;;) {
      const page = bodyOf(this.#succeeded(response));
      const value = isObject(page) ? page.value : undefined;
      if (Array.isArray(value)) all.push(...value.filter(isObject));
      const next = isObject(page) ? (page.nextLink ?? page['@odata.nextLink']) : undefined;
      if (typeof next !== 'string' || next === '' || seen.has(next)) return all;
      seen.add(next);
      response = await this.#request('GET', this.#own(next), undefined);
    }
  }

  /** Creates or replaces; waits for a long-running operation to end. Answers the resource as Azure then holds it. */
  async put(path: string, apiVersion: string, body: JsonObject): Promise<JsonObject | undefined> {
    const response = await this.#send('PUT', path, apiVersion, body);
    return await this.#finished(response, path, apiVersion);
  }

  /** An action on a resource, such as `.../listCallbackUrl`. */
  async post(path: string, apiVersion: string, body: JsonObject = {}): Promise<JsonObject | undefined> {
    return resourceOf(this.#succeeded(await this.#send('POST', path, apiVersion, body)));
  }

  /** Deletes; a resource that is not there counts as deleted. */
  async delete(path: string, apiVersion: string): Promise<void> {
    const response = await this.#send('DELETE', path, apiVersion, undefined);
    if (response.status === 404 || response.status === 204) return;
    await this.#finished(response, undefined, apiVersion);
  }

  #send(
    method: HttpMethods,
    path: string,
    apiVersion: string,
    body: JsonObject | undefined,
    query: Record<string, string> = {},
  ): Promise<PipelineResponse> {
    const url = new URL(`${this.#cloud.arm}${path}`);
    url.searchParams.set('api-version', apiVersion);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    // OData options carry a literal dollar sign, as the reference shows them.
    return this.#request(method, url.toString().replaceAll('%24', '$'), body);
  }

  async #request(method: HttpMethods, url: string, body: JsonObject | undefined): Promise<PipelineResponse> {
    // Not the request's own `timeout`: its timer outlives a failed connection and keeps the process alive.
    const deadline = AbortSignal.timeout(answerLimit);
    const request = createPipelineRequest({
      method,
      url,
      abortSignal: this.signal ? AbortSignal.any([this.signal, deadline]) : deadline,
      headers: createHttpHeaders({
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return await this.sentinel.sendRequest(request);
  }

  /**
   * A link that Azure handed out, at the endpoint in use. A link to anybody else is refused: the request would carry
   * the token there.
   */
  #own(link: string): string {
    const url = new URL(link, this.#cloud.arm);
    if (!this.#origins.has(url.origin)) {
      throw new ArmError(
        502,
        'ForeignLink',
        `Azure's answer links to ${url.origin}, which is not ${this.#cloud.arm}`,
        link,
      );
    }
    return `${this.#cloud.arm}${url.pathname}${url.search}`;
  }

  #succeeded(response: PipelineResponse): PipelineResponse {
    if (response.status >= 200 && response.status < 300) return response;
    throw errorOf(response);
  }

  async #finished(
    first: PipelineResponse,
    path: string | undefined,
    apiVersion: string,
  ): Promise<JsonObject | undefined> {
    this.#succeeded(first);
    const operation = first.headers.get('azure-asyncoperation') ?? first.headers.get('operation-location');
    const location = first.headers.get('location');
    // A watchlist answers 200 with the header of its background upload; its definition is there already.
    if (first.status === 200 || (operation === undefined && location === undefined)) return resourceOf(first);
    for (let looks = 0; looks < pollLimit; looks++) {
      // Most operations end soon: the first looks come faster.
      const wait = this.timing.poll * Math.min(1, (looks + 1) / 4);
      await sleep(wait, undefined, this.signal ? { signal: this.signal } : {});
      const response = await this.#request('GET', this.#own((operation ?? location)!), undefined);
      this.#succeeded(response);
      const body = bodyOf(response);
      const status = isObject(body) && typeof body.status === 'string' ? body.status : undefined;
      if (operation !== undefined && /^(failed|canceled|cancelled)$/i.test(status ?? '')) {
        const error = isObject(body) && isObject(body.error) ? body.error : {};
        throw new ArmError(
          400,
          String(error.code ?? status),
          deepestMessage(error) ?? `the operation ${status}`,
          path ?? '',
        );
      }
      const done = operation === undefined ? response.status !== 202 : /^succeeded$/i.test(status ?? '');
      if (done) return path === undefined ? undefined : await this.get(path, apiVersion);
    }
    throw new ArmError(504, 'OperationTimedOut', 'the operation did not end in time', path ?? '');
  }
}

function bodyOf(response: PipelineResponse): Json | undefined {
  const text = response.bodyAsText;
  if (!text) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new ArmError(502, 'NotJson', 'the answer is not JSON: a proxy or a wrong endpoint?', describe(response));
  }
}

function resourceOf(response: PipelineResponse): JsonObject | undefined {
  const body = bodyOf(response);
  return isObject(body) ? body : undefined;
}

function describe(response: PipelineResponse): string {
  const url = new URL(response.request.url);
  return redactText(`${response.request.method} ${url.pathname}`);
}

function codeOf(response: PipelineResponse): string | undefined {
  try {
    const body = bodyOf(response);
    const error = isObject(body) && isObject(body.error) ? body.error : body;
    return isObject(error) && typeof error.code === 'string' ? error.code : undefined;
  } catch {
    return undefined;
  }
}

function errorOf(response: PipelineResponse): ArmError {
  let body: Json | undefined;
  try {
    body = bodyOf(response);
  } catch {
    body = undefined;
  }
  const error = isObject(body) && isObject(body.error) ? body.error : isObject(body) ? body : {};
  const code = typeof error.code === 'string' ? error.code : String(response.status);
  return new ArmError(response.status, code, deepestMessage(error) ?? `status ${response.status}`, describe(response));
}

/** ARM wraps the message that helps into layers of `details`. */
function deepestMessage(error: JsonObject): string | undefined {
  const details = Array.isArray(error.details) ? error.details.filter(isObject) : [];
  for (const detail of details) {
    const inner = deepestMessage(detail);
    if (inner !== undefined) return inner;
  }
  return typeof error.message === 'string' && error.message !== '' ? error.message : undefined;
}

function debugPolicy(log: (line: string) => void): PipelinePolicy {
  return {
    name: 'breakglassDebugPolicy',
    async sendRequest(request, next) {
      const started = performance.now();
      const what = `${request.method} ${redactText(request.url)}`;
      try {
        const response = await next(request);
        const id =
          response.headers.get('x-ms-request-id') ?? response.headers.get('x-ms-correlation-request-id') ?? '-';
        log(`${what} -> ${response.status} in ${Math.round(performance.now() - started)} ms, request id ${id}`);
        return response;
      } catch (error) {
        log(`${what} -> ${redactText(error instanceof Error ? error.message : String(error))}`);
        throw error;
      }
    },
  };
}
