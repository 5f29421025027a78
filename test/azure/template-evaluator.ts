/**
 * The fake Azure's own evaluator of ARM templates. It shares nothing with the product's, so that a playbook which the
 * product expects otherwise than it comes out shows as a difference.
 * Functions: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions.
 */
import { createHash } from 'node:crypto';
import { guidOf, isObject, type Json, type JsonObject } from '../../scripts/azure/json.ts';

export interface TemplateScope {
  subscription: string;
  tenant: string;
  resourceGroup: string;
  location: string;
}

/** Thrown for a function whose value only Azure knows (`reference`, `listKeys`), or that is not implemented. */
export class NotKnownBeforeDeployment extends Error {
  readonly functionName: string;
  constructor(functionName: string) {
    super(`the value of ${functionName}() is not known before the deployment`);
    this.functionName = functionName;
  }
}

type Expression =
  | { literal: Json }
  | { call: string; arguments: Expression[] }
  | { of: Expression; property: Expression };

/** Parses the text between the outer brackets. @throws SyntaxError with the offset. */
export function parseTemplateExpression(text: string): Expression {
  const tokens = [...text.matchAll(/\s*(?:'((?:[^']|'')*)'|(-?\d+)|([A-Za-z_][\w.]*(?=\s*\())|([A-Za-z_]\w*)|(.))/gsy)];
  let next = 0;
  const fail = (): never => {
    throw new SyntaxError(`unexpected text at offset ${tokens[next]?.index ?? text.length} of [${text}]`);
  };
  const symbol = (character: string): boolean => {
    const found = tokens[next]?.[5] === character;
    if (found) next++;
    return found;
  };
  const expression = (): Expression => {
    const token = tokens[next++];
    if (token === undefined) return fail();
    let result: Expression;
    if (token[1] !== undefined) result = { literal: token[1].replaceAll("''", "'") };
    else if (token[2] !== undefined) result = { literal: Number(token[2]) };
    else if (token[3] !== undefined) {
      if (!symbol('(')) return fail();
      const list: Expression[] = [];
      if (!symbol(')')) {
        do list.push(expression());
        while (symbol(','));
        if (!symbol(')')) return fail();
      }
      result = { call: token[3].toLowerCase(), arguments: list };
    } else {
      next--;
      return fail();
    }
    for (;;) {
      if (symbol('.')) {
        const name = tokens[next]?.[4] ?? tokens[next]?.[3];
        if (name === undefined) return fail();
        next++;
        result = { of: result, property: { literal: name } };
      } else if (symbol('[')) {
        result = { of: result, property: expression() };
        if (!symbol(']')) return fail();
      } else return result;
    }
  };
  const result = expression();
  return next === tokens.length ? result : fail();
}

export class TemplateEvaluator {
  readonly #template: JsonObject;
  readonly #parameters: Readonly<Record<string, Json>>;
  readonly #scope: TemplateScope;

  readonly #reference: ((resourceId: string) => Json) | undefined;

  /**
   * @param parameters given values; defaults come from the template.
   * @param reference what `reference()` answers, for those who know the deployed resources.
   */
  constructor(
    template: JsonObject,
    parameters: Readonly<Record<string, Json>>,
    scope: TemplateScope,
    reference?: (resourceId: string) => Json,
  ) {
    this.#reference = reference;
    this.#template = template;
    this.#parameters = parameters;
    this.#scope = scope;
  }

