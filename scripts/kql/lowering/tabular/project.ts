/** Operators that keep the rows and change the columns: where, extend, project and its kin. */
import type { KustoType } from '../../../engines/query-engine.ts';
import type { SqlExpression } from '../../functions/registry.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { tupleCall } from '../calls.ts';
import { lower, toBool } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import { hiddenColumns, nameColumns, type Relation, type RelationColumn, sqlNull, sqlTypes } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { looksEverywhere, searchCondition } from './search-condition.ts';

/** A column to be and its SQL. */
export interface Output {
  name: string;
  type: KustoType;
  sql: string;
}

/** A stage that answers these columns (and the hidden ones) for every row of the input. */
export function select(
  input: Relation,
  outputs: readonly Output[],
  t: Translation,
  options: { hoist?: Hoist; where?: string; heavy?: boolean } = {},
): Relation {
  const columns = nameColumns(outputs);
  const items = columns.map((column, i) => ({ sql: outputs[i]?.sql ?? column.sql, name: column.sql }));
  const hidden = hiddenColumns(input).map((name) => ({ sql: name, name }));
  const from = options.hoist ? options.hoist.wrap(input.from) : input.from;
  const where = options.where ? ` WHERE ${options.where}` : '';
  const stage = t.select([...items, ...hidden], `FROM ${from}${where}`, { heavy: options.heavy ?? false });
  return { ...input, from: stage, columns };
}

/** The same columns, as outputs. */
export function same(columns: readonly RelationColumn[]): Output[] {
  return columns.map(({ name, type, sql }) => ({ name, type, sql }));
}

export function filter(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const hoist = new Hoist(t.fresh);
  const condition = node.field('Condition') as SyntaxNode;
  const inner: Scope = { ...scope, relation: input, hoist };
  const where = looksEverywhere(condition)
    ? searchCondition(condition, input.columns, false, inner, t)
    : toBool(lower(condition, inner, t), condition, inner, t).sql;
  return select(input, same(input.columns), t, { hoist, where });
}

/** The SQL of a value as the binder's type; what is stored in a column has exactly that type. */
export function typed(value: SqlExpression, type: KustoType, node: SyntaxNode, t: Translation): string {
  if (value.type === type) return value.sql;
  if (value.constant === null) return sqlNull(type);
  if (sqlTypes[value.type] !== 'VARCHAR' && ['int', 'long', 'real', 'decimal'].includes(type)) {
    return `${value.sql}::${sqlTypes[type]}`;
  }
  return t.unsupported(`a ${value.type} as ${type}`, node);
}

/** The columns that an item of extend, project or print makes: its values with the binder's names and types. */
function itemOutputs(
  item: SyntaxNode,
  targetOf: (name: string | undefined) => RelationColumn | undefined,
  scope: Scope,
  t: Translation,
): Output[] {
  const compound = item.kind === 'CompoundNamedExpression';
  const named = compound || item.kind === 'SimpleNamedExpression';
  const value = named ? (item.field('Expression') as SyntaxNode) : item;
  const names = compound
    ? (item.field('Names')?.items('Names') ?? [])
    : item.kind === 'SimpleNamedExpression'
      ? [item.field('Name') as SyntaxNode]
      : [];
  const result = value.result;
  const values: SqlExpression[] =
    result?.kind === 'tuple'
      ? tupleCall(value, scope, t).map((sql, i) => ({ sql, type: result.columns[i]?.type ?? 'dynamic' }))
      : [lower(value, scope, t)];
  return values.map((part, i) => {
    const name = names[i];
    const target = targetOf(name?.symbol?.name ?? name?.text);
    if (!target) return t.unsupported('an expression with these columns', item);
    return { name: target.name, type: target.type, sql: typed(part, target.type, item, t) };
  });
}

export function extend(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const outputs = same(input.columns);
  const all = resultColumns(node, t);
  // The binder appends new columns in order; an existing name is replaced in its place.
  let appended = input.columns.length;
  const target = (name: string | undefined): RelationColumn | undefined =>
    name !== undefined && outputs.some((output) => output.name === name)
      ? all.find((column) => column.name === name)
      : all[appended++];
  for (const item of node.items('Expressions')) {
    for (const output of itemOutputs(item, target, inner, t)) {
      const at = outputs.findIndex((known) => known.name === output.name);
      if (at >= 0) outputs[at] = output;
      else outputs.push(output);
    }
  }
  return select(input, outputs, t, { hoist });
}

export function project(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const hoist = new Hoist(t.fresh);
  const outputs = listOutputs(node, { ...scope, relation: input, hoist }, t);
  return select(input, outputs, t, { hoist });
}

/** The outputs of project and print: the binder's columns in order. */
export function listOutputs(node: SyntaxNode, scope: Scope, t: Translation): Output[] {
  const columns = resultColumns(node, t);
  let next = 0;
  return node.items('Expressions').flatMap((item) => itemOutputs(item, () => columns[next++], scope, t));
}

/** project-away, -keep and -reorder only choose among the columns: the binder has already chosen. */
function choose(node: SyntaxNode, input: Relation, _scope: Scope, t: Translation): Relation {
  const outputs = resultColumns(node, t).map(({ name, type }) => {
    const source = input.columns.find((column) => column.name === name);
    return source ? { name, type, sql: source.sql } : t.unsupported(`the column ${name} at this place`, node);
  });
  return select(input, outputs, t);
}
export const projectAway = choose;
export const projectKeep = choose;
export const projectByNames = choose;
export const projectReorder = choose;

export function projectRename(node: SyntaxNode, input: Relation, _scope: Scope, t: Translation): Relation {
  const columns = resultColumns(node, t);
  return select(
    input,
    input.columns.map((column, i) => ({ name: columns[i]?.name ?? column.name, type: column.type, sql: column.sql })),
    t,
  );
}
