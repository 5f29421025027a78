/**
 * Retry policies. Source: https://learn.microsoft.com/azure/logic-apps/logic-apps-exception-handling: calls are tried again
 * on 408, 429, 5xx and time-outs; without a policy four times, about 7.5 seconds doubling, between 5 and 45 seconds.
 */
import { getOwn, isObject, type Value } from '../value.ts';
import { parseDuration } from './duration.ts';
import type { ServiceAnswer } from './model.ts';

export interface RetryPolicy {
  /** Waits before the second, third, ... attempt, in milliseconds. */
  delays: readonly number[];
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The waits of `retryPolicy`; the platform's random part of exponential waits is left out, so that runs repeat. */
export function retryPolicy(definition: Value | undefined): RetryPolicy {
  const policy = isObject(definition) ? definition : {};
  const type = String(getOwn(policy, 'type') ?? 'default').toLowerCase();
  if (type === 'none') return { delays: [] };
  const count = clamp(Math.trunc(Number(getOwn(policy, 'count') ?? 4)) || 0, 0, 90);
  const interval = parseDuration(getOwn(policy, 'interval')) ?? 7500;
  if (type === 'fixed') return { delays: Array.from({ length: count }, () => interval) };
  const low = parseDuration(getOwn(policy, 'minimumInterval')) ?? 5000;
  const high = parseDuration(getOwn(policy, 'maximumInterval')) ?? (type === 'exponential' ? 86_400_000 : 45_000);
  return { delays: Array.from({ length: count }, (_, attempt) => clamp(interval * 2 ** attempt, low, high)) };
}

/** Whether the platform tries a call again that was answered so. */
export function isTransient(answer: ServiceAnswer): boolean {
  if (answer.status === 'TimedOut') return true;
  // What nothing answers here stays unanswered.
  if (answer.code === 'NotStubbed') return false;
  const code = statusCodeOf(answer);
  return code === 408 || code === 429 || code >= 500;
}

const namedCodes: Record<string, number> = {
  ok: 200,
  created: 201,
  accepted: 202,
  nocontent: 204,
  badrequest: 400,
  unauthorized: 401,
  forbidden: 403,
  notfound: 404,
  requesttimeout: 408,
  conflict: 409,
  toomanyrequests: 429,
  internalservererror: 500,
  badgateway: 502,
  serviceunavailable: 503,
  gatewaytimeout: 504,
};

/** The status code as a number; `OK` and the other names of `staticResults` are numbers too. */
export function statusCodeOf(answer: ServiceAnswer): number {
  const code = answer.outputs?.statusCode;
  if (code === undefined) return answer.status === 'Failed' ? 500 : 200;
  if (typeof code === 'number') return code;
  return namedCodes[code.toLowerCase()] ?? (Number(code) || 200);
}

/** The wait that the answer itself asks for with `Retry-After` (seconds), in milliseconds. */
export function retryAfter(answer: ServiceAnswer): number | undefined {
  const seconds = Number(getOwn(answer.outputs?.headers ?? {}, 'retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
