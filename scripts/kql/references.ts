/** What a query refers to, and a walk over its tree: for linting, for inlining functions, for mutation testing. */
import type { Catalog } from './catalog.ts';
import { analyze } from './language-service.ts';
import type { Analysis, SyntaxNode } from './syntax.ts';

/** A name in the text of the query: zero-based offsets, `end` exclusive. */
export interface Reference {
  name: string;
  start: number;
  end: number;
}

export interface FunctionReference extends Reference {
  /** `builtin`: Kusto's own; `let`: declared in the query; `stored`: a function of the catalog. */
  origin: 'builtin' | 'let' | 'stored';
}

export interface TableFunctionReference extends Reference {
  /** The arguments; undefined for one that is not a constant string. */
  arguments: readonly (string | undefined)[];
}

export interface QueryReferences {
  tables: readonly Reference[];
  functions: readonly FunctionReference[];
  tableFunctions: readonly TableFunctionReference[];
}

/** Every node of the tree, parents before children, in the order of the text. */
export function* walk(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (const child of node.children) yield* walk(child);
}

/**
 * The tables, functions and table functions that a query names itself (not those inside stored functions), in the order
 * of the text. A query with errors answers what could be bound.
 */
export function references(query: string | Analysis, catalog: Catalog): QueryReferences {
  const analysis = typeof query === 'string' ? analyze(query, catalog) : query;
  const tableFunctions = new Set(catalog.tableFunctions.map((f) => f.name));
  const tables: Reference[] = [];
  const functions: FunctionReference[] = [];
  const called: TableFunctionReference[] = [];
  for (const node of walk(analysis.root)) {
    if (node.kind !== 'NameReference') continue;
    const { symbol } = node;
    const place = { name: symbol?.name ?? node.text, start: node.start, end: node.end };
    if (symbol?.kind === 'table') tables.push(place);
    if (symbol?.kind !== 'function') continue;
    const call = node.parent?.kind === 'FunctionCallExpression' ? node.parent : undefined;
    if (tableFunctions.has(symbol.name)) {
      const args = call?.field('ArgumentList')?.items('Expressions') ?? [];
      called.push({
        ...place,
        arguments: args.map(({ constant }) => (typeof constant === 'string' ? constant : undefined)),
      });
      continue;
    }
    functions.push({ ...place, origin: originOf(symbol.name, call ?? node, analysis, catalog) });
  }
  return { tables, functions, tableFunctions: called };
}

function originOf(name: string, call: SyntaxNode, analysis: Analysis, catalog: Catalog): FunctionReference['origin'] {
  for (const node of walk(analysis.root)) {
    if (node.kind === 'LetStatement' && node.field('Name')?.symbol?.name === name && node.start < call.start)
      return 'let';
  }
  return catalog.functions.some((f) => f.name === name) ? 'stored' : 'builtin';
}
