/** Takes items away: only what this package put there, each looked at once more before it goes. */
import { ExitCode, isUserError, UserError } from '../diagnostics/errors.ts';
import type { StepResult } from './apply.ts';
import { readItem } from './collect.ts';
import { explain } from './errors.ts';
import { type Journal, withoutSystemData } from './journal.ts';
import { at, fingerprint, type JsonObject } from './json.ts';
import { apiVersions, type Kind } from './kinds.ts';
import { fieldsOf } from './normalize.ts';
import type { Snapshot, Step } from './plan.ts';
import { recordPath } from './record.ts';
import { assignmentId, roles } from './role-assignments.ts';
import type { Session } from './session.ts';

/** The API version by which an item of a kind is read and deleted. */
export function apiVersionOf(kind: Kind, resource?: JsonObject): string {
  switch (kind) {
    case 'rule':
      return String(resource?.kind).toUpperCase() === 'NRT' ? apiVersions.nrtRule : apiVersions.sentinel;
    case 'function':
    case 'huntingQuery':
      return apiVersions.savedSearch;
    case 'workbook':
      return apiVersions.workbook;
    case 'playbook':
      return apiVersions.workflow;
    case 'roleAssignment':
      return apiVersions.authorization;
    default:
      return apiVersions.sentinel;
  }
}

/**
 * Removes the items of the steps, one after the other, then their records. A watchlist that has rows stays: people
 * entered them.
 */
export async function remove(
  session: Session,
  steps: readonly Step[],
  snapshot: Snapshot,
  journal: Journal,
  onEnd: (step: Step, result: StepResult) => void = () => {},
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const [index, step] of steps.entries()) {
    const base = { key: step.key, name: step.name, action: step.action };
    try {
      await removeOne(session, step, snapshot, journal, index + 1);
      results.push({ ...base, outcome: 'done' });
    } catch (error) {
      const told = explain(error);
      if (!isUserError(told)) throw error;
      results.push({ ...base, outcome: 'failed', error: told });
    }
    onEnd(step, results.at(-1)!);
  }
  return results;
}

async function removeOne(
  session: Session,
  step: Step,
  snapshot: Snapshot,
  journal: Journal,
  write: number,
): Promise<void> {
  const { client, workspace, target } = session;
  const id = step.resourceId!;
  const known = snapshot.items.find(
    (item) => item.kind === step.kind && item.resourceId.toLowerCase() === id.toLowerCase(),
  );
  const apiVersion = apiVersionOf(step.kind, known?.resource);
  const line = {
    write,
    key: step.key,
    kind: step.kind,
    id: step.id,
    name: step.name,
    version: step.version,
    resourceId: id,
    apiVersion,
    action: 'delete' as const,
  };
  const live = await readItem(client, step.kind, id, apiVersion);
  if (live !== undefined) {
    const fields = fieldsOf(step.kind, live.resource) as JsonObject;
    if (step.expects.live !== 'absent' && fingerprint(fields) !== step.expects.live) {
      throw refuse(
        'removal-changed',
        `${step.key} was changed while the removal was being confirmed`,
        'look at a new plan',
      );
    }
    if (step.kind === 'watchlist') await refuseRows(session, id.split('/').at(-1)!);
    journal.append({ ...line, status: 'started', before: withoutSystemData(live.resource) });
    try {
      await deleteItem(session, step.kind, id, apiVersion);
      if (step.kind === 'playbook') await removeGrant(session, live.resource);
    } catch (error) {
      journal.append({ ...line, status: 'unknown', error: error instanceof Error ? error.message : String(error) });
      throw error;
    }
    journal.append({ ...line, status: 'succeeded' });
  }
  const record = recordPath(workspace.scope, step.kind, step.id);
  journal.append({
    ...line,
    resourceId: record,
    apiVersion: apiVersions.sentinel,
    action: 'record',
    status: 'started',
  });
  await client.sentinel.metadata.delete(target.resourceGroup, target.workspace, record.split('/').at(-1)!);
  journal.append({
    ...line,
    resourceId: record,
    apiVersion: apiVersions.sentinel,
    action: 'record',
    status: 'succeeded',
  });
}

/** The kinds that the SDK models are deleted by it. */
async function deleteItem(session: Session, kind: Kind, id: string, apiVersion: string): Promise<void> {
  const { sentinel } = session.client;
  const { resourceGroup, workspace } = session.target;
  const name = id.split('/').at(-1)!;
  if (kind === 'rule') await sentinel.alertRules.delete(resourceGroup, workspace, name);
  else if (kind === 'automationRule') await sentinel.automationRules.delete(resourceGroup, workspace, name);
  else if (kind === 'watchlist') await sentinel.watchlists.delete(resourceGroup, workspace, name);
  else await session.client.delete(id, apiVersion);
}

async function refuseRows(session: Session, alias: string): Promise<void> {
  const { resourceGroup, workspace } = session.target;
  for await (const item of session.client.sentinel.watchlistItems.list(resourceGroup, workspace, alias)) {
    if (item.isDeleted) continue;
    throw refuse(
      'watchlist-has-rows',
      `the watchlist ${alias} has rows that people entered`,
      'save them with `breakglass watchlist pull`, then delete the watchlist in the portal',
    );
  }
}

/** A grant to an identity that is gone would stay as "identity not found". */
async function removeGrant(session: Session, playbook: JsonObject): Promise<void> {
  const principal = at(playbook, 'identity.principalId');
  if (typeof principal !== 'string') return;
  const id = assignmentId(session.workspace.scope.workspace, roles.sentinelResponder, principal);
  await session.client.delete(id, apiVersions.authorization);
}

function refuse(code: string, what: string, remedy: string): UserError {
  return new UserError(code, { what, remedy, exitCode: ExitCode.failed });
}
