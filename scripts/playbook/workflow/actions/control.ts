/** Control actions: If, Switch, Foreach, Until, Scope, Wait, Terminate, Response. */
import { millisecondsOfTicks, parseTimestamp } from '../../functions/dotnet-dates.ts';
import { FunctionError, printValue } from '../../functions/function.ts';
import { deepEqual, getOwn, isObject, kindOf, type Value, type ValueObject } from '../../value.ts';
import { parseDuration, parseInterval } from '../duration.ts';
import { evaluateCondition, evaluateValue, TemplateError } from '../evaluate.ts';
import type { Status } from '../model.ts';
import { referenceScope } from '../references.ts';
import type { Frame, Outcome } from '../run.ts';
import { type ActionHandler, objectInputs } from './handler.ts';

const actionsOf = (value: Value | undefined): Value | undefined =>
  isObject(value) ? getOwn(value, 'actions') : undefined;

function outcome(
  ended: { status: Status; error?: { code: string; message: string } },
  rest: Partial<Outcome> = {},
): Outcome {
  return ended.error === undefined
    ? { ...rest, status: ended.status }
    : { ...rest, status: ended.status, code: ended.error.code, error: ended.error };
}

const condition: ActionHandler = async ({ run, definition, frame, scope, nesting }) => {
  const branches = { yes: getOwn(definition, 'actions'), no: actionsOf(getOwn(definition, 'else')) };
  let holds: boolean;
  try {
    holds = evaluateCondition(getOwn(definition, 'expression') ?? null, scope);
  } catch (error) {
    run.skipAll(branches.yes, frame);
    run.skipAll(branches.no, frame);
    throw error;
  }
  run.skipAll(holds ? branches.no : branches.yes, frame);
  const ended = await run.runActions(holds ? branches.yes : branches.no, frame, nesting + 1);
  return outcome(ended, { inputs: { expressionResult: holds } });
};

const switchCase: ActionHandler = async ({ run, definition, frame, scope, nesting }) => {
  const value = evaluateValue(getOwn(definition, 'expression') ?? null, scope);
  const cases = getOwn(definition, 'cases');
  const groups = isObject(cases) ? Object.entries(cases) : [];
  const matches = ([, group]: [string, Value]): boolean =>
    isObject(group) && deepEqual(evaluateValue(getOwn(group, 'case') ?? null, scope), value);
  const chosen = groups.find(matches);
  for (const entry of groups) if (entry !== chosen) run.skipAll(actionsOf(entry[1]), frame);
  const fallback = actionsOf(getOwn(definition, 'default'));
  if (chosen) run.skipAll(fallback, frame);
  const ended = await run.runActions(chosen ? actionsOf(chosen[1]) : fallback, frame, nesting + 1);
  return outcome(ended, { inputs: { expressionResult: value, matchedCase: chosen?.[0] ?? null } });
};

const scopeAction: ActionHandler = async ({ run, definition, frame, nesting }) => {
  const timeout = limitOf(definition, 'timeout');
  const started = run.clock.now;
  const ended = await run.runActions(getOwn(definition, 'actions'), frame, nesting + 1);
  if (timeout !== undefined && run.clock.now - started > timeout) return { status: 'TimedOut', code: 'ActionTimedOut' };
  return outcome(ended);
};

const maximumItems = 100_000;
const defaultDegree = 20;

const foreach: ActionHandler = async (context) => {
  const { run, name, definition, frame, scope, nesting } = context;
  const actions = getOwn(definition, 'actions');
  const items = evaluateValue(getOwn(definition, 'foreach') ?? null, scope);
  if (!Array.isArray(items)) {
    run.skipAll(actions, frame);
    throw new TemplateError(
      `the loop '${name}' goes over an array, not ${kindOf(items)}`,
      'ExpressionEvaluationFailed',
    );
  }
  if (items.length > maximumItems) throw new TemplateError(`the loop '${name}' has more than ${maximumItems} items`);
  if (items.length === 0) run.skipAll(actions, frame);
  let failure: { status: Status; error?: { code: string; message: string } } | undefined;
  const iterations = items.map((item, index) => async () => {
    const inner: Frame = {
      parent: frame,
      results: new Map(),
      loop: { name, kind: 'foreach', item, index },
      iteration: [...frame.iteration, index],
    };
    const ended = await run.runActions(actions, inner, nesting + 1);
    if (ended.status !== 'Succeeded') failure ??= ended;
  });
  await run.clock.all(iterations, degreeOf(definition));
  return outcome(failure ?? { status: 'Succeeded' }, { inputs: { itemsCount: items.length } });
};

