/**
 * Deploys an ARM template on paper: parameters, variables, copy loops, conditions and nested deployments become the
 * resources as Azure would get them.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax.
 */
import { type Expression, ExpressionSyntaxError, parseExpression } from '../expression/parse.ts';
import { FunctionError } from '../functions/function.ts';
import { getOwn, isObject, setOwn, type Value, type ValueObject } from '../value.ts';
import { armFunctions, type DeploymentContext } from './functions.ts';

/** A template expression that cannot be parsed or evaluated. */
export class ArmError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ArmError';
  }
}

export interface ArmOptions {
  context?: Partial<DeploymentContext>;
  /** Values of parameters; the others take their default or what `guessParameter` answers. */
  parameters?: ValueObject;
  /** A value for a parameter without value and default. Without it such a parameter is an error when it is read. */
  guessParameter?: (name: string, declaration: ValueObject) => Value;
  /**
   * What `reference`, `listKeys` and the other functions that ask the running Azure answer. Default: objects whose every
   * property is a text that names where it would come from.
   */
  runtime?: (name: string, args: Value[]) => Value | undefined;
}

/** What could not be evaluated, with the path to it. */
export interface ArmProblem {
  path: string;
  message: string;
}

export interface DeployedResource {
  /** With every expression evaluated; what could not be evaluated keeps its text. */
  resource: ValueObject;
  /** JSON path in the file. */
  path: (string | number)[];
}

export interface Deployment {
  resources: DeployedResource[];
  outputs: ValueObject;
  problems: ArmProblem[];
}

const defaultContext: DeploymentContext = {
  subscriptionId: '11111111-1111-4111-8111-111111111111',
  tenantId: '22222222-2222-4222-8222-222222222222',
  resourceGroup: 'contoso-security',
  location: 'westeurope',
  deploymentName: 'azuredeploy',
  now: new Date('2026-01-01T00:00:00Z'),
};

/** A value that only the running Azure knows: any property of it is one too, and as text it says what it stands for. */
class RuntimeValue {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type ArmValue = Value | RuntimeValue;

const maximumResources = 2000;
const maximumDepth = 10;

/** Evaluates a template. Problems do not end it: every resource that can be read is in the result. */
export function deployTemplate(template: ValueObject, options: ArmOptions = {}): Deployment {
  const deployment: Deployment = { resources: [], outputs: {}, problems: [] };
  deployInto(deployment, template, options, [], 0);
  return deployment;
}

function deployInto(
  deployment: Deployment,
  template: ValueObject,
  options: ArmOptions,
  path: (string | number)[],
  depth: number,
): void {
  if (depth > maximumDepth) return;
  const evaluator = new TemplateEvaluator(template, options, deployment.problems);
  const resources = getOwn(template, 'resources');
  const list: [string | number, Value][] = Array.isArray(resources)
    ? resources.map((item, index) => [index, item])
    : isObject(resources)
      ? Object.entries(resources)
      : [];
  for (const [key, resource] of list)
    deployResource(deployment, evaluator, resource, options, [...path, 'resources', key], depth);
  const outputs = getOwn(template, 'outputs');
  for (const [name, output] of Object.entries(isObject(outputs) ? outputs : {})) {
    if (isObject(output) && getOwn(output, 'condition') !== false)
      setOwn(deployment.outputs, name, evaluator.evaluate(getOwn(output, 'value') ?? null, [...path, 'outputs', name]));
  }
}

function deployResource(
  deployment: Deployment,
  evaluator: TemplateEvaluator,
  resource: Value,
  options: ArmOptions,
  path: (string | number)[],
  depth: number,
): void {
  if (!isObject(resource) || deployment.resources.length >= maximumResources) return;
  const type = String(getOwn(resource, 'type') ?? '');
  const { copy, resources: children, ...own } = resource;
  evaluator.eachCopy(copy, path, () => {
    if ('condition' in own && evaluator.evaluate(own.condition ?? null, [...path, 'condition']) === false) return;
    const isDeployment = /^microsoft\.resources\/deployments$/i.test(type);
    const nested = isDeployment && isObject(own.properties) ? getOwn(own.properties, 'template') : undefined;
    if (isObject(nested) && isObject(own.properties)) {
      const inner = scopeOfNested(own.properties) === 'inner';
      if (!inner) {
        // An outer-scope nested template reads the parameters and variables of the template around it.
        deployInto(
          deployment,
          { ...nested, parameters: evaluator.template.parameters ?? {}, variables: evaluator.template.variables ?? {} },
          options,
          [...path, 'properties', 'template'],
          depth + 1,
        );
        return;
      }
      const given = evaluator.evaluate(getOwn(own.properties, 'parameters') ?? {}, [
        ...path,
        'properties',
        'parameters',
      ]);
      const values: ValueObject = {};
      for (const [name, item] of Object.entries(isObject(given) ? given : {}))
        setOwn(values, name, isObject(item) ? (item.value ?? null) : null);
      deployInto(
        deployment,
        nested,
        { ...options, parameters: values },
        [...path, 'properties', 'template'],
        depth + 1,
      );
      return;
    }
    const evaluated = evaluator.evaluate(own, path);
    if (isObject(evaluated)) deployment.resources.push({ resource: evaluated, path });
    if (Array.isArray(children)) {
      children.forEach((child, index) => {
        if (!isObject(child)) return;
        const childType = String(getOwn(child, 'type') ?? '');
        const whole = childType.split('/').length > 2 || type === '' ? childType : `${type}/${childType}`;
        deployResource(
          deployment,
          evaluator,
          { ...child, type: whole },
          options,
          [...path, 'resources', index],
          depth + 1,
        );
      });
    }
  });
}

function scopeOfNested(properties: ValueObject): string {
  const scope = getOwn(properties, 'expressionEvaluationOptions');
  return isObject(scope) ? String(getOwn(scope, 'scope') ?? 'outer').toLowerCase() : 'outer';
}

/** Evaluates the expressions of one template with its parameters and variables. */
export class TemplateEvaluator {
  readonly template: ValueObject;
  readonly context: DeploymentContext;
  readonly #options: ArmOptions;
  readonly #problems: ArmProblem[];
  readonly #variables = new Map<string, ArmValue>();
  readonly #parameters = new Map<string, ArmValue>();
  readonly #open = new Set<string>();
  readonly #copies: { name: string; index: number }[] = [];

