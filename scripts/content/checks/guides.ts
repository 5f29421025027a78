/** Every rule has a triage guide with the sections that an analyst counts on. */
import { basename } from 'node:path';
import { checkDiagnostic } from '../../diagnostics/checks.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { guideSections, parseTriageGuide } from '../triage-guide.ts';
import type { CheckContext } from './check-context.ts';

/** An incident holds 40 tasks at most; a title is one line. Source: azure-docs, sentinel-service-limits. */
const taskLimit = 40;
const titleLimit = 150;

export function checkGuides(context: CheckContext): Diagnostic[] {
  return context.content.rules.flatMap(({ source, guide }) => {
    if (guide === undefined) {
      const file = basename(source.file).replace(/\.yaml$/, '.md');
      return [checkDiagnostic('guide-missing', { file: source.file }, { file })];
    }
    const { sections, tasks, untitled } = parseTriageGuide(guide.text);
    const findings: Diagnostic[] = [];
    const order = guideSections.join(', ');
    const at = (line: number) => ({ file: guide.file, start: { line, column: 1 } });
    for (const name of guideSections) {
      const section = sections.find((item) => item.name === name);
      if (section === undefined || section.text.trim() === '') {
        findings.push(checkDiagnostic('guide-section', at(section?.line ?? 1), { section: name, sections: order }));
      }
    }
    const known = sections.filter((item) => (guideSections as readonly string[]).includes(item.name));
    for (const [index, section] of known.entries()) {
      const before = known[index - 1];
      if (before === undefined || rank(before.name) < rank(section.name)) continue;
      findings.push(
        checkDiagnostic('guide-order', at(section.line), {
          section: section.name,
          after: before.name,
          sections: order,
        }),
      );
    }
    const section = sections.find((item) => item.name === 'Tasks');
    if (section && section.text.trim() !== '') {
      for (const { line } of untitled) {
        findings.push(
          checkDiagnostic('guide-task', at(line), { problem: 'The task does not begin with its title in bold.' }),
        );
      }
      for (const { title, place } of tasks.filter((task) => task.title.length > titleLimit)) {
        const problem = `The title of the task has ${title.length} characters; ${titleLimit} fit.`;
        findings.push(checkDiagnostic('guide-task', at(place.line), { problem }));
      }
      const problem =
        tasks.length + untitled.length === 0
          ? 'The section "Tasks" has no numbered items.'
          : tasks.length > taskLimit
            ? `The guide has ${tasks.length} tasks; an incident holds ${taskLimit}.`
            : undefined;
      if (problem) findings.push(checkDiagnostic('guide-task', at(section.line), { problem }));
    }
    return findings;
  });
}

function rank(name: string): number {
  return (guideSections as readonly string[]).indexOf(name);
}
