/** A run for people and for machines. */
import { printValue } from './functions/function.ts';
import { isObject, toJson, type Value } from './value.ts';
import type { RecordedCall, WorkflowRun } from './workflow/model.ts';

const time = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(11, 19);
const marks: Record<string, string> = { Succeeded: '✔', Failed: '✖', Skipped: '-', TimedOut: '⏱', Cancelled: '■' };

/** End state, then either the calls or, with `trace`, every action with its inputs and outputs. */
export function runText(run: WorkflowRun, trace: boolean): string {
  const lines = [
    `${run.workflow}: ${run.status}${run.error ? ` (${run.error.code}: ${run.error.message})` : ''}, ${duration(run.endTime - run.startTime)} on the clock of the story`,
  ];
  for (const action of run.actions) {
    if (!trace && (action.status === 'Succeeded' || action.status === 'Skipped')) continue;
    const iteration = action.iteration.length > 0 ? ` #${action.iteration.map((index) => index + 1).join('.')}` : '';
    const retries = action.retries ? `, tried ${action.retries.length + 1} times` : '';
    lines.push(
      `  ${time(action.startTime)} ${marks[action.status] ?? ' '} ${action.name}${iteration} ${action.status}${retries}${action.error ? `: ${action.error.message}` : ''}`,
    );
    if (!trace || action.status === 'Skipped') continue;
    const secure = run.calls.some((call) => call.action === action.name && call.secure);
    lines.push(`      inputs  ${secure ? '(secure)' : short(action.inputs)}`, `      outputs ${short(action.outputs)}`);
  }
  lines.push('calls:');
  for (const call of run.calls) lines.push(`  ${time(call.at)} ${callLine(call)}`);
  if (run.response) lines.push(`response: ${run.response.statusCode} ${short(run.response.body)}`);
  return `${lines.join('\n')}\n`;
}

function callLine(call: RecordedCall): string {
  const target = call.secure
    ? '(secure address)'
    : call.connector === undefined
      ? (call.uri ?? call.path)
      : `${call.connector} ${call.path}`;
  const attempt = call.attempt > 1 ? ` attempt ${call.attempt}` : '';
  const answer = call.answer.outputs?.statusCode ?? call.answer.status ?? 'no answer';
  return `${call.action}${attempt}: ${call.method} ${target} -> ${String(answer)}${call.secure ? '' : `\n             ${short(call.body)}`}`;
}

function duration(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  return minutes > 0
    ? `${minutes} min ${Math.round((milliseconds % 60_000) / 1000)} s`
    : `${Math.round(milliseconds / 1000)} s`;
}

function short(value: Value | undefined): string {
  if (value === undefined) return '(none)';
  const text = isObject(value) || Array.isArray(value) ? toJson(value) : printValue(value);
  const line = text.replace(/\s+/g, ' ');
  return line.length > 400 ? `${line.slice(0, 400)}… (${text.length} characters)` : line;
}

/** The whole run as JSON; secure inputs are left out. */
export function runJson(run: WorkflowRun): string {
  const secure = new Set(run.calls.filter((call) => call.secure).map((call) => call.action));
  const actions = run.actions.map((action) => (secure.has(action.name) ? { ...action, inputs: '(secure)' } : action));
  const calls = run.calls.map((call) =>
    call.secure
      ? {
          action: call.action,
          type: call.type,
          method: call.method,
          at: call.at,
          attempt: call.attempt,
          answer: call.answer,
          secure: true,
        }
      : call,
  );
  return `${JSON.stringify({ ...run, actions, calls }, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`;
}
