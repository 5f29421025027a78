/** Runs a workflow: order by `runAfter`, statuses of branches and scopes, iterations, the trigger and the clock. */

import { ticksOfMilliseconds } from '../functions/dotnet-dates.ts';
import type { FunctionEnvironment } from '../functions/function.ts';
import { isObject, setOwn, type Value, type ValueObject } from '../value.ts';
import { findHandler } from './actions/index.ts';
import { DeadlockError, type Latch, VirtualClock } from './clock.ts';
import { childActions, definitionFaults } from './definition.ts';
import { TemplateError } from './evaluate.ts';
import type { ActionResult, RecordedCall, RunError, Service, Status, Workflow, WorkflowRun } from './model.ts';
import { referenceScope } from './references.ts';

export interface RunOptions {
  /** Asked in order; the first answer counts. */
  services: readonly Service[];
  /** `{ headers, body }` of the trigger. */
  trigger: { name: string; outputs: Value };
  now: Date;
  /** Finds the workflow that a `Workflow` action starts. */
  findWorkflow?: (resourceId: string) => Workflow | undefined;
  /** Stops a run that never ends: number of executed actions (default 20,000) and milliseconds of the machine (default: none). */
  limits?: { actions?: number; milliseconds?: number };
  /** Depth of workflows that started each other. */
  depth?: number;
}

/** One place of execution: the workflow itself or one iteration of a loop. */
export interface Frame {
  parent?: Frame;
  results: Map<string, ActionResult>;
  loop?: { name: string; kind: 'foreach' | 'until'; item: Value; index: number };
  iteration: readonly number[];
}

/** What a handler says about its action. */
export interface Outcome {
  status: Status;
  code?: string;
  error?: RunError;
  inputs?: Value;
  outputs?: Value;
  retries?: { at: number; code: string }[];
}

class RunLimitError extends Error {}

const defaultActions = 20_000;
const maximumNesting = 40;

export class Run {
  readonly clock: VirtualClock;
  readonly environment: FunctionEnvironment;
  readonly variables = new Map<string, { name: string; type: string; value: Value }>();
  readonly actions: ActionResult[] = [];
  /** The latest result of each action in any iteration, for references from outside of a loop. */
  readonly latest = new Map<string, ActionResult>();
  readonly calls: RecordedCall[] = [];
  /** Actions by folded name, with the scope that holds them. */
  readonly definitions = new Map<string, { name: string; definition: ValueObject; parent: string | undefined }>();
  response: WorkflowRun['response'];
  terminated: { status: Status; error?: RunError } | undefined;
  readonly workflow: Workflow;
  readonly options: RunOptions;
  #executed = 0;
  readonly #deadline: number;

  constructor(workflow: Workflow, options: RunOptions) {
    this.workflow = workflow;
    this.options = options;
    this.clock = new VirtualClock(options.now.getTime());
    this.#deadline = Date.now() + (options.limits?.milliseconds ?? Number.POSITIVE_INFINITY);
    this.environment = seededEnvironment(() => this.clock.now);
    this.#index(workflow.definition.actions, undefined);
  }

