/** Operators that keep the rows and change the columns: where, extend, project and its kin. */
import type { KustoType } from '../../../engines/query-engine.ts';
import type { SqlExpression } from '../../functions/registry.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { lower, toBool } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import { hiddenColumns, nameColumns, type Relation, type RelationColumn, sqlNull, sqlTypes } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';

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
  const items = columns.map((column, i) => {
    const sql = outputs[i]?.sql;
    return sql === column.sql ? sql : `${sql} AS ${column.sql}`;
  });
  const list = [...items, ...hiddenColumns(input)].join(', ') || 'NULL AS "$none"';
  const from = options.hoist ? options.hoist.wrap(input.from) : input.from;
  const where = options.where ? ` WHERE ${options.where}` : '';
  const stage = t.stage(`SELECT ${list} FROM ${from}${where}`, { heavy: options.heavy ?? false });
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
  const where = toBool(lower(condition, inner, t), condition, inner, t).sql;
  return select(input, same(input.columns), t, { hoist, where });
}

/** The expressions of extend, project and print: each with the columns that the binder gives it. */
export function namedOutputs(
  node: SyntaxNode,
  columns: readonly RelationColumn[],
  scope: Scope,
  t: Translation,
): Output[] {
  const value = lower(node, scope, t);
  return columns.map(({ name, type }) => ({ name, type, sql: typed(value, type, node, t) }));
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

/** How many columns an expression of extend or project makes. */
function width(node: SyntaxNode): number {
  const names = node.kind === 'CompoundNamedExpression' ? (node.field('Names')?.items('Names').length ?? 1) : 1;
  return Math.max(names, node.result?.kind === 'tuple' ? node.result.columns.length : 1);
}

export function extend(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const outputs = same(input.columns);
  const all = resultColumns(node, t);
  // The binder appends new columns in order; an existing name is replaced in its place.
  let appended = input.columns.length;
  for (const item of node.items('Expressions')) {
    const name = item.kind === 'SimpleNamedExpression' ? (item.field('Name')?.symbol?.name ?? '') : undefined;
    const at = name === undefined ? -1 : outputs.findIndex((output) => output.name === name);
    const fresh = all[appended];
    const target = at >= 0 ? all.find((column) => column.name === name) : fresh;
    if (width(item) !== 1 || !target) return t.unsupported('an expression with several columns', item);
    const value = lower(item, inner, t);
    const output = { name: target.name, type: target.type, sql: typed(value, target.type, item, t) };
    if (at >= 0) outputs[at] = output;
    else {
      outputs.push(output);
      appended++;
    }
  }
  return select(input, outputs, t, { hoist });
}

export function project(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const columns = resultColumns(node, t);
  const outputs: Output[] = [];
  for (const item of node.items('Expressions')) {
    const target = columns[outputs.length];
    if (width(item) !== 1 || !target) return t.unsupported('an expression with several columns', item);
    outputs.push(...namedOutputs(item, [target], inner, t));
  }
  return select(input, outputs, t, { hoist });
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
export const projectReorder = choose;

export function projectRename(node: SyntaxNode, input: Relation, _scope: Scope, t: Translation): Relation {
  const columns = resultColumns(node, t);
  return select(
    input,
    input.columns.map((column, i) => ({ name: columns[i]?.name ?? column.name, type: column.type, sql: column.sql })),
    t,
  );
}
