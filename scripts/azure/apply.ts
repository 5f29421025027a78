/**
 * Carries out a plan. Each item is written in three steps, so that a run can be cut off anywhere and the next one knows
 * what happened: its record says what is about to be written, the item is written and read back, the record says that it is.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { isUserError, type UserError } from '../diagnostics/errors.ts';
import type { ArmClient } from './arm-client.ts';
import { readItem } from './collect.ts';
import type { DesiredItem } from './desired.ts';
import { ArmError, explain, outcomeUnknown } from './errors.ts';
import { type Journal, withoutSystemData } from './journal.ts';
import { at, canonical, isObject, type JsonObject } from './json.ts';
import { apiVersions, kindOf, kinds } from './kinds.ts';
import { type Fields, fieldsOf } from './normalize.ts';
import { type Action, effectiveBody, type LiveItem, type Snapshot, type Step } from './plan.ts';
import { deployPlaybook } from './playbook-deployment.ts';
import { type Fingerprints, fingerprints, type ItemRecord, readRecord, recordBody, recordPath } from './record.ts';
import { withPrincipal } from './role-assignments.ts';
import type { Scope } from './scope.ts';

export type Outcome = 'done' | 'failed' | 'skipped';

export interface StepResult {
  key: string;
  name: string;
  action: Action;
  outcome: Outcome;
  error?: UserError;
}

export interface ApplyOptions {
  client: ArmClient;
  scope: Scope;
  journal: Journal;
  snapshot: Snapshot;
  desired: readonly DesiredItem[];
  /** Items written at the same time. */
  concurrency?: number;
  /** Asked before each item; true ends the run after what is under way. */
  stopping?: () => boolean;
  onStart?: (step: Step) => void;
  onEnd?: (step: Step, result: StepResult) => void;
}

const writing: ReadonlySet<Action> = new Set<Action>(['create', 'recreate', 'update', 'record']);

/** The steps of a plan that write something. */
export function writingSteps(steps: readonly Step[]): Step[] {
  return steps.filter((step) => writing.has(step.action));
}

/**
 * Applies the steps kind by kind. An item whose dependency failed is skipped, the others go on; a refusal that concerns
 * everything (login, permission, network) ends the run. Never throws for Azure's sake: every step has its result.
 */
export async function apply(steps: readonly Step[], options: ApplyOptions): Promise<StepResult[]> {
  const limit = pLimit(options.concurrency ?? 4);
  const desired = new Map(options.desired.map((item) => [item.key, item]));
  const results: StepResult[] = [];
  const failed = new Set<string>();
  let fatal: UserError | undefined;
  let writes = 0;
  const run = async (step: Step): Promise<void> => {
    const item = desired.get(step.key)!;
    const blocked = step.dependsOn.find((key) => failed.has(key));
    const base = { key: step.key, name: step.name, action: step.action };
    if (fatal !== undefined || blocked !== undefined || options.stopping?.()) {
      failed.add(step.key);
      results.push({ ...base, outcome: 'skipped' });
      options.onEnd?.(step, results.at(-1)!);
      return;
    }
    options.onStart?.(step);
    try {
      await new ItemWriter(options, step, item, ++writes).write();
      results.push({ ...base, outcome: 'done' });
    } catch (error) {
      const told = explain(error);
      if (!isUserError(told)) throw error;
      failed.add(step.key);
      if (
        /^(not-logged-in|token-refused|permission-missing|endpoint-unreachable|certificate-untrusted|throttled)$/.test(
          told.code,
        )
      )
        fatal ??= told;
      results.push({ ...base, outcome: 'failed', error: told });
    }
    options.onEnd?.(step, results.at(-1)!);
  };
  for (const { kind } of kinds) {
    const group = writingSteps(steps).filter((step) => step.kind === kind);
    await Promise.all(group.map((step) => limit(() => run(step))));
  }
  return results;
}

