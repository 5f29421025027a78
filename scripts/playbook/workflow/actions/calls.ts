/** Actions that call something outside: connectors, HTTP, functions, other workflows. */
import { printValue } from '../../functions/function.ts';
import { getOwn, isObject, type Value, type ValueObject } from '../../value.ts';
import { secureSides } from '../definition.ts';
import { parseDuration } from '../duration.ts';
import { evaluateValue, TemplateError } from '../evaluate.ts';
import type { ServiceAnswer, ServiceCall } from '../model.ts';
import { isTransient, retryAfter, retryPolicy, statusCodeOf } from '../retry.ts';
import type { Outcome } from '../run.ts';
import { findTrigger } from '../trigger.ts';
import { type ActionContext, type ActionHandler, failed, objectInputs } from './handler.ts';

/** `azuresentinel` of the connection that the inputs name, from `$connections` where it stands there. */
export function connectorOf(inputs: ValueObject, parameters: ValueObject): string | undefined {
  const host = getOwn(inputs, 'host');
  if (!isObject(host)) return undefined;
  const connection = getOwn(host, 'connection');
  const api = getOwn(host, 'api');
  const reference = printValue(
    (isObject(connection)
      ? (getOwn(connection, 'name') ?? getOwn(connection, 'referenceName'))
      : getOwn(host, 'connectionName')) ?? '',
  );
  const declared = getOwn(parameters, '$connections');
  const value = isObject(declared) ? getOwn(declared, 'value') : undefined;
  for (const [key, item] of Object.entries(isObject(value) ? value : {})) {
    if (!isObject(item)) continue;
    const names = [key, item.connectionId, item.connectionName].map((name) => printValue(name ?? ''));
    if (names.includes(reference)) return lastSegment(printValue(item.id ?? '')) || key.toLowerCase();
  }
  if (isObject(api)) {
    const runtime = printValue(getOwn(api, 'runtimeUrl') ?? getOwn(api, 'id') ?? '');
    if (runtime !== '') return lastSegment(runtime);
  }
  return reference === '' ? undefined : lastSegment(reference);
}

const lastSegment = (id: string): string => (id.split('/').filter(Boolean).at(-1) ?? '').toLowerCase();

function pathOfUri(uri: string): string {
  try {
    return new URL(uri).pathname;
  } catch {
    return uri;
  }
}

function describeCall(context: ActionContext, inputs: ValueObject): ServiceCall {
  const { run, name, type } = context;
  const object = (key: string): ValueObject => {
    const value = getOwn(inputs, key);
    return isObject(value) ? value : {};
  };
  const connector = connectorOf(inputs, run.workflow.parameters);
  const uri = getOwn(inputs, 'uri');
  const subscribe = getOwn(inputs, 'subscribe');
  const subscribed = isObject(subscribe) ? subscribe : undefined;
  const address = uri ?? (subscribed ? getOwn(subscribed, 'uri') : undefined);
  const functionId =
    getOwn(inputs, 'function') ??
    getOwn(inputs, 'integrationAccount') ??
    getOwn(object('host'), 'workflow') ??
    getOwn(inputs, 'api');
  const path =
    getOwn(inputs, 'path') ??
    (address === undefined ? (isObject(functionId) ? printValue(getOwn(functionId, 'id') ?? '') : '') : undefined);
  const authentication = getOwn(inputs, 'authentication');
  return {
    action: name,
    type,
    ...(connector === undefined ? {} : { connector }),
    method: printValue(
      getOwn(inputs, 'method') ?? (subscribed ? getOwn(subscribed, 'method') : undefined) ?? 'POST',
    ).toUpperCase(),
    path: path === undefined ? pathOfUri(printValue(address ?? '')) : printValue(path),
    ...(address === undefined ? {} : { uri: printValue(address) }),
    body:
      getOwn(inputs, 'body') ??
      getOwn(inputs, 'content') ??
      (subscribed ? getOwn(subscribed, 'body') : undefined) ??
      null,
    queries: object('queries'),
    headers: object('headers'),
    ...(authentication === undefined ? {} : { authentication }),
    at: run.clock.now,
    attempt: 1,
    inputs,
  };
}

/** The definition's own static result where the action is set to it. */
function staticResult({ run, definition }: ActionContext): ServiceAnswer | undefined {
  const configuration = isObject(definition.runtimeConfiguration)
    ? getOwn(definition.runtimeConfiguration, 'staticResult')
    : undefined;
  if (!isObject(configuration) || String(configuration.staticResultOptions).toLowerCase() !== 'enabled')
    return undefined;
  const results = run.workflow.definition.staticResults;
  const found = isObject(results) ? getOwn(results, printValue(configuration.name ?? '')) : undefined;
  return isObject(found) ? (found as ServiceAnswer) : undefined;
}

async function ask(context: ActionContext, call: ServiceCall): Promise<ServiceAnswer> {
  const fixed = staticResult(context);
  if (fixed) return fixed;
  for (const service of context.run.options.services) {
    const answer = await service(call);
    if (answer !== undefined) return answer;
  }
  const target =
    call.connector === undefined ? (call.uri ?? call.path) : `${call.connector} ${call.method} ${call.path}`;
  return {
    status: 'Failed',
    code: 'NotStubbed',
    error: {
      code: 'NotStubbed',
      message: `nothing answers this call (${target}); add a stub file '${call.action}.json' in the platform's staticResults shape to the folder of --stubs`,
    },
    outputs: { statusCode: 501, body: null },
  };
}

function timeoutOf(definition: ValueObject, type: string): number | undefined {
  const limit = getOwn(definition, 'limit');
  const written = isObject(limit) ? parseDuration(getOwn(limit, 'timeout')) : undefined;
  // Webhooks wait as long as a run may last; a synchronous call two minutes.
  return written ?? (/webhook/i.test(type) ? 90 * 86_400_000 : 120_000);
}

