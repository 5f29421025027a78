/** Evaluates expressions and whole input structures of a workflow against what a place in the run can see. */
import { type Call, type Expression, ExpressionSyntaxError } from '../expression/parse.ts';
import { parseTemplateString } from '../expression/template-string.ts';
import { boolean, type FunctionEnvironment, FunctionError, maximumLength, printValue } from '../functions/function.ts';
import { findFunction, functionNames } from '../functions/index.ts';
import { calculate } from '../functions/math.ts';
import { getOwn, isObject, kindOf, setOwn, type Value, type ValueObject } from '../value.ts';

/** What an expression can see at its place. Unknown names throw `TemplateError`. */
export interface ExpressionScope {
  environment: FunctionEnvironment;
  /** `parameters('x')`, `variables('x')`, `item()`, `items('x')`, `outputs('x')` and the other reference functions. */
  reference(name: string, args: Value[]): Value | undefined;
}

/** An expression could not be parsed or evaluated; the action that holds it fails with this code. */
export class TemplateError extends Error {
  readonly code: string;
  constructor(message: string, code = 'InvalidTemplate') {
    super(message);
    this.name = 'TemplateError';
    this.code = code;
  }
}

export function evaluateExpression(expression: Expression, scope: ExpressionScope): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'access':
      return select(
        evaluateExpression(expression.target, scope),
        evaluateExpression(expression.key, scope),
        expression.safe,
        expression.target,
      );
    case 'call':
      return call(expression, scope);
  }
}

/** `target[key]`; `?` guards only a null or missing target and a missing property. */
function select(target: Value, key: Value, safe: boolean, source: Expression): Value {
  const where = (): string => describe(source);
  if (target === null) {
    if (safe) return null;
    throw new TemplateError(
      `${where()} is null, so ${JSON.stringify(key)} cannot be read from it; write '?' in front of it if it may be missing`,
    );
  }
  if (Array.isArray(target)) {
    if (typeof key !== 'number' || !Number.isInteger(key))
      throw new TemplateError(`${where()} is an array, and ${JSON.stringify(String(key))} is not an index`);
    const item = target.at(key < 0 ? target.length : key);
    if (item !== undefined || safe) return item ?? null;
    throw new TemplateError(`${where()} has ${target.length} items, so the index ${key} is outside of it`);
  }
  if (isObject(target)) {
    if (typeof key !== 'string')
      throw new TemplateError(`${where()} is an object, and ${kindOf(key)} is not the name of a property`);
    const value = getOwn(target, key);
    if (value !== undefined || safe) return value ?? null;
    const names = Object.keys(target).slice(0, 20).join(', ');
    throw new TemplateError(`${where()} has no property '${key}'; it has: ${names || 'none'}`);
  }
  throw new TemplateError(
    `${where()} is of the kind ${kindOf(target)}, so ${JSON.stringify(String(key))} cannot be read from it`,
  );
}

function call(expression: Call, scope: ExpressionScope): Value {
  const name = expression.name.toLowerCase();
  if (name === 'if' && expression.args.length === 3) {
    const chosen = guard(() => boolean(evaluateExpression(expression.args[0]!, scope), 'the condition of if()'));
    return evaluateExpression(expression.args[chosen ? 1 : 2]!, scope);
  }
  const args = expression.args.map((arg) => evaluateExpression(arg, scope));
  const referenced = scope.reference(name, args);
  if (referenced !== undefined) return referenced;
  if (arithmetic.has(name) && args.length === 2) {
    return guard(() => calculate(name, args[0], args[1], expression.args.some(isReal)));
  }
  const definition = findFunction(name);
  if (definition === undefined) {
    throw new TemplateError(`'${expression.name}' is not a function of workflows${suggestion(expression.name)}`);
  }
  const formArgs = formArguments(name, args, scope);
  const [min, max] = definition.arity;
  if (formArgs.length < min || formArgs.length > max) {
    const wanted = min === max ? `${min}` : max === Number.POSITIVE_INFINITY ? `at least ${min}` : `${min} to ${max}`;
    throw new TemplateError(`${definition.name}() takes ${wanted} arguments, not ${args.length}`);
  }
  return guard(() => definition.apply(formArgs, scope.environment));
}

const arithmetic = new Set(['add', 'sub', 'mul', 'div', 'mod']);

/** Whether an expression makes a real number whatever its value: JSON numbers do not tell 2.0 from 2. */
function isReal(expression: Expression): boolean {
  if (expression.kind === 'literal') return expression.real;
  if (expression.kind === 'access') return false;
  const name = expression.name.toLowerCase();
  if (name === 'float' || name === 'decimal') return true;
  return arithmetic.has(name) && expression.args.some(isReal);
}