  constructor(template: ValueObject, options: ArmOptions, problems: ArmProblem[]) {
    this.template = template;
    this.#options = options;
    this.#problems = problems;
    this.context = { ...defaultContext, ...options.context };
  }

  /** A value with every expression in it evaluated; an expression that fails is reported and keeps its text. */
  evaluate(value: Value, path: readonly (string | number)[]): Value {
    return plain(this.#value(value, path));
  }

  /** Runs `body` once for each turn of a copy loop, or once without one. */
  eachCopy(copy: Value | undefined, path: readonly (string | number)[], body: (index: number) => void): void {
    if (!isObject(copy)) {
      body(0);
      return;
    }
    const count = this.evaluate(getOwn(copy, 'count') ?? 0, [...path, 'copy', 'count']);
    const turns = typeof count === 'number' ? Math.min(Math.max(0, Math.trunc(count)), 800) : 1;
    for (let index = 0; index < turns; index++) {
      this.#copies.push({ name: String(getOwn(copy, 'name') ?? ''), index });
      body(index);
      this.#copies.pop();
    }
  }

  #value(value: Value, path: readonly (string | number)[]): ArmValue {
    if (typeof value === 'string') return this.#string(value, path);
    if (path.length > 300) throw new ArmError('the template is nested too deeply');
    if (Array.isArray(value)) return value.map((item, index) => plain(this.#value(item, [...path, index])));
    if (!isObject(value)) return value;
    const result: ValueObject = {};
    for (const key of Object.keys(value)) {
      const item = value[key] ?? null;
      if (
        key === 'copy' &&
        Array.isArray(item) &&
        item.every((loop) => isObject(loop) && 'input' in loop && 'count' in loop)
      ) {
        for (const loop of item as ValueObject[]) {
          const list: Value[] = [];
          this.eachCopy(loop, path, () => list.push(plain(this.#value(loop.input ?? null, [...path, 'copy']))));
          setOwn(result, String(loop.name ?? 'copy'), list);
        }
        continue;
      }
      const name = isArmExpression(key) ? textOf(this.#string(key, path)) : key;
      setOwn(result, name, plain(this.#value(item, [...path, key])));
    }
    return result;
  }

  #string(value: string, path: readonly (string | number)[]): ArmValue {
    if (!value.startsWith('[') || !value.trimEnd().endsWith(']')) return value;
    if (value.startsWith('[[')) return value.slice(1);
    try {
      return this.#expression(parseExpression(value.trimEnd().slice(1, -1)));
    } catch (error) {
      if (
        error instanceof ArmError ||
        error instanceof FunctionError ||
        error instanceof ExpressionSyntaxError ||
        error instanceof SyntaxError ||
        error instanceof TypeError
      ) {
        this.#problems.push({
          path: path.join('.'),
          message: `${error.message} in ${value.length > 160 ? `${value.slice(0, 160)}…` : value}`,
        });
        return value;
      }
      throw error;
    }
  }

  #expression(expression: Expression): ArmValue {
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'access':
        return this.#access(this.#expression(expression.target), this.#expression(expression.key), expression.safe);
      case 'call':
        return this.#call(expression.name.toLowerCase().replace(/^.*\./, ''), expression.args);
    }
  }

  #access(target: ArmValue, key: ArmValue, safe: boolean): ArmValue {
    if (target instanceof RuntimeValue) return new RuntimeValue(`${target.text}.${textOf(key)}`);
    if (Array.isArray(target) && typeof key === 'number') return target[key] ?? null;
    if (isObject(target) && typeof key === 'string') {
      const value = getOwn(target, key);
      if (value !== undefined || safe) return value ?? null;
      throw new ArmError(`there is no property '${key}'`);
    }
    if (safe) return null;
    throw new ArmError(`'${textOf(key)}' cannot be read from a value that is neither an object nor an array`);
  }

  #call(name: string, args: Expression[]): ArmValue {
    if (name === 'if' && args.length === 3) return this.#expression(args[this.#expression(args[0]!) === true ? 1 : 2]!);
    const values = args.map((arg) => this.#expression(arg));
    switch (name) {
      case 'parameters':
        return this.#parameter(textOf(values[0] ?? null));
      case 'variables':
        return this.#variable(textOf(values[0] ?? null));
      case 'copyindex':
        return this.#copyIndex(values);
    }
    const builtin = Object.hasOwn(armFunctions, name) ? armFunctions[name] : undefined;
    if (builtin) return builtin(values.map(plain), this.context);
    const answer = this.#options.runtime?.(name, values.map(plain));
    if (answer !== undefined) return answer;
    if (/^(reference|references|list\w*|getsecret)$/.test(name))
      return new RuntimeValue(
        `${name}(${textOf(values[0] ?? '')
          .split('/')
          .at(-1)})`,
      );
    throw new ArmError(`'${name}' is not a function of templates`);
  }

  #copyIndex(values: ArmValue[]): number {
    const [first, second] = values;
    const name = typeof first === 'string' ? first : undefined;
    const offset = Number(name === undefined ? (first ?? 0) : (second ?? 0));
    const loop =
      name === undefined
        ? this.#copies.at(-1)
        : this.#copies.findLast((copy) => copy.name.toLowerCase() === name.toLowerCase());
    if (loop === undefined) throw new ArmError('copyIndex() is used outside of a copy loop');
    return loop.index + offset;
  }

  #parameter(name: string): ArmValue {
    return this.#memo(this.#parameters, `parameter ${name.toLowerCase()}`, () => {
      const given = getOwn(this.#options.parameters ?? {}, name);
      if (given !== undefined) return given;
      const declared = getOwn(objectAt(this.template, 'parameters'), name);
      if (!isObject(declared)) throw new ArmError(`the template has no parameter '${name}'`);
      const fallback = getOwn(declared, 'defaultValue');
      if (fallback !== undefined) return this.#value(fallback, ['parameters', name, 'defaultValue']);
      if (this.#options.guessParameter) return this.#options.guessParameter(name, declared);
      throw new ArmError(`the parameter '${name}' has no value and no default`);
    });
  }

