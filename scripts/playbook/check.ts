/** Parses, lints and dry-runs playbook files: one report a file, whatever is in it. */
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { ExpressionSyntaxError, walkExpression } from './expression/parse.ts';
import { parseTemplateString } from './expression/template-string.ts';
import { findFunction, referenceFunctions } from './functions/index.ts';
import {
  completeParameters,
  decodeText,
  guessParameter,
  PlaybookSyntaxError,
  type PlaybookWorkflow,
  readPlaybook,
} from './read-playbook.ts';
import { genericServices, genericTrigger } from './stubs/generic.ts';
import { isObject, type Value } from './value.ts';
import { isKnownAction } from './workflow/actions/index.ts';
import { walkActions } from './workflow/definition.ts';
import { TemplateError } from './workflow/evaluate.ts';
import type { Status, WorkflowRun } from './workflow/model.ts';
import { referenceScope } from './workflow/references.ts';
import { Run, runWorkflow } from './workflow/run.ts';
import { findTrigger, splitTrigger, triggerFires } from './workflow/trigger.ts';

export interface CheckedWorkflow {
  name: string;
  trigger: string;
  /** End state of the dry run. */
  status: Status;
  actions: number;
  /** Actions that ended in each status. */
  results: Partial<Record<Status, number>>;
  calls: number;
  /** Action types and functions that the runner does not know. */
  unsupported: string[];
  /** Actions that failed, with the reason. */
  failed: { action: string; code: string; message: string }[];
  milliseconds: number;
}

export interface CheckedFile {
  file: string;
  /** The file is JSON and every expression in its workflows parses. */
  parsed: boolean;
  /** End state of the workflows: the first that is not Succeeded; `NoWorkflow` for a template without one. */
  status: Status | 'NoWorkflow' | 'NotParsed';
  unsupported: string[];
  failed: string[];
  workflows: CheckedWorkflow[];
  /** Template expressions that could not be evaluated, and expressions that cannot be parsed. */
  problems: string[];
}

const checkClock = new Date('2026-11-23T08:00:00Z');

/** Checks one file; every fault of the file is in the result, none is thrown. */
export async function checkPlaybook(file: string): Promise<CheckedFile> {
  const result: CheckedFile = {
    file,
    parsed: false,
    status: 'NotParsed',
    unsupported: [],
    failed: [],
    workflows: [],
    problems: [],
  };
  try {
    const text = decodeText(await readFile(file));
    const slug = basename(dirname(file));
    const guess = (name: string, declaration: Parameters<typeof guessParameter>[1]): Value => {
      const value = guessParameter(name, declaration);
      return value === 'playbook' && slug !== '.' ? slug : value;
    };
    const playbook = readPlaybook(text, { guessParameter: guess });
    result.problems.push(...playbook.problems.map(({ path, message }) => `${path}: ${message}`));
    result.parsed = true;
    for (const workflow of playbook.workflows) {
      const faults = syntaxFaults(workflow);
      if (faults.length > 0) result.parsed = false;
      result.problems.push(...faults);
      try {
        result.workflows.push(await checkWorkflow(workflow, playbook.workflows));
      } catch (error) {
        // A defect of the runner: told as such, and the other workflows are still checked.
        const message = `the runner failed: ${error instanceof Error ? error.message : String(error)}`;
        result.workflows.push({
          name: workflow.name,
          trigger: 'none',
          status: 'Failed',
          actions: 0,
          results: {},
          calls: 0,
          unsupported: [],
          failed: [{ action: '', code: 'RunnerDefect', message }],
          milliseconds: 0,
        });
      }
    }
    result.status =
      result.workflows.find(({ status }) => status !== 'Succeeded')?.status ??
      (result.workflows.length === 0 ? 'NoWorkflow' : 'Succeeded');
    result.unsupported = [...new Set(result.workflows.flatMap(({ unsupported }) => unsupported))];
    result.failed = result.workflows.flatMap(({ failed }) =>
      failed.map(({ action, message }) => `${action}: ${message}`),
    );
  } catch (error) {
    result.status = 'NotParsed';
    if (error instanceof PlaybookSyntaxError) result.problems.push(`${error.line}:${error.column}: ${error.message}`);
    else result.problems.push(error instanceof Error ? error.message : String(error));
  }
  return result;
}

