/** All checks of a playbook file. */
import { parseJson } from '../../content/source-map.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { playbookDiagnostic } from '../../diagnostics/playbook.ts';
import { PlaybookSyntaxError, readPlaybook } from '../read-playbook.ts';
import { LintedWorkflow } from './linted-workflow.ts';
import { checkMarkup } from './markup.ts';
import { checkReferences } from './references.ts';
import { checkSecurity, checkTemplateSecrets } from './security.ts';
import { checkStructure } from './structure.ts';

/** Findings in the text of a playbook, sorted by place. */
export function lintPlaybook(file: string, text: string): Diagnostic[] {
  const parsed = parseJson(file, text);
  let playbook: ReturnType<typeof readPlaybook>;
  try {
    playbook = readPlaybook(text);
  } catch (error) {
    if (!(error instanceof PlaybookSyntaxError)) throw error;
    return [
      playbookDiagnostic(
        'playbook-syntax',
        { file, start: { line: error.line, column: error.column } },
        { detail: error.message },
      ),
    ];
  }
  const diagnostics: Diagnostic[] = checkTemplateSecrets(playbook, parsed);
  for (const { path, message } of playbook.problems) {
    const keys = path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    diagnostics.push(playbookDiagnostic('playbook-template-expression', parsed.place(keys), { detail: message }));
  }
  for (const workflow of playbook.workflows) {
    const linted = new LintedWorkflow(workflow, parsed);
    checkStructure(linted);
    checkReferences(linted);
    checkSecurity(linted);
    checkMarkup(linted);
    diagnostics.push(...linted.diagnostics);
  }
  const line = (item: Diagnostic): number => (item.place.start?.line ?? 0) * 10_000 + (item.place.start?.column ?? 0);
  return diagnostics.sort((left, right) => line(left) - line(right));
}
