/**
 * The grammar that ARM template expressions and Logic Apps expressions share:
 * `'text'` (`''` escapes the quote), numbers, `true`, `false`, `null`, and calls `name(arguments)`, each followed by any of
 * `.name`, `?.name`, `[expression]`, `?[expression]`. There are no operators.
 * Source: the parser of Microsoft's LogicAppsUX and the template expression syntax page of Azure Resource Manager.
 */

export type Expression = Literal | Call | Access;

export interface Literal {
  kind: 'literal';
  /** Integers beyond 2^53 as bigint. */
  value: string | number | bigint | boolean | null;
  /** Written with a decimal point, which makes a division one of real numbers. */
  real: boolean;
}

export interface Call {
  kind: 'call';
  name: string;
  args: Expression[];
  /** Offset of the name in the expression. */
  at: number;
}

export interface Access {
  kind: 'access';
  target: Expression;
  key: Expression;
  /** Written with `?`: a null or missing target answers null. */
  safe: boolean;
  at: number;
}

/** The expression cannot be parsed; `at` is the offset in the text given to the parser. */
export class ExpressionSyntaxError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.name = 'ExpressionSyntaxError';
    this.at = at;
  }
}

const identifierStart = /[A-Za-z_$]/;
const identifierPart = /[A-Za-z0-9_$-]/;
const maximumNesting = 200;

/**
 * Parses one expression that starts at `from` and says where it ends (white space behind it is taken too).
 * @throws ExpressionSyntaxError
 */
export function parsePrefix(text: string, from: number): { expression: Expression; end: number } {
  let at = from;
  let nesting = 0;

  const fail = (what: string): never => {
    throw new ExpressionSyntaxError(what, at);
  };
  const skipSpace = (): void => {
    while (at < text.length && /\s/.test(text[at]!)) at++;
  };
  const found = (): string => (at >= text.length ? 'the end of the expression' : `'${text[at]}'`);

  const parseString = (): Literal => {
    const start = at;
    at++;
    let value = '';
    for (;;) {
      const quote = text.indexOf("'", at);
      if (quote < 0) {
        at = start;
        fail('this text has no closing quote');
      }
      value += text.slice(at, quote);
      at = quote + 1;
      if (text[at] !== "'") return { kind: 'literal', value, real: false };
      value += "'";
      at++;
    }
  };

  const parseNumber = (): Literal => {
    const match = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?/.exec(text.slice(at, at + 64));
    if (!match) return fail(`a number was expected, not ${found()}`);
    at += match[0].length;
    const real = match[1] !== undefined || match[2] !== undefined;
    const value = Number(match[0]);
    return {
      kind: 'literal',
      value: real || Number.isSafeInteger(value) ? value : BigInt(match[0].replace(/^\+/, '')),
      real,
    };
  };

  const parseName = (): string => {
    const start = at;
    if (at >= text.length || !identifierStart.test(text[at]!)) fail(`a name was expected, not ${found()}`);
    while (at < text.length && identifierPart.test(text[at]!)) at++;
    return text.slice(start, at);
  };

  const parsePrimary = (): Expression => {
    const character = text[at];
    if (character === undefined) return fail('an expression was expected, not the end of the expression');
    if (character === "'") return parseString();
    if (/[0-9+-]/.test(character)) return parseNumber();
    const start = at;
    const name = parseName();
    skipSpace();
    if (text[at] !== '(') {
      const constant = { true: true, false: false, null: null }[name.toLowerCase()];
      if (constant !== undefined) return { kind: 'literal', value: constant, real: false };
      at = start;
      return fail(`'${name}' is neither a call nor a constant`);
    }
    at++;
    const args: Expression[] = [];
    skipSpace();
    if (text[at] === ')') {
      at++;
      return { kind: 'call', name, args, at: start };
    }
    for (;;) {
      args.push(parseExpression());
      if (text[at] === ',') at++;
      else if (text[at] === ')') {
        at++;
        return { kind: 'call', name, args, at: start };
      } else fail(`',' or ')' was expected in the arguments of '${name}', not ${found()}`);
    }
  };

  const parseExpression = (): Expression => {
    if (++nesting > maximumNesting) fail(`the expression is nested deeper than ${maximumNesting} levels`);
    skipSpace();
    let expression = parsePrimary();
    for (;;) {
      skipSpace();
      const start = at;
      const safe = text[at] === '?' && /^\?\s*[.[]/.test(text.slice(at, at + 16));
      if (safe) {
        at++;
        skipSpace();
      }
      if (text[at] === '.') {
        at++;
        skipSpace();
        const key: Literal = { kind: 'literal', value: parseName(), real: false };
        expression = { kind: 'access', target: expression, key, safe, at: start };
      } else if (text[at] === '[') {
        at++;
        const key = parseExpression();
        if (text[at] !== ']') fail(`']' was expected, not ${found()}`);
        at++;
        expression = { kind: 'access', target: expression, key, safe, at: start };
      } else break;
    }
    nesting--;
    return expression;
  };

  const expression = parseExpression();
  return { expression, end: at };
}

/**
 * Parses a text that is one expression as a whole.
 * @throws ExpressionSyntaxError
 */
export function parseExpression(text: string): Expression {
  const { expression, end } = parsePrefix(text, 0);
  if (end < text.length)
    throw new ExpressionSyntaxError(
      `nothing was expected behind the expression, but ${JSON.stringify(text.slice(end, end + 20))} is there`,
      end,
    );
  return expression;
}

/** Calls `visit` for the expression and everything in it, outside in. */
export function walkExpression(expression: Expression, visit: (node: Expression) => void): void {
  visit(expression);
  if (expression.kind === 'call') for (const arg of expression.args) walkExpression(arg, visit);
  if (expression.kind === 'access') {
    walkExpression(expression.target, visit);
    walkExpression(expression.key, visit);
  }
}