/** `formDataValue('action', key)` and kin read the outputs of an action, their trigger forms those of the trigger. */
function formArguments(name: string, args: Value[], scope: ExpressionScope): Value[] {
  if (/^trigger(formdata(multi)?values?|multipartbody)$/.test(name))
    return [scope.reference('triggeroutputs', []) ?? null, ...args];
  if (/^(formdata(multi)?values?|multipartbody)$/.test(name))
    return [scope.reference('outputs', args.slice(0, 1)) ?? null, ...args.slice(1)];
  return args;
}

function guard<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof FunctionError) throw new TemplateError(error.message);
    throw error;
  }
}

function suggestion(name: string): string {
  const folded = name.toLowerCase();
  const near = functionNames().find((known) => known.toLowerCase().startsWith(folded.slice(0, 4)));
  return near === undefined ? '' : `; is ${near} meant?`;
}

/** Short text of an expression for messages. */
export function describe(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return typeof expression.value === 'string'
        ? `'${expression.value.replaceAll("'", "''")}'`
        : String(expression.value);
    case 'call':
      return `${expression.name}(${expression.args.map(describe).join(', ')})`;
    case 'access':
      return `${describe(expression.target)}${expression.safe ? '?' : ''}[${describe(expression.key)}]`;
  }
}

/** The value of a string of a definition: typed for `@expression`, text otherwise. @throws TemplateError */
export function evaluateString(source: string, scope: ExpressionScope): Value {
  let parsed: ReturnType<typeof parseTemplateString>;
  try {
    parsed = parseTemplateString(source);
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) {
      throw new TemplateError(
        `the expression cannot be parsed: ${error.message} (at character ${error.at + 1} of ${JSON.stringify(source.slice(0, 120))})`,
      );
    }
    throw error;
  }
  if (parsed.kind === 'text') return parsed.text;
  if (parsed.kind === 'expression') return evaluateExpression(parsed.expression, scope);
  let result = '';
  for (const part of parsed.parts) {
    result += typeof part === 'string' ? part : printValue(evaluateExpression(part, scope));
    if (result.length > maximumLength) throw new TemplateError('the text is longer than a workflow can carry');
  }
  return result;
}

/** Evaluates every string of a structure, names of properties included. @throws TemplateError */
export function evaluateValue(value: Value, scope: ExpressionScope): Value {
  if (typeof value === 'string') return evaluateString(value, scope);
  if (Array.isArray(value)) return value.map((item) => evaluateValue(item, scope));
  if (!isObject(value)) return value;
  const result: ValueObject = {};
  for (const key of Object.keys(value)) {
    // A name such as @odata.type is no expression; only @{...} in it is, and @@ its escape.
    const name = key.includes('@{') || key.startsWith('@@') ? printValue(evaluateString(key, scope)) : key;
    setOwn(result, name, evaluateValue(value[key] ?? null, scope));
  }
  return result;
}

/**
 * A condition: an expression string, or an object of `and`, `or`, `not` and functions with their arguments.
 * @throws TemplateError also when the result is not a boolean
 */
export function evaluateCondition(condition: Value, scope: ExpressionScope): boolean {
  const value = conditionValue(condition, scope);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw new TemplateError(`the condition must be true or false, not ${kindOf(value)}`);
}

function conditionValue(condition: Value, scope: ExpressionScope): Value {
  if (!isObject(condition)) return evaluateValue(condition, scope);
  const results = Object.keys(condition).map((name) => operator(name, condition[name] ?? null, scope));
  if (results.length === 0) return true;
  if (results.length === 1) return results[0] ?? null;
  throw new TemplateError(`a condition has one operator at a level, not ${Object.keys(condition).join(' and ')}`);
}

function operator(name: string, operands: Value, scope: ExpressionScope): Value {
  const folded = name.toLowerCase();
  if (folded === 'not') {
    const [operand] = Array.isArray(operands) ? operands : [operands];
    return !evaluateCondition(operand ?? null, scope);
  }
  if (folded === 'and' || folded === 'or') {
    const parts = (Array.isArray(operands) ? operands : [operands]).map((operand) => evaluateCondition(operand, scope));
    return folded === 'and' ? parts.every(Boolean) : parts.some(Boolean);
  }
  const definition = findFunction(name);
  if (definition === undefined) throw new TemplateError(`'${name}' is not an operator of conditions`);
  const args = (Array.isArray(operands) ? operands : [operands]).map((operand) => evaluateValue(operand, scope));
  const [min, max] = definition.arity;
  if (args.length < min || args.length > max)
    throw new TemplateError(`the operator '${name}' does not take ${args.length} operands`);
  return guard(() => definition.apply(args, scope.environment));
}
