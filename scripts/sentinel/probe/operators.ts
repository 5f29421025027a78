/** How each tabular operator carries a superset on. Every case that is not here ends in "nothing can be said". */
import type { Column, KustoType } from '../../engines/query-engine.ts';
import { nameLiteral } from '../../kql/literal.ts';
import type { SyntaxNode } from '../../kql/syntax.ts';
import type { Rewriter } from './quiet-probe.ts';
import { floorOf, isStable, type Scope, type Superset } from './scope.ts';
import { groupWitness, passedAt, untilOf, WITNESS, wantedUntil } from './witness.ts';

/** Operators that answer no row where they are given none, and at most rows of those given: safe to leave out. */
const SUBSET_OPERATORS: ReadonlySet<string> = new Set([
  'TakeOperator',
  'TopOperator',
  'TopNestedOperator',
  'SampleOperator',
  'SortOperator',
  'RenderOperator',
  'ConsumeOperator',
]);

/** Operators that answer no row where they are given none: the pipeline can be cut before them. */
const EMPTY_IN_EMPTY_OUT: ReadonlySet<string> = new Set([
  ...SUBSET_OPERATORS,
  'FilterOperator',
  'ExtendOperator',
  'ProjectOperator',
  'ProjectAwayOperator',
  'ProjectKeepOperator',
  'ProjectRenameOperator',
  'ProjectReorderOperator',
  'DistinctOperator',
  'ParseOperator',
  'ParseWhereOperator',
  'ParseKvOperator',
  'MvExpandOperator',
  'MvApplyOperator',
  'SerializeOperator',
  'SearchOperator',
  'ScanOperator',
  'PartitionOperator',
  'AsOperator',
]);

