/** A plan for people (terminal, pull request) and machines. Pure: a plan in, text out. */
import { createTwoFilesPatch } from 'diff';
import picocolors from 'picocolors';
import { isObject, type Json } from './json.ts';
import { type Kind, kindOf } from './kinds.ts';
import type { FieldChange, FieldState, Refusal, Step } from './plan.ts';
import { shortPath } from './record.ts';
import { redact } from './redact.ts';

export interface PlanView {
  target: string;
  workspace: string;
  steps: readonly Step[];
  refusals: readonly Refusal[];
  warnings: readonly string[];
}

export interface PlanCounts {
  create: number;
  update: number;
  drifted: number;
  tuned: number;
  remove: number;
  orphan: number;
  unchanged: number;
}

/** Items per state; an item can be updated and drifted and tuned at once. */
export function countSteps(steps: readonly Step[]): PlanCounts {
  const has = (step: Step, state: FieldState): boolean => step.fields.some((field) => field.state === state);
  const count = (test: (step: Step) => boolean): number => steps.filter(test).length;
  return {
    create: count((step) => step.action === 'create' || step.action === 'recreate'),
    update: count((step) => step.action === 'record' || (step.action === 'update' && has(step, 'update'))),
    drifted: count((step) => step.action === 'recreate' || (step.action === 'update' && has(step, 'drift'))),
    tuned: count((step) => has(step, 'tuned')),
    remove: count((step) => step.action === 'remove'),
    orphan: count((step) => step.action === 'orphan'),
    unchanged: count((step) => step.action === 'unchanged'),
  };
}

/** Whether applying the plan would write something, or `prune` has something to remove. */
export function hasChanges(steps: readonly Step[]): boolean {
  return steps.some((step) => step.action !== 'unchanged');
}

export function summaryLine(steps: readonly Step[]): string {
  const counts = countSteps(steps);
  const parts = [
    `${counts.create} to create`,
    `${counts.update} to update`,
    `${counts.drifted} drifted`,
    `${counts.tuned} tuned (kept)`,
    `${counts.remove + counts.orphan} to remove`,
    `${counts.unchanged} unchanged`,
  ];
  return parts.join(', ');
}

const marks: Readonly<Record<Step['action'], string>> = {
  create: '+',
  recreate: '+',
  update: '~',
  record: '~',
  unchanged: '=',
  remove: '-',
  orphan: '?',
};

type Colors = ReturnType<typeof picocolors.createColors>;

/** @param verbose also the fields of what is created. */
export function planText(view: PlanView, options: { color: boolean; verbose?: boolean }): string {
  const colors = picocolors.createColors(options.color);
  const lines = [colors.bold(`${view.target}: workspace ${view.workspace}`), ''];
  let kind: Kind | undefined;
  for (const step of view.steps) {
    if (step.action === 'unchanged' && step.fields.length === 0) continue;
    if (step.kind !== kind) {
      kind = step.kind;
      lines.push(colors.bold(kindOf(kind).title));
    }
    lines.push(...stepLines(step, colors, options.verbose === true));
  }
  if (kind !== undefined) lines.push('');
  for (const refusal of view.refusals) {
    lines.push(`${colors.red('refused')} ${refusal.key}: ${refusal.message}`, `  remedy: ${refusal.remedy}`);
  }
  for (const warning of view.warnings) lines.push(`${colors.yellow('warning')} ${warning}`);
  if (view.refusals.length + view.warnings.length > 0) lines.push('');
  lines.push(`${hasChanges(view.steps) ? '' : 'No changes. '}${summaryLine(view.steps)}`);
  return `${lines.join('\n')}\n`;
}

function stepLines(step: Step, colors: Colors, verbose: boolean): string[] {
  const mark = { '+': colors.green, '~': colors.yellow, '-': colors.red, '?': colors.red, '=': colors.dim }[
    marks[step.action]
  ]!;
  const lines = [
    `  ${mark(marks[step.action])} ${step.key}  ${colors.dim(`"${oneLine(step.name)}"`)}${stepNote(step, colors)}`,
  ];
  const created = step.action === 'create' || step.action === 'recreate';
  if (created && !verbose) return lines;
  for (const field of step.fields) lines.push(...fieldLines(field, colors, created).map((line) => `      ${line}`));
  return lines;
}

