/** Data operations: Compose, ParseJson, Select, Query, Join, Table, Expression. */
import { Ajv, type ValidateFunction } from 'ajv';
import { printValue } from '../../functions/function.ts';
import { findFunction } from '../../functions/index.ts';
import { encodeXmlValue } from '../../functions/strings.ts';
import { getOwn, isObject, kindOf, toJson, type Value, type ValueObject } from '../../value.ts';
import { evaluateCondition, evaluateString, evaluateValue, TemplateError } from '../evaluate.ts';
import { referenceScope } from '../references.ts';
import { type ActionContext, type ActionHandler, failed, fromInput, objectInputs, rawInput } from './handler.ts';

const compose: ActionHandler = ({ definition, scope }) => {
  const value = evaluateValue(definition.inputs ?? null, scope);
  return { status: 'Succeeded', inputs: value, outputs: value };
};

let ajv: Ajv | undefined;
const validators = new Map<string, ValidateFunction | undefined>();

/** A validator of a schema, or undefined for a schema that is broken itself: the platform lets such schemas pass. */
function validatorOf(schema: ValueObject): ValidateFunction | undefined {
  const key = toJson(schema);
  if (!validators.has(key)) {
    ajv ??= new Ajv({
      strict: false,
      validateFormats: false,
      validateSchema: false,
      allErrors: false,
      logger: false,
      addUsedSchema: false,
    });
    const { $schema: _ignored, $id: _id, id: _old, ...rest } = schema;
    try {
      validators.set(key, ajv.compile(rest));
    } catch {
      validators.set(key, undefined);
    }
  }
  return validators.get(key);
}

const parseJsonAction: ActionHandler = (context) => {
  const content = evaluateValue(rawInput(context, 'content') ?? null, context.scope);
  const schema = rawInput(context, 'schema');
  let body = content;
  if (typeof content === 'string') {
    try {
      body = JSON.parse(content) as Value;
    } catch {
      return failed('InvalidJson', `the content is not JSON: ${JSON.stringify(content.slice(0, 60))}`, {
        inputs: { content },
      });
    }
  } else if (content === null) {
    return failed('BadRequest', 'the content is null', { inputs: { content } });
  }
  const validate = isObject(schema) ? validatorOf(schema) : undefined;
  if (validate && !validate(body)) {
    const [error] = validate.errors ?? [];
    return failed(
      'SchemaValidationFailed',
      `the content does not match the schema: ${error?.instancePath || 'the value'} ${error?.message ?? ''}`,
      {
        inputs: { content },
        outputs: { body },
      },
    );
  }
  return { status: 'Succeeded', inputs: { content }, outputs: { body } };
};

const itemScope = (context: ActionContext, value: Value) =>
  referenceScope(context.run, context.frame, context.name, { value });

const select: ActionHandler = (context) => {
  const from = fromInput(context);
  const shape = rawInput(context, 'select') ?? null;
  return {
    status: 'Succeeded',
    inputs: { from },
    outputs: { body: from.map((item) => evaluateValue(shape, itemScope(context, item))) },
  };
};

const query: ActionHandler = (context) => {
  const from = fromInput(context);
  const where = rawInput(context, 'where') ?? true;
  return {
    status: 'Succeeded',
    inputs: { from },
    outputs: { body: from.filter((item) => evaluateCondition(where, itemScope(context, item))) },
  };
};

const join: ActionHandler = (context) => {
  const from = fromInput(context);
  const separator = printValue(evaluateValue(rawInput(context, 'joinWith') ?? '', context.scope));
  return {
    status: 'Succeeded',
    inputs: { from, joinWith: separator },
    outputs: { body: from.map(printValue).join(separator) },
  };
};

