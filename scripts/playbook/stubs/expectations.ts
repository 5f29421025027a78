/**
 * Reads from the expressions of a workflow what it expects of its trigger and of the answers to its calls: which
 * properties are read, what is looped over, parsed, split, compared. Values that pass through variables, Compose,
 * ParseJson, Select, Query and loops are followed back to where they come from.
 */
import type { Expression } from '../expression/parse.ts';
import { parseTemplateString } from '../expression/template-string.ts';
import { getOwn, isObject, type Value, type ValueObject } from '../value.ts';
import { walkActions } from '../workflow/definition.ts';
import {
  base64Functions,
  dateFunctions,
  numberFunctions,
  orderFunctions,
  passing,
  textFunctions,
} from './function-uses.ts';
import { Shape, type Use } from './shape.ts';

/** A step into a value: the name of a property, or any item of a list. */
type Step = { property: string } | { item: true };

/** Marks the place that a use ends at. */
type Mark = (shape: Shape) => void;

interface Place {
  /** What `item()` goes over here. */
  item: Value | undefined;
}

export interface Expectations {
  /** Shape of `{ headers, body }` of the trigger. */
  trigger: Shape;
  /** Shapes of the outputs of actions, by folded name. */
  actions: Map<string, Shape>;
}

const asUse =
  (use: Use): Mark =>
  (shape) =>
    shape.uses.add(use);
const none: Mark = () => {};
const maximumSteps = 60;
/** Of expressions that are made of each other. */
const maximumDepth = 150;

export function expectationsOf(definition: ValueObject): Expectations {
  return new Reader(definition).read();
}

class Reader {
  readonly #definition: ValueObject;
  readonly #actions = new Map<string, ValueObject>();
  /** Values that a variable takes; `appended` ones are items of it. */
  readonly #variables = new Map<string, { value: Value; appended: boolean; place: Place }[]>();
  readonly #places = new Map<ValueObject, Place>();
  readonly #result: Expectations = { trigger: new Shape(), actions: new Map() };
  #steps = 0;
  #depth = 0;
  /** What is being followed back, so that a value that is made of itself ends. */
  readonly #followed = new Set<string>();

  constructor(definition: ValueObject) {
    this.#definition = definition;
  }