/** Runs a workflow with a generic trigger and generic stubs. */
export async function checkWorkflow(
  original: PlaybookWorkflow,
  siblings: readonly PlaybookWorkflow[] = [],
): Promise<CheckedWorkflow> {
  const started = performance.now();
  const workflow = completeParameters(original);
  const trigger = findTrigger(workflow.definition);
  const runs: WorkflowRun[] = [];
  let actions = 0;
  walkActions(workflow.definition.actions, () => actions++);
  const outputs = trigger === undefined ? { headers: {}, body: {} } : genericTrigger(workflow, trigger, checkClock);
  const base = {
    services: genericServices(workflow, checkClock),
    now: checkClock,
    findWorkflow: (id: string) => {
      const found = siblings.find(
        (item) => item !== original && id.toLowerCase().endsWith(`/workflows/${item.name.toLowerCase()}`),
      );
      return found && completeParameters(found);
    },
    limits: { actions: 20_000, milliseconds: 10_000 },
  };
  const name = trigger?.name ?? 'manual';
  for (const message of triggerMessages(workflow, trigger, outputs)) {
    runs.push(await runWorkflow(workflow, { ...base, trigger: { name, outputs: message } }));
  }
  const results: Partial<Record<Status, number>> = {};
  for (const action of runs.flatMap((run) => run.actions)) results[action.status] = (results[action.status] ?? 0) + 1;
  const failures = runs.flatMap((run) =>
    run.actions.filter(({ status, error }) => status !== 'Succeeded' && error !== undefined),
  );
  const failed = new Map(
    failures.map(({ name: action, code, error }) => [action, { action, code, message: error!.message }]),
  );
  for (const { error } of runs) if (error && failed.size === 0) failed.set('', { action: '', ...error });
  return {
    name: workflow.name,
    trigger: trigger?.kind ?? 'none',
    status: runs.find(({ status }) => status !== 'Succeeded')?.status ?? 'Succeeded',
    actions,
    results,
    calls: runs.reduce((sum, run) => sum + run.calls.length, 0),
    unsupported: unsupportedIn(workflow),
    failed: [...failed.values()],
    milliseconds: Math.round(performance.now() - started),
  };
}

/** The messages that start runs: the elements of `splitOn`; a trigger whose conditions fail all the same starts one. */
function triggerMessages(
  workflow: PlaybookWorkflow | Parameters<typeof completeParameters>[0],
  trigger: ReturnType<typeof findTrigger>,
  outputs: Value,
): Value[] {
  if (trigger === undefined || !isObject(outputs)) return [outputs];
  try {
    const run = new Run(workflow, { services: [], trigger: { name: trigger.name, outputs }, now: checkClock });
    const scope = referenceScope(run, { results: new Map(), iteration: [] }, trigger.name);
    triggerFires(trigger, scope);
    const messages = splitTrigger(trigger, outputs, scope);
    return messages.length > 0 ? messages.slice(0, 5) : [outputs];
  } catch (error) {
    if (error instanceof TemplateError) return [outputs];
    throw error;
  }
}

/** Strings of a definition with their JSON path, schemas and descriptions left out. */
export function* definitionStrings(
  value: Value,
  path: readonly (string | number)[] = [],
): Generator<{ text: string; path: readonly (string | number)[] }> {
  if (typeof value === 'string') yield { text: value, path };
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* definitionStrings(item, [...path, index]);
  else if (isObject(value) && path.length < 200) {
    for (const [key, item] of Object.entries(value)) {
      if (key === 'schema' || key === 'description' || key === 'metadata' || key === '$schema') continue;
      if (key.includes('@{')) yield { text: key, path: [...path, key] };
      yield* definitionStrings(item, [...path, key]);
    }
  }
}

function syntaxFaults(workflow: PlaybookWorkflow): string[] {
  const faults: string[] = [];
  for (const part of ['triggers', 'actions'] as const) {
    for (const { text, path } of definitionStrings(workflow.definition[part] ?? null, [part])) {
      try {
        parseTemplateString(text);
      } catch (error) {
        if (!(error instanceof ExpressionSyntaxError)) throw error;
        faults.push(`${workflow.name}.${path.join('.')}: ${error.message}`);
      }
    }
  }
  return faults;
}

function unsupportedIn(workflow: { definition: PlaybookWorkflow['definition'] }): string[] {
  const unsupported = new Set<string>();
  walkActions(workflow.definition.actions, (_, action) => {
    const type = String(action.type ?? '');
    if (!isKnownAction(type)) unsupported.add(`action type ${type || '(none)'}`);
  });
  const known = new Set(referenceFunctions.map((name) => name.toLowerCase()));
  for (const { text } of definitionStrings(workflow.definition.actions ?? null)) {
    let parsed: ReturnType<typeof parseTemplateString>;
    try {
      parsed = parseTemplateString(text);
    } catch {
      continue;
    }
    const expressions =
      parsed.kind === 'expression'
        ? [parsed.expression]
        : parsed.kind === 'interpolation'
          ? parsed.parts.filter((part) => typeof part !== 'string')
          : [];
    for (const expression of expressions) {
      walkExpression(expression, (node) => {
        if (node.kind === 'call' && !known.has(node.name.toLowerCase()) && findFunction(node.name) === undefined)
          unsupported.add(`function ${node.name}()`);
      });
    }
  }
  return [...unsupported];
}