/** Window functions: https://learn.microsoft.com/kusto/query/window-functions. */
const NEIGHBOURS = /\b(prev|next|row_(number|cumsum|rank_dense|rank_min|window_session))\s*\(/;

/** Operators that answer a row where they are given one. */
const KEEP_ROWS: ReadonlySet<string> = new Set([
  'ExtendOperator',
  'ProjectOperator',
  'ProjectAwayOperator',
  'ProjectKeepOperator',
  'ProjectRenameOperator',
  'ProjectReorderOperator',
  'DistinctOperator',
  'ParseOperator',
]);

const EMPTY_IN_EMPTY_OUT_PLUGINS: ReadonlySet<string> = new Set(['bag_unpack', 'ipv4_lookup', 'ipv6_lookup', 'narrow']);

/** The superset after `operator`, whose input is `source` with the superset `input`. */
export function applyOperator(
  rewriter: Rewriter,
  operator: SyntaxNode,
  source: SyntaxNode,
  input: Superset,
  scope: Scope,
): Superset | undefined {
  switch (operator.kind) {
    case 'UnionOperator':
      return unionOf(rewriter, operator, [input], scope);
    case 'JoinOperator':
    case 'LookupOperator':
      return joined(rewriter, operator, source, input, scope);
    case 'InvokeOperator': {
      const call = operator.field('Function');
      return call?.kind === 'FunctionCallExpression' ? rewriter.call(call, scope, input) : undefined;
    }
    case 'SummarizeOperator':
      return summarized(rewriter, operator, source, input, scope);
    case 'EvaluateOperator': {
      const plugin = operator.field('FunctionCall')?.field('Name')?.text ?? '';
      return EMPTY_IN_EMPTY_OUT_PLUGINS.has(plugin) ? cut(input) : undefined;
    }
  }
  if (!EMPTY_IN_EMPTY_OUT.has(operator.kind)) return undefined;
  if (!input.complete || SUBSET_OPERATORS.has(operator.kind)) return input;
  const { catalog } = rewriter;
  const stable = (node: SyntaxNode): boolean => isStable(node, scope, catalog, input.tainted);
  const columns = columnsOf(operator);
  const extended = `${input.text}\n| ${input.witnessed ? keepingWitness(operator) : operator.text}`;
  const left = (names: Iterable<string>): Set<string> =>
    new Set(columns ? [...names].filter((name) => columns.some((column) => column.name === name)) : names);
  const verbatim = (tainted: Iterable<string>, ceilings: Iterable<string>): Superset => ({
    text: extended,
    core: KEEP_ROWS.has(operator.kind) ? input.core : extended,
    tainted: left(tainted),
    ceilings: left(ceilings),
    complete: true,
    witnessed: input.witnessed,
    recorded: input.recorded,
  });
  switch (operator.kind) {
    case 'FilterOperator': {
      const kept: string[] = [];
      for (const node of conjuncts(operator.field('Condition')!)) {
        const floor = stable(node) ? undefined : floorOf(node, scope, catalog, input);
        const count = /^(\w+)\s*>\s*0$/.exec(node.text)?.[1];
        if (count && input.countedUntil?.has(count)) kept.push(wantedUntil(untilOf(count)));
        else if (floor?.moving && input.witnessed) kept.push(wantedUntil(passedAt(floor.value, floor.bound)));
        else if (floor || stable(node)) kept.push(`where ${node.text}`);
      }
      const text = [input.text, ...kept].join('\n| ');
      return { ...input, text, core: kept.length === 0 ? input.core : text };
    }
    case 'ExtendOperator':
    case 'ProjectOperator': {
      // A value that is taken from the row before differs with the rows of each run, and needs their order.
      if (NEIGHBOURS.test(operator.text)) return cut(input);
      // An expression may refer to a name that the same operator assigned, so that a name turns clean only after it.
      const seen = new Set(input.tainted);
      const clean = new Set<string>();
      const ceilings = new Set(input.ceilings);
      for (const expression of operator.items('Expressions')) {
        const names = assignedNames(expression);
        const value = expression.field('Expression') ?? expression;
        const exact = isStable(value, scope, catalog, seen);
        if (names.length === 0 && !exact) return cut(input);
        for (const name of names) {
          if (exact) clean.add(name);
          else seen.add(name);
          if (value.kind === 'NameReference' && input.ceilings.has(value.text)) ceilings.add(name);
          else ceilings.delete(name);
        }
      }
      return verbatim(
        [...seen].filter((name) => !clean.has(name)),
        ceilings,
      );
    }
    case 'ProjectAwayOperator':
    case 'ProjectKeepOperator':
    case 'ProjectReorderOperator':
    case 'DistinctOperator':
      return verbatim(input.tainted, input.ceilings);
    case 'ProjectRenameOperator': {
      const tainted = new Set(input.tainted);
      const ceilings = new Set(input.ceilings);
      for (const expression of operator.items('Expressions')) {
        const old = expression.field('Expression')?.text ?? '';
        for (const names of [tainted, ceilings]) {
          if (names.delete(old)) for (const name of assignedNames(expression)) names.add(name);
        }
      }
      return verbatim(tainted, ceilings);
    }
    case 'ParseOperator':
    case 'ParseWhereOperator':
    case 'MvExpandOperator':
    case 'MvApplyOperator':
      return stable(operator) ? verbatim(input.tainted, input.ceilings) : cut(input);
    default:
      return cut(input);
  }
}

/** A union answers the supersets of all its legs. */
export function unionOf(
  rewriter: Rewriter,
  operator: SyntaxNode,
  piped: readonly Superset[],
  scope: Scope,
): Superset | undefined {
  const legs = [...piped];
  for (const expression of operator.items('Expressions')) {
    const leg = rewriter.superset(expression, scope);
    if (leg === undefined) return undefined;
    legs.push(leg);
  }
  const parameters = operator
    .items('Parameters')
    .map((parameter) => `${parameter.text} `)
    .join('');
  const of = (part: 'text' | 'core'): string =>
    `union ${parameters}\n${legs.map((leg) => `(${leg[part]})`).join(',\n')}`;
  const both = {
    text: of('text'),
    core: of('core'),
    witnessed: legs.some((leg) => leg.witnessed),
    recorded: legs.every((leg) => leg.recorded),
  };
  const none: ReadonlySet<string> = new Set();
  if (!legs.every((leg) => leg.complete)) return { ...both, tainted: none, ceilings: none, complete: false };
  const tainted = new Set(legs.flatMap((leg) => [...leg.tainted]));
  // Columns of different types are split: `X` becomes `X_string` and `X_dynamic`.
  for (const { name } of columnsOf(operator) ?? []) {
    if ([...tainted].some((base) => name.startsWith(`${base}_`))) tainted.add(name);
  }
  const ceilings = [...tainted].filter((name) => legs.every((leg) => !leg.tainted.has(name) || leg.ceilings.has(name)));
  return { ...both, tainted, ceilings: new Set(ceilings), complete: true };
}

function joined(
  rewriter: Rewriter,
  operator: SyntaxNode,
  source: SyntaxNode,
  left: Superset,
  scope: Scope,
): Superset | undefined {
  const kind =
    operator
      .items('Parameters')
      .find((parameter) => parameter.field('Name')?.text === 'kind')
      ?.field('Expression')?.text ?? (operator.kind === 'LookupOperator' ? 'leftouter' : 'innerunique');
  const rightNode = operator.field('Expression')!;
  if (kind === 'rightsemi' || kind === 'rightanti' || kind === 'rightantisemi') {
    const right = rewriter.superset(rightNode, scope);
    return right && cut(right);
  }
  if (!['leftouter', 'inner', 'innerunique', 'leftsemi', 'leftanti', 'anti', 'leftantisemi'].includes(kind)) {
    return undefined;
  }
  if (!left.complete) return left;
  const { catalog } = rewriter;
  const columns = columnsOf(operator);
  const leftColumns = columnsOf(source);
  if (columns === undefined || leftColumns === undefined) return cut(left);
  const clause = operator.children.find((child) => child.kind === 'JoinOnClause');
  if (clause === undefined) return cut(left);
  const keysStable = isStable(clause, scope, catalog, left.tainted);
  const rightStable = isStable(rightNode, scope, catalog);
  const anti = kind === 'leftanti' || kind === 'anti' || kind === 'leftantisemi';
  const word = operator.kind === 'LookupOperator' ? 'lookup' : 'join';
  const join = (as: string, right: string): string => `${left.text}\n| ${word} kind=${as} (${right}) ${clause.text}`;
  const added = columns.slice(leftColumns.length).map((column) => column.name);
  if (rightStable && keysStable) {
    const text = join(kind === 'innerunique' ? 'inner' : kind, rightNode.text);
    return { ...left, text, core: kind === 'leftouter' ? left.core : text };
  }
  if (anti) return left;
  if (kind === 'leftouter') {
    // Each row of the left stays; what stands beside it may differ.
    return {
      text: join(kind, rightNode.text),
      core: left.core,
      tainted: new Set([...left.tainted, ...added]),
      ceilings: left.ceilings,
      complete: true,
      witnessed: left.witnessed,
      recorded: left.recorded,
    };
  }
  const right = rightStable ? undefined : rewriter.superset(rightNode, scope);
  if (!right?.complete || !keysStable || !isStable(clause, scope, catalog, right.tainted)) {
    return kind === 'leftsemi' ? left : cut(left);
  }
  const text = join(kind === 'leftsemi' ? kind : 'inner', right.text);
  const recorded = left.recorded || right.recorded;
  if (kind === 'leftsemi') return { ...left, text, core: text, recorded };
  const rightColumns = columnsOf(rightNode);
  if (rightColumns === undefined) return cut(left);
  // A join keeps the columns of the right in their order and renames those that the left has too; a lookup leaves out
  // the keys, so that the order says nothing.
  const tainted =
    word === 'join'
      ? added.filter((_, index) => right.tainted.has(rightColumns[index]?.name ?? ''))
      : right.tainted.size > 0
        ? added
        : [];
  return {
    ...left,
    text,
    core: text,
    tainted: new Set([...left.tainted, ...tainted]),
    witnessed: left.witnessed || right.witnessed,
    recorded,
  };
}

/** With `by`, each group of a run is there in the superset; its aggregates are not those of the run. */
function summarized(
  rewriter: Rewriter,
  operator: SyntaxNode,
  source: SyntaxNode,
  input: Superset,
  scope: Scope,
): Superset | undefined {
  const by = operator.field('ByClause')?.items('Expressions') ?? [];
  // Without keys there is one row even for no input.
  if (by.length === 0) return undefined;
  const columns = columnsOf(operator);
  if (!input.complete || columns === undefined) return cut(input);
  const stable = (node: SyntaxNode): boolean => isStable(node, scope, rewriter.catalog, input.tainted);
  const keys = new Map<string, SyntaxNode | undefined>();
  for (const expression of by) {
    const [name] = assignedNames(expression);
    if (name !== undefined) keys.set(name, expression.field('Expression') ?? undefined);
    else if (expression.kind === 'FunctionCallExpression' && bucketColumn(expression) !== undefined) {
      keys.set(bucketColumn(expression)!, expression);
    } else return cut(input);
  }
  const taintedKeys = [...keys].filter(([name, node]) => (node ? !stable(node) : input.tainted.has(name)));
  const tainted = new Set(taintedKeys.map(([name]) => name));
  const ceilings = new Set<string>();
  const aggregates = operator.items('Aggregates');
  const row = keptRow(aggregates);
  if (row === undefined) {
    for (const column of columns) if (!keys.has(column.name)) tainted.add(column.name);
    for (const aggregate of taintedKeys.length === 0 ? aggregates : []) {
      const value = aggregate.field('Expression');
      if (
        value &&
        growsWithRows(value, stable, (node) => floorOf(node, scope, rewriter.catalog, input) !== undefined)
      ) {
        for (const name of assignedNames(aggregate)) ceilings.add(name);
      }
    }
    if (!input.witnessed) return { ...input, text: `${input.text}\n| ${operator.text}`, tainted, ceilings };
    const passed = new Map<string, string>();
    for (const aggregate of aggregates) {
      const counted = argumentOf(aggregate.field('Expression') ?? undefined, 'countif');
      const floor =
        counted === undefined || stable(counted) ? undefined : floorOf(counted, scope, rewriter.catalog, input);
      if (!floor?.moving) continue;
      for (const name of assignedNames(aggregate)) passed.set(name, passedAt(floor.value, floor.bound));
    }
    const until = [...passed].map(([name, time]) => `, ${untilOf(name)} = max(${time})`).join('');
    const text = `${input.text}\n| ${keepingWitness(operator, until)}`;
    return { ...input, text, tainted, ceilings, countedUntil: new Set(passed.keys()) };
  }
  // `arg_max(X, *)` answers rows of its input as they are: so does the input itself.
  const leftColumns = new Set(columnsOf(source)?.map((column) => column.name));
  const named = new Map(
    aggregates.flatMap((aggregate) =>
      aggregate === row ? [] : assignedNames(aggregate).map((name) => [name, aggregate.field('Expression')] as const),
    ),
  );
  const extended: string[] = [];
  for (const column of columns) {
    const name = nameLiteral(column.name);
    if (keys.has(column.name)) {
      const key = keys.get(column.name);
      if (key !== undefined) extended.push(`${name} = ${key.text}`);
      continue;
    }
    if (leftColumns.has(column.name) && !named.has(column.name)) {
      if (input.tainted.has(column.name)) tainted.add(column.name);
      if (input.ceilings.has(column.name)) ceilings.add(column.name);
      continue;
    }
    tainted.add(column.name);
    // The least value of a group is at most that of each of its rows.
    const least = argumentOf(named.get(column.name), 'min');
    if (least && stable(least)) ceilings.add(column.name);
    extended.push(`${name} = ${least && stable(least) ? least.text : emptyValue(column.type)}`);
  }
  const extend = extended.length > 0 ? `\n| extend ${extended.join(', ')}` : '';
  return { ...input, text: `${input.text}${extend}`, tainted, ceilings };
}

/** The text of an operator that would drop the witness, with it. */
function keepingWitness(operator: SyntaxNode, more = ''): string {
  switch (operator.kind) {
    case 'ProjectOperator':
    case 'ProjectKeepOperator':
      return `${operator.text}, ${WITNESS.join(', ')}`;
    case 'SummarizeOperator': {
      const by = operator.field('ByClause')!.start - operator.start;
      const comma = operator.items('Aggregates').length > 0 ? ', ' : ' ';
      return `${operator.text.slice(0, by).trimEnd()}${comma}${groupWitness}${more}\n${operator.text.slice(by)}`;
    }
    case 'DistinctOperator': {
      const columns = operator.items('Expressions');
      if (columns.some((column) => column.kind === 'StarExpression')) return operator.text;
      return `summarize ${groupWitness} by ${columns.map((column) => column.text).join(', ')}`;
    }
    default:
      return operator.text;
  }
}

/** The only argument of a call of `name`. */
function argumentOf(call: SyntaxNode | undefined, name: string): SyntaxNode | undefined {
  if (call?.kind !== 'FunctionCallExpression' || call.field('Name')?.text !== name) return undefined;
  const args = call.field('ArgumentList')?.items('Expressions') ?? [];
  return args.length === 1 ? args[0] : undefined;
}

/** Whether more rows of a group can only make the aggregate greater. */
function growsWithRows(
  call: SyntaxNode,
  stable: (node: SyntaxNode) => boolean,
  floor: (node: SyntaxNode) => boolean,
): boolean {
  if (call.kind !== 'FunctionCallExpression') return false;
  if (call.text.replace(/\s/g, '') === 'count()') return true;
  const greatest = argumentOf(call, 'max');
  const counted = argumentOf(call, 'countif');
  return (greatest !== undefined && stable(greatest)) || (counted !== undefined && (stable(counted) || floor(counted)));
}

/** `arg_max(X, *)` or `arg_min(X, *)`, when it is the only aggregate of its kind. */
function keptRow(aggregates: readonly SyntaxNode[]): SyntaxNode | undefined {
  const rows = aggregates.filter((aggregate) => {
    const name = aggregate.kind === 'FunctionCallExpression' ? (aggregate.field('Name')?.text ?? '') : '';
    return name === 'arg_max' || name === 'arg_min';
  });
  const others = aggregates.filter((aggregate) => !rows.includes(aggregate));
  const star = rows[0]?.field('ArgumentList')?.items('Expressions').at(-1)?.kind === 'StarExpression';
  // Unnamed aggregates get names that could be those of columns.
  return rows.length === 1 && star && others.every((other) => assignedNames(other).length > 0) ? rows[0] : undefined;
}

/** `bin(Column, ...)` without a name keeps the column's name. */
function bucketColumn(call: SyntaxNode): string | undefined {
  if (call.field('Name')?.text !== 'bin') return undefined;
  const [first] = call.field('ArgumentList')?.items('Expressions') ?? [];
  return first?.kind === 'NameReference' ? first.text : undefined;
}

/** The names that an expression of extend, project or summarize gives to columns; none where Kusto makes them up. */
function assignedNames(expression: SyntaxNode): string[] {
  switch (expression.kind) {
    case 'NameReference':
      return [expression.text];
    case 'SimpleNamedExpression':
      return [expression.field('Name')?.text ?? ''];
    case 'CompoundNamedExpression':
      return (expression.field('Names')?.items('Names') ?? []).map((name) => name.text);
    default:
      return [];
  }
}

function conjuncts(condition: SyntaxNode): SyntaxNode[] {
  if (condition.kind === 'ParenthesizedExpression') {
    const inner = condition.field('Expression')!;
    return inner.kind === 'AndExpression' ? conjuncts(inner) : [condition];
  }
  if (condition.kind !== 'AndExpression') return [condition];
  return [...conjuncts(condition.field('Left')!), ...conjuncts(condition.field('Right')!)];
}

function columnsOf(node: SyntaxNode): readonly Column[] | undefined {
  return node.result?.kind === 'table' ? node.result.columns : undefined;
}

function cut(input: Superset): Superset {
  return { ...input, complete: false };
}

function emptyValue(type: KustoType): string {
  return type === 'string' ? "''" : `${type}(null)`;
}
