/**
 * The text of a query as it is deployed: self-contained, so that deleting or changing a workspace function cannot disarm
 * a rule.
 */
import { functionParameters } from './catalog.ts';
import { referencedNames, withoutComments } from './kql-tokens.ts';
import type { Content, WorkspaceFunction } from './model.ts';

/** Sentinel refuses longer queries of analytics rules (Azure Sentinel service limits). */
export const queryLengthLimit = 10_000;

/**
 * Puts the package's functions that `query` calls, directly or through each other, in front of it as `let` statements in
 * dependency order. Comments stay where all of it keeps within 10,000 characters, else they go, and then indentation. The result depends on
 * nothing but the texts (line ends become `\n`), so that a plan sees no difference where there is none. It can still be
 * too long: the caller compares with `queryLengthLimit`.
 * @throws Error when functions call each other in a circle (`functionCycle` of the checks tells it with a place).
 */
export function deployableQuery(query: string, content: Pick<Content, 'functions'>): string {
  const functions = calledFunctions(query, content);
  const statements = functions.map((definition) => letStatement(definition));
  const commented = [...statements, normalized(query)].join('\n');
  if (commented.length <= queryLengthLimit) return commented;
  const whole = [...statements, query].join('\n');
  const plain = withoutComments(whole);
  return plain.length <= queryLengthLimit ? plain : withoutComments(whole, false);
}

/** The package's functions that `query` needs, callees first; equal needs keep the order of their first mention. */
export function calledFunctions(query: string, content: Pick<Content, 'functions'>): WorkspaceFunction[] {
  const known = new Map(content.functions.map((item) => [item.value.FunctionAlias, item.value]));
  const ordered: WorkspaceFunction[] = [];
  const visit = (text: string, path: readonly string[]): void => {
    for (const name of referencedNames(text)) {
      const definition = known.get(name);
      // A function's own name in its body is a column or a let, as Kusto has no recursion.
      if (definition === undefined || ordered.includes(definition) || path.at(-1) === name) continue;
      if (path.includes(name))
        throw new Error(`functions call each other in a circle: ${[...path, name].join(' -> ')}`);
      visit(definition.FunctionQuery, [...path, name]);
      ordered.push(definition);
    }
  };
  visit(query, []);
  return ordered;
}

function letStatement(definition: WorkspaceFunction): string {
  const body = normalized(definition.FunctionQuery).replace(/;\s*$/, '');
  return `let ${definition.FunctionAlias} = (${functionParameters(definition)}) {\n${body}\n};`;
}

function normalized(text: string): string {
  return text.replace(/\r\n?/g, '\n').trim();
}
