/**
 * Criteria of text parameters and of added columns: ordered conditions, the first that holds gives the result, `Default`
 * last (Documentation/Parameters/Text.md, "Criteria"). Also the arithmetic of `expression` results.
 */
import { type JsonRecord, numberOf, textOf } from './lenient.ts';
import { plainText } from './parameter-value.ts';
import type { Scope } from './substitute.ts';

/** Looks a name up: undefined where nothing is known under it. */
export type Lookup = (name: string) => string | undefined;

export function scopeLookup(scope: Scope): Lookup {
  return (name) => {
    const parameter = scope.get(name.replace(/^\{|\}$/g, '').split(':')[0] ?? '');
    return parameter === undefined ? undefined : plainText(parameter);
  };
}

/** The result of the first criterion that holds; undefined where none does. */
export function evaluateCriteria(
  criteria: readonly JsonRecord[],
  lookup: Lookup,
  expand: (text: string) => string,
): string | undefined {
  const ordered = [...criteria.filter((one) => one.operator !== 'Default'), ...criteria.filter(isDefault)];
  for (const criterion of ordered) {
    const operator = textOf(criterion.operator) ?? '';
    const left = lookup(textOf(criterion.leftOperand) ?? '') ?? '';
    const rightText = textOf(criterion.rightVal) ?? '';
    const right = criterion.rightValType === 'param' ? (lookup(rightText) ?? '') : expand(rightText);
    if (operator === 'Default' || holds(operator, left, right)) return result(criterion, lookup, expand);
  }
  return undefined;
}

function isDefault(criterion: JsonRecord): boolean {
  return criterion.operator === 'Default';
}

function result(criterion: JsonRecord, lookup: Lookup, expand: (text: string) => string): string {
  const text = textOf(criterion.resultVal) ?? '';
  if (criterion.resultValType === 'param' || criterion.resultValType === 'column') return lookup(text) ?? '';
  if (criterion.resultValType === 'expression') {
    const value = evaluateArithmetic(expand(text));
    return value === undefined ? '' : String(value);
  }
  return expand(text);
}

/** One comparison of two texts; numbers compare as numbers where both sides are. */
export function holds(operator: string, left: string, right: string): boolean {
  const order = compare(left, right);
  switch (operator.trim()) {
    case '=':
    case '==':
      return order === 0;
    case '!=':
    case '<>':
      return order !== 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case 'is Empty':
      return left === '';
    case 'isNotNull':
    case 'is not Empty':
      return left !== '';
    case 'startsWith':
      return left.startsWith(right);
    case 'endsWith':
      return left.endsWith(right);
    case 'contains':
      return left.includes(right);
    case 'notStartsWith':
      return !left.startsWith(right);
    case 'notEndsWith':
      return !left.endsWith(right);
    case 'notContains':
      return !left.includes(right);
    case 'regex':
      return matches(left, right);
    case 'isValidJson':
      return isJson(left);
    case 'Default':
      return true;
    default:
      return false;
  }
}

function compare(left: string, right: string): number {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return a - b;
  if (left === right) return 0;
  // A number and a word are unequal and have no order.
  if (a !== undefined || b !== undefined) return Number.NaN;
  return left < right ? -1 : 1;
}

/** Untrusted patterns: one that does not compile, or a text too long to try, matches nothing. */
export function matches(text: string, pattern: string): boolean {
  if (text.length > 10_000 || pattern.length > 1_000) return false;
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** `2*(3+4)`: numbers, + - * / % and parentheses; undefined for anything else. */
export function evaluateArithmetic(text: string): number | undefined {
  const tokens = text.match(/\d+(?:\.\d+)?|[-+*/%()]|\S/g) ?? [];
  let at = 0;
  const primary = (): number => {
    const token = tokens[at++];
    if (token === '-') return -primary();
    if (token === '+') return primary();
    if (token === '(') {
      const inner = sum();
      return tokens[at++] === ')' ? inner : Number.NaN;
    }
    return token === undefined || !/^\d/.test(token) ? Number.NaN : Number(token);
  };
  const product = (): number => {
    let value = primary();
    while (tokens[at] === '*' || tokens[at] === '/' || tokens[at] === '%') {
      const operator = tokens[at++];
      const next = primary();
      value = operator === '*' ? value * next : operator === '/' ? value / next : value % next;
    }
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-')
      value = tokens[at++] === '+' ? value + product() : value - product();
    return value;
  };
  // Depth is bounded by the text, and a workbook's expression is short; a longer one is not evaluated.
  if (tokens.length === 0 || tokens.length > 500) return undefined;
  const value = sum();
  return at === tokens.length && Number.isFinite(value) ? value : undefined;
}
