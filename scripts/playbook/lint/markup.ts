/** Text of logs in HTML: comments, tasks, mails and Teams messages take only what is encoded, or cannot hold markup. */
import { playbookDiagnostic } from '../../diagnostics/playbook.ts';
import type { Expression } from '../expression/parse.ts';
import { parseTemplateString } from '../expression/template-string.ts';
import { getOwn, isObject, type Value } from '../value.ts';
import { describe } from '../workflow/evaluate.ts';
import type { LintedAction, LintedWorkflow } from './linted-workflow.ts';

interface Sink {
  path: readonly string[];
  name: string;
}

/** The HTML that an action sends. */
function sinksOf(action: LintedAction): Sink[] {
  const inputs = isObject(action.definition.inputs) ? action.definition.inputs : {};
  const path = String(getOwn(inputs, 'path') ?? '').toLowerCase();
  if (!/^apiconnection/.test(action.type)) return [];
  if (/^\/(incidents\/)?comment\/?$/.test(path)) return [{ path: ['body', 'message'], name: 'the comment' }];
  if (path.startsWith('/incidents/createtask')) return [{ path: ['body', 'taskDescription'], name: 'the task' }];
  if (/^\/(v2\/)?mail/.test(path)) return [{ path: ['body', 'Body'], name: 'the mail' }];
  if (path.startsWith('/approvalmail')) return [{ path: ['body', 'Message', 'Body'], name: 'the approval mail' }];
  if (path.includes('/teams/') || path.includes('/teams/conversation')) {
    return [
      { path: ['body', 'messageBody'], name: 'the Teams message' },
      { path: ['body', 'body', 'messageBody'], name: 'the Teams message' },
    ];
  }
  return [];
}

export function checkMarkup(linted: LintedWorkflow): void {
  const trust = new Trust(linted);
  for (const action of linted.actions) {
    for (const sink of sinksOf(action)) {
      let value: Value | undefined = action.definition.inputs ?? null;
      for (const key of sink.path) value = isObject(value) ? getOwn(value, key) : undefined;
      if (typeof value !== 'string') continue;
      for (const expression of expressionsOf(value)) {
        const culprit = trust.untrusted(expression, action);
        if (culprit === undefined) continue;
        const place = linted.place([...action.path, 'inputs', ...sink.path]);
        linted.diagnostics.push(
          playbookDiagnostic('playbook-markup', place, {
            expression: describe(culprit).slice(0, 160),
            sink: sink.name,
          }),
        );
      }
    }
  }
}

function expressionsOf(value: string): Expression[] {
  try {
    const parsed = parseTemplateString(value);
    if (parsed.kind === 'text') return [];
    return parsed.kind === 'expression' ? [parsed.expression] : parsed.parts.filter((part) => typeof part !== 'string');
  } catch {
    return [];
  }
}

/** Results that cannot hold markup whatever the arguments. */
const harmless = new Set([
  'utcnow',
  'guid',
  'length',
  'int',
  'float',
  'add',
  'sub',
  'mul',
  'div',
  'mod',
  'min',
  'max',
  'rand',
  'ticks',
  'indexof',
  'lastindexof',
  'equals',
  'and',
  'or',
  'not',
  'greater',
  'less',
  'greaterorequals',
  'lessorequals',
  'contains',
  'empty',
  'startswith',
  'endswith',
  'encodexmlvalue',
  'encodeuricomponent',
  'uricomponent',
  'base64',
  'formatdatetime',
  'adddays',
  'addhours',
  'addminutes',
  'addseconds',
  'addtotime',
  'converttimezone',
  'convertfromutc',
  'converttoutc',
  'dayofweek',
  'dayofmonth',
  'dayofyear',
  'formatnumber',
  'datedifference',
  'parameters',
  'workflow',
  'iterationindexes',
  'listcallbackurl',
  'getfuturetime',
  'getpasttime',
  'startofday',
]);
/** Results that hold nothing but what stands in the arguments. */
const passing = new Set([
  'concat',
  'coalesce',
  'string',
  'tolower',
  'toupper',
  'trim',
  'take',
  'skip',
  'first',
  'last',
  'union',
  'createarray',
  'array',
  'reverse',
  'sort',
  'join',
  'substring',
  'createobject',
  'json',
]);
/** Fields that Sentinel itself makes. */
const madeByPlatform = new Set([
  'incidentnumber',
  'createdtimeutc',
  'lastmodifiedtimeutc',
  'firstactivitytimeutc',
  'lastactivitytimeutc',
  'severity',
  'statuscode',
]);

class Trust {
  readonly #linted: LintedWorkflow;
  readonly #open = new Set<string>();

  constructor(linted: LintedWorkflow) {
    this.#linted = linted;
  }

