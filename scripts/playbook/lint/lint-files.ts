/** Lints files: those that are named, or all playbooks of the package with what is built into them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { displayPath, readContent } from '../../content/read-content.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { UserError } from '../../diagnostics/errors.ts';
import { playbookDiagnostic } from '../../diagnostics/playbook.ts';
import type { Report } from '../../report/report.ts';
import { buildPlaybooks } from '../build.ts';
import { decodeText } from '../read-playbook.ts';
import { lintPlaybook } from './index.ts';

export async function lintFiles(root: string, files: readonly string[]): Promise<Report> {
  const started = performance.now();
  const diagnostics: Diagnostic[] = [];
  const named = [...files];
  if (files.length === 0) {
    const { content } = await readContent(root);
    for (const { slug, file, before, after } of await buildPlaybooks(content)) {
      named.push(file);
      if (before !== after)
        diagnostics.push(playbookDiagnostic('playbook-not-built', { file: displayPath(file) }, { slug }));
    }
  }
  for (const file of named) {
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw new UserError('FILE_MISSING', {
        what: 'the file cannot be read',
        place: file,
        remedy: `Name azuredeploy.json files, such as ${join('playbooks', 'notify-responders', 'azuredeploy.json')}.`,
        cause,
      });
    });
    diagnostics.push(...lintPlaybook(displayPath(file), decodeText(bytes)));
  }
  return {
    tool: 'breakglass playbook lint',
    files: named.map(displayPath),
    diagnostics,
    duration: performance.now() - started,
  };
}