  #index(actions: Value | undefined, parent: string | undefined): void {
    if (!isObject(actions)) return;
    for (const [name, definition] of Object.entries(actions)) {
      if (!isObject(definition)) continue;
      this.definitions.set(name.toLowerCase(), { name, definition, parent });
      for (const child of childActions(definition)) this.#index(child, name);
    }
  }

  /** Runs the actions of a scope and answers the status of its branches. */
  async runActions(
    actions: Value | undefined,
    frame: Frame,
    nesting: number,
  ): Promise<{ status: Status; error?: RunError }> {
    if (nesting > maximumNesting) throw new TemplateError('the actions are nested too deeply');
    const entries = isObject(actions)
      ? Object.entries(actions).filter((entry): entry is [string, ValueObject] => isObject(entry[1]))
      : [];
    const latches = new Map<string, Latch>(entries.map(([name]) => [name.toLowerCase(), this.clock.latch()]));
    await this.clock.all(
      entries.map(([name, definition]) => async () => {
        const after = Object.entries(isObject(definition.runAfter) ? definition.runAfter : {});
        for (const [predecessor] of after) {
          const latch = latches.get(predecessor.toLowerCase());
          if (latch) await this.clock.wait(latch);
        }
        const allowed = after.every(([predecessor, statuses]) => {
          const status = frame.results.get(predecessor.toLowerCase())?.status ?? 'Skipped';
          return (Array.isArray(statuses) ? statuses : [statuses]).some(
            (wanted) => String(wanted).toLowerCase() === status.toLowerCase(),
          );
        });
        if (allowed) await this.#runAction(name, definition, frame, nesting);
        else this.skip(name, definition, frame, 'ActionSkipped');
        this.clock.set(latches.get(name.toLowerCase())!);
      }),
    );
    return branchStatus(entries, frame);
  }

  async #runAction(name: string, definition: ValueObject, frame: Frame, nesting: number): Promise<void> {
    this.#executed++;
    if (this.#executed > (this.options.limits?.actions ?? defaultActions)) {
      throw new RunLimitError(`the run was stopped after ${this.#executed - 1} actions; a loop may never end`);
    }
    if (Date.now() > this.#deadline) throw new RunLimitError('the run was stopped because it took too long');
    const type = String(definition.type ?? '');
    const startTime = this.clock.now;
    let outcome: Outcome;
    const scope = referenceScope(this, frame, name);
    try {
      outcome = await findHandler(type)({ run: this, name, type, definition, frame, scope, nesting });
    } catch (error) {
      if (error instanceof TemplateError) {
        outcome = { status: 'Failed', code: error.code, error: { code: error.code, message: error.message } };
      } else if (error instanceof RangeError && !(error instanceof RunLimitError)) {
        outcome = {
          status: 'Failed',
          code: 'InvalidTemplate',
          error: { code: 'InvalidTemplate', message: `a value is too large or nested too deeply: ${error.message}` },
        };
      } else throw error;
    }
    this.record(
      {
        name,
        type,
        code: outcome.status === 'Succeeded' ? 'OK' : 'ActionFailed',
        ...outcome,
        startTime,
        endTime: this.clock.now,
        iteration: frame.iteration,
      },
      frame,
    );
  }

  /** Records an action and everything in it as skipped. */
  skip(name: string, definition: ValueObject, frame: Frame, code: string): void {
    const now = this.clock.now;
    this.record(
      {
        name,
        type: String(definition.type ?? ''),
        status: 'Skipped',
        code,
        startTime: now,
        endTime: now,
        iteration: frame.iteration,
      },
      frame,
    );
    for (const children of childActions(definition)) this.skipAll(children, frame);
  }

  skipAll(actions: Value | undefined, frame: Frame): void {
    if (!isObject(actions)) return;
    for (const [name, definition] of Object.entries(actions)) {
      if (isObject(definition)) this.skip(name, definition, frame, 'ActionBranchingConditionNotSatisfied');
    }
  }

  record(result: ActionResult, frame: Frame): void {
    frame.results.set(result.name.toLowerCase(), result);
    this.latest.set(result.name.toLowerCase(), result);
    this.actions.push(result);
  }

  /** The result of an action as seen from a frame, undefined while there is none. */
  resultOf(name: string, frame: Frame): ActionResult | undefined {
    const folded = name.toLowerCase();
    for (let current: Frame | undefined = frame; current; current = current.parent) {
      const result = current.results.get(folded);
      if (result) return result;
    }
    return this.latest.get(folded);
  }

  /** Runs another workflow from now on, as a `Workflow` action does. */
  startWorkflow(workflow: Workflow, trigger: { name: string; outputs: Value }): Promise<WorkflowRun> {
    return runWorkflow(workflow, {
      ...this.options,
      depth: (this.options.depth ?? 0) + 1,
      now: new Date(this.clock.now),
      trigger,
    });
  }

  /** Ends the run at once; the promise never settles. */
  terminate(status: Status, error: RunError | undefined): Promise<never> {
    this.terminated = error === undefined ? { status } : { status, error };
    return this.clock.halt();
  }
}

