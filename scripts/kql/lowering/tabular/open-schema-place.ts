/** Where the looked-up output schema of a plugin is written: in the query, or in the body of a stored function. */
import { walk } from '../../references.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { callArguments, functionName, rootOf, userFunctionBody } from '../calls.ts';
import type { Translation } from '../translation.ts';

export interface SchemaPlace {
  /** The stored function in whose body it is; absent for the text of the query. */
  function?: string;
  at: number;
}

/** The binder reads a stored function as `{ <body> }`. */
const BODY_START = 2;

/** The place behind a call; refuses inside a function that is called in several ways, which may each have other columns. */
export function schemaPlace(call: SyntaxNode, t: Translation): SchemaPlace {
  return placeAt(call, call.end, t);
}

function placeAt(node: SyntaxNode, offset: number, t: Translation): SchemaPlace {
  const root = rootOf(node);
  if (root.kind === 'QueryBlock') return { at: offset };
  const called = t.bodies.get(root);
  if (!called) return t.unsupported('a plugin with an open schema at this place', node);
  if (waysOfCalling(called.name, queryRoot(node, t)) > 1) {
    return t.unsupported('a plugin with an open schema in a function that is called in several ways', called.call);
  }
  const body = called.declaration?.field('Body');
  if (body) return placeAt(body, body.start + offset, t);
  const stored = t.catalog.functions.some((f) => f.name === called.name);
  if (!stored) return t.unsupported('a plugin with an open schema in this function', called.call);
  return { function: called.name, at: offset - BODY_START };
}

/** The root of the query itself, from inside the body of a called function. */
function queryRoot(node: SyntaxNode, t: Translation): SyntaxNode {
  const root = rootOf(node);
  const called = t.bodies.get(root);
  return called ? queryRoot(called.call, t) : root;
}

/** How many calls of a function with differing arguments a query makes, also through other functions. */
function waysOfCalling(name: string, root: SyntaxNode): number {
  const ways = new Set<string | SyntaxNode>();
  for (const call of userCalls(root)) {
    if (functionName(call) !== name) continue;
    const args = callArguments(call);
    ways.add(args.every((argument) => argument.isConstant) ? JSON.stringify(args.map((a) => a.text)) : call);
  }
  return ways.size;
}

function* userCalls(root: SyntaxNode): Generator<SyntaxNode> {
  for (const node of walk(root)) {
    const isName = node.kind === 'NameReference' && node.parent?.kind !== 'FunctionCallExpression';
    if (!isName && node.kind !== 'FunctionCallExpression') continue;
    const body = userFunctionBody(node);
    if (!body) continue;
    yield node;
    yield* userCalls(body);
  }
}
