/** Plugins that look up, cut or turn rows: ipv4_lookup, ipv6_lookup, narrow, rows_near, dcount_intersect. */
import { scalarFunctions } from '../../functions/registry.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { callArguments } from '../calls.ts';
import { contextOf, convert, lower, toBool } from '../expression.ts';
import { relationOf, resultColumns } from '../pipeline.ts';
import { column, hiddenColumns, orderBy, sqlNull, sqlText } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Plugin } from './evaluate.ts';
import { same, select } from './project.ts';

/** The rows of a lookup table whose network holds the address of the row. */
export function ipLookup(match: string): Plugin {
  return (call, node, input, scope, t) => {
    const given = call.field('ArgumentList')?.items('Expressions') ?? [];
    const args = given.filter((argument) => argument.kind !== 'SimpleNamedExpression');
    const options = given.filter((argument) => argument.kind === 'SimpleNamedExpression');
    const [tableNode, addressNode, networkNode, ...extra] = args;
    if (!tableNode || !addressNode || !networkNode || extra.length > 0) return t.unsupported('this lookup', call);
    let keepUnmatched = false;
    for (const option of options) {
      if (option.field('Name')?.text !== 'return_unmatched') return t.unsupported('this option', option);
      keepUnmatched = lower(option.field('Expression') as SyntaxNode, scope, t).constant === true;
    }
    const table = relationOf(tableNode, scope, t);
    const address = column(input, addressNode.symbol?.name ?? addressNode.text);
    const network = column(table, networkNode.symbol?.name ?? networkNode.text);
    const lowering = scalarFunctions.get(match);
    if (!address || !network || !lowering) return t.unsupported('this lookup', call);
    const context = contextOf(call, match, 'bool', scope, t);
    const test = lowering(
      [
        { sql: `l.${address.sql}`, type: 'string' },
        { sql: `r.${network.sql}`, type: 'string' },
      ],
      context,
    );
    const columns = resultColumns(node, t);
    const sources = [
      ...input.columns.map((c) => `l.${c.sql}`),
      ...table.columns.map((c) =>
        keepUnmatched && c.type === 'string' ? `coalesce(r.${c.sql}, ${sqlNull('string')})` : `r.${c.sql}`,
      ),
    ];
    if (sources.length !== columns.length) return t.unsupported('this lookup', node);
    const list = [
      ...sources.map((sql, i) => `${sql} AS ${columns[i]?.sql}`),
      ...hiddenColumns(input).map((name) => `l.${name}`),
    ];
    const from = t.stage(
      `SELECT ${list.join(', ')} FROM ${input.from} AS l ${keepUnmatched ? 'LEFT JOIN' : 'JOIN'} ${table.from} AS r ON coalesce(${test}, false)`,
      { heavy: true },
    );
    return { ...input, from, columns };
  };
}

/** Every cell as a row: number of the row, name of the column, value as text. */
export const narrow: Plugin = (_call, node, input, scope, t) => {
  const columns = resultColumns(node, t);
  const order = orderBy(input);
  const position = t.fresh();
  const numbered = t.stage(
    `SELECT *, row_number() OVER (${order ? `ORDER BY ${order}` : ''}) - 1 AS ${position} FROM ${input.from}`,
    { heavy: true },
  );
  const parts = input.columns.map(({ name, type, sql }, i) => {
    const text = convert({ sql, type }, 'string', node, scope, t).sql;
    return `SELECT ${position} AS ${columns[0]?.sql}, ${sqlText(name)} AS ${columns[1]?.sql}, ${text} AS ${columns[2]?.sql}, ${position}, ${i} AS "$column" FROM ${numbered}`;
  });
  const from = t.stage(parts.join(' UNION ALL ') || 'SELECT 1 WHERE false', { heavy: true });
  const keys = [position, '"$column"'];
  return { from, columns, order: keys.map((sql) => ({ sql, descending: false, nullsFirst: false })) };
};

/** The rows that hold a condition, with their neighbours. */
export const rowsNear: Plugin = (call, _node, input, scope, t) => {
  const [condition, distance, ...extra] = callArguments(call);
  if (!condition || !distance || extra.length > 0) return t.unsupported('rows_near() with these arguments', call);
  const order = orderBy(input);
  if (!order || !input.serialized)
    return t.fail('rows_near() needs rows in an order: sort or serialize them first', call);
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const test = hoist.once(toBool(lower(condition, inner, t), condition, inner, t).sql);
  const rows = lower(distance, scope, t).constant;
  if (typeof rows !== 'bigint') return t.unsupported('rows_near() with a distance that is not constant', distance);
  const near = hoist.once(
    `count(*) FILTER (${test}) OVER (ORDER BY ${order} ROWS BETWEEN ${rows} PRECEDING AND ${rows} FOLLOWING)`,
  );
  return select(input, same(input.columns), t, { hoist, where: `${near} > 0` });
};

/** Sizes of the intersections of the first 1, 2, ... sets of hll() states. */
export const dcountIntersect: Plugin = (call, node, input, scope, t) => {
  const args = callArguments(call).map((argument) => lower(argument, { ...scope, relation: input }, t).sql);
  const columns = resultColumns(node, t);
  const sizes = columns.filter((target) => !column(input, target.name));
  const outputs = columns.map((target) => {
    const kept = column(input, target.name);
    if (kept) return { name: target.name, type: target.type, sql: kept.sql };
    const sets = args.slice(0, sizes.indexOf(target) + 1);
    return {
      name: target.name,
      type: target.type,
      sql: `${t.callRuntime('kql_hll_intersection')}(${sets.join(', ')})`,
    };
  });
  return select(input, outputs, t);
};