/**
 * Runs a workflow from its trigger to its end.
 * @returns the run with its end state; a definition that cannot run ends as `Failed` with the reason in `error`
 */
export async function runWorkflow(workflow: Workflow, options: RunOptions): Promise<WorkflowRun> {
  const run = new Run(workflow, options);
  const finish = (status: Status, error?: RunError): WorkflowRun => ({
    workflow: workflow.name,
    status,
    ...(error === undefined ? {} : { error }),
    trigger: options.trigger,
    actions: run.actions,
    calls: run.calls,
    ...(run.response === undefined ? {} : { response: run.response }),
    variables: variablesOf(run),
    startTime: options.now.getTime(),
    endTime: run.clock.now,
  });
  const [fault] = definitionFaults(workflow.definition);
  if (fault !== undefined) return finish('Failed', { code: 'InvalidTemplate', message: fault });
  let ended: { status: Status; error?: RunError } = { status: 'Succeeded' };
  try {
    await run.clock.run(async () => {
      ended = await run.runActions(workflow.definition.actions, { results: new Map(), iteration: [] }, 0);
    });
  } catch (error) {
    if (error instanceof RunLimitError) return finish('Failed', { code: 'RunLimitExceeded', message: error.message });
    if (error instanceof DeadlockError || error instanceof TemplateError)
      return finish('Failed', { code: 'InvalidTemplate', message: error.message });
    throw error;
  }
  if (run.terminated) ended = run.terminated;
  return finish(ended.status, ended.error);
}

function variablesOf(run: Run): ValueObject {
  const values: ValueObject = {};
  for (const { name, value } of run.variables.values()) setOwn(values, name, value);
  return values;
}

/**
 * The status of a scope: every branch counts by its last action, or by what it ran after when that was skipped; one
 * failed branch fails the scope.
 */
function branchStatus(entries: readonly [string, ValueObject][], frame: Frame): { status: Status; error?: RunError } {
  const followed = new Set<string>();
  const predecessors = new Map<string, string[]>();
  for (const [name, definition] of entries) {
    const names = Object.keys(isObject(definition.runAfter) ? definition.runAfter : {}).map((item) =>
      item.toLowerCase(),
    );
    predecessors.set(name.toLowerCase(), names);
    for (const predecessor of names) followed.add(predecessor);
  }
  const seen = new Set<string>();
  const failures: ActionResult[] = [];
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const result = frame.results.get(name);
    if (result?.status === 'Skipped') for (const predecessor of predecessors.get(name) ?? []) visit(predecessor);
    else if (result && result.status !== 'Succeeded') failures.push(result);
  };
  for (const [name] of entries) if (!followed.has(name.toLowerCase())) visit(name.toLowerCase());
  const [failure] = failures;
  if (failure === undefined) return { status: 'Succeeded' };
  const inner = failure.error ?? { code: failure.code, message: `it ended as ${failure.status}` };
  const message =
    inner.code === 'ActionFailed' && inner.message.startsWith("the action '")
      ? inner.message
      : `the action '${failure.name}' failed: ${inner.message}`;
  return { status: 'Failed', error: { code: 'ActionFailed', message } };
}

/** Chance and GUIDs that are the same in every run of the same story. */
function seededEnvironment(now: () => number): FunctionEnvironment {
  let state = 0x9e3779b9;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    nowTicks: () => ticksOfMilliseconds(now()),
    random: () => next() / 2 ** 32,
    guid: () => {
      const hex = Array.from({ length: 4 }, () => next().toString(16).padStart(8, '0')).join('');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}
