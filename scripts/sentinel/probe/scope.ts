/** What the names of a query stand for, and whether an expression is the same in every run. */
import type { Catalog } from '../../kql/catalog.ts';
import type { SyntaxNode } from '../../kql/syntax.ts';

/**
 * A query that answers at least the rows that the original answers in each run (its columns in `tainted` may hold other
 * values), when it is run once over a window that holds the windows of all those runs.
 */
export interface Superset {
  readonly text: string;
  /** A beginning of `text` that is empty when and only when `text` is: what follows it neither adds nor drops the last row. */
  readonly core: string;
  /** Columns whose values may differ from those of the original. */
  readonly tainted: ReadonlySet<string>;
  /** Those of the tainted columns that are never less than the original: what is wanted to be late or many still is. */
  readonly ceilings: ReadonlySet<string>;
  /**
   * Whether `text` has the columns of the original. False: the rest of the pipeline was cut off, and only emptiness
   * carries over: where `text` is empty, the original is.
   */
  readonly complete: boolean;
  /** Counts of the summarize just before for which `untilOf` names a column: above zero until that time. */
  readonly countedUntil?: ReadonlySet<string>;
  /** Whether its rows have the columns of `WITNESS`; where a union adds rows without them, they are null. */
  readonly witnessed: boolean;
  /** Whether it is empty where the recorded tables that it reads are; else its rows are there in every run alike. */
  readonly recorded: boolean;
}

export type Binding =
  /** The same in every run: reads neither recorded tables nor the clock. */
  | { readonly kind: 'stable' }
  /** A scalar, or a table without a superset: different from run to run. */
  | { readonly kind: 'unstable' }
  | { readonly kind: 'rows'; readonly superset: Superset }
  | { readonly kind: 'function'; readonly declaration: SyntaxNode; readonly scope: Scope; readonly stable: boolean };

export class Scope {
  readonly #bindings = new Map<string, Binding>();
  readonly parent: Scope | undefined;

  constructor(parent?: Scope) {
    this.parent = parent;
  }

  declare(name: string, binding: Binding): void {
    this.#bindings.set(name, binding);
  }

  lookup(name: string): Binding | undefined {
    return this.#bindings.get(name) ?? this.parent?.lookup(name);
  }
}

const NO_COLUMNS: ReadonlySet<string> = new Set();

/** Functions that read the clock, are random, or see the rows around theirs. `ingestion_time()` belongs to the row. */
const UNSTABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'now',
  'ago',
  'rand',
  'new_guid',
  'row_number',
  'row_cumsum',
  'row_rank_dense',
  'row_rank_min',
  'row_window_session',
  'prev',
  'next',
  'cursor_after',
  'cursor_before_or_at',
  'cursor_current',
  'current_cursor',
]);

/** Whether the stored table behind a table function never changes while a scenario runs: a watchlist. */
function readsWatchlist(call: SyntaxNode, catalog: Catalog): boolean | undefined {
  const name = call.field('Name')?.text ?? '';
  const definition = catalog.tableFunctions.find((candidate) => candidate.name === name);
  if (definition === undefined) return undefined;
  const args = (call.field('ArgumentList')?.items('Expressions') ?? []).map((argument) => argument.constant);
  if (!args.every((argument): argument is string => typeof argument === 'string')) return false;
  const table = definition.resolve(args);
  return table === undefined || !catalog.tables.some((recorded) => recorded.name === table.name);
}

/**
 * Whether an expression has the same value in every run, given the values of the columns that are not tainted: nothing in
 * it reads the clock, a recorded table or a name that does.
 */
export function isStable(
  node: SyntaxNode,
  scope: Scope,
  catalog: Catalog,
  tainted: ReadonlySet<string> = NO_COLUMNS,
): boolean {
  const local = new Set(declaredNames(node));
  const walk = (current: SyntaxNode): boolean => {
    if (current.isToken) return true;
    if (current.kind === 'FunctionCallExpression') {
      const name = current.field('Name')?.text ?? '';
      if (local.has(name)) return (current.field('ArgumentList')?.children ?? []).every(walk);
      const binding = scope.lookup(name);
      if (binding !== undefined) {
        if (binding.kind !== 'function' || !binding.stable) return false;
      } else if (UNSTABLE_FUNCTIONS.has(name)) {
        return false;
      } else if (catalog.functions.some((stored) => stored.name === name)) {
        if (!isStableFunction(current, catalog)) return false;
      } else {
        const watchlist = readsWatchlist(current, catalog);
        if (watchlist !== undefined) return watchlist;
      }
      return (current.field('ArgumentList')?.children ?? []).every(walk);
    }
    if (current.kind === 'StarExpression') return tainted.size === 0;
    if (current.kind === 'NameReference') {
      const name = current.text;
      switch (current.symbol?.kind) {
        case 'table':
          return false;
        case 'variable':
        case 'parameter':
        case 'function': {
          if (local.has(name)) return true;
          const binding = scope.lookup(name);
          return binding?.kind === 'stable' || (binding?.kind === 'function' && binding.stable);
        }
        case 'column':
          return !tainted.has(current.symbol.name) && !tainted.has(name);
        default:
          return !tainted.has(name);
      }
    }
    return current.children.every(walk);
  };
  return walk(node);
}

