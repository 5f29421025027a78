/** Names in expressions: functions, variables, parameters, actions and whether they run before. */
import { playbookDiagnostic } from '../../diagnostics/playbook.ts';
import { type Call, type Expression, walkExpression } from '../expression/parse.ts';
import { findFunction, referenceFunctions } from '../functions/index.ts';
import { getOwn, isObject, type Value } from '../value.ts';
import { isKnownAction } from '../workflow/actions/index.ts';
import { describe } from '../workflow/evaluate.ts';
import type { LintedAction, LintedString, LintedWorkflow } from './linted-workflow.ts';

const references = new Set(referenceFunctions.map((name) => name.toLowerCase()));
const readsAction = new Set(['body', 'outputs', 'actions', 'actionbody', 'actionoutputs', 'result']);

export function checkReferences(linted: LintedWorkflow): void {
  const variables = declaredVariables(linted);
  for (const action of linted.actions) {
    if (!isKnownAction(action.type)) {
      linted.diagnostics.push(
        playbookDiagnostic('playbook-action-type-unknown', linted.place([...action.path, 'type']), {
          type: String(action.definition.type ?? ''),
        }),
      );
    }
    checkWrite(linted, action, variables);
  }
  for (const string of linted.strings) {
    const place = linted.place(string.path);
    if (string.error)
      linted.diagnostics.push(
        playbookDiagnostic('playbook-expression', place, {
          detail: `${string.error.message} (character ${string.error.at + 1})`,
        }),
      );
    for (const expression of string.expressions) {
      walkExpression(expression, (node) => {
        if (node.kind === 'call') checkCall(linted, string, node, variables);
      });
      checkOptional(linted, string, expression);
    }
  }
}

function declaredVariables(linted: LintedWorkflow): Set<string> {
  const names = new Set<string>();
  for (const { type, definition } of linted.actions) {
    if (type !== 'initializevariable' || !isObject(definition.inputs)) continue;
    const list = getOwn(definition.inputs, 'variables');
    for (const item of Array.isArray(list) ? list : [])
      if (isObject(item)) names.add(String(getOwn(item, 'name')).toLowerCase());
  }
  return names;
}

const writes = new Set([
  'setvariable',
  'incrementvariable',
  'decrementvariable',
  'appendtoarrayvariable',
  'appendtostringvariable',
]);

function checkWrite(linted: LintedWorkflow, action: LintedAction, variables: Set<string>): void {
  if (!writes.has(action.type) || !isObject(action.definition.inputs)) return;
  const name: Value = getOwn(action.definition.inputs, 'name') ?? '';
  if (typeof name === 'string' && !name.includes('@') && !variables.has(name.toLowerCase())) {
    linted.diagnostics.push(
      playbookDiagnostic('playbook-variable-undeclared', linted.place([...action.path, 'inputs', 'name']), { name }),
    );
  }
}

function checkCall(linted: LintedWorkflow, string: LintedString, call: Call, variables: Set<string>): void {
  const folded = call.name.toLowerCase();
  const place = linted.place(string.path);
  const definition = findFunction(folded);
  if (definition === undefined && !references.has(folded)) {
    linted.diagnostics.push(playbookDiagnostic('playbook-function-unknown', place, { name: call.name }));
    return;
  }
  const form = /^(trigger)?(formdata|multipart)/i.test(folded);
  if (definition && !form && (call.args.length < definition.arity[0] || call.args.length > definition.arity[1])) {
    linted.diagnostics.push(
      playbookDiagnostic('playbook-function-arguments', place, { name: call.name, count: call.args.length }),
    );
  }
  const [first] = call.args;
  const name = first?.kind === 'literal' && typeof first.value === 'string' ? first.value : undefined;
  if (name === undefined) return;
  if (folded === 'variables' && !variables.has(name.toLowerCase())) {
    linted.diagnostics.push(playbookDiagnostic('playbook-variable-undeclared', place, { name }));
  }
  if (folded === 'parameters') {
    const declared = linted.definition.parameters;
    if (getOwn(isObject(declared) ? declared : {}, name) === undefined)
      linted.diagnostics.push(playbookDiagnostic('playbook-parameter-undeclared', place, { name }));
  }
  if (readsAction.has(folded) || folded === 'items') {
    const target = linted.byName.get(name.toLowerCase());
    if (target === undefined) linted.diagnostics.push(playbookDiagnostic('playbook-action-unknown', place, { name }));
    else if (folded !== 'items' && string.action && !runsBefore(target, string.action, string.path)) {
      linted.diagnostics.push(playbookDiagnostic('playbook-action-not-before', place, { name: target.name }));
    }
  }
}

/** Names that an action waits for in its own scope, directly or not. */
function predecessors(action: LintedAction): Set<string> {
  const found = new Set<string>();
  const visit = (definition: Value | undefined): void => {
    const after = isObject(definition) && isObject(definition.runAfter) ? Object.keys(definition.runAfter) : [];
    for (const name of after) {
      if (found.has(name.toLowerCase())) continue;
      found.add(name.toLowerCase());
      visit(getOwn(action.siblings, name));
    }
  };
  visit(action.definition);
  return found;
}

/** Whether `target` has always ended (or was skipped) when `action` reads it. */
function runsBefore(target: LintedAction, action: LintedAction, path: readonly (string | number)[]): boolean {
  const around = (item: LintedAction): LintedAction[] => (item.parent ? [item, ...around(item.parent)] : [item]);
  const targetLine = around(target);
  for (const step of around(action)) {
    const before = predecessors(step);
    if (targetLine.some((item) => item.siblings === step.siblings && before.has(item.name.toLowerCase()))) return true;
  }
  // The condition of an Until is evaluated behind its actions.
  const insideUntil = action.type === 'until' && path[action.path.length] === 'expression';
  return insideUntil && targetLine.some((item) => item.parent === action);
}

/** Fields of messages that come from outside, read without `?`. */
function checkOptional(linted: LintedWorkflow, string: LintedString, expression: Expression): void {
  const reported = new Set<string>();
  const visit = (node: Expression): void => {
    if (node.kind === 'call') node.args.forEach(visit);
    if (node.kind !== 'access') return;
    visit(node.key);
    let root: Expression = node;
    let unsafe: Expression | undefined;
    while (root.kind === 'access') {
      if (!root.safe && root.key.kind === 'literal' && typeof root.key.value === 'string') unsafe = root;
      root = root.target;
    }
    if (root.kind === 'call') {
      const name = root.name.toLowerCase();
      const outside = ['triggerbody', 'triggeroutputs', 'body', 'outputs', 'items', 'item'].includes(name);
      const text = unsafe && describe(unsafe);
      if (outside && text !== undefined && !reported.has(text)) {
        reported.add(text);
        linted.diagnostics.push(
          playbookDiagnostic('playbook-optional-field', linted.place(string.path), { expression: text }),
        );
      }
      root.args.forEach(visit);
    } else visit(root);
  };
  visit(expression);
}
