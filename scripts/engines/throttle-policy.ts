/** Waits that Azure asks for, beyond what its SDK does by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';

const attempts = 8;

/**
 * Honours a 429 without Retry-After, which the SDK does not retry, and one that lasts longer than the SDK's attempts.
 * One throttled answer pauses all requests of the client, so that they do not prolong it.
 * @param firstWait milliseconds; each further wait doubles, up to twelve times the first.
 */
export function throttlePolicy(firstWait: number, signal?: AbortSignal): PipelinePolicy {
  let open: Promise<unknown> = Promise.resolve();
  return {
    name: 'breakglassThrottlePolicy',
    async sendRequest(request, next) {
      for (let attempt = 0; ; attempt++) {
        await open;
        const response = await next(request);
        if (response.status !== 429 || attempt === attempts) return response;
        const asked = Number(response.headers.get('retry-after') ?? Number.NaN) * 1000;
        const own = Math.min(firstWait * 2 ** attempt, firstWait * 12) * (0.75 + Math.random() / 2);
        // An abort is told by the request itself; the wait must not fail where nobody waits for it.
        open = sleep(Number.isFinite(asked) ? asked : own, undefined, signal ? { signal } : {}).catch(() => {});
      }
    },
  };
}
