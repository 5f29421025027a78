/** One target, logged in to: reading, planning and deploying the package there. */
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Content } from '../content/model.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';
import { apply, type StepResult, writingSteps } from './apply.ts';
import { ArmClient, type Timing } from './arm-client.ts';
import { collect, connect, principalsOf, type Workspace } from './collect.ts';
import { contentKeys, type DesiredItem, desiredItems } from './desired.ts';
import { identityOf } from './identity.ts';
import type { Journal } from './journal.ts';
import type { JsonObject } from './json.ts';
import { apiVersions, type Kind } from './kinds.ts';
import { lackingPermissions, lacksPlaybookGrant, writePermissions } from './permissions.ts';
import { type Assembly, assemble, type PlanOptions, type Snapshot, type Step } from './plan.ts';
import { secretOf } from './playbook-deployment.ts';
import { paths } from './scope.ts';
import type { Target } from './target.ts';

export interface SessionOptions {
  target: Target;
  credential: TokenCredential;
  httpClient?: HttpClient;
  timing?: Timing;
  debug?: (line: string) => void;
  signal?: AbortSignal;
}

/** A comparison of the package with the target, and what it was made from. */
export interface Comparison extends Assembly {
  /** What is not deployed, and why. */
  leftOut?: readonly string[];
  desired: DesiredItem[];
  snapshot: Snapshot;
}

export class Session {
  readonly target: Target;
  readonly client: ArmClient;
  readonly workspace: Workspace;

  private constructor(target: Target, client: ArmClient, workspace: Workspace) {
    this.target = target;
    this.client = client;
    this.workspace = workspace;
  }

  /** Logs in and finds the workspace. @throws UserError where target and Azure do not fit together. */
  static async open(options: SessionOptions): Promise<Session> {
    const { target, ...rest } = options;
    const client = new ArmClient({ ...rest, cloud: target.cloud, subscription: target.subscription });
    return new Session(
      target,
      client,
      await connect(client, target, async () => (await identityOf(rest.credential, target.cloud)).tenant),
    );
  }

  /** Compares the package with what the target holds. Writes nothing. */
  async compare(
    content: Content,
    initialRows: ReadonlyMap<string, string>,
    options: PlanOptions = {},
    progress?: (what: string) => void,
  ): Promise<Comparison> {
    const { scope } = this.workspace;
    const inputs = { target: this.target, scope, initialRows };
    const leftOut: string[] = [];
    const draft = desiredItems(content, { ...inputs, principals: new Map(), leftOut });
    const playbooks = draft.filter((item) => item.kind === 'playbook');
    const newest = draft
      .filter((item) => item.apiVersion === apiVersions.nrtRuleNewest)
      .map((item) => item.resourceId!.toLowerCase());
    const snapshot = await collect(this.client, scope, {
      playbooks: playbooks.map((item) => item.name),
      newestRules: new Set(newest),
      kinds: new Set<Kind>(draft.map((item) => item.kind)),
      ...(progress ? { progress } : {}),
    });
    const found = principalsOf(snapshot);
    const principals = new Map<string, string>();
    for (const item of playbooks) {
      const principal = found.get(paths.workflow(scope, item.name).toLowerCase());
      if (principal !== undefined) principals.set(item.slug, principal);
    }
    const desired = principals.size === 0 ? draft : desiredItems(content, { ...inputs, principals, leftOut: [] });
    const known = contentKeys(content);
    return { ...assemble(desired, snapshot, { ...options, known }), desired, snapshot, leftOut };
  }

  /**
   * Everything that would stop the deployment half-way, found before the first write.
   * @throws UserError for collisions, lacking permissions, a playbook that Sentinel may not run, a secret that is not set.
   */
  async refuseWhatCannotWork(comparison: Comparison): Promise<void> {
    refuseCollisions(comparison);
    const steps = writingSteps(comparison.steps);
    if (steps.length === 0) return;
    const items = new Map(comparison.desired.map((item) => [item.key, item]));
    for (const step of steps) {
      const item = items.get(step.key);
      for (const variable of Object.values(item?.deployment?.secrets ?? {})) secretOf(variable, step.slug);
    }
    const grants = steps.some((step) => items.get(step.key)?.deployment?.grantsItself);
    const written: Kind[] = [...steps.map((step) => step.kind), ...(grants ? (['roleAssignment'] as const) : [])];
    const lacking = await lackingPermissions(this.client, this.workspace.scope, writePermissions(written));
    if (lacking.length > 0) {
      const lines = lacking.map((item) => `${item.action} (to ${item.why}; role ${item.role})`);
      throw new UserError('permission-missing', {
        what: `the identity lacks ${lacking.length} permission${lacking.length === 1 ? '' : 's'}:\n    ${lines.join('\n    ')}`,
        remedy: 'have them granted, then run it again; nothing was written. `breakglass doctor` shows all of them',
        exitCode: ExitCode.failed,
      });
    }
    const bodies = new Map<string, JsonObject>(comparison.desired.map((item) => [item.key, item.body]));
    if (lacksPlaybookGrant(steps, bodies, comparison.snapshot.items)) {
      throw new UserError('playbook-grant-missing', {
        what: `Microsoft Sentinel may not run playbooks of the resource group ${this.target.playbookResourceGroup}`,
        remedy:
          'set securityInsightsPrincipalId of the target (az ad sp show --id 98785600-1bb7-4fb9-b9fa-19afe2c8a360 --query id), or grant "Microsoft Sentinel Automation Contributor" there by hand',
        exitCode: ExitCode.failed,
      });
    }
  }

  /** Carries out a comparison. */
  async deploy(
    comparison: Comparison,
    journal: Journal,
    hooks: {
      concurrency?: number;
      stopping?: () => boolean;
      onStart?: (step: Step) => void;
      onEnd?: (step: Step, result: StepResult) => void;
    } = {},
  ): Promise<StepResult[]> {
    const { steps, snapshot, desired } = comparison;
    return await apply(steps, {
      client: this.client,
      scope: this.workspace.scope,
      journal,
      snapshot,
      desired,
      ...hooks,
    });
  }
}

function refuseCollisions({ refusals }: Assembly): void {
  if (refusals.length === 0) return;
  throw new UserError('collision', {
    what: `${refusals.length} item${refusals.length === 1 ? '' : 's'} of the workspace would be overwritten or doubled:\n    ${refusals
      .map((refusal) => `${refusal.key}: ${refusal.message}\n      ${refusal.remedy}`)
      .join('\n    ')}`,
    remedy: 'nothing was written; settle each of them first',
    exitCode: ExitCode.failed,
  });
}