  /** The value with every expression in it replaced. @throws NotKnownBeforeDeployment, SyntaxError, RangeError. */
  evaluate(value: Json): Json {
    if (typeof value === 'string') {
      if (value.startsWith('[[')) return value.slice(1);
      return value.startsWith('[') && value.endsWith(']')
        ? this.#value(parseTemplateExpression(value.slice(1, -1)))
        : value;
    }
    if (Array.isArray(value)) return value.map((item) => this.evaluate(item));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [String(this.evaluate(name)), this.evaluate(inner)]),
    );
  }

  /** The resources in the order of the template, conditions applied, each evaluated when it is its turn. */
  *resources(): Iterable<JsonObject> {
    const list = Array.isArray(this.#template.resources) ? this.#template.resources.filter(isObject) : [];
    for (const resource of list) {
      if (resource.condition !== undefined && this.evaluate(resource.condition) !== true) continue;
      const { properties } = resource;
      // A nested template with a scope of its own is evaluated by its own deployment.
      const nested = resource.type === 'Microsoft.Resources/deployments' && isObject(properties);
      yield (nested ? { ...resource, name: this.evaluate(resource.name!) } : this.evaluate(resource)) as JsonObject;
    }
  }

  #value(expression: Expression): Json {
    if ('literal' in expression) return expression.literal;
    if ('of' in expression) {
      const container = this.#value(expression.of);
      const property = this.#value(expression.property);
      if (Array.isArray(container)) return container[Number(property)] ?? null;
      if (!isObject(container)) return null;
      const key = Object.keys(container).find((name) => name.toLowerCase() === String(property).toLowerCase());
      return key === undefined ? null : (container[key] ?? null);
    }
    const lazy = expression.arguments;
    if (expression.call === 'if') return this.#value(this.#value(lazy[0]!) === true ? lazy[1]! : lazy[2]!);
    return this.#call(
      expression.call,
      lazy.map((argument) => this.#value(argument)),
    );
  }

  #call(name: string, args: Json[]): Json {
    const text = (index: number): string => String(args[index] ?? '');
    switch (name) {
      case 'parameters':
        return this.#parameter(text(0));
      case 'variables':
        return this.evaluate(member(this.#template.variables, text(0)));
      case 'subscription':
        return {
          id: `/subscriptions/${this.#scope.subscription}`,
          subscriptionId: this.#scope.subscription,
          tenantId: this.#scope.tenant,
        };
      case 'resourcegroup':
        return {
          id: `/subscriptions/${this.#scope.subscription}/resourceGroups/${this.#scope.resourceGroup}`,
          name: this.#scope.resourceGroup,
          location: this.#scope.location,
        };
      case 'tenant':
        return { tenantId: this.#scope.tenant };
      case 'resourceid':
        return this.#resourceId(args.map(String));
      case 'subscriptionresourceid':
        return `/subscriptions/${this.#scope.subscription}/providers/${typePath(args.map(String))}`;
      case 'extensionresourceid':
        return `${text(0)}/providers/${typePath(args.slice(1).map(String))}`;
      case 'concat':
        return args.every(Array.isArray) && args.length > 0 ? args.flat() : args.map(String).join('');
      case 'format':
        return text(0).replace(/\{(\d+)\}/g, (_, index: string) => text(Number(index) + 1));
      case 'tolower':
        return text(0).toLowerCase();
      case 'toupper':
        return text(0).toUpperCase();
      case 'trim':
        return text(0).trim();
      case 'string':
        return typeof args[0] === 'string' ? args[0] : JSON.stringify(args[0]);
      case 'int':
        return Math.trunc(Number(args[0]));
      case 'bool':
        return /^(true|1)$/i.test(text(0));
      case 'json':
        return JSON.parse(text(0)) as Json;
      case 'replace':
        return text(0).replaceAll(text(1), text(2));
      case 'split':
        return text(0).split(text(1));
      case 'join':
        return (args[0] as Json[]).map(String).join(text(1));
      case 'substring':
        return text(0).substring(
          Number(args[1]),
          args[2] === undefined ? undefined : Number(args[1]) + Number(args[2]),
        );
      case 'take':
        return text(0).slice(0, Number(args[1]));
      case 'first':
        return typeof args[0] === 'string' ? args[0].slice(0, 1) : ((args[0] as Json[])[0] ?? null);
      case 'last':
        return typeof args[0] === 'string' ? args[0].slice(-1) : ((args[0] as Json[]).at(-1) ?? null);
      case 'length':
        return typeof args[0] === 'string' || Array.isArray(args[0])
          ? args[0].length
          : Object.keys(args[0] ?? {}).length;
      case 'empty':
        return (
          args[0] === null || args[0] === '' || (typeof args[0] === 'object' && Object.keys(args[0]!).length === 0)
        );
      case 'contains':
        if (Array.isArray(args[0])) return args[0].includes(args[1]!);
        return isObject(args[0]) ? Object.hasOwn(args[0], text(1)) : text(0).includes(text(1));
      case 'equals':
        return JSON.stringify(args[0]) === JSON.stringify(args[1]);
      case 'not':
        return args[0] !== true;
      case 'and':
        return args.every((value) => value === true);
      case 'or':
        return args.some((value) => value === true);
      case 'true':
        return true;
      case 'false':
        return false;
      case 'null':
        return null;
      case 'coalesce':
        return args.find((value) => value !== null) ?? null;
      case 'createarray':
        return args;
      case 'createobject':
        return Object.fromEntries(
          Array.from({ length: args.length / 2 }, (_, index) => [text(index * 2), args[index * 2 + 1]!]),
        );
      case 'union':
        return args.every(Array.isArray)
          ? [...new Map(args.flat().map((value) => [JSON.stringify(value), value])).values()]
          : Object.assign({}, ...(args as JsonObject[]));
      case 'base64':
        return Buffer.from(text(0)).toString('base64');
      case 'uri':
        return new URL(text(1), text(0)).toString();
      case 'guid':
        return guidOf('template', ...args.map(String));
      case 'uniquestring':
        return createHash('sha256').update(args.join('-')).digest('hex').slice(0, 13);
      case 'reference':
        if (this.#reference !== undefined) return this.#reference(text(0));
        throw new NotKnownBeforeDeployment(name);
      default:
        throw new NotKnownBeforeDeployment(name);
    }
  }

  #parameter(name: string): Json {
    const key = Object.keys(this.#parameters).find((given) => given.toLowerCase() === name.toLowerCase());
    if (key !== undefined) return this.#parameters[key]!;
    const declared = member(this.#template.parameters, name);
    if (!isObject(declared) || declared.defaultValue === undefined) {
      throw new RangeError(`the parameter ${name} has no value`);
    }
    return this.evaluate(declared.defaultValue);
  }

  #resourceId(args: string[]): string {
    const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
    const rest = [...args];
    const subscription = guid.test(rest[0] ?? '') ? rest.shift()! : this.#scope.subscription;
    const group = rest[0]?.includes('/') ? this.#scope.resourceGroup : rest.shift()!;
    return `/subscriptions/${subscription}/resourceGroups/${group}/providers/${typePath(rest)}`;
  }
}

/** `Microsoft.X/a/b`, `n1`, `n2` is `Microsoft.X/a/n1/b/n2`. */
function typePath([type = '', ...names]: string[]): string {
  const [provider, ...types] = type.split('/');
  return [provider, ...types.flatMap((part, index) => [part, names[index] ?? ''])].join('/');
}

function member(container: Json | undefined, name: string): Json {
  if (!isObject(container)) throw new RangeError(`the template does not declare ${name}`);
  const key = Object.keys(container).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  if (key === undefined) throw new RangeError(`the template does not declare ${name}`);
  return container[key]!;
}
