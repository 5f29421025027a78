/**
 * Writes the built parts of the playbooks' templates from their one source: queries from `queries/<name>.kql`, with the
 * functions that they call in front of them; tasks from the "Tasks" sections of the triage guides or of the playbook's own
 * `tasks.md`; rules of a session from `session-rules.md`.
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

/** The templates of a package as they are and as they should be. @throws UserError for a source file whose variable the template does not have */
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
    const folder = join(content.root, 'playbooks', source.slug);
    const ownTasks = await readOptional(join(folder, 'tasks.md'));
    if (ownTasks !== undefined) setVariable(variables, 'tasks', tasksOf(ownTasks), file);
    else if ('tasks' in variables) variables.tasks = guideTasks(content);
    const rules = await readOptional(join(folder, 'session-rules.md'));
    if (rules !== undefined) setVariable(variables, 'sessionRules', numberedItems(rules), file);
    built.push({ slug: source.slug, file, before, after: `${JSON.stringify(template, null, 2)}\n` });
  }
  return built;
}

function setVariable(variables: ValueObject, name: string, value: Value, file: string): void {
  if (!(name in variables)) {
    throw new UserError('PLAYBOOK_PART_UNUSED', {
      what: `the template has no variable '${name}' for this part`,
      place: file,
      remedy: `Add "${name}": "" to the variables and use [variables('${name}')] in the workflow, or delete the file that it is built from.`,
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
    tasks[value.id.toLowerCase()] = tasksOf(guide.text);
  }
  return tasks;
}

/** The tasks of one guide, within the lengths that Sentinel takes. */
function tasksOf(guide: string): Value {
  return parseTriageGuide(guide).tasks.map(({ title, description }) => ({
    title: escapeText(title).slice(0, 150),
    description: escapeText(plainText(description)).slice(0, 3000),
  }));
}

/** The numbered items of a text, one line each. */
function numberedItems(markdown: string): Value {
  return [...markdown.matchAll(/^\d+[.)]\s+(.+)$/gm)].map(([, item = '']) => escapeText(plainText(item)));
}

function readOptional(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** Markdown of a guide as the text of a task: emphasis and code marks go, the words stay. */
function plainText(markdown: string): string {
  return markdown.replace(/[*`]+/g, '').trim();
}