  read(): Expectations {
    const loops = new Map<string, Value>();
    walkActions(this.#definition.actions, (name, action, path) => {
      this.#actions.set(name.toLowerCase(), action);
      if (String(action.type).toLowerCase() === 'foreach') loops.set(name, getOwn(action, 'foreach') ?? null);
      const around = path.findLast((outer) => loops.has(outer));
      this.#places.set(action, { item: around === undefined ? undefined : loops.get(around) });
    });
    for (const action of this.#actions.values()) this.#noteVariables(action);
    const triggers = this.#definition.triggers;
    for (const trigger of Object.values(isObject(triggers) ? triggers : {})) {
      if (!isObject(trigger)) continue;
      const splitOn = getOwn(trigger, 'splitOn');
      if (typeof splitOn === 'string') this.#use(splitOn, [], asUse('array'), { item: undefined });
    }
    for (const action of this.#actions.values()) this.#readAction(action);
    return this.#result;
  }

  #noteVariables(action: ValueObject): void {
    const type = String(action.type).toLowerCase();
    const inputs = isObject(action.inputs) ? action.inputs : {};
    const note = (name: Value | undefined, value: Value | undefined, appended: boolean): void => {
      if (typeof name !== 'string' || value === undefined) return;
      const list = this.#variables.get(name.toLowerCase()) ?? [];
      list.push({ value, appended, place: this.#places.get(action)! });
      this.#variables.set(name.toLowerCase(), list);
    };
    if (type === 'initializevariable') {
      const variables = getOwn(inputs, 'variables');
      for (const item of Array.isArray(variables) ? variables : [])
        if (isObject(item)) note(getOwn(item, 'name'), getOwn(item, 'value'), false);
    }
    if (type === 'setvariable') note(getOwn(inputs, 'name'), getOwn(inputs, 'value'), false);
    if (type === 'appendtoarrayvariable') note(getOwn(inputs, 'name'), getOwn(inputs, 'value'), true);
  }

  #readAction(action: ValueObject): void {
    this.#steps = 0;
    const place = this.#places.get(action)!;
    const inputs = action.inputs ?? null;
    const input = (name: string): Value => (isObject(inputs) ? (getOwn(inputs, name) ?? null) : null);
    const condition = getOwn(action, 'expression') ?? null;
    switch (String(action.type).toLowerCase()) {
      case 'foreach':
        this.#use(getOwn(action, 'foreach') ?? null, [], asUse('array'), place);
        return;
      case 'if':
      case 'until':
        this.#readCondition(condition, place);
        return;
      case 'switch': {
        const cases = Object.values(isObject(action.cases) ? action.cases : {});
        this.#use(
          condition,
          [],
          markLiterals(cases.map((item) => (isObject(item) ? (getOwn(item, 'case') ?? null) : null))),
          place,
        );
        return;
      }
      case 'parsejson': {
        const schema = input('schema');
        this.#use(
          input('content'),
          [],
          (shape) => {
            if (isObject(schema)) shape.schema ??= schema;
          },
          place,
        );
        return;
      }
      case 'select':
        this.#use(input('from'), [], asUse('array'), place);
        this.#readAll(input('select'), { item: input('from') });
        return;
      case 'query':
        this.#use(input('from'), [], asUse('array'), place);
        this.#readCondition(input('where'), { item: input('from') });
        return;
      case 'join':
      case 'table':
        this.#use(input('from'), [], asUse('array'), place);
        this.#readAll(input('columns'), { item: input('from') });
        return;
      case 'initializevariable': {
        const variables = input('variables');
        for (const item of Array.isArray(variables) ? variables : [])
          if (isObject(item)) this.#readTyped(getOwn(item, 'value') ?? null, getOwn(item, 'type') ?? null, place);
        return;
      }
      case 'setvariable':
        this.#readTyped(input('value'), this.#typeOf(input('name')), place);
        return;
      default:
        this.#readAll(inputs, place);
        return;
    }
  }

  #typeOf(name: Value): Value {
    for (const action of this.#actions.values()) {
      if (String(action.type).toLowerCase() !== 'initializevariable' || !isObject(action.inputs)) continue;
      const variables = getOwn(action.inputs, 'variables');
      for (const item of Array.isArray(variables) ? variables : []) {
        if (isObject(item) && String(getOwn(item, 'name')).toLowerCase() === String(name).toLowerCase())
          return getOwn(item, 'type') ?? null;
      }
    }
    return null;
  }

  /** A value that is put into a variable of a type. */
  #readTyped(value: Value, type: Value, place: Place): void {
    const uses: Record<string, Use> = {
      array: 'array',
      object: 'object',
      integer: 'number',
      float: 'number',
      boolean: 'boolean',
    };
    const use = uses[String(type).toLowerCase()];
    if (use === undefined) this.#readAll(value, place);
    else this.#use(value, [], asUse(use), place);
  }

  #readAll(value: Value, place: Place): void {
    if (typeof value === 'string') this.#use(value, [], none, place);
    else if (Array.isArray(value)) for (const item of value) this.#readAll(item, place);
    else if (isObject(value)) for (const key of Object.keys(value)) this.#readAll(value[key] ?? null, place);
  }

  #readCondition(condition: Value, place: Place): void {
    if (!isObject(condition)) {
      this.#readAll(condition, place);
      return;
    }
    for (const [name, operands] of Object.entries(condition)) {
      const list = Array.isArray(operands) ? operands : [operands];
      const folded = name.toLowerCase();
      if (folded === 'and' || folded === 'or' || folded === 'not')
        for (const operand of list) this.#readCondition(operand, place);
      else if (folded === 'equals') {
        this.#use(list[0] ?? null, [], markLiterals([list[1] ?? null]), place);
        this.#use(list[1] ?? null, [], markLiterals([list[0] ?? null]), place);
      } else if (orderFunctions.has(folded)) for (const operand of list) this.#use(operand, [], asUse('number'), place);
      else for (const operand of list) this.#readAll(operand, place);
    }
  }

  /** A value of the definition (a string with expressions, or a structure of them) is used along a path. */
  #use(value: Value, path: readonly Step[], mark: Mark, place: Place): void {
    if (Array.isArray(value)) {
      const [, ...rest] = path;
      for (const item of value) this.#use(item, path.length > 0 ? rest : [], path.length > 0 ? mark : none, place);
      return;
    }
    if (isObject(value)) {
      const [step, ...rest] = path;
      if (step && 'property' in step) {
        const property = getOwn(value, step.property);
        if (property !== undefined) this.#use(property, rest, mark, place);
      } else this.#readAll(value, place);
      return;
    }
    if (typeof value !== 'string') return;
    let parsed: ReturnType<typeof parseTemplateString>;
    try {
      parsed = parseTemplateString(value);
    } catch {
      return;
    }
    if (parsed.kind === 'expression') this.#expression(parsed.expression, path, mark, place);
    if (parsed.kind === 'interpolation') {
      // One `@{...}` alone passes its text on; among other text it is printed.
      const alone = parsed.parts.length === 1;
      for (const part of parsed.parts)
        if (typeof part !== 'string') this.#expression(part, alone ? path : [], alone ? mark : none, place);
    }
  }

  #expression(expression: Expression, path: readonly Step[], mark: Mark, place: Place): void {
    if (path.length > maximumSteps || this.#steps > 20_000 || this.#depth > maximumDepth) return;
    this.#steps++;
    this.#depth++;
    this.#evaluated(expression, path, mark, place);
    this.#depth--;
  }

  #evaluated(expression: Expression, path: readonly Step[], mark: Mark, place: Place): void {
    if (expression.kind === 'literal') return;
    if (expression.kind === 'access') {
      const { key, target } = expression;
      if (key.kind !== 'literal') this.#expression(key, [], none, place);
      const step: Step =
        key.kind === 'literal' && typeof key.value === 'string' ? { property: key.value } : { item: true };
      if (
        target.kind === 'call' &&
        target.name.toLowerCase() === 'split' &&
        key.kind === 'literal' &&
        typeof key.value === 'number'
      ) {
        this.#split(target.args, key.value + 1, place);
        return;
      }
      if (key.kind === 'call' && /^(items?|variables|parameters|tolower|body|outputs|concat)$/i.test(key.name)) {
        // A computed key: the property cannot be known, only that there is an object or list.
        this.#expression(target, [], none, place);
        return;
      }
      this.#expression(target, [step, ...path], mark, place);
      return;
    }
    this.#call(expression.name.toLowerCase(), expression.args, path, mark, place);
  }

  #split(args: Expression[], parts: number, place: Place): void {
    const [source, separator] = args;
    if (source === undefined) return;
    const by = separator?.kind === 'literal' && typeof separator.value === 'string' ? separator.value : ' ';
    this.#expression(source, [], (shape) => shape.splits.set(by, Math.max(parts, shape.splits.get(by) ?? 0)), place);
  }

  #call(name: string, args: Expression[], path: readonly Step[], mark: Mark, place: Place): void {
    const [first] = args;
    const literal = first?.kind === 'literal' ? String(first.value) : undefined;
    const each = (use: Mark): void => {
      for (const arg of args) this.#expression(arg, [], use, place);
    };
    switch (name) {
      case 'triggerbody':
        this.#root(this.#result.trigger, [{ property: 'body' }, ...path], mark);
        return;
      case 'triggeroutputs':
        this.#root(this.#result.trigger, path, mark);
        return;
      case 'trigger':
        this.#root(this.#result.trigger, path.slice(1), mark);
        return;
      case 'body':
      case 'actionbody':
        this.#action(literal, [{ property: 'body' }, ...path], mark);
        return;
      case 'outputs':
      case 'actionoutputs':
        this.#action(literal, path, mark);
        return;
      case 'actions':
        if (isOutputs(path[0])) this.#action(literal, path.slice(1), mark);
        return;
      case 'item':
        if (place.item !== undefined) this.#use(place.item, [{ item: true }, ...path], mark, { item: undefined });
        return;
      case 'items': {
        const loop = this.#actions.get(literal?.toLowerCase() ?? '');
        if (loop) this.#use(getOwn(loop, 'foreach') ?? null, [{ item: true }, ...path], mark, this.#places.get(loop)!);
        return;
      }
      case 'variables':
        this.#variable(literal, path, mark);
        return;
      case 'first':
      case 'last':
        if (first) this.#expression(first, [{ item: true }, ...path], mark, place);
        return;
      case 'json':
        if (first) this.#expression(first, [], (shape) => follow(shape.content(), path, mark), place);
        return;
      case 'if':
        args.forEach((arg, index) => {
          this.#expression(arg, index === 0 ? [] : path, index === 0 ? asUse('boolean') : mark, place);
        });
        return;
      case 'split':
        this.#split(args, 1, place);
        return;
      case 'join':
        if (first) this.#expression(first, [], asUse('array'), place);
        return;
      case 'and':
      case 'or':
      case 'not':
        each(asUse('boolean'));
        return;
      case 'equals': {
        const values = args.map((arg) => (arg.kind === 'literal' ? arg.value : null));
        args.forEach((arg, index) => {
          this.#expression(arg, [], markLiterals([values[1 - index] ?? null]), place);
        });
        return;
      }
      case 'xml':
      case 'xpath':
        if (first) this.#expression(first, [], asUse('xml'), place);
        return;
      case 'substring': {
        const ends = args.slice(1).map((arg) => (arg.kind === 'literal' ? Number(arg.value) || 0 : 0));
        const length = ends.reduce((sum, value) => sum + value, 0);
        if (first)
          this.#expression(
            first,
            [],
            (shape) => {
              shape.uses.add('text');
              shape.length = Math.max(shape.length, length);
            },
            place,
          );
        for (const arg of args.slice(1)) this.#expression(arg, [], none, place);
        return;
      }
    }
    if (passing.has(name)) for (const arg of args) this.#expression(arg, path, mark, place);
    else if (name === 'createarray')
      for (const arg of args) this.#expression(arg, path.slice(1), path.length > 0 ? mark : none, place);
    else if (name === 'array') each(none);
    else if (textFunctions.has(name)) each(asUse('text'));
    else if (numberFunctions.has(name) || orderFunctions.has(name)) each(asUse('number'));
    else if (dateFunctions.has(name)) {
      if (first) this.#expression(first, [], asUse('date'), place);
      for (const arg of args.slice(1))
        this.#expression(arg, [], name === 'datedifference' ? asUse('date') : none, place);
    } else if (base64Functions.has(name)) each(asUse('base64'));
    else if (/^uri(host|path|pathandquery|port|scheme|query)$/.test(name)) each(asUse('uri'));
    else if (/^(add|set|remove)property$|^mergeobjects$/.test(name)) {
      if (first) this.#expression(first, path, asUse('object'), place);
      for (const arg of args.slice(1)) this.#expression(arg, [], none, place);
    } else each(none);
  }

  #variable(name: string | undefined, path: readonly Step[], mark: Mark): void {
    const key = `variable ${name?.toLowerCase()} ${JSON.stringify(path)}`;
    if (this.#followed.has(key)) return;
    this.#followed.add(key);
    for (const { value, appended, place } of this.#variables.get(name?.toLowerCase() ?? '') ?? []) {
      if (appended && (path[0] === undefined || !('item' in path[0]))) continue;
      this.#use(value, appended ? path.slice(1) : path, mark, place);
    }
    this.#followed.delete(key);
  }

  /** The outputs of an action along a path: of operations that pass values on, those that they pass on. */
  #action(name: string | undefined, path: readonly Step[], mark: Mark): void {
    const action = this.#actions.get(name?.toLowerCase() ?? '');
    if (action === undefined) return;
    const followed = `action ${name?.toLowerCase()} ${JSON.stringify(path)}`;
    if (this.#followed.has(followed)) return;
    this.#followed.add(followed);
    this.#passed(name!, action, path, mark);
    this.#followed.delete(followed);
  }

  #passed(name: string, action: ValueObject, path: readonly Step[], mark: Mark): void {
    const place = this.#places.get(action)!;
    const inputs = action.inputs ?? null;
    const input = (key: string): Value => (isObject(inputs) ? (getOwn(inputs, key) ?? null) : null);
    const [, ...inBody] = path;
    switch (String(action.type).toLowerCase()) {
      case 'compose':
        this.#use(inputs, path, mark, place);
        return;
      case 'parsejson':
        this.#use(input('content'), inBody, mark, place);
        return;
      case 'query':
        this.#use(input('from'), inBody, mark, place);
        return;
      case 'select':
        this.#use(input('select'), inBody.slice(1), mark, { item: input('from') });
        return;
      case 'join':
      case 'table':
      case 'expression':
        return;
      default: {
        const key = name.toLowerCase();
        const shape = this.#result.actions.get(key) ?? new Shape();
        this.#result.actions.set(key, shape);
        this.#root(shape, path, mark);
      }
    }
  }

  #root(shape: Shape, path: readonly Step[], mark: Mark): void {
    follow(shape, path, mark);
  }
}

function isOutputs(step: Step | undefined): boolean {
  return step !== undefined && 'property' in step && step.property.toLowerCase() === 'outputs';
}

function follow(shape: Shape, path: readonly Step[], mark: Mark): void {
  let current = shape;
  for (const step of path) current = 'property' in step ? current.property(step.property) : current.item();
  mark(current);
}

function markLiterals(values: Value[]): Mark {
  return (shape) => {
    for (const value of values) {
      if (typeof value === 'number' || typeof value === 'boolean') shape.literals.push(value);
      else if (typeof value === 'string' && !value.startsWith('@') && !value.includes('@{')) shape.literals.push(value);
    }
  };
}
