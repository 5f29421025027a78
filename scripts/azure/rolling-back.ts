/** `rollback` at one target: the restoration as a plan, and its two halves applied. */
import { ExitCode } from '../diagnostics/errors.ts';
import { type StepResult, writingSteps } from './apply.ts';
import { collect } from './collect.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { fingerprint, type JsonObject } from './json.ts';
import { fieldsOf } from './normalize.ts';
import { assemble, type Snapshot, type Step } from './plan.ts';
import { remove } from './removal.ts';
import { type Restoration, removalStep, restorationOf } from './rollback.ts';
import type { Comparison, Session } from './session.ts';

export interface RollbackPlan {
  comparison: Comparison;
  removals: Step[];
  cannot: Restoration['cannot'];
}

/** Compares the state that the journal holds with the workspace. Writes nothing. */
export async function planRollback(
  session: Session,
  entries: readonly JournalEntry[],
  to?: string,
): Promise<RollbackPlan> {
  const { restore, remove: gone, cannot } = restorationOf(entries, session.target.name, to);
  const kinds = new Set([...restore.map((item) => item.kind), ...gone.map((entry) => entry.kind)]);
  const playbooks = [...restore.map((item) => item.resourceId!), ...gone.map((entry) => entry.resourceId)].filter(
    (id) => id.includes('/Microsoft.Logic/'),
  );
  const snapshot = await collect(session.client, session.workspace.scope, {
    kinds,
    playbooks: playbooks.map((id) => id.split('/').at(-1)!),
  });
  const wanted = new Set(restore.map((item) => item.key));
  // The whole state is taken back, whoever changed what since.
  const { steps } = assemble(restore, snapshot, { overwrite: true, adopt: true });
  const restored = steps
    .filter((step) => wanted.has(step.key))
    .map((step): Step => ({ ...step, fields: step.fields.map((field) => ({ ...field, state: 'update' })) }));
  return {
    comparison: { steps: restored, refusals: [], desired: restore, snapshot },
    removals: gone.flatMap((entry) => removalOf(entry, snapshot)),
    cannot,
  };
}

function removalOf(entry: JournalEntry, snapshot: Snapshot): Step[] {
  const live = snapshot.items.find(
    (item) => item.kind === entry.kind && item.resourceId.toLowerCase() === entry.resourceId.toLowerCase(),
  );
  const record = snapshot.records.find((candidate) => candidate.kind === entry.kind && candidate.id === entry.id);
  if (live === undefined && record === undefined) return [];
  const print = live === undefined ? 'absent' : fingerprint(fieldsOf(live.kind, live.resource) as JsonObject);
  return [removalStep(entry, { etag: live?.etag, fingerprint: print }, record?.etag)];
}

/** Applies a rollback: what is put back first, what goes after it, the dependents before what they depend on. */
export async function applyRollback(
  session: Session,
  plan: RollbackPlan,
  journal: Journal,
): Promise<{ exit: ExitCode; results: StepResult[] }> {
  const results = await session.deploy(plan.comparison, journal);
  results.push(...(await remove(session, [...plan.removals].reverse(), plan.comparison.snapshot, journal)));
  const exit =
    results.every((result) => result.outcome === 'done') && plan.cannot.length === 0 ? ExitCode.ok : ExitCode.failed;
  return { exit, results };
}

export function rollbackSteps(plan: RollbackPlan): Step[] {
  return [...writingSteps(plan.comparison.steps), ...plan.removals];
}