/** Iterations at a time: 20 unless the loop is sequential or says otherwise. */
export function degreeOf(definition: ValueObject): number {
  if (
    String(definition.operationOptions ?? '')
      .toLowerCase()
      .includes('sequential')
  )
    return 1;
  const configuration = isObject(definition.runtimeConfiguration)
    ? getOwn(definition.runtimeConfiguration, 'concurrency')
    : undefined;
  const repetitions = isObject(configuration) ? Number(getOwn(configuration, 'repetitions')) : Number.NaN;
  return Number.isInteger(repetitions) && repetitions >= 1 ? repetitions : defaultDegree;
}

function limitOf(definition: ValueObject, name: 'count' | 'timeout'): number | undefined {
  const limit = getOwn(definition, 'limit');
  if (!isObject(limit)) return undefined;
  const value = getOwn(limit, name);
  if (name === 'timeout') return parseDuration(value);
  const count = Number(value);
  return Number.isInteger(count) && count > 0 ? count : undefined;
}

const until: ActionHandler = async ({ run, name, definition, frame, nesting }) => {
  const count = Math.min(limitOf(definition, 'count') ?? 60, 5000);
  const timeout = limitOf(definition, 'timeout') ?? 3_600_000;
  const started = run.clock.now;
  let ended: { status: Status; error?: { code: string; message: string } } = { status: 'Succeeded' };
  let index = 0;
  for (; ; index++) {
    const inner: Frame = {
      parent: frame,
      results: new Map(),
      loop: { name, kind: 'until', item: null, index },
      iteration: [...frame.iteration, index],
    };
    ended = await run.runActions(getOwn(definition, 'actions'), inner, nesting + 1);
    if (evaluateCondition(getOwn(definition, 'expression') ?? true, referenceScope(run, inner, name))) break;
    if (index + 1 >= count || run.clock.now - started >= timeout) {
      if (/FailWhenLimitsReached/i.test(String(definition.operationOptions ?? ''))) {
        return {
          status: 'Failed',
          code: 'ActionFailed',
          error: { code: 'ActionFailed', message: `the loop '${name}' reached its limit` },
          outputs: { iterationCount: index + 1 },
        };
      }
      break;
    }
  }
  return outcome(ended, { outputs: { iterationCount: index + 1 } });
};

const wait: ActionHandler = async (context) => {
  const { run } = context;
  const inputs = objectInputs(context);
  const interval = parseInterval(getOwn(inputs, 'interval'));
  const limit = getOwn(inputs, 'until');
  const timestamp = isObject(limit) ? getOwn(limit, 'timestamp') : undefined;
  if (interval !== undefined) await run.clock.sleep(interval);
  else if (timestamp !== undefined) {
    try {
      await run.clock.sleep(millisecondsOfTicks(parseTimestamp(printValue(timestamp))) - run.clock.now);
    } catch (error) {
      if (error instanceof FunctionError) throw new TemplateError(error.message, 'BadRequest');
      throw error;
    }
  } else throw new TemplateError('a wait has an interval with count and unit, or a time to wait for', 'BadRequest');
  return { status: 'Succeeded', inputs };
};

const terminate: ActionHandler = (context) => {
  const inputs = objectInputs(context);
  const wanted = printValue(getOwn(inputs, 'runStatus') ?? 'Succeeded');
  const status: Status = /^(failed|cancelled|succeeded)$/i.test(wanted)
    ? (`${wanted[0]!.toUpperCase()}${wanted.slice(1).toLowerCase()}` as Status)
    : 'Failed';
  const error = getOwn(inputs, 'runError');
  const now = context.run.clock.now;
  const { run, name, type, frame } = context;
  run.record(
    { name, type, status: 'Succeeded', code: 'OK', inputs, startTime: now, endTime: now, iteration: frame.iteration },
    frame,
  );
  return run.terminate(
    status,
    isObject(error)
      ? { code: printValue(getOwn(error, 'code') ?? ''), message: printValue(getOwn(error, 'message') ?? '') }
      : undefined,
  );
};

const response: ActionHandler = (context) => {
  const inputs = objectInputs(context);
  const statusCode = Number(getOwn(inputs, 'statusCode') ?? 200);
  const answer = { statusCode, headers: getOwn(inputs, 'headers') ?? {}, body: getOwn(inputs, 'body') ?? null };
  // Only the first response of a run reaches the caller.
  context.run.response ??= answer;
  return { status: 'Succeeded', inputs, outputs: answer };
};

export const controlHandlers: Record<string, ActionHandler> = {
  if: condition,
  switch: switchCase,
  scope: scopeAction,
  foreach,
  until,
  wait,
  terminate,
  response,
};
