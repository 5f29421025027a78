/** All checks on what content means. Reading and schemas come before; see read-content.ts. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { hygieneDiagnostic } from '../diagnostics/hygiene.ts';
import { updatedPackageFunction } from './bump.ts';
import { checkAlertColumns } from './checks/alert-columns.ts';
import { type Check, CheckContext } from './checks/check-context.ts';
import { checkClassification } from './checks/classification.ts';
import { checkCost } from './checks/cost.ts';
import { checkEntities } from './checks/entities.ts';
import { checkGuides } from './checks/guides.ts';
import { checkHygiene } from './checks/hygiene.ts';
import { checkKql } from './checks/kql.ts';
import { checkReferences } from './checks/references.ts';
import { checkSchedules } from './checks/schedule.ts';
import { checkVersions } from './checks/versions.ts';
import type { Content, Source } from './model.ts';
import { versionedItems } from './version-lock.ts';

const checks: readonly Check[] = [
  checkKql,
  checkAlertColumns,
  checkEntities,
  checkSchedules,
  checkClassification,
  checkReferences,
  checkGuides,
  checkCost,
  checkHygiene,
];

/** Runs every check over the content. Pure: reads nothing but what was read already. */
export function checkContent(content: Content): Diagnostic[] {
  const context = new CheckContext(content);
  return checks.flatMap((check) => check(context));
}

/** Versions and ids against the version lock (undefined: there is none), and the package's list of itself. */
export function checkPublication(content: Content, lock: Source | undefined): Diagnostic[] {
  const findings = checkVersions(versionedItems(content), lock);
  const list = updatedPackageFunction(content);
  if (list !== undefined) findings.push(hygieneDiagnostic('package-list-outdated', { file: list.file }, {}));
  return findings;
}

/** Every text of the content that was read. */
export function contentSources(content: Content): Source[] {
  const sources = [
    ...content.rules.flatMap((item) => [item.source, item.guide]),
    ...content.huntingQueries.map((item) => item.source),
    ...content.functions.map((item) => item.source),
    ...content.watchlists.flatMap((item) => [item.source, item.csv]),
    ...content.automationRules.map((item) => item.source),
    ...content.workbooks.flatMap((item) => [item.source, item.description]),
    ...content.playbooks.map((item) => item.source),
  ];
  return sources.filter((source) => source !== undefined);
}