  #variable(name: string): ArmValue {
    return this.#memo(this.#variables, `variable ${name.toLowerCase()}`, () => {
      const variables = objectAt(this.template, 'variables');
      const value = getOwn(variables, name);
      if (value !== undefined) return this.#value(value, ['variables', name]);
      const copies = getOwn(variables, 'copy');
      for (const loop of Array.isArray(copies) ? copies : []) {
        if (!isObject(loop) || String(loop.name).toLowerCase() !== name.toLowerCase()) continue;
        const list: Value[] = [];
        this.eachCopy(loop, ['variables', name], () =>
          list.push(plain(this.#value(loop.input ?? null, ['variables', name]))),
        );
        return list;
      }
      throw new ArmError(`the template has no variable '${name}'`);
    });
  }

  #memo(store: Map<string, ArmValue>, key: string, make: () => ArmValue): ArmValue {
    const known = store.get(key);
    if (known !== undefined) return known;
    if (this.#open.has(key)) throw new ArmError(`the ${key} refers to itself`);
    this.#open.add(key);
    try {
      const value = make();
      store.set(key, value);
      return value;
    } finally {
      this.#open.delete(key);
    }
  }
}

function isArmExpression(value: string): boolean {
  return value.startsWith('[') && value.endsWith(']') && !value.startsWith('[[');
}

function objectAt(template: ValueObject, name: string): ValueObject {
  const value = getOwn(template, name);
  return isObject(value) ? value : {};
}

function textOf(value: ArmValue): string {
  return value instanceof RuntimeValue ? value.text : String(value ?? '');
}

function plain(value: ArmValue): Value {
  return value instanceof RuntimeValue ? value.text : value;
}
