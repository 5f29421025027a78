/** Finds the scenarios that a test runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from '../content/closest.ts';
import type { Content } from '../content/model.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { UserError } from '../diagnostics/errors.ts';
import { checkScenario } from './check-scenario.ts';
import { readScenario, scenarioFolders } from './read-scenario.ts';
import type { Scenario } from './scenario.ts';

export interface LoadedScenarios {
  /** Those that can be run. */
  scenarios: Scenario[];
  diagnostics: Diagnostic[];
}

/** The scenarios of the package at `root`, or those of them that `only` names. */
export async function loadScenarios(root: string, content: Content, only: readonly string[]): Promise<LoadedScenarios> {
  const parent = join(root, 'test', 'scenarios');
  const folders = existsSync(parent) ? await scenarioFolders(parent) : [];
  const slugs = folders.map((folder) => folder.slice(parent.length + 1));
  for (const slug of only) {
    if (!slugs.includes(slug)) throw unknownName('scenario', slug, slugs);
  }
  const chosen = folders.filter((_, index) => only.length === 0 || only.includes(slugs[index]!));
  const read = await Promise.all(chosen.map((folder) => readScenario(folder)));
  const loaded: LoadedScenarios = { scenarios: [], diagnostics: [] };
  for (const { scenario, diagnostics } of read) {
    const findings = [...diagnostics, ...(scenario ? checkScenario(scenario, content) : [])];
    loaded.diagnostics.push(...findings);
    if (scenario && findings.every((finding) => finding.severity !== 'error')) loaded.scenarios.push(scenario);
  }
  return loaded;
}

/**
 * A recorded story anywhere. What it says it expects counts only where it knows the rules of this package; names that
 * it does not know are told as warnings.
 */
export async function loadRecording(folder: string, content: Content): Promise<LoadedScenarios> {
  if (!existsSync(folder)) {
    throw new UserError('DATA_NOT_FOUND', {
      what: 'there is no such folder',
      place: folder,
      remedy: 'Name a folder with <Table>.ndjson files and, where you have one, scenario.yaml.',
    });
  }
  const { scenario, diagnostics } = await readScenario(folder, { recording: true });
  if (scenario === undefined) return { scenarios: [], diagnostics };
  if (scenario.tables.length === 0) {
    throw new UserError('DATA_EMPTY', {
      what: 'the folder holds no <Table>.ndjson of a known table',
      place: folder,
      remedy: 'Name the files after their tables, such as SigninLogs.ndjson, one row a line.',
    });
  }
  const findings = checkScenario(scenario, content);
  const judged = scenario.judged && findings.length === 0;
  return {
    scenarios: [{ ...scenario, judged }],
    diagnostics: [...diagnostics, ...findings.map((finding): Diagnostic => ({ ...finding, severity: 'warning' }))],
  };
}

/** A name on the command line that nothing has. */
export function unknownName(what: string, name: string, known: readonly string[]): UserError {
  const meant = closest(name, known);
  return new UserError(`UNKNOWN_${what.toUpperCase()}`, {
    what: `there is no ${what} "${name}"`,
    remedy: meant ? `Did you mean "${meant}"?` : `Known: ${known.join(', ') || 'none'}.`,
  });
}