/** Values of an HTML table are encoded, so markup in them stays text. */
const table: ActionHandler = (context) => {
  const from = fromInput(context);
  const format = printValue(evaluateValue(rawInput(context, 'format') ?? 'HTML', context.scope)).toUpperCase();
  const columns = rawInput(context, 'columns');
  const headers: string[] = [];
  const rows: string[][] = from.map(() => []);
  if (Array.isArray(columns)) {
    for (const column of columns) {
      if (!isObject(column)) throw new TemplateError(`a column of '${context.name}' is not an object`);
      headers.push(printValue(evaluateValue(getOwn(column, 'header') ?? '', context.scope)));
      from.forEach((item, index) => {
        rows[index]!.push(printValue(evaluateValue(getOwn(column, 'value') ?? '', itemScope(context, item))));
      });
    }
  } else {
    for (const item of from)
      if (isObject(item)) for (const key of Object.keys(item)) if (!headers.includes(key)) headers.push(key);
    from.forEach((item, index) => {
      for (const header of headers) rows[index]!.push(isObject(item) ? printValue(item[header] ?? null) : '');
    });
  }
  const body = format === 'CSV' ? csv(headers, rows) : html(headers, rows);
  return { status: 'Succeeded', inputs: { from, format }, outputs: { body } };
};

function csv(headers: string[], rows: string[][]): string {
  const cell = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return [headers, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function html(headers: string[], rows: string[][]): string {
  const line = (tag: string, cells: string[]): string =>
    `<tr>${cells.map((value) => `<${tag}>${encodeXmlValue(value)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${line('th', headers)}</thead><tbody>${rows.map((row) => line('td', row)).join('')}</tbody></table>`;
}

/** The date and text operations of the designer: an `Expression` action whose `kind` names a function. */
const expression: ActionHandler = (context) => {
  const { definition, scope } = context;
  const kind = String(definition.kind ?? '').toLowerCase();
  if (typeof definition.inputs === 'string' || definition.expression !== undefined) {
    const source = definition.inputs ?? definition.expression ?? null;
    const value = isObject(source)
      ? evaluateCondition(source, scope)
      : typeof source === 'string'
        ? evaluateString(source, scope)
        : source;
    return { status: 'Succeeded', inputs: source, outputs: { body: value } };
  }
  const inputs = objectInputs(context);
  const input = (name: string): Value => getOwn(inputs, name) ?? null;
  const call = (name: string, ...args: Value[]): Value => {
    const definitionOf = findFunction(name)!;
    while (args.length > definitionOf.arity[0] && args.at(-1) === null) args.pop();
    try {
      return definitionOf.apply(args, scope.environment);
    } catch (error) {
      throw new TemplateError((error as Error).message);
    }
  };
  const interval = isObject(input('interval')) ? (input('interval') as ValueObject) : inputs;
  const count = getOwn(interval, 'count') ?? input('interval');
  const unit = getOwn(interval, 'unit') ?? input('timeUnit');
  const operations: Record<string, () => Value> = {
    currenttime: () => call('utcNow'),
    addtotime: () => call('addToTime', input('baseTime'), count, unit),
    subtractfromtime: () => call('subtractFromTime', input('baseTime'), count, unit),
    getfuturetime: () => call('getFutureTime', count, unit),
    getpasttime: () => call('getPastTime', count, unit),
    converttimezone: () =>
      call(
        'convertTimeZone',
        input('baseTime'),
        input('sourceTimeZone'),
        input('destinationTimeZone'),
        input('formatString'),
      ),
    substring: () => call('substring', input('text'), getOwn(inputs, 'startIndex') ?? input('start'), input('length')),
    indexof: () => call('indexOf', input('text'), getOwn(inputs, 'subText') ?? input('searchText')),
  };
  const operation = operations[kind];
  if (operation === undefined)
    throw new TemplateError(`the kind '${kind}' of Expression actions is not known`, 'UnsupportedAction');
  return { status: 'Succeeded', inputs, outputs: { body: operation() } };
};

export const dataHandlers: Record<string, ActionHandler> = {
  compose,
  parsejson: parseJsonAction,
  select,
  query,
  join,
  table,
  expression,
};

/** Kind of a value in the words of variable types. */
export function matchesType(value: Value, type: string): boolean {
  switch (type.toLowerCase()) {
    case 'string':
      return typeof value === 'string' || value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return kindOf(value) === 'Integer';
    case 'float':
      return kindOf(value) === 'Integer' || kindOf(value) === 'Float';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value) || value === null;
    default:
      return true;
  }
}