  /** The part of an expression whose text is not encoded; undefined where there is none. `keys` are read from its value. */
  untrusted(
    expression: Expression,
    action: LintedAction,
    keys: readonly (string | undefined)[] = [],
  ): Expression | undefined {
    if (expression.kind === 'literal') return undefined;
    if (expression.kind === 'access') {
      const key =
        expression.key.kind === 'literal' && typeof expression.key.value === 'string'
          ? expression.key.value
          : undefined;
      if (keys.length === 0 && key !== undefined && madeByPlatform.has(key.toLowerCase())) return undefined;
      const culprit = this.untrusted(expression.target, action, [key, ...keys]);
      return culprit === undefined ? undefined : expression;
    }
    const name = expression.name.toLowerCase();
    const [first] = expression.args;
    if (harmless.has(name) || encodes(expression)) return undefined;
    if (name === 'if') return this.#firstOf(expression.args.slice(1), action, keys);
    if (passing.has(name)) return this.#firstOf(expression.args, action, keys);
    if (name === 'replace')
      return this.#firstOf([expression.args[0]!, expression.args[2]!].filter(Boolean), action, keys);
    const target = first?.kind === 'literal' ? String(first.value).toLowerCase() : '';
    switch (name) {
      case 'actions':
        return ['status', 'code', 'name', 'starttime', 'endtime'].includes(String(keys[0]).toLowerCase())
          ? undefined
          : expression;
      case 'variables':
        return this.#once(`variable ${target}`, () => (this.#variable(target) ? undefined : expression));
      case 'outputs':
      case 'body':
        return this.#once(`${name} ${target} ${keys.join('.')}`, () =>
          this.#action(target, name === 'body' ? keys : keys.slice(0), name) ? undefined : expression,
        );
      case 'items':
      case 'item': {
        const data = name === 'item' && ['select', 'query', 'table'].includes(action.type);
        const loop = data ? action : name === 'items' ? this.#linted.byName.get(target) : loopAround(action);
        const inputs = loop && isObject(loop.definition.inputs) ? loop.definition.inputs : {};
        const source = loop && (data ? getOwn(inputs, 'from') : getOwn(loop.definition, 'foreach'));
        return loop && source !== undefined && this.#value(source, loop, [undefined, ...keys]) ? undefined : expression;
      }
      default:
        return expression;
    }
  }

  #firstOf(
    args: readonly Expression[],
    action: LintedAction,
    keys: readonly (string | undefined)[],
  ): Expression | undefined {
    for (const arg of args) {
      const culprit = this.untrusted(arg, action, keys);
      if (culprit) return culprit;
    }
    return undefined;
  }

  /** A value that is made of itself is as good as the rest of it. */
  #once(key: string, check: () => Expression | undefined): Expression | undefined {
    if (this.#open.has(key)) return undefined;
    this.#open.add(key);
    try {
      return check();
    } finally {
      this.#open.delete(key);
    }
  }

  #variable(name: string): boolean {
    for (const action of this.#linted.actions) {
      const inputs = isObject(action.definition.inputs) ? action.definition.inputs : {};
      if (action.type === 'initializevariable') {
        const list = getOwn(inputs, 'variables');
        for (const item of Array.isArray(list) ? list : []) {
          if (
            isObject(item) &&
            String(getOwn(item, 'name')).toLowerCase() === name &&
            !this.#value(getOwn(item, 'value') ?? null, action, [])
          )
            return false;
        }
      } else if (/^(set|append)/.test(action.type) && String(getOwn(inputs, 'name')).toLowerCase() === name) {
        if (!this.#value(getOwn(inputs, 'value') ?? null, action, [])) return false;
      }
    }
    return true;
  }

  #action(name: string, keys: readonly (string | undefined)[], how: string): boolean {
    const action = this.#linted.byName.get(name);
    if (action === undefined) return false;
    const inputs = action.definition.inputs ?? null;
    const input = (key: string): Value => (isObject(inputs) ? (getOwn(inputs, key) ?? null) : null);
    switch (action.type) {
      case 'compose':
        return how === 'outputs' && this.#value(inputs, action, keys);
      case 'select':
        return this.#value(input('select'), action, keys.slice(1));
      case 'table':
        return String(input('format')).toUpperCase() === 'HTML';
      case 'query':
      case 'join':
        return this.#value(input('from'), action, keys);
      default:
        return false;
    }
  }

  /** Whether all text in a value of the definition, or in the part of it that the keys name, is encoded. */
  #value(value: Value, action: LintedAction, keys: readonly (string | undefined)[]): boolean {
    if (typeof value === 'string')
      return expressionsOf(value).every((expression) => this.untrusted(expression, action, keys) === undefined);
    if (Array.isArray(value)) return value.every((item) => this.#value(item, action, keys.slice(1)));
    if (!isObject(value)) return true;
    const [key, ...rest] = keys;
    if (key !== undefined) return this.#value(getOwn(value, key) ?? null, action, rest);
    return Object.values(value).every((item) => this.#value(item, action, []));
  }
}

function loopAround(action: LintedAction): LintedAction | undefined {
  for (let outer = action.parent; outer; outer = outer.parent) if (outer.type === 'foreach') return outer;
  return undefined;
}

/** A chain of `replace` that puts `&lt;` in the place of `<`. */
function encodes(expression: Expression): boolean {
  for (let node = expression; node.kind === 'call' && node.name.toLowerCase() === 'replace'; node = node.args[0]!) {
    const [, from, to] = node.args;
    if (from?.kind === 'literal' && from.value === '<' && to?.kind === 'literal' && to.value === '&lt;') return true;
    if (node.args.length < 3) return false;
  }
  return false;
}
