/** The bound syntax tree as the project sees it: Microsoft's binder behind plain types. */
import type { Column, KustoType } from '../engines/query-engine.ts';
import type { KqlDiagnostic } from './errors.ts';

/** What an expression answers. `tuple` is several scalars at once, such as `arg_max(a, b, c)` or `percentiles(...)`. */
export type ResultType =
  | { readonly kind: 'scalar'; readonly type: KustoType }
  | { readonly kind: 'table'; readonly columns: readonly Column[] }
  | { readonly kind: 'tuple'; readonly columns: readonly Column[] }
  | { readonly kind: 'other'; readonly name: string };

export type SymbolKind =
  | 'column'
  | 'variable'
  | 'parameter'
  | 'function'
  | 'table'
  | 'operator'
  | 'tuple'
  | 'database'
  | 'other';

/** What a name stands for. */
export interface ReferencedSymbol {
  readonly kind: SymbolKind;
  readonly name: string;
  /** The binder's own object, for comparing identity. */
  readonly identity: object;
}

/** A literal's value as the binder read it; datetime, timespan, guid, decimal and dynamic are read from the text instead. */
export type LiteralValue = string | number | bigint | boolean | null;

export interface CalledParameter {
  readonly name: string;
  /** The types that it takes, one for most; empty for a table. */
  readonly types: readonly KustoType[];
  readonly defaultValue: SyntaxNode | undefined;
}

/** A node or a token of the tree. */
export interface SyntaxNode {
  /** Kusto's SyntaxKind, such as `FilterOperator`, `EqualExpression` or `IdentifierToken`. */
  readonly kind: string;
  readonly isToken: boolean;
  /** Zero-based offset of the first character (without white space before it), and of the character after the last. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly parent: SyntaxNode | undefined;
  /** Children that are present, tokens and lists included. */
  readonly children: readonly SyntaxNode[];
  /** A child by the binder's name for it, such as `Condition` or `ByClause`; undefined where it is absent. */
  field(name: string): SyntaxNode | undefined;
  /** The elements of a list child, without separators; empty where the list is absent. */
  items(name: string): readonly SyntaxNode[];
  /** The elements of this list node itself. */
  readonly elements: readonly SyntaxNode[];
  readonly result: ResultType | undefined;
  readonly symbol: ReferencedSymbol | undefined;
  readonly isConstant: boolean;
  /** The value of a constant bool, int, long, real or string expression; undefined for all else. */
  readonly constant: LiteralValue | undefined;
  /** The name that this expression gives its column where it is given none, such as `d_x` for `d.x`; undefined where it has none. */
  readonly columnName: string | undefined;
  /** The body of a called `let` or stored function, bound with the arguments of this call; undefined for built-ins. */
  calledBody(): SyntaxNode | undefined;
  /** Parameters of the called signature in order; the last one repeats where the call has more arguments. */
  parameters(): readonly CalledParameter[];
}

/** A parsed and bound query. */
export interface Analysis {
  readonly text: string;
  readonly root: SyntaxNode;
  readonly diagnostics: readonly KqlDiagnostic[];
  /** Columns of the last tabular statement; undefined where the query has none or does not bind. */
  readonly columns: readonly Column[] | undefined;
}
