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
  const left = [node];
  for (let next = left.pop(); next; next = left.pop()) {
    yield next;
    for (const child of [...next.children].reverse()) left.push(child);
  }
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
  const stored = new Set(catalog.functions.map((f) => f.name));
  // The walk goes through the text in its order: what is declared so far is in scope.
  const declared = new Set<string>();
  const originOf = (name: string): FunctionReference['origin'] =>
    declared.has(name) ? 'let' : stored.has(name) ? 'stored' : 'builtin';
  for (const node of walk(analysis.root)) {
    if (node.kind === 'LetStatement') {
      const name = node.field('Name')?.symbol?.name;
      if (name !== undefined) declared.add(name);
    }
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
    functions.push({ ...place, origin: originOf(symbol.name) });
  }
  return { tables, functions, tableFunctions: called };
}
