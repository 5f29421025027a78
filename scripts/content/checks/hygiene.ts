/** Texts of the package are portable and show nobody's real tenant. */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { CheckContext } from './check-context.ts';
import { checkAscii, checkFixtureText } from './fixtures.ts';

export function checkHygiene(context: CheckContext): Diagnostic[] {
  const { rules, huntingQueries, functions, watchlists, automationRules, workbooks, playbooks } = context.content;
  // The Azure-Sentinel repository refuses other characters in detections; workbooks and playbooks may show them.
  const ascii = [
    ...rules.flatMap((item) => [item.source, item.guide]),
    ...huntingQueries.map((item) => item.source),
    ...functions.map((item) => item.source),
    ...watchlists.flatMap((item) => [item.source, item.csv]),
    ...automationRules.map((item) => item.source),
  ].filter((source) => source !== undefined);
  const others = [
    ...workbooks.flatMap((item) => [item.source, item.description]),
    ...playbooks.map((item) => item.source),
  ].filter((source) => source !== undefined);
  return [
    ...ascii.flatMap(({ file, text }) => checkAscii(file, text)),
    ...[...ascii, ...others].flatMap(({ file, text }) => checkFixtureText(file, text)),
  ];
}
