/** What a query reads and compares, found in its bound syntax tree and in those of the functions that it calls. */
import type { Analysis, SyntaxNode } from '../kql/syntax.ts';

export interface QueryFacts {
  /** Log tables that are read. */
  tables: Set<string>;
  /** Aliases of `_GetWatchlist('...')`, with the place of the literal. */
  watchlists: Map<string, SyntaxNode>;
  /** Names of functions that are called, built-in ones included. */
  functions: Set<string>;
  /** Columns that appear in the condition of a filter. */
  filteredColumns: Set<string>;
  /**
   * Texts that a column named by the key is compared with, such as OperationName. A text that only has to stand inside the
   * value (has, contains, startswith) stands between asterisks.
   */
  comparedTexts: Map<string, Set<string>>;
}

/** Facts of one text; functions that it calls are other texts (see `CheckContext.factsOf`). */
export function queryFacts(analysis: Analysis): QueryFacts {
  const facts: QueryFacts = {
    tables: new Set(),
    watchlists: new Map(),
    functions: new Set(),
    filteredColumns: new Set(),
    comparedTexts: new Map(),
  };
  const visit = (node: SyntaxNode, inFilter: boolean): void => {
    if (node.isToken) return;
    const { kind } = node;
    if (kind === 'NameReference') {
      if (node.symbol?.kind === 'table') facts.tables.add(node.symbol.name);
      if (inFilter && node.symbol?.kind === 'column') facts.filteredColumns.add(node.symbol.name);
    } else if (kind === 'FunctionCallExpression') {
      const name = node.field('Name')?.text;
      if (name) facts.functions.add(name);
      if (name === '_GetWatchlist') {
        const argument = descendants(node.field('ArgumentList') ?? node).find(
          (child) => typeof child.constant === 'string',
        );
        if (argument) facts.watchlists.set(String(argument.constant), argument);
      }
    } else if (
      /^(Equal|EqualTilde|In|InCs|Has|HasCs|HasAny|HasAll|StartsWith|StartsWithCs|Contains|ContainsCs)Expression$/.test(
        kind,
      )
    ) {
      compare(node, facts);
    }
    for (const child of node.children) visit(child, inFilter || kind === 'FilterOperator');
  };
  visit(analysis.root, false);
  return facts;
}

/** The facts of several texts as one. */
export function mergeFacts(all: readonly QueryFacts[]): QueryFacts {
  const compared = new Map<string, Set<string>>();
  for (const [column, texts] of all.flatMap((facts) => [...facts.comparedTexts])) {
    compared.set(column, new Set([...(compared.get(column) ?? []), ...texts]));
  }
  return {
    tables: new Set(all.flatMap((facts) => [...facts.tables])),
    watchlists: new Map(all.flatMap((facts) => [...facts.watchlists])),
    functions: new Set(all.flatMap((facts) => [...facts.functions])),
    filteredColumns: new Set(all.flatMap((facts) => [...facts.filteredColumns])),
    comparedTexts: compared,
  };
}

/** Every node below (and with) `node`, tokens left out. */
export function descendants(node: SyntaxNode): SyntaxNode[] {
  return node.isToken ? [] : [node, ...node.children.flatMap(descendants)];
}

function compare(node: SyntaxNode, facts: QueryFacts): void {
  const left = node.field('Left') ?? node.children[0];
  const right = node.field('Right') ?? node.children.at(-1);
  if (!left || !right) return;
  const columns = descendants(left).filter(
    (child) => child.kind === 'NameReference' && child.symbol?.kind === 'column',
  );
  if (columns.length !== 1) return;
  const name = columns[0]!.symbol!.name;
  const texts = descendants(right).flatMap((child) => constantTexts(child.constant));
  const known = facts.comparedTexts.get(name) ?? new Set<string>();
  const whole = /^(Equal|In)/.test(node.kind);
  for (const text of texts) if (text !== '') known.add(whole ? text : `*${text}*`);
  facts.comparedTexts.set(name, known);
}

/** The texts of a constant: itself, or the elements of a constant dynamic array, whose value is its JSON. */
function constantTexts(value: SyntaxNode['constant']): string[] {
  if (typeof value !== 'string') return [];
  if (!value.startsWith('[')) return [value];
  try {
    return (JSON.parse(value) as unknown[]).filter((item) => typeof item === 'string');
  } catch {
    return [value];
  }
}
