/** serialize, invoke, as, getschema, sample, consume: operators that say something about the rows or their order. */
import type { SyntaxNode } from '../../syntax.ts';
import { callScope, userFunctionBody } from '../calls.ts';
import { lower } from '../expression.ts';
import { calledRelation, resultColumns } from '../pipeline.ts';
import { orderBy, type Relation, sqlText } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { limited } from './order.ts';
import { extend } from './project.ts';

/** Gives the rows an order to go by, where they have none. */
export function serialized(input: Relation, t: Translation): Relation {
  if (input.order?.length) return { ...input, serialized: true };
  const position = t.fresh();
  const from = t.stage(`SELECT *, row_number() OVER () AS ${position} FROM ${input.from}`, { heavy: true });
  return { ...input, from, order: [{ sql: position, descending: false, nullsFirst: false }], serialized: true };
}

export function serialize(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  return extend(node, serialized(input, t), scope, t);
}

export function invoke(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const call = node.field('Function') as SyntaxNode;
  const body = userFunctionBody(call);
  if (!body) return t.unsupported('invoke of this function', call);
  return calledRelation(call, body, callScope(call, scope, t, input), t);
}

/** The name is bound for the statements and operands after it by the binder; only a plain pipe can go on here. */
export function as(node: SyntaxNode, input: Relation, _scope: Scope, t: Translation): Relation {
  const name = (node.field('Name') as SyntaxNode).symbol?.name ?? (node.field('Name') as SyntaxNode).text;
  t.named.set(name, input);
  return input;
}

const dataTypes: Readonly<Record<string, string>> = {
  bool: 'System.SByte',
  datetime: 'System.DateTime',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
  dynamic: 'System.Object',
  guid: 'System.Guid',
  int: 'System.Int32',
  long: 'System.Int64',
  real: 'System.Double',
  string: 'System.String',
  timespan: 'System.TimeSpan',
};

/** The columns as rows: name, place, .NET type, Kusto type. */
export function getSchema(node: SyntaxNode, input: Relation, _scope: Scope, t: Translation): Relation {
  const columns = resultColumns(node, t);
  const position = t.fresh();
  const names = [...columns.map((column) => column.sql), position].join(', ');
  const rows = input.columns.map(
    ({ name, type }, i) =>
      `(${sqlText(name)}, ${i}::${columns[1]?.type === 'long' ? 'BIGINT' : 'INTEGER'}, '${dataTypes[type]}', '${type}', ${i})`,
  );
  const from = t.stage(`SELECT * FROM (VALUES ${rows.join(', ')}) AS v(${names})`);
  return { from, columns, order: [{ sql: position, descending: false, nullsFirst: false }] };
}

/** The first rows: any choice is right, and the same one each time is the useful one. */
export function sample(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  return limited(input, lower(node.field('Expression') as SyntaxNode, scope, t).sql, t);
}

/** Distinct values, the first ones. */
export function sampleDistinct(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  if (input.partition) return t.unsupported('sample-distinct inside mv-apply or partition', node);
  const hoist = new Hoist(t.fresh);
  const columns = resultColumns(node, t);
  const of = lower(node.field('OfExpression') as SyntaxNode, { ...scope, relation: input, hoist }, t);
  const count = lower(node.field('Expression') as SyntaxNode, scope, t).sql;
  const order = orderBy(input);
  const from = t.stage(
    `SELECT DISTINCT ${of.sql} AS ${columns[0]?.sql} FROM (SELECT * FROM ${hoist.wrap(input.from)}${order ? ` ORDER BY ${order}` : ''}) ORDER BY 1 LIMIT ${count}`,
    { heavy: true },
  );
  return { from, columns };
}
