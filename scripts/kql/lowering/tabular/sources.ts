/** Rows that stand in the query itself: datatable, print, range. */
import type { SyntaxNode } from '../../syntax.ts';
import { convert, lower } from '../expression.ts';
import { operatorName, resultColumns } from '../pipeline.ts';
import { type Relation, sqlTypes } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { listOutputs } from './project.ts';

export function dataTable(node: SyntaxNode, scope: Scope, t: Translation): Relation {
  const columns = resultColumns(node, t);
  const values = node.items('Values');
  const order = t.fresh();
  const names = [...columns.map((column) => column.sql), order];
  if (columns.length === 0) return t.unsupported('a datatable without columns', node);
  const rows: string[] = [];
  for (let at = 0; at < values.length; at += columns.length) {
    const cells = columns.map((column, i) => {
      const cell = values[at + i];
      if (!cell) return t.fail('the last row of the datatable is not complete', node);
      const value = convert(lower(cell, scope, t), column.type, cell, scope, t);
      return rows.length === 0 ? `(${value.sql})::${sqlTypes[column.type]}` : value.sql;
    });
    rows.push(`(${[...cells, `${rows.length}`].join(', ')})`);
  }
  const from = t.stage(
    rows.length
      ? `SELECT * FROM (VALUES ${rows.join(', ')}) AS v(${names.join(', ')})`
      : `SELECT ${[...columns.map((c) => `NULL::${sqlTypes[c.type]} AS ${c.sql}`), `0 AS ${order}`].join(', ')} WHERE false`,
  );
  return { from, columns, order: [{ sql: order, descending: false, nullsFirst: false }] };
}

export function print(node: SyntaxNode, scope: Scope, t: Translation): Relation {
  const hoist = new Hoist(t.fresh);
  const columns = resultColumns(node, t);
  const outputs = listOutputs(node, { environment: scope.environment, hoist }, t);
  const list = outputs.map((output, i) => `${output.sql} AS ${columns[i]?.sql}`).join(', ');
  return { from: t.stage(`SELECT ${list} FROM ${hoist.wrap('(SELECT 1 AS "$one")')}`), columns };
}

export function range(node: SyntaxNode, scope: Scope, t: Translation): Relation {
  const columns = resultColumns(node, t);
  const target = columns[0];
  if (!target) return t.unsupported(operatorName(node), node);
  const [from, to, step] = ['From', 'To', 'Step'].map((name) => {
    const bound = node.field(name) as SyntaxNode;
    const value = lower(bound, scope, t);
    return value.sql;
  });
  const order = t.fresh();
  const value =
    target.type === 'real'
      ? `${from}::DOUBLE + ${order} * ${step}::DOUBLE`
      : `(${from} + ${order} * ${step})::${sqlTypes[target.type]}`;
  const last =
    target.type === 'real'
      ? `floor((${to}::DOUBLE - ${from}::DOUBLE) / ${step}::DOUBLE + 1e-9)::BIGINT`
      : `(${to} - ${from}) // nullif(${step}, 0)`;
  const sql = `SELECT ${value} AS ${target.sql}, ${order} FROM range(0, greatest(coalesce(${last}, -1), -1) + 1) AS r(${order}) WHERE ((${to} >= ${from}) = (${step} > 0))`;
  return {
    from: t.stage(sql),
    columns,
    order: [{ sql: order, descending: false, nullsFirst: false }],
    serialized: true,
  };
}
