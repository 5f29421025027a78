/** All checks on what content means. Reading and schemas come before; see read-content.ts. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
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
import type { Content } from './model.ts';

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

/** Every file of the content that was read, as it stands in places. */
export function contentFiles(content: Content): string[] {
  const files = [
    ...content.rules.flatMap((item) => [item.source, item.guide]),
    ...content.huntingQueries.map((item) => item.source),
    ...content.functions.map((item) => item.source),
    ...content.watchlists.flatMap((item) => [item.source, item.csv]),
    ...content.automationRules.map((item) => item.source),
    ...content.workbooks.flatMap((item) => [item.source, item.description]),
    ...content.playbooks.map((item) => item.source),
  ];
  return files.filter((source) => source !== undefined).map((source) => source.file);
}
