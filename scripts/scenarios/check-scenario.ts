/** What a scenario names must be there: rules, watchlists and their columns. */
import { closest } from '../content/closest.ts';
import type { Content } from '../content/model.ts';
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts';
import { scenarioDiagnostic } from '../diagnostics/scenarios.ts';
import type { Scenario } from './scenario.ts';

/** Findings about names that the content does not have. */
export function checkScenario(scenario: Scenario, content: Pick<Content, 'rules' | 'watchlists'>): Diagnostic[] {
  const place: Place = { file: scenario.file ?? scenario.folder };
  const slugs = content.rules.map((rule) => rule.source.slug);
  const named = [
    ...scenario.expect.map((expectation) => ({ rule: expectation.rule, place: expectation.place ?? place })),
    ...scenario.nearMiss.map((rule) => ({ rule, place })),
    ...scenario.closed.map(({ rule }) => ({ rule, place })),
  ];
  const diagnostics = named
    .filter(({ rule }) => !slugs.includes(rule))
    .map(({ rule, place: at }) =>
      scenarioDiagnostic('scenario-unknown-rule', at, { rule, known: closest(rule, slugs) ?? '' }),
    );
  const watchlists = new Map(content.watchlists.map((item) => [item.value.watchlistAlias.toLowerCase(), item.value]));
  for (const [alias, rows] of Object.entries(scenario.watchlists)) {
    const watchlist = watchlists.get(alias.toLowerCase());
    if (watchlist === undefined) {
      const known = content.watchlists.map((item) => item.value.watchlistAlias).join(', ');
      diagnostics.push(scenarioDiagnostic('scenario-unknown-watchlist', place, { alias, known }));
      continue;
    }
    // The service keeps the time of the last change of a row by itself.
    const columns = new Set(['LastUpdatedTimeUTC', ...watchlist.columns.map((column) => column.name)]);
    const unknown = new Set(rows.flatMap((row) => Object.keys(row)).filter((column) => !columns.has(column)));
    for (const column of unknown) {
      diagnostics.push(scenarioDiagnostic('scenario-unknown-watchlist-column', place, { alias, column }));
    }
  }
  return diagnostics;
}
