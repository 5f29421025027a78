/** make-series: arrays of aggregates over an axis, https://learn.microsoft.com/kusto/query/make-series-operator. */
import { convert as convertTo } from '../../functions/conversion.ts';
import type { SqlExpression } from '../../functions/registry.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { contextOf, lower } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import { type Relation, type RelationColumn, sqlTypes, subTables } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { parameter } from './join.ts';
import { typed } from './project.ts';
import { GroupItems } from './summarize.ts';

export function makeSeries(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  if (input.partition) return t.unsupported('make-series inside mv-apply or partition', node);
  const kind = parameter(node, 'kind');
  if (kind && kind !== 'nonempty') return t.unsupported(`make-series kind=${kind}`, node);
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const columns = resultColumns(node, t);
  const range = node.field('RangeClause') as SyntaxNode;
  const axisNode = node.field('OnClause')?.field('Expression') as SyntaxNode;
  const axis = lower(axisNode, inner, t);
  if (axis.type === 'real') return t.unsupported('make-series on a real axis', axisNode);
  // The bounds stand in several stages, so nothing of them can be a column of one.
  const [from, to, step] = bounds3(range, { environment: scope.environment }, t);
  const sqlType = sqlTypes[axis.type];

  const keyNodes = node.field('ByClause')?.items('Expressions') ?? [];
  const keys = keyNodes.map((key, i) => {
    const target = columns[i];
    return { target, name: t.fresh(), sql: typed(lower(key, inner, t), target?.type ?? 'string', key, t) };
  });
  const aggregateNodes = node.items('Aggregates');
  const targets = columns.slice(keys.length, keys.length + aggregateNodes.length);
  const axisTarget = columns.at(-1);
  if (!axisTarget || targets.length !== aggregateNodes.length) return t.unsupported('this make-series', node);

  const group = new GroupItems(t);
  const aggregates = aggregateNodes.map((item) => {
    const expression = item.field('Expression') as SyntaxNode;
    const type = expression.result?.kind === 'scalar' ? expression.result.type : 'dynamic';
    const name = t.fresh();
    const column: RelationColumn = { name, type, sql: name };
    group.add(expression, [column], input, inner, t);
    return { column, item };
  });
  const rows = t.stage(
    `SELECT *, ${axis.sql} AS "$axis"${keys.map(({ sql, name }) => `, ${sql} AS ${name}`).join('')} FROM ${hoist.wrap(input.from)} WHERE ${axis.sql} IS NOT NULL`,
    { heavy: true },
  );
  // Without a start the series begins at the bin of the first value; without an end it goes on to the last.
  const floor = (sql: string) => `(${sql} - kql_mod(${sql}, ${step.sql}))`;
  const bounds = t.stage(
    `SELECT ${from ? from.sql : floor('min("$axis")')}::${sqlType} AS "$from", ${to ? to.sql : 'max("$axis") + 1'}::${sqlType} AS "$to"${from && to ? '' : ` FROM ${rows}`}`,
    { heavy: true },
  );
  const keyNames = keys.map((key) => key.name);
  const bin: RelationColumn = { name: '$bin', type: 'long', sql: '"$bin"' };
  const keyColumns = keyNames.map((name): RelationColumn => ({ name, type: 'string', sql: name }));
  const binned = group.finish(
    input,
    [...keyColumns, bin, ...aggregates.map(({ column }) => column)],
    [...keyNames.map((name) => ({ sql: name, name })), { sql: `("$axis" - "$from") // ${step.sql}`, name: bin.sql }],
    `${rows}, ${bounds} WHERE "$axis" >= "$from" AND "$axis" < "$to"`,
  ).from;
  const groups =
    keys.length > 0
      ? `(SELECT DISTINCT ${keyNames.join(', ')} FROM ${rows})`
      : kind === 'nonempty' || !from || !to
        ? '(SELECT 1)'
        : `(SELECT 1 FROM ${rows} LIMIT 1)`;
  const count = `("$to" - "$from" + ${step.sql} - 1) // ${step.sql}`;
  const slots = t.stage(
    `SELECT g.*, "$slot", ("$from" + "$slot" * ${step.sql})::${sqlType} AS "$at" FROM ${groups} AS g, (SELECT *, unnest(range(0, ${count})) AS "$slot" FROM ${bounds})`,
    { heavy: true },
  );
  const json = (value: SqlExpression, at: SyntaxNode): string => {
    const text = convertTo(value, 'dynamic', contextOf(at, 'make-series', 'dynamic', scope, t));
    return `'[' || string_agg(coalesce(${text}, 'null'), ',' ORDER BY s."$slot") || ']'`;
  };
  const items = [
    ...keys.map(({ name, target }) => `s.${name} AS ${target?.sql}`),
    ...aggregates.map(({ column: { type, name }, item }, i) => {
      const fallback = item.field('DefaultExpression')?.field('Expression');
      const missing = fallback ? lower(fallback, { environment: scope.environment }, t) : undefined;
      const other = missing ? (missing.constant === null ? `NULL::${sqlTypes[type]}` : missing.sql) : zero(type);
      const filled = {
        sql: `CASE WHEN b."$bin" IS NULL THEN ${other} ELSE b.${name} END`,
        type: missing?.type === 'real' ? ('real' as const) : type,
      };
      return `${json(filled, item)} AS ${targets[i]?.sql}`;
    }),
    `${json({ sql: 's."$at"', type: axis.type }, axisNode)} AS ${axisTarget.sql}`,
  ];
  const on = [...keyNames.map((name) => `s.${name} IS NOT DISTINCT FROM b.${name}`), 's."$slot" = b."$bin"'];
  const by =
    keyNames.length > 0 ? ` GROUP BY ${keyNames.map((name) => `s.${name}`).join(', ')}` : ' HAVING count(*) > 0';
  const stage = t.stage(
    `SELECT ${items.join(', ')} FROM ${slots} AS s LEFT JOIN ${binned} AS b ON ${on.join(' AND ')}${by}`,
    { heavy: true },
  );
  return { from: stage, columns, ...subTables(input) };
}

/** Start, end (not in the series) and step; the older form `in range(start, stop, step)` has its stop in the series. */
function bounds3(
  range: SyntaxNode,
  scope: Scope,
  t: Translation,
): [SqlExpression | undefined, SqlExpression | undefined, SqlExpression] {
  const value = (node: SyntaxNode | undefined) => node && lower(node, scope, t);
  if (range.kind === 'MakeSeriesInRangeClause') {
    const [from, to, step] = (range.field('Arguments')?.items('Expressions') ?? []).map((node) =>
      lower(node, scope, t),
    );
    if (!from || !to || !step) return t.unsupported('make-series in this range', range);
    return [from, { ...to, sql: `(${to.sql} + 1)` }, step];
  }
  const part = (name: string) => value(range.field(name)?.field('Expression'));
  const step = part('MakeSeriesStepClause') ?? t.unsupported('make-series without a step', range);
  return [part('MakeSeriesFromClause'), part('MakeSeriesToClause'), step];
}

/** What a bin without rows holds when nothing else is said. */
function zero(type: string): string {
  return type === 'string' ? "''" : type === 'dynamic' ? 'NULL::VARCHAR' : '0';
}
