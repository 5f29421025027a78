/**
 * Writes the built parts of the playbooks' templates from their one source: queries from `queries/<name>.kql`, with the
 * functions that they call in front of them; tasks from the "Tasks" sections of the triage guides.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { deployableQuery } from '../content/deployable-query.ts';
import type { Content } from '../content/model.ts';
import { parseTriageGuide } from '../content/triage-guide.ts';
import { UserError } from '../diagnostics/errors.ts';
import { parseTemplate } from './read-playbook.ts';
import { isObject, type Value, type ValueObject } from './value.ts';

export interface BuiltPlaybook {
  slug: string;
  file: string;
  before: string;
  after: string;
}

/** The templates of a package as they are and as they should be. @throws UserError for a query file without a variable */
export async function buildPlaybooks(content: Content): Promise<BuiltPlaybook[]> {
  const built: BuiltPlaybook[] = [];
  for (const { source } of content.playbooks) {
    const file = join(content.root, 'playbooks', source.slug, 'azuredeploy.json');
    const before = await readFile(file, 'utf8');
    const template = parseTemplate(before);
    const variables = isObject(template.variables) ? template.variables : {};
    for (const { name, text } of await queryFiles(join(content.root, 'playbooks', source.slug, 'queries'))) {
      setVariable(variables, `query${name}`, escapeText(deployableQuery(text, content)), file);
    }
    if ('tasks' in variables) variables.tasks = guideTasks(content);
    built.push({ slug: source.slug, file, before, after: `${JSON.stringify(template, null, 2)}\n` });
  }
  return built;
}

function setVariable(variables: ValueObject, name: string, value: Value, file: string): void {
  if (!(name in variables)) {
    throw new UserError('PLAYBOOK_QUERY_UNUSED', {
      what: `the template has no variable '${name}' for its query`,
      place: file,
      remedy: `Add "${name}": "" to the variables and use [variables('${name}')] in an action, or delete the query file.`,
    });
  }
  variables[name] = value;
}

async function queryFiles(folder: string): Promise<{ name: string; text: string }[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const files = names.filter((name) => name.endsWith('.kql')).sort();
  return Promise.all(
    files.map(async (file) => ({
      name: basename(file, '.kql').replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase()),
      text: await readFile(join(folder, file), 'utf8'),
    })),
  );
}

/** Text that neither the template nor the workflow takes for an expression. */
export function escapeText(text: string): string {
  const workflow = text.replaceAll('@{', '@@{').replace(/^@/, '@@');
  return workflow.startsWith('[') ? `[${workflow}` : workflow;
}

/** Folded rule id -> the tasks of the rule's triage guide, in order. */
export function guideTasks(content: Content): ValueObject {
  const tasks: ValueObject = {};
  for (const { value, guide } of content.rules) {
    if (guide === undefined) continue;
    tasks[value.id.toLowerCase()] = parseTriageGuide(guide.text).tasks.map(({ title, description }) => ({
      title: escapeText(title).slice(0, 150),
      description: escapeText(plainText(description)).slice(0, 3000),
    }));
  }
  return tasks;
}

/** Markdown of a guide as the text of a task: emphasis and code marks go, the words stay. */
function plainText(markdown: string): string {
  return markdown.replace(/[*`]+/g, '').trim();
}
