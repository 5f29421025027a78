/** A comparison as findings: what the workspace changed, apart from what the repository did. Pure. */
import { azureDiagnostic } from '../diagnostics/azure.ts';
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts';
import type { Json } from './json.ts';
import { isAutoDisabled, type Step } from './plan.ts';
import { leafChanges } from './plan-report.ts';
import { shortPath } from './record.ts';
import { redact } from './redact.ts';
import type { Comparison } from './session.ts';

/** Every field of every item that is not what was deployed. `error`: drift; `info`: tuning, and what is not deployed yet. */
export function driftFindings(target: string, comparison: Comparison): Diagnostic[] {
  const files = new Map(comparison.desired.map((item) => [item.key, item.file]));
  const disabled = new Set(
    comparison.snapshot.items
      .filter((item) => isAutoDisabled(item.kind, item.resource))
      .map((item) => item.resourceId.toLowerCase()),
  );
  return comparison.steps.flatMap((step) => {
    const place: Place = { file: files.get(step.key) ?? 'detections/content.lock.json' };
    const item = `${step.key} ("${step.name}")`;
    switch (step.action) {
      case 'create':
        return [azureDiagnostic('drift-not-deployed', place, { target, item, action: 'created' })];
      case 'recreate':
        return [azureDiagnostic('drift-deleted', place, { target, item })];
      case 'orphan':
        return [azureDiagnostic('drift-unknown-item', place, { target, item })];
      default: {
        const auto = disabled.has(step.resourceId?.toLowerCase() ?? '');
        const first = auto ? [azureDiagnostic('drift-auto-disabled', place, { target, item })] : [];
        return [...first, ...fieldFindings(target, step, item, place)];
      }
    }
  });
}

function fieldFindings(target: string, step: Step, item: string, place: Place): Diagnostic[] {
  const ahead = step.fields.some((field) => field.state === 'update');
  const findings = step.fields.flatMap((field) => {
    if (field.state === 'update') return [];
    const code = field.state === 'drift' ? 'drift-changed' : 'drift-tuned';
    const [before, after] = [redact(field.before), redact(field.after)];
    return leafChanges(before, after, shortPath(field.path)).map((leaf) =>
      azureDiagnostic(code, place, {
        target,
        item,
        field: leaf.path,
        before: shown(leaf.before),
        after: shown(leaf.after),
      }),
    );
  });
  if (ahead) findings.push(azureDiagnostic('drift-not-deployed', place, { target, item, action: 'updated' }));
  return findings;
}

function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return 'not set';
  const text = JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
