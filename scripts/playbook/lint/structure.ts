/** The order of actions: what can never run, and loops whose iterations disturb each other. */
import { playbookDiagnostic } from '../../diagnostics/playbook.ts';
import { getOwn, isObject, type Value } from '../value.ts';
import { degreeOf } from '../workflow/actions/control.ts';
import { definitionFaults } from '../workflow/definition.ts';
import type { LintedAction, LintedWorkflow } from './linted-workflow.ts';

export function checkStructure(linted: LintedWorkflow): void {
  for (const fault of definitionFaults(linted.definition)) {
    linted.diagnostics.push(playbookDiagnostic('playbook-definition', linted.place(['actions']), { fault }));
  }
  for (const action of linted.actions) {
    checkReachable(linted, action);
    checkParallelWrite(linted, action);
  }
}

/** Ways in which an action of a type can end. */
function endings(type: string): Set<string> {
  if (type === 'terminate') return new Set();
  if (type === 'compose' || /variable$/.test(type)) return new Set(['succeeded', 'failed', 'skipped']);
  return new Set(['succeeded', 'failed', 'skipped', 'timedout', 'cancelled']);
}

function checkReachable(linted: LintedWorkflow, action: LintedAction): void {
  const unreachable = (path: readonly (string | number)[], why: string): void => {
    linted.diagnostics.push(playbookDiagnostic('playbook-unreachable', linted.place(path), { why }));
  };
  const after = isObject(action.definition.runAfter) ? action.definition.runAfter : {};
  for (const [name, statuses] of Object.entries(after)) {
    const predecessor = getOwn(action.siblings, name);
    if (!isObject(predecessor)) continue;
    const type = String(predecessor.type ?? '').toLowerCase();
    const wanted = (Array.isArray(statuses) ? statuses : [statuses]).map((status) => String(status).toLowerCase());
    const possible = endings(type);
    const skippable = Object.keys(isObject(predecessor.runAfter) ? predecessor.runAfter : {}).length > 0;
    if (type === 'terminate') {
      // Nothing runs after the end of the run, except where the end itself was skipped.
      if (!wanted.includes('skipped') || !skippable)
        unreachable([...action.path, 'runAfter', name], `'${name}' ends the run`);
    } else if (!wanted.some((status) => possible.has(status) && (status !== 'skipped' || skippable))) {
      unreachable([...action.path, 'runAfter', name], `'${name}' never ends as ${wanted.join(' or ') || 'nothing'}`);
    }
  }
  if (action.type === 'if') {
    const constant = constantCondition(getOwn(action.definition, 'expression') ?? null);
    if (constant === true && hasActions(getOwn(action.definition, 'else')))
      unreachable([...action.path, 'else'], 'the condition is always true');
    if (constant === false && hasActions(action.definition))
      unreachable([...action.path, 'actions'], 'the condition is never true');
  }
  if (action.type === 'switch') {
    const seen = new Set<string>();
    const cases = getOwn(action.definition, 'cases');
    for (const [label, item] of Object.entries(isObject(cases) ? cases : {})) {
      const value = JSON.stringify(isObject(item) ? (getOwn(item, 'case') ?? null) : null);
      if (seen.has(value)) unreachable([...action.path, 'cases', label], `another case has the value ${value}`);
      seen.add(value);
    }
  }
}

const hasActions = (value: Value | undefined): boolean => {
  const actions = isObject(value) ? getOwn(value, 'actions') : undefined;
  return isObject(actions) && Object.keys(actions).length > 0;
};

/** The value of a condition of constants, undefined where it depends on the run. */
function constantCondition(condition: Value): boolean | undefined {
  if (typeof condition === 'boolean') return condition;
  if (!isObject(condition)) return undefined;
  const [[operator, operands] = ['', null]] = Object.entries(condition);
  if (!Array.isArray(operands)) return undefined;
  const parts = operands.map(constantCondition);
  if (operator === 'and')
    return parts.some((part) => part === false)
      ? false
      : parts.length > 0 && parts.every((part) => part === true)
        ? true
        : undefined;
  if (operator === 'or')
    return parts.some((part) => part === true)
      ? true
      : parts.length > 0 && parts.every((part) => part === false)
        ? false
        : undefined;
  const constants = operands.every(
    (operand) => typeof operand !== 'object' && !(typeof operand === 'string' && operand.includes('@')),
  );
  return operator === 'equals' && constants && operands.length === 2 ? operands[0] === operands[1] : undefined;
}

const writes = new Set([
  'setvariable',
  'incrementvariable',
  'decrementvariable',
  'appendtoarrayvariable',
  'appendtostringvariable',
]);

function checkParallelWrite(linted: LintedWorkflow, action: LintedAction): void {
  if (!writes.has(action.type)) return;
  for (let outer = action.parent; outer; outer = outer.parent) {
    if (outer.type !== 'foreach' || degreeOf(outer.definition) === 1) continue;
    const inputs = isObject(action.definition.inputs) ? action.definition.inputs : {};
    linted.diagnostics.push(
      playbookDiagnostic('playbook-parallel-write', linted.place([...action.path, 'inputs']), {
        variable: String(getOwn(inputs, 'name') ?? ''),
        loop: outer.name,
      }),
    );
    return;
  }
}