/** How often an item is looked at until it shows what was written; the waits double. */
const looks = 6;

class ItemWriter {
  readonly #options: ApplyOptions;
  readonly #step: Step;
  readonly #write: number;
  readonly #existing: LiveItem | undefined;
  readonly #record: ItemRecord | undefined;
  #item: DesiredItem;

  constructor(options: ApplyOptions, step: Step, item: DesiredItem, write: number) {
    this.#options = options;
    this.#step = step;
    this.#item = item;
    this.#write = write;
    const id = item.resourceId?.toLowerCase();
    this.#existing = options.snapshot.items.find(
      (live) => live.kind === item.kind && live.resourceId.toLowerCase() === id,
    );
    this.#record = options.snapshot.records.find((record) => record.kind === item.kind && record.id === item.id);
  }

  async write(): Promise<void> {
    const recorded = kindOf(this.#item.kind).metadataKind !== undefined;
    const base = fingerprints(this.#item.fields);
    if (this.#step.action === 'record') {
      await this.#putRecord(base, undefined, this.#record?.etag);
      return;
    }
    const before = this.#step.action === 'recreate' ? {} : (this.#record?.base ?? {});
    const etag = recorded ? await this.#putRecord(before, base, this.#record?.etag) : undefined;
    if (this.#item.principalOf !== undefined) await this.#resolvePrincipal(this.#item.principalOf);
    await this.#putItem();
    if (recorded) await this.#putRecord(base, undefined, etag);
  }

  /** The identity of a playbook exists once the playbook does. */
  async #resolvePrincipal(slug: string): Promise<void> {
    const playbook = this.#options.desired.find((item) => item.key === `playbook/${slug}`);
    const live = await readItem(this.#options.client, 'playbook', playbook?.resourceId ?? '', apiVersions.workflow);
    const principal = at(live?.resource, 'identity.principalId');
    if (typeof principal !== 'string')
      throw new ArmError(404, 'IdentityMissing', `the playbook ${slug} has no managed identity`, '');
    this.#item = withPrincipal(this.#item, this.#options.scope.workspace, principal);
  }

  async #putItem(): Promise<void> {
    const item = this.#item;
    const body = effectiveBody(item, this.#step, this.#existing);
    const wanted = fieldsOf(item.kind, body);
    const action = this.#existing === undefined ? ('create' as const) : ('update' as const);
    const previousVersion = this.#record === undefined ? {} : { previousVersion: this.#record.version };
    this.#journal({
      action,
      status: 'started',
      ...previousVersion,
      before: withoutSystemData(this.#existing?.resource),
      after: body,
    });
    try {
      if (await this.#send(body, wanted)) await this.#readBack(wanted);
    } catch (error) {
      this.#journal({ action, status: outcomeUnknown(error) ? 'unknown' : 'failed', error: messageOf(error) });
      throw error;
    }
    this.#journal({ action, status: 'succeeded' });
  }

  /**
   * Sends the write. One whose answer was lost, or that meets its own earlier attempt, counts when the item is as wanted.
   * Answers whether it can be read back: a grant that exists under another name is as good, but has that name.
   */
  async #send(body: JsonObject, wanted: Fields): Promise<boolean> {
    const { client } = this.#options;
    const item = this.#item;
    const etag = this.#existing?.etag;
    try {
      if (item.deployment !== undefined) await deployPlaybook(client, this.#options.scope, item);
      else {
        // Connections are shown with a playbook and deployed by its template; the Logic App has no such property.
        const { connections: _, ...sent } = body;
        await client.put(item.resourceId!, item.apiVersion, { ...sent, ...(etag === undefined ? {} : { etag }) });
      }
    } catch (error) {
      if (error instanceof ArmError && error.code === 'PrincipalNotFound') {
        await this.#retryForPrincipal(body);
        return true;
      }
      const doubtful =
        outcomeUnknown(error) || (error instanceof ArmError && (error.status === 409 || error.status === 412));
      if (doubtful && (await this.#isThere(wanted))) return true;
      if (error instanceof ArmError && error.code === 'RoleAssignmentExists') return false;
      throw error;
    }
    return true;
  }

  /** A managed identity takes some seconds until every part of Azure knows it. */
  async #retryForPrincipal(body: JsonObject): Promise<void> {
    const { client } = this.#options;
    for (let look = 0; ; look++) {
      await this.#wait(look);
      try {
        await client.put(this.#item.resourceId!, this.#item.apiVersion, body);
        return;
      } catch (error) {
        if (!(error instanceof ArmError && error.code === 'PrincipalNotFound') || look === looks) throw error;
      }
    }
  }

  async #isThere(wanted: Fields): Promise<boolean> {
    try {
      return (await this.#differences(wanted)).length === 0;
    } catch {
      return false;
    }
  }

  /** Compares what Azure now shows with what was written; a new item may take a moment to show. */
  async #readBack(wanted: Fields): Promise<void> {
    let different: string[] = [];
    for (let look = 0; look < looks; look++) {
      different = await this.#differences(wanted);
      if (different.length === 0) return;
      await this.#wait(look);
    }
    throw new ArmError(
      422,
      'ReadBackDiffers',
      `Azure does not show what was written: ${different.join(', ')}`,
      this.#item.resourceId ?? '',
    );
  }

  async #differences(wanted: Fields): Promise<string[]> {
    const { client } = this.#options;
    const { kind, apiVersion, resourceId } = this.#item;
    const live = await readItem(client, kind, resourceId!, apiVersion);
    if (live === undefined) return ['the item itself'];
    const shown = fieldsOf(kind, live.resource);
    return [...new Set([...Object.keys(wanted), ...Object.keys(shown)])].filter(
      (path) => canonical(wanted[path]) !== canonical(shown[path]),
    );
  }

  async #wait(look: number): Promise<void> {
    await sleep(this.#options.client.timing.settle * 2 ** look);
  }

  /** Writes the record; answers its new etag. */
  async #putRecord(
    base: Fingerprints,
    pending: Fingerprints | undefined,
    etag: string | undefined,
  ): Promise<string | undefined> {
    const { client, scope } = this.#options;
    const path = recordPath(scope, this.#item.kind, this.#item.id);
    const body = recordBody(this.#item, { base, pending, etag });
    const line = { action: 'record' as const, resourceId: path, apiVersion: apiVersions.sentinel };
    this.#journal({ ...line, status: 'started' });
    try {
      const written = await client.put(path, apiVersions.sentinel, body);
      this.#journal({ ...line, status: 'succeeded' });
      return typeof written?.etag === 'string' ? written.etag : undefined;
    } catch (error) {
      const shown = await client.get(path, apiVersions.sentinel).catch(() => undefined);
      const record = shown === undefined ? undefined : readRecord(shown);
      const state = (value: { base?: Fingerprints; pending?: Fingerprints | undefined }) =>
        canonical({ base: value.base ?? {}, pending: value.pending ?? null });
      if (record !== undefined && state(record) === state({ base, pending })) {
        this.#journal({ ...line, status: 'succeeded' });
        return record.etag;
      }
      this.#journal({ ...line, status: outcomeUnknown(error) ? 'unknown' : 'failed', error: messageOf(error) });
      throw error;
    }
  }

  #journal(
    line: Partial<Parameters<Journal['append']>[0]> & Pick<Parameters<Journal['append']>[0], 'action' | 'status'>,
  ): void {
    const { key, kind, id, name, version, resourceId, apiVersion } = this.#item;
    this.#options.journal.append({
      write: this.#write,
      key,
      kind,
      id,
      name,
      version,
      resourceId: resourceId!,
      apiVersion,
      ...line,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(isObject(error) ? JSON.stringify(error) : error);
}
