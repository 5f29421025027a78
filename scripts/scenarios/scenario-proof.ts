/** What a scenario proves for the coverage of the package. */
import { normalized, operationColumns, type ScenarioProof } from '../content/coverage.ts';
import type { Scenario } from './scenario.ts';

export function scenarioProof(scenario: Scenario): ScenarioProof {
  const operations = new Set<string>();
  for (const { rows } of scenario.tables) {
    for (const row of rows) {
      for (const column of operationColumns) {
        const value = row[column];
        if (typeof value === 'string') operations.add(normalized(value));
      }
    }
  }
  return { slug: scenario.slug, rules: scenario.expect.map((item) => item.rule), operations };
}
