/** The body of a function as a query that can be bound alone: its parameters are in scope, and nothing calls it. */
import type { KqlFunction } from './catalog.ts';

/** `offset` is where the body begins in the text. */
export function bodyAsQuery({ parameters, body }: Pick<KqlFunction, 'parameters' | 'body'>): {
  text: string;
  offset: number;
} {
  const head = `let __function = ${parameters} {\n`;
  return { text: `${head}${body}\n};\nprint 1`, offset: head.length };
}