const call: ActionHandler = async (context) => {
  const { run, definition, type } = context;
  const inputs = objectInputs(context);
  const { delays } = retryPolicy(getOwn(inputs, 'retryPolicy') ?? getOwn(definition, 'retryPolicy'));
  const timeout = timeoutOf(definition, type)!;
  const secure = secureSides(definition);
  const retries: { at: number; code: string }[] = [];
  for (let attempt = 1; ; attempt++) {
    const request = { ...describeCall(context, inputs), attempt };
    const started = run.clock.now;
    let answer = await ask(context, request);
    const delay = parseDuration(answer.delay) ?? 0;
    if (delay > timeout) {
      await run.clock.sleep(timeout);
      answer = {
        status: 'TimedOut',
        code: 'ActionTimedOut',
        error: { code: 'ActionTimedOut', message: `no answer came within ${timeout / 1000} seconds` },
      };
    } else if (delay > 0) await run.clock.sleep(delay);
    run.calls.push({ ...request, at: started, answer, secure: secure.has('inputs') });
    const again = delays[attempt - 1];
    if (again !== undefined && isTransient(answer) && !/webhook/i.test(type)) {
      retries.push({ at: started, code: String(answer.outputs?.statusCode ?? answer.code ?? 'TimedOut') });
      await run.clock.sleep(retryAfter(answer) ?? again);
      continue;
    }
    return outcomeOf(answer, inputs, retries);
  }
};

function outcomeOf(answer: ServiceAnswer, inputs: ValueObject, retries: { at: number; code: string }[]): Outcome {
  const statusCode = statusCodeOf(answer);
  const rest = { inputs, ...(retries.length > 0 ? { retries } : {}) };
  const outputs =
    answer.outputs === undefined
      ? {}
      : { outputs: { headers: {}, body: null, ...answer.outputs, statusCode } as Value };
  if (answer.status === 'TimedOut') {
    return {
      ...rest,
      ...outputs,
      status: 'TimedOut',
      code: answer.code ?? 'ActionTimedOut',
      error: answer.error ?? { code: 'ActionTimedOut', message: 'no answer came in time' },
    };
  }
  if (answer.status === 'Skipped') return { ...rest, status: 'Skipped', code: answer.code ?? 'ActionSkipped' };
  if (answer.status === 'Failed' || statusCode >= 400) {
    const error = answer.error ?? {
      code: codeName(statusCode),
      message: `the call was answered with status ${statusCode}`,
    };
    return { ...rest, ...outputs, status: 'Failed', code: answer.code ?? error.code, error };
  }
  return { ...rest, ...outputs, status: 'Succeeded', code: answer.code ?? 'OK' };
}

function codeName(statusCode: number): string {
  const names: Record<number, string> = {
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    429: 'TooManyRequests',
    500: 'InternalServerError',
    501: 'NotImplemented',
    502: 'BadGateway',
    503: 'ServiceUnavailable',
    504: 'GatewayTimeout',
  };
  return names[statusCode] ?? 'ActionFailed';
}

const maximumDepth = 5;

/** A workflow that is known here runs as a run of its own on the same clock; any other is a call. */
const workflowAction: ActionHandler = async (context) => {
  const { run, definition, scope } = context;
  const raw = isObject(definition.inputs) ? definition.inputs : {};
  const host = evaluateValue(getOwn(raw, 'host') ?? {}, scope);
  const target = isObject(host) ? getOwn(host, 'workflow') : undefined;
  const id = isObject(target) ? printValue(getOwn(target, 'id') ?? '') : '';
  const child = run.options.findWorkflow?.(id);
  if (child === undefined) return call(context);
  if ((run.options.depth ?? 0) >= maximumDepth)
    throw new TemplateError(`workflows start each other more than ${maximumDepth} deep`, 'WorkflowDepthExceeded');
  const inputs = objectInputs(context);
  const outputsOfTrigger: Value = { headers: getOwn(inputs, 'headers') ?? {}, body: getOwn(inputs, 'body') ?? null };
  const ended = await run.startWorkflow(child, {
    name: findTrigger(child.definition)?.name ?? 'manual',
    outputs: outputsOfTrigger,
  });
  await run.clock.sleep(ended.endTime - ended.startTime);
  run.calls.push(...ended.calls);
  // A workflow without a Response action is started and not waited for.
  const outputs: Value = ended.response ? { ...ended.response } : { statusCode: 202, headers: {}, body: null };
  if (ended.response === undefined && ended.status === 'Failed') return { status: 'Succeeded', inputs, outputs };
  if (ended.response && ended.response.statusCode >= 400)
    return failed(codeName(ended.response.statusCode), `the workflow answered ${ended.response.statusCode}`, {
      inputs,
      outputs,
    });
  return { status: 'Succeeded', inputs, outputs };
};

export const callHandlers: Record<string, ActionHandler> = {
  apiconnection: call,
  apiconnectionwebhook: call,
  apiconnectionnotification: call,
  http: call,
  httpwebhook: call,
  httpswagger: call,
  function: call,
  apimanagement: call,
  apiapp: call,
  apiappcalls: call,
  batch: call,
  sendtobatch: call,
  javascriptcode: call,
  serviceprovider: call,
  invokefunction: call,
  integrationaccountartifactlookup: call,
  liquid: call,
  xslt: call,
  xmlvalidation: call,
  xmlparse: call,
  xmlcompose: call,
  flatfileencoding: call,
  flatfiledecoding: call,
  as2encode: call,
  as2decode: call,
  rosettanetencode: call,
  rosettanetdecode: call,
  workflow: workflowAction,
};
