/** A plan as a file: shown, reviewed, then applied as it is or not at all. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ExitCode, UserError } from '../diagnostics/errors.ts';
import { canonical, type Json } from './json.ts';
import type { Assembly, PlanOptions, Step } from './plan.ts';
import { countSteps, type PlanCounts } from './plan-report.ts';
import { redact } from './redact.ts';
import type { Target } from './target.ts';

export interface PlanDocument {
  target: {
    name: string;
    tenant: string;
    subscription: string;
    resourceGroup: string;
    workspace: string;
    cloud: string;
  };
  options: { overwrite: boolean; adopt: boolean };
  summary: PlanCounts;
  steps: Step[];
  refusals: Assembly['refusals'];
  warnings: string[];
}

export interface PlanFile {
  format: 1;
  created: string;
  plans: PlanDocument[];
}

/** The plan without secrets: what the workspace holds can contain some. */
export function planDocument(
  target: Target,
  tenant: string,
  assembly: Assembly,
  options: PlanOptions,
  warnings: string[],
): PlanDocument {
  const { name, subscription, resourceGroup, workspace, cloud } = target;
  const fields = (step: Step) =>
    step.fields.map((field) => ({ ...field, before: redact(field.before), after: redact(field.after) }));
  return {
    target: { name, tenant, subscription, resourceGroup, workspace, cloud: cloud.name },
    options: { overwrite: options.overwrite === true, adopt: options.adopt === true },
    summary: countSteps(assembly.steps),
    steps: assembly.steps.map((step) => ({ ...step, fields: fields(step) })),
    refusals: assembly.refusals,
    warnings,
  };
}

export function writePlanFile(file: string, plans: PlanDocument[]): void {
  const document: PlanFile = { format: 1, created: new Date().toISOString(), plans };
  try {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw new UserError('plan-unwritable', {
      what: `cannot write the plan ${file}: ${(error as Error).message}`,
      remedy: 'give a file in a folder that can be written to',
    });
  }
}

/** @throws UserError where the file is no plan of this tool. */
export function readPlanFile(file: string): PlanFile {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError('plan-unreadable', {
      what: `cannot read the plan ${file}: ${(error as Error).message}`,
      remedy: 'make one with `breakglass plan --target NAME --out FILE`',
    });
  }
  const plan = value as Partial<PlanFile>;
  if (plan?.format !== 1 || !Array.isArray(plan.plans)) {
    throw new UserError('plan-unreadable', {
      what: `${file} is not a plan of this tool`,
      remedy: 'make one with `breakglass plan --target NAME --out FILE`',
    });
  }
  return plan as PlanFile;
}

/** The plan for the target in the file. @throws UserError where there is none, or it is for another workspace. */
export function planFor(file: PlanFile, target: Target): PlanDocument {
  const plan = file.plans.find((candidate) => candidate.target.name === target.name);
  const same = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
  if (
    plan === undefined ||
    !same(plan.target.subscription, target.subscription) ||
    !same(plan.target.resourceGroup, target.resourceGroup) ||
    !same(plan.target.workspace, target.workspace) ||
    plan.target.cloud !== target.cloud.name
  ) {
    throw new UserError('plan-for-other-target', {
      what: `the plan is for ${file.plans.map(({ target: of }) => `${of.name} (${of.workspace})`).join(', ')}, not for ${target.name} (${target.workspace})`,
      remedy: 'name the target that the plan was made for, or make a new plan',
    });
  }
  return plan;
}

/**
 * Refuses where the workspace or the repository is not what the plan was made from.
 * @throws UserError that names what moved.
 */
export function refuseMoved(plan: PlanDocument, now: Assembly): void {
  const fresh = new Map(now.steps.map((step) => [step.key, step]));
  const moved: string[] = [];
  const tell = (key: string, what: string) => moved.push(`${key}: ${what}`);
  for (const step of plan.steps) {
    const current = fresh.get(step.key);
    fresh.delete(step.key);
    if (current === undefined) tell(step.key, 'is no longer part of the plan');
    else if (current.expects.desired !== step.expects.desired)
      tell(step.key, 'the repository has other content than the plan was made from');
    else if (current.expects.live !== step.expects.live || current.expects.etag !== step.expects.etag)
      tell(step.key, 'was changed in the workspace since the plan was made');
    else if (current.expects.record !== step.expects.record)
      tell(step.key, 'was deployed by somebody else since the plan was made');
    else if (canonical(outline(current)) !== canonical(outline(step))) tell(step.key, 'would now be treated otherwise');
  }
  for (const key of fresh.keys()) tell(key, 'was not part of the plan');
  if (moved.length === 0) return;
  throw new UserError('plan-outdated', {
    what: `the plan is outdated:\n    ${moved.slice(0, 20).join('\n    ')}${moved.length > 20 ? `\n    and ${moved.length - 20} more` : ''}`,
    remedy: 'nothing was written; make a new plan and look at it',
    exitCode: ExitCode.failed,
  });
}

function outline(step: Step): Json {
  return { action: step.action, fields: step.fields.map((field) => `${field.path} ${field.state}`) };
}
