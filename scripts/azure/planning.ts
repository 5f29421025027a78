/** A plan for one target: the comparison, its warnings, and its document. */
import type { Content } from '../content/model.ts';
import { initialRows, retiredItems } from './package-content.ts';
import { isAutoDisabled, type PlanOptions } from './plan.ts';
import { type PlanDocument, planDocument } from './plan-file.ts';
import type { PlanView } from './plan-report.ts';
import type { Comparison, Session } from './session.ts';

export interface PlanFlags {
  overwrite?: boolean;
  adopt?: boolean;
  sampleRows?: boolean;
}

export interface Planned {
  comparison: Comparison;
  document: PlanDocument;
  view: PlanView;
}

/** Reads the workspace and compares. Writes nothing. */
export async function planTarget(
  session: Session,
  content: Content,
  flags: PlanFlags,
  progress?: (what: string) => void,
): Promise<Planned> {
  const { target } = session;
  const rows = initialRows(content, target, flags.sampleRows === true);
  const options: PlanOptions = {
    overwrite: flags.overwrite === true,
    adopt: flags.adopt === true,
    retired: retiredItems(content.root),
  };
  const comparison = await session.compare(content, rows, options, progress);
  const warnings = warningsOf(comparison, flags);
  const document = planDocument(target, session.workspace.scope.tenant, comparison, options, warnings);
  return {
    comparison,
    document,
    view: {
      target: target.name,
      workspace: target.workspace,
      steps: comparison.steps,
      refusals: comparison.refusals,
      warnings,
    },
  };
}

function warningsOf({ steps, desired, snapshot, leftOut = [] }: Comparison, flags: PlanFlags): string[] {
  const warnings: string[] = [...leftOut];
  const items = new Map(desired.map((item) => [item.key, item]));
  const empty = steps.filter(
    (step) => step.kind === 'watchlist' && step.action === 'create' && items.get(step.key)?.initial === undefined,
  );
  if (empty.length > 0) {
    warnings.push(
      `${empty.map((step) => step.slug).join(', ')}: created without rows; enter your own in the portal or with \`breakglass watchlist push\`. Without the list of accounts every rule is blind`,
    );
  }
  if (flags.sampleRows && steps.some((step) => step.kind === 'watchlist' && step.action === 'create')) {
    warnings.push('the sample rows describe accounts that do not exist: for a lab only');
  }
  for (const item of snapshot.items) {
    if (isAutoDisabled(item.kind, item.resource))
      warnings.push(`${item.name}: Sentinel switched this rule off because it kept failing`);
  }
  return warnings;
}
