/** The product's own way from content to a deployed workspace, against the fake Azure. */

import type { StepResult } from '../../scripts/azure/apply.ts';
import { type Journal, journalTo } from '../../scripts/azure/journal.ts';
import type { PlanOptions } from '../../scripts/azure/plan.ts';
import { type Comparison, Session } from '../../scripts/azure/session.ts';
import type { Target } from '../../scripts/azure/target.ts';
import type { Content } from '../../scripts/content/model.ts';
import { makeTarget } from './content-fixture.ts';
import type { FakeAzure } from './fake-azure.ts';

export const instant = { retry: 0, throttle: 0, poll: 0, settle: 0 };

export async function open(azure: FakeAzure, target: Target = makeTarget()): Promise<Session> {
  return await Session.open({ target, credential: azure.credential, httpClient: azure, timing: instant });
}

export async function compare(
  azure: FakeAzure,
  content: Content,
  options: PlanOptions = {},
  target?: Target,
): Promise<Comparison> {
  return await (await open(azure, target)).compare(content, new Map(), options);
}

export function memoryJournal(run = 'run-1'): Journal & { lines: string[] } {
  const lines: string[] = [];
  const journal = journalTo(
    { run, who: 'engineer@contoso.example', target: 'contoso' },
    (line) => void lines.push(line),
  );
  return Object.assign(journal, { lines });
}

export async function deploy(
  azure: FakeAzure,
  content: Content,
  options: PlanOptions & { target?: Target; rows?: Map<string, string>; journal?: Journal; concurrency?: number } = {},
): Promise<{ comparison: Comparison; results: StepResult[] }> {
  const session = await open(azure, options.target);
  const comparison = await session.compare(content, options.rows ?? new Map(), options);
  await session.refuseWhatCannotWork(comparison);
  const hooks = options.concurrency === undefined ? {} : { concurrency: options.concurrency };
  const results = await session.deploy(comparison, options.journal ?? memoryJournal(), hooks);
  return { comparison, results };
}
