/**
 * Strings of a workflow definition. `@expression` answers a typed value; a string with `@{expression}` in it is always
 * text; a leading `@@` and `@@{` are the escapes; `@` anywhere else is literal.
 * Source: Workflow Definition Language, https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language.
 */
import { type Expression, ExpressionSyntaxError, parseExpression, parsePrefix } from './parse.ts';

export type TemplateString =
  | { kind: 'text'; text: string }
  | { kind: 'expression'; expression: Expression }
  | { kind: 'interpolation'; parts: (string | Expression)[] };

const cache = new Map<string, TemplateString>();

/**
 * Splits a string into text and expressions.
 * @throws ExpressionSyntaxError with the offset in `text`
 */
export function parseTemplateString(text: string): TemplateString {
  if (!text.includes('@')) return { kind: 'text', text };
  let parsed = cache.get(text);
  if (parsed === undefined) {
    parsed = split(text);
    if (cache.size > 20_000) cache.clear();
    cache.set(text, parsed);
  }
  return parsed;
}

function split(text: string): TemplateString {
  if (text.startsWith('@') && !text.startsWith('@@') && !text.startsWith('@{')) {
    try {
      return { kind: 'expression', expression: parseExpression(text.slice(1)) };
    } catch (error) {
      if (error instanceof ExpressionSyntaxError) throw new ExpressionSyntaxError(error.message, error.at + 1);
      throw error;
    }
  }
  const parts: (string | Expression)[] = [];
  let literal = '';
  let at = 0;
  if (text.startsWith('@@') && !text.startsWith('@@{')) {
    literal = '@';
    at = 2;
  }
  while (at < text.length) {
    const next = text.indexOf('@', at);
    if (next < 0) break;
    literal += text.slice(at, next);
    if (text.startsWith('@@{', next)) {
      literal += '@{';
      at = next + 3;
    } else if (text.startsWith('@{', next)) {
      const { expression, end } = parsePrefix(text, next + 2);
      if (text[end] !== '}') {
        throw new ExpressionSyntaxError(
          `'}' was expected behind the expression, not ${end >= text.length ? 'the end of the string' : `'${text[end]}'`}`,
          end,
        );
      }
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push(expression);
      at = end + 1;
    } else {
      literal += '@';
      at = next + 1;
    }
  }
  literal += text.slice(at);
  if (parts.length === 0) return { kind: 'text', text: literal };
  if (literal !== '') parts.push(literal);
  return { kind: 'interpolation', parts };
}