const storedFunctions = new WeakMap<Catalog, Map<string, boolean>>();

/** Whether the body of a stored function is stable when its arguments are. */
function isStableFunction(call: SyntaxNode, catalog: Catalog): boolean {
  const name = call.field('Name')?.text ?? '';
  const known = storedFunctions.get(catalog) ?? new Map<string, boolean>();
  storedFunctions.set(catalog, known);
  const found = known.get(name);
  if (found !== undefined) return found;
  const body = call.calledBody();
  const scope = new Scope();
  for (const { name: parameter } of call.parameters()) scope.declare(parameter, { kind: 'stable' });
  const stable = body !== undefined && isStable(body, scope, catalog);
  known.set(name, stable);
  return stable;
}

/** A condition of a value, or a ceiling of it, that is greater than a bound which only rises with the clock. */
export interface Floor {
  readonly value: string;
  readonly bound: string;
  /** Both are times, and the bound is later in later runs. */
  readonly moving: boolean;
}

/**
 * The floor that a condition asks for, if it is one: where it holds in a run, it holds in the superset too when `now()`
 * answers the time of the first run.
 */
export function floorOf(node: SyntaxNode, scope: Scope, catalog: Catalog, input: Superset): Floor | undefined {
  const greater = node.kind === 'GreaterThanExpression' || node.kind === 'GreaterThanOrEqualExpression';
  const less = node.kind === 'LessThanExpression' || node.kind === 'LessThanOrEqualExpression';
  if (!greater && !less) return undefined;
  const value = node.field(greater ? 'Left' : 'Right')!;
  const bound = node.field(greater ? 'Right' : 'Left')!;
  if (!isCeiling(value, scope, catalog, input) && !isStable(value, scope, catalog, input.tainted)) return undefined;
  if (!risesWithClock(bound, scope, catalog, input.tainted)) return undefined;
  const isTime = (side: SyntaxNode): boolean => side.result?.kind === 'scalar' && side.result.type === 'datetime';
  return {
    value: value.text,
    bound: bound.text,
    moving: isTime(value) && isTime(bound) && !isStable(bound, scope, catalog, input.tainted),
  };
}

/** A column that is never less than the original, with what is the same in every run added or taken off. */
function isCeiling(node: SyntaxNode, scope: Scope, catalog: Catalog, input: Superset): boolean {
  if (node.kind === 'NameReference') return input.ceilings.has(node.text);
  if (node.kind !== 'AddExpression' && node.kind !== 'SubtractExpression') return false;
  return (
    isCeiling(node.field('Left')!, scope, catalog, input) &&
    isStable(node.field('Right')!, scope, catalog, input.tainted)
  );
}

function risesWithClock(node: SyntaxNode, scope: Scope, catalog: Catalog, tainted: ReadonlySet<string>): boolean {
  if (isStable(node, scope, catalog, tainted)) return true;
  if (node.kind === 'FunctionCallExpression') {
    const name = node.field('Name')?.text ?? '';
    const args = node.field('ArgumentList')?.items('Expressions') ?? [];
    const ownName = scope.lookup(name) === undefined && (name === 'ago' || name === 'now');
    return ownName && args.every((argument) => isStable(argument, scope, catalog, tainted));
  }
  if (node.kind !== 'SubtractExpression') return false;
  return (
    risesWithClock(node.field('Left')!, scope, catalog, tainted) &&
    isStable(node.field('Right')!, scope, catalog, tainted)
  );
}

/** Names that `let` statements and parameters inside the expression declare. */
function declaredNames(node: SyntaxNode): string[] {
  if (node.isToken) return [];
  const own =
    node.kind === 'LetStatement' || node.kind === 'NameAndTypeDeclaration' ? [node.field('Name')?.text ?? ''] : [];
  return [...own, ...node.children.flatMap(declaredNames)];
}
