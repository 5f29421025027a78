/**
 * Kusto's tokens, as far as text can be rewritten by them without a parser: comments, string literals, identifiers and
 * everything else. Loading the language service costs half a second; a deployment plan has no need of it.
 * Source: https://learn.microsoft.com/kusto/query/scalar-data-types/string and .../schema-entities/entity-names.
 */
export interface KqlToken {
  kind: 'comment' | 'string' | 'identifier' | 'number' | 'space' | 'other';
  text: string;
  start: number;
}

const patterns: readonly [KqlToken['kind'], RegExp][] = [
  ['space', /\s+/y],
  ['comment', /\/\/[^\r\n]*/y],
  // Multi-line, verbatim and escaped string literals, each with an optional h (obfuscated) before it.
  ['string', /[hH]?```[\s\S]*?(?:```|$)|[hH]?~~~[\s\S]*?(?:~~~|$)/y],
  ['string', /[hH]?@(?:"(?:""|[^"\r\n])*"?|'(?:''|[^'\r\n])*'?)/y],
  ['string', /[hH]?(?:"(?:\\.|[^"\\\r\n])*"?|'(?:\\.|[^'\\\r\n])*'?)/y],
  ['number', /\d[\w.]*/y],
  ['identifier', /[A-Za-z_]\w*/y],
];

/** Splits a query into tokens; joined they are the query again, byte for byte. */
export function kqlTokens(query: string): KqlToken[] {
  const tokens: KqlToken[] = [];
  for (let at = 0; at < query.length; ) {
    let token: KqlToken = { kind: 'other', text: query[at] as string, start: at };
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const match = pattern.exec(query);
      if (match) {
        token = { kind, text: match[0], start: at };
        break;
      }
    }
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

/**
 * The names that a query refers to and does not declare with `let`: candidates for tables and functions. A name after a
 * dot is a path of a dynamic value and none of them.
 */
export function referencedNames(query: string): Set<string> {
  const tokens = kqlTokens(query).filter((token) => token.kind !== 'space' && token.kind !== 'comment');
  const names = new Set<string>();
  const declared = new Set<string>();
  tokens.forEach((token, index) => {
    if (token.kind !== 'identifier') return;
    const before = tokens[index - 1]?.text;
    if (before === 'let') declared.add(token.text);
    else if (before !== '.') names.add(token.text);
  });
  for (const name of declared) names.delete(name);
  return names;
}

/**
 * The query without comments, empty lines and spaces at line ends; strings stay as they are, and indentation unless
 * `indentation` is false. Line breaks stay, as statements and operators may need a space between them.
 */
export function withoutComments(query: string, indentation = true): string {
  let text = '';
  let space = '';
  for (const token of kqlTokens(query)) {
    if (token.kind === 'comment') continue;
    if (token.kind === 'space') {
      space += token.text;
      continue;
    }
    const lines = space.split(/\r\n|\r|\n/);
    if (text !== '') text += lines.length === 1 ? space : `\n${indentation ? lines.at(-1) : ''}`;
    text += token.text;
    space = '';
  }
  return text;
}
