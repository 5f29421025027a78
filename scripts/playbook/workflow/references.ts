/** The functions that read a run: `parameters`, `variables`, `body`, `outputs`, `actions`, `items`, `result`, ... */
import { formatTimestamp, ticksOfMilliseconds } from '../functions/dotnet-dates.ts';
import { printValue } from '../functions/function.ts';
import { getOwn, isObject, setOwn, type Value, type ValueObject } from '../value.ts';
import { childActions } from './definition.ts';
import { type ExpressionScope, evaluateValue, TemplateError } from './evaluate.ts';
import type { ActionResult } from './model.ts';
import type { Frame, Run } from './run.ts';

/** What the inputs of an action can see. `item` is set inside Select, Query and Table. */
export function referenceScope(run: Run, frame: Frame, action: string, item?: { value: Value }): ExpressionScope {
  return {
    environment: run.environment,
    reference: (name, args) => {
      const first = (): string => printValue(args[0] ?? null);
      switch (name) {
        case 'parameters':
          return parameter(run, first());
        case 'variables':
          return variable(run, first());
        case 'triggeroutputs':
          return run.options.trigger.outputs;
        case 'triggerbody':
          return bodyOf(run.options.trigger.outputs);
        case 'trigger':
          return trigger(run);
        case 'outputs':
        case 'actionoutputs':
          return result(run, frame, args.length > 0 ? first() : action)?.outputs ?? null;
        case 'body':
        case 'actionbody':
          return bodyOf(result(run, frame, args.length > 0 ? first() : action)?.outputs ?? null);
        case 'actions':
          return describeResult(run, result(run, frame, first()), first());
        case 'action':
          return describeResult(run, run.resultOf(action, frame), action);
        case 'result':
          return results(run, frame, first());
        case 'item':
          return item === undefined ? loopItem(frame, undefined) : item.value;
        case 'items':
          return loopItem(frame, first());
        case 'iterationindexes':
          return iterationIndex(frame, first());
        case 'listcallbackurl':
          return `https://callback.contoso.example/workflows/${encodeURIComponent(run.workflow.name)}/triggers/${encodeURIComponent(args.length > 0 ? first() : action)}/paths/invoke`;
        case 'workflow':
          return workflow(run);
        case 'appsetting':
          throw new TemplateError('appsetting() exists in Standard workflows only');
        default:
          return undefined;
      }
    },
  };
}

/** `outputs.body`; where outputs is the value itself (as of Compose) there is none. */
function bodyOf(outputs: Value): Value {
  return isObject(outputs) ? (getOwn(outputs, 'body') ?? null) : null;
}

function parameter(run: Run, name: string): Value {
  const given = getOwn(run.workflow.parameters, name);
  if (isObject(given) && 'value' in given) return given.value ?? null;
  const declared = isObject(run.workflow.definition.parameters)
    ? getOwn(run.workflow.definition.parameters, name)
    : undefined;
  if (isObject(declared) && 'defaultValue' in declared) {
    const value = declared.defaultValue ?? null;
    // A default may itself be an expression of other parameters.
    return typeof value === 'string' && value.startsWith('@')
      ? evaluateValue(value, referenceScope(run, { results: new Map(), iteration: [] }, ''))
      : value;
  }
  if (isObject(given) && 'reference' in given) return '(secret of a key vault)';
  throw new TemplateError(
    declared === undefined ? `there is no parameter '${name}'` : `the parameter '${name}' has no value and no default`,
  );
}

function variable(run: Run, name: string): Value {
  const found = run.variables.get(name.toLowerCase());
  if (found === undefined) throw new TemplateError(`the variable '${name}' is not initialized`);
  return found.value;
}

function result(run: Run, frame: Frame, name: string): ActionResult | undefined {
  const found = run.resultOf(name, frame);
  if (found === undefined && !run.definitions.has(name.toLowerCase()))
    throw new TemplateError(`there is no action '${name}'`);
  return found;
}

const timestamp = (milliseconds: number): string => formatTimestamp(ticksOfMilliseconds(milliseconds));

function describeResult(run: Run, found: ActionResult | undefined, name: string): Value {
  if (found === undefined) {
    if (!run.definitions.has(name.toLowerCase())) throw new TemplateError(`there is no action '${name}'`);
    return null;
  }
  return {
    name: found.name,
    ...(found.inputs === undefined ? {} : { inputs: found.inputs }),
    ...(found.outputs === undefined ? {} : { outputs: found.outputs }),
    startTime: timestamp(found.startTime),
    endTime: timestamp(found.endTime),
    trackingId: `00000000-0000-4000-8000-${found.startTime.toString(16).padStart(12, '0').slice(-12)}`,
    clientTrackingId: runName(run),
    code: found.code,
    status: found.status,
    ...(found.error === undefined ? {} : { error: { code: found.error.code, message: found.error.message } }),
  };
}

/** First-level results of a scope; those of a Foreach are one list over its iterations. */
function results(run: Run, frame: Frame, name: string): Value {
  const scope = run.definitions.get(name.toLowerCase());
  if (scope === undefined) throw new TemplateError(`there is no action '${name}'`);
  const names = new Set(
    childActions(scope.definition)
      .flatMap((group) => Object.keys(group))
      .map((item) => item.toLowerCase()),
  );
  const depth = frame.iteration.length;
  return run.actions
    .filter(
      (item) =>
        names.has(item.name.toLowerCase()) &&
        item.iteration.slice(0, depth).every((index, at) => index === frame.iteration[at]),
    )
    .map((item) => describeResult(run, item, item.name));
}

function trigger(run: Run): Value {
  const { name, outputs } = run.options.trigger;
  const time = timestamp(run.options.now.getTime());
  return {
    name,
    outputs,
    inputs: null,
    startTime: time,
    endTime: time,
    scheduledTime: time,
    code: 'OK',
    status: 'Succeeded',
  };
}

function loopItem(frame: Frame, name: string | undefined): Value {
  for (let current: Frame | undefined = frame; current; current = current.parent) {
    if (current.loop?.kind !== 'foreach') continue;
    if (name === undefined || current.loop.name.toLowerCase() === name.toLowerCase()) return current.loop.item;
  }
  throw new TemplateError(
    name === undefined ? 'item() is used outside of a loop' : `items('${name}') is used outside of the loop '${name}'`,
  );
}

function iterationIndex(frame: Frame, name: string): Value {
  for (let current: Frame | undefined = frame; current; current = current.parent) {
    if (current.loop?.name.toLowerCase() === name.toLowerCase()) return current.loop.index;
  }
  throw new TemplateError(`iterationIndexes('${name}') is used outside of the loop '${name}'`);
}

const runName = (run: Run): string => `08584${run.options.now.getTime()}CU00`;

function workflow(run: Run): Value {
  const { name, resourceId, location, tags } = run.workflow;
  const described: ValueObject = {
    id: resourceId,
    name,
    type: 'Microsoft.Logic/workflows',
    location: location ?? 'westeurope',
    tags: tags ?? {},
  };
  setOwn(described, 'run', {
    id: `${resourceId}/runs/${runName(run)}`,
    name: runName(run),
    type: 'Microsoft.Logic/workflows/runs',
  });
  return described;
}
