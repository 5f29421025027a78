/** A picture of a playbook as a Mermaid flowchart, with the path of a run marked. */
import { getOwn, isObject, type Value, type ValueObject } from './value.ts';
import { childActions } from './workflow/definition.ts';
import type { Status, WorkflowRun } from './workflow/model.ts';
import { findTrigger } from './workflow/trigger.ts';

const classes: Record<Status, string> = {
  Succeeded: 'fill:#d9f2dd,stroke:#2d7a3a,color:#000',
  Failed: 'fill:#f8d7d7,stroke:#a32020,color:#000',
  TimedOut: 'fill:#f8e3c8,stroke:#a35d00,color:#000',
  Cancelled: 'fill:#e4e4e4,stroke:#666666,color:#000',
  Skipped: 'fill:#ffffff,stroke:#bbbbbb,color:#888',
};

const shapes: Record<string, [string, string]> = {
  if: ['{{"', '"}}'],
  switch: ['{{"', '"}}'],
  terminate: ['(["', '"])'],
  response: ['(["', '"])'],
};

/**
 * Mermaid text of a workflow. Arrows are `runAfter`; those that are not "Succeeded" alone say which statuses. With a run,
 * every action has the colour of how it ended (the worst of its iterations).
 */
export function mermaidGraph(definition: ValueObject, run?: WorkflowRun): string {
  const ids = new Map<string, string>();
  const lines: string[] = ['flowchart TD'];
  const statuses = run && worstStatuses(run);
  const idOf = (name: string): string => {
    const folded = name.toLowerCase();
    if (!ids.has(folded)) ids.set(folded, `a${ids.size}`);
    return ids.get(folded)!;
  };
  const trigger = findTrigger(definition);
  lines.push(`  start(["${escapeLabel(trigger?.name ?? 'start')}"])`);

  const drawGroup = (group: ValueObject, entry: string | undefined, label: string, indent: string): void => {
    for (const [name, action] of Object.entries(group)) {
      if (!isObject(action)) continue;
      const id = idOf(name);
      const inner = namedGroups(action);
      if (inner.length > 0) {
        lines.push(`${indent}subgraph ${id}g["${escapeLabel(name)}"]`);
        lines.push(`${indent}  ${node(id, action, String(action.type ?? ''))}`);
        for (const { label: branch, actions } of inner) drawGroup(actions, id, branch, `${indent}  `);
        lines.push(`${indent}end`);
      } else lines.push(`${indent}${node(id, action, name)}`);
      const after = isObject(action.runAfter) ? Object.entries(action.runAfter) : [];
      for (const [predecessor, wanted] of after)
        lines.push(`${indent}${idOf(predecessor)} -->${statusLabel(wanted)} ${id}`);
      if (after.length === 0 && entry !== undefined)
        lines.push(`${indent}${entry} -->${label === '' ? '' : `|"${escapeLabel(label)}"|`} ${id}`);
    }
  };
  if (isObject(definition.actions)) drawGroup(definition.actions, 'start', '', '  ');
  if (statuses) {
    for (const [status, style] of Object.entries(classes)) lines.push(`  classDef ${status} ${style}`);
    for (const [name, status] of statuses) if (ids.has(name)) lines.push(`  class ${ids.get(name)} ${status}`);
    lines.push('  class start Succeeded');
  }
  return `${lines.join('\n')}\n`;
}

function node(id: string, action: ValueObject, label: string): string {
  const [open, close] = shapes[String(action.type ?? '').toLowerCase()] ?? ['["', '"]'];
  return `${id}${open}${escapeLabel(label)}${close}`;
}

function namedGroups(action: ValueObject): { label: string; actions: ValueObject }[] {
  const groups: { label: string; actions: ValueObject }[] = [];
  const add = (label: string, actions: Value | undefined): void => {
    if (isObject(actions) && Object.keys(actions).length > 0) groups.push({ label, actions });
  };
  const type = String(action.type ?? '').toLowerCase();
  add(type === 'if' ? 'yes' : '', getOwn(action, 'actions'));
  const otherwise = getOwn(action, 'else');
  if (isObject(otherwise)) add('no', getOwn(otherwise, 'actions'));
  const cases = getOwn(action, 'cases');
  for (const [label, item] of Object.entries(isObject(cases) ? cases : {}))
    if (isObject(item)) add(label, getOwn(item, 'actions'));
  const fallback = getOwn(action, 'default');
  if (isObject(fallback)) add('default', getOwn(fallback, 'actions'));
  return groups.length === 0 && childActions(action).some((group) => Object.keys(group).length > 0) ? [] : groups;
}

function statusLabel(wanted: Value): string {
  const statuses = (Array.isArray(wanted) ? wanted : [wanted]).map(String);
  if (statuses.length === 1 && statuses[0] === 'Succeeded') return '';
  if (statuses.length >= 4) return '|"in any case"|';
  return `|"${escapeLabel(statuses.join(', '))}"|`;
}

/** Names are foreign text: nothing in them is Mermaid or HTML. */
function escapeLabel(text: string): string {
  return text
    .replaceAll('_', ' ')
    .replace(/[^\p{L}\p{N} .,:;()/@+-]/gu, (character) => `#${character.codePointAt(0)};`);
}

const order: Status[] = ['Skipped', 'Succeeded', 'Cancelled', 'TimedOut', 'Failed'];

function worstStatuses(run: WorkflowRun): Map<string, Status> {
  const worst = new Map<string, Status>();
  for (const { name, status } of run.actions) {
    const known = worst.get(name.toLowerCase());
    if (known === undefined || order.indexOf(status) > order.indexOf(known)) worst.set(name.toLowerCase(), status);
  }
  return worst;
}
