/** Replacing `{Parameter}` tokens in queries, titles, markdown, links and settings. */
import { formatParameter, type ParameterValue, type SubstitutionContext } from './parameter-value.ts';

/** What an item can see: names to values. */
export type Scope = ReadonlyMap<string, ParameterValue>;

export interface Substituted {
  text: string;
  /** Parameters that have to be set before the text means anything. */
  waitingFor: string[];
  /** Parameters whose source cannot be reached offline. */
  unavailable: string[];
  /** Tokens such as `{Workspace:lable}` whose format does not exist; they stay in the text as in Azure. */
  unknownFormats: string[];
}

const TOKEN = /\{([^{}:\s"'`|,;()[\]]+)(?::([^{}]*))?\}/g;

/** A token in a text: name, format (empty where none) and offset. */
export interface Token {
  name: string;
  format: string;
  offset: number;
}

/** The tokens whose name is one of `declared`; KQL and JSON use braces of their own, which stay. */
export function tokensOf(text: string, declared: ReadonlySet<string>): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const name = match[1] ?? '';
    if (declared.has(name)) tokens.push({ name, format: (match[2] ?? '').trim(), offset: match.index });
  }
  return tokens;
}

/**
 * The text with its tokens replaced. A name that the workbook declares somewhere but that has no value here makes the
 * text wait; a name that it declares nowhere is no token.
 */
export function substitute(
  text: string,
  scope: Scope,
  declared: ReadonlySet<string>,
  context: SubstitutionContext,
): Substituted {
  const waiting = new Set<string>();
  const unavailable = new Set<string>();
  const unknown = new Set<string>();
  const result = text.replace(TOKEN, (token: string, name: string, rawFormat: string | undefined, offset: number) => {
    const parameter = scope.get(name);
    if (parameter === undefined) {
      if (!declared.has(name)) return token;
      waiting.add(name);
      return context === 'text' ? '<unset>' : token;
    }
    if (parameter.status === 'unavailable') unavailable.add(name);
    else if (parameter.status === 'waiting' || parameter.status === 'failed') waiting.add(name);
    const format = (rawFormat ?? '').trim();
    const value = formatParameter(parameter, format, context);
    if (value === undefined) {
      unknown.add(token);
      return token;
    }
    if (context === 'query' && parameter.kind === 'time' && (format === 'start' || format === 'end')) {
      return dateInPlace(value, text.slice(0, offset));
    }
    return value;
  });
  return { text: result, waitingFor: [...waiting], unavailable: [...unavailable], unknownFormats: [...unknown] };
}

// Workbooks write both `{T:start}` and `datetime({T:start})` and `"{T:start}"`; only the first wants the literal.
function dateInPlace(literal: string, before: string): string {
  return /(datetime\s*\(\s*|['"])$/i.test(before) ? literal.slice('datetime('.length, -1) : literal;
}

/** Substitution for display, where a missing value is shown and never waits. */
export function displayText(text: string, scope: Scope, declared: ReadonlySet<string>): string {
  return text.includes('{') ? substitute(text, scope, declared, 'text').text : text;
}