function stepNote(step: Step, colors: Colors): string {
  switch (step.action) {
    case 'recreate':
      return colors.red('  drifted: deleted in the workspace, is made again');
    case 'record':
      return '  is as wanted; only the record of its deployment is completed';
    case 'remove':
      return `  retired: ${step.reason}; \`breakglass prune\` removes it`;
    case 'orphan':
      return colors.red('  no longer in the repository and not retired: `breakglass bump --retire ... --reason ...`');
    case 'update':
      return step.fields.some((field) => field.state === 'drift') ? colors.red('  drifted') : '';
    default:
      return step.fields.length > 0 ? colors.cyan('  tuned in the workspace, kept') : '';
  }
}

function fieldLines(field: FieldChange, colors: Colors, created: boolean): string[] {
  const name = shortPath(field.path);
  const note = {
    update: '',
    drift: colors.red(' changed in the workspace, set back'),
    tuned: colors.cyan(' tuned in the workspace, kept'),
  }[field.state];
  const [before, after] = [redact(field.before), redact(field.after)];
  if (created) return isLong(after) ? [`${name}: ...`] : [`${name}: ${short(after)}`];
  if (isLong(before) || isLong(after)) {
    return [
      `${name}:${note}`,
      ...textDiff(asText(before), asText(after)).map((line) => `  ${colorDiff(line, colors)}`),
    ];
  }
  return leafChanges(before, after, name).map(
    (leaf) => `${leaf.path}: ${colors.red(short(leaf.before))} -> ${colors.green(short(leaf.after))}${note}`,
  );
}

/** The single values that differ below two values; whole arrays where their lengths differ. */
export function leafChanges(
  before: Json | undefined,
  after: Json | undefined,
  path: string,
): { path: string; before: Json | undefined; after: Json | undefined }[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => leafChanges(before[name], after[name], `${path}.${name}`));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => leafChanges(item, after[index], `${path}[${index}]`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

function isLong(value: Json): boolean {
  if (typeof value === 'string') return value.includes('\n') || value.length > 100;
  return typeof value === 'object' && value !== null && JSON.stringify(value).length > 400;
}

function asText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

/** The changed lines with two lines around them, as a unified diff shows them. */
export function textDiff(before: string, after: string): string[] {
  const patch = createTwoFilesPatch('workspace', 'repository', `${before}\n`, `${after}\n`, '', '', { context: 2 });
  return patch
    .split('\n')
    .slice(4)
    .filter((line) => line !== '' && !line.startsWith('\\'));
}

function colorDiff(line: string, colors: Colors): string {
  if (line.startsWith('+')) return colors.green(line);
  if (line.startsWith('-')) return colors.red(line);
  return line.startsWith('@@') ? colors.cyan(line) : line;
}

function short(value: Json | undefined): string {
  if (value === undefined || value === null) return '(none)';
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 200);
}

/** Names come from the workspace: a control character in one must not reach the terminal. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}

/** For a comment on a pull request. */
export function planMarkdown(view: PlanView): string {
  const lines = [`### Plan for ${escapeMarkdown(view.target)}`, '', summaryLine(view.steps), ''];
  const changed = view.steps.filter((step) => step.action !== 'unchanged' || step.fields.length > 0);
  if (changed.length > 0) {
    lines.push('| | item | change |', '| --- | --- | --- |');
    for (const step of changed) {
      const fields =
        step.action === 'create'
          ? 'new'
          : step.fields.map((field) => `${shortPath(field.path)} (${field.state})`).join(', ');
      lines.push(`| ${step.action} | ${escapeMarkdown(step.key)} | ${escapeMarkdown(fields || step.action)} |`);
    }
    lines.push('');
    const plain = changed.flatMap((step) =>
      step.action === 'create' ? [] : stepLines(step, picocolors.createColors(false), false),
    );
    if (plain.length > 0) {
      const fence = '`'.repeat(Math.max(3, ...plain.map((line) => (/`+/.exec(line)?.[0].length ?? 0) + 1)));
      lines.push(
        '<details><summary>Differences</summary>',
        '',
        `${fence}diff`,
        ...plain.map((line) => line.replace(/^ {8}/, '')),
        fence,
        '',
        '</details>',
        '',
      );
    }
  }
  for (const refusal of view.refusals)
    lines.push(`- **refused** ${escapeMarkdown(`${refusal.key}: ${refusal.message}`)}`);
  for (const warning of view.warnings) lines.push(`- **warning** ${escapeMarkdown(warning)}`);
  return `${lines.join('\n')}\n`;
}

function escapeMarkdown(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>|#]/g, '\\$&');
}
