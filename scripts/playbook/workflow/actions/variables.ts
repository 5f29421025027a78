/** InitializeVariable, SetVariable, IncrementVariable, DecrementVariable, AppendToArrayVariable, AppendToStringVariable. */
import { checkLength, FunctionError, integer, printValue } from '../../functions/function.ts';
import { calculate } from '../../functions/math.ts';
import { getOwn, isObject, kindOf, type Value } from '../../value.ts';
import { TemplateError } from '../evaluate.ts';
import { matchesType } from './data.ts';
import { type ActionContext, type ActionHandler, objectInputs } from './handler.ts';

const defaults: Record<string, Value> = { string: '', boolean: false, integer: 0, float: 0, array: [], object: {} };

const initialize: ActionHandler = (context) => {
  const inputs = objectInputs(context);
  const declared = getOwn(inputs, 'variables');
  for (const item of Array.isArray(declared) ? declared : []) {
    if (!isObject(item)) throw new TemplateError('a variable must be an object with name and type');
    const name = printValue(getOwn(item, 'name') ?? '');
    const type = printValue(getOwn(item, 'type') ?? 'String').toLowerCase();
    const value = convert(getOwn(item, 'value') ?? defaults[type] ?? null, type, name);
    context.run.variables.set(name.toLowerCase(), { name, type, value: copy(value) });
  }
  return { status: 'Succeeded', inputs };
};

const copy = (value: Value): Value => (Array.isArray(value) ? [...value] : isObject(value) ? { ...value } : value);

/** The value where it is of the type of the variable, or can be read as it. @throws TemplateError */
function convert(value: Value, type: string, name: string): Value {
  if (matchesType(value, type)) return value;
  if (type === 'string') return printValue(value);
  if (typeof value === 'string') {
    if (type === 'boolean' && /^(true|false)$/i.test(value.trim())) return value.trim().toLowerCase() === 'true';
    if (type === 'integer' && /^\s*-?\d{1,15}\s*$/.test(value)) return Number(value);
    if (type === 'float' && /^\s*-?\d+(\.\d+)?\s*$/.test(value)) return Number(value);
    if (type === 'array' || type === 'object') {
      try {
        const parsed = JSON.parse(value) as Value;
        if (matchesType(parsed, type)) return parsed;
      } catch {
        // Not JSON: reported below.
      }
    }
  }
  throw new TemplateError(`the variable '${name}' is of the type ${type}, which ${kindOf(value)} is not`, 'BadRequest');
}

function target(context: ActionContext): {
  variable: { name: string; type: string; value: Value };
  value: Value;
  inputs: Value;
} {
  const inputs = objectInputs(context);
  const name = printValue(getOwn(inputs, 'name') ?? '');
  const variable = context.run.variables.get(name.toLowerCase());
  if (variable === undefined) throw new TemplateError(`the variable '${name}' is not initialized`);
  return { variable, value: getOwn(inputs, 'value') ?? null, inputs };
}

const set: ActionHandler = (context) => {
  const { variable, value, inputs } = target(context);
  variable.value = copy(convert(value, variable.type, variable.name));
  return { status: 'Succeeded', inputs, outputs: { body: { name: variable.name, value } } };
};

const step =
  (sign: 1 | -1): ActionHandler =>
  (context) => {
    const { variable, value, inputs } = target(context);
    try {
      const by = value === null ? 1 : typeof value === 'number' ? value : integer(value, 'the step');
      variable.value = calculate('add', variable.value, sign * by, false);
    } catch (error) {
      if (error instanceof FunctionError) throw new TemplateError(error.message, 'BadRequest');
      throw error;
    }
    return { status: 'Succeeded', inputs, outputs: { body: { name: variable.name, value: variable.value } } };
  };

const appendToArray: ActionHandler = (context) => {
  const { variable, value, inputs } = target(context);
  if (!Array.isArray(variable.value))
    throw new TemplateError(`the variable '${variable.name}' is not an array`, 'BadRequest');
  variable.value.push(value);
  return { status: 'Succeeded', inputs };
};

const appendToString: ActionHandler = (context) => {
  const { variable, value, inputs } = target(context);
  if (typeof variable.value !== 'string')
    throw new TemplateError(`the variable '${variable.name}' is not a string`, 'BadRequest');
  const appended = printValue(value);
  try {
    checkLength(variable.value.length + appended.length);
  } catch (error) {
    throw new TemplateError((error as Error).message, 'BadRequest');
  }
  variable.value += appended;
  return { status: 'Succeeded', inputs };
};

export const variableHandlers: Record<string, ActionHandler> = {
  initializevariable: initialize,
  setvariable: set,
  incrementvariable: step(1),
  decrementvariable: step(-1),
  appendtoarrayvariable: appendToArray,
  appendtostringvariable: appendToString,
};
