/** User analytics plugins: counts of users over windows of time. */
import type { SyntaxNode } from '../../syntax.ts';
import { callArguments } from '../calls.ts';
import { lower } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import type { Relation, RelationColumn } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import type { Plugin } from './evaluate.ts';

interface Activity {
  /** Stage with the columns "id", "time" and one for each dimension. */
  from: string;
  start: string;
  end: string;
  dimensions: readonly string[];
  columns: readonly RelationColumn[];
  rest: readonly SyntaxNode[];
}

/** The arguments that these plugins share: id, time, start, end, then `sizes` of their own, then dimensions. */
function activity(
  call: SyntaxNode,
  node: SyntaxNode,
  input: Relation,
  scope: Scope,
  t: Translation,
  sizes: number,
): Activity & { sizes: string[] } {
  const [id, time, start, end, ...more] = callArguments(call);
  if (!id || !time || !start || !end) return t.unsupported('this plugin with these arguments', call);
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const value = (argument: SyntaxNode): string => lower(argument, inner, t).sql;
  // Times and sizes stand in several stages, so nothing of them can be a column of one.
  const setting = (argument: SyntaxNode): string => lower(argument, { environment: scope.environment }, t).sql;
  const dimensionNodes = more.slice(sizes);
  const dimensions = dimensionNodes.map((_, i) => `"d${i}"`);
  const items = [
    `${value(id)} AS "id"`,
    `${value(time)} AS "time"`,
    ...dimensionNodes.map((dimension, i) => `${value(dimension)} AS ${dimensions[i]}`),
  ];
  return {
    from: t.stage(`SELECT ${items.join(', ')} FROM ${hoist.wrap(input.from)}`, { heavy: true }),
    start: setting(start),
    end: setting(end),
    dimensions,
    columns: resultColumns(node, t),
    rest: dimensionNodes,
    sizes: more.slice(0, sizes).map(setting),
  };
}

function named(
  values: readonly string[],
  columns: readonly RelationColumn[],
  node: SyntaxNode,
  t: Translation,
): string {
  if (values.length !== columns.length) return t.unsupported('this plugin with these columns', node);
  return values.map((sql, i) => `${sql} AS ${columns[i]?.sql}`).join(', ');
}

/** Rows, distinct ids, new ids, and ids so far, for each window. */
export const activityCountsMetrics: Plugin = (call, node, input, scope, t) => {
  const { from, start, end, dimensions, columns, sizes } = activity(call, node, input, scope, t, 1);
  const [window] = sizes;
  if (dimensions.length > 0) return t.unsupported('activity_counts_metrics() with dimensions', call);
  const binned = t.stage(
    `SELECT "id", ${start} + (("time" - ${start}) // ${window}) * ${window} AS "bin" FROM ${from} WHERE "time" >= ${start} AND "time" <= ${end}`,
    { heavy: true },
  );
  const first = `SELECT "id", min("bin") AS "bin" FROM ${binned} GROUP BY 1`;
  const fresh = `SELECT "bin", count(*) AS n FROM (${first}) GROUP BY 1`;
  const counts = `SELECT "bin", count(*) AS c, count(DISTINCT "id") AS d FROM ${binned} GROUP BY 1`;
  const total = `sum(coalesce(f.n, 0)) OVER (ORDER BY g."bin" ROWS UNBOUNDED PRECEDING)::BIGINT`;
  const list = named(['g."bin"', 'g.c', 'g.d', 'coalesce(f.n, 0)', total], columns, node, t);
  const stage = t.stage(`SELECT ${list} FROM (${counts}) AS g LEFT JOIN (${fresh}) AS f ON g."bin" = f."bin"`, {
    heavy: true,
  });
  return byTime(stage, columns, t);
};

/** Ids that were active in enough periods of the time before, for each bin. */
export const activeUsersCount: Plugin = (call, node, input, scope, t) => {
  const { from, start, end, dimensions, columns, sizes } = activity(call, node, input, scope, t, 4);
  const [lookback, period, least, bin] = sizes;
  if (dimensions.length > 0) return t.unsupported('active_users_count() with dimensions', call);
  const periods = t.stage(
    `SELECT DISTINCT "id", ${start} + floor(("time" - ${start})::DOUBLE / ${period})::BIGINT * ${period} AS p FROM ${from} WHERE "time" > ${start} - ${lookback} AND "time" <= ${end}`,
    { heavy: true },
  );
  const active = `SELECT a."id", a.p FROM ${periods} AS a JOIN ${periods} AS b ON a."id" = b."id" AND b.p <= a.p AND b.p > a.p - ${lookback} WHERE a.p >= ${start} GROUP BY 1, 2 HAVING count(*) >= ${least}`;
  const list = named([`${start} + ((p - ${start}) // ${bin}) * ${bin}`, 'count(DISTINCT "id")'], columns, node, t);
  return byTime(t.stage(`SELECT ${list} FROM (${active}) GROUP BY 1`, { heavy: true }), columns, t);
};

/** Rows and distinct ids in the window that ends with each bin. */
export const slidingWindowCounts: Plugin = (call, node, input, scope, t) => {
  const { from, start, end, dimensions, columns, sizes } = activity(call, node, input, scope, t, 2);
  const [lookback, bin] = sizes;
  if (dimensions.length > 0) return t.unsupported('sliding_window_counts() with dimensions', call);
  const bins = `SELECT ${start} + i * ${bin} AS "bin" FROM range(0, (${end} - ${start}) // ${bin} + 1) AS r(i)`;
  const list = named(['"bin"', 'count(*)', 'count(DISTINCT "id")'], columns, node, t);
  const stage = t.stage(
    `SELECT ${list} FROM (${bins}) AS b JOIN ${from} AS a ON a."time" >= "bin" + ${bin} - ${lookback} AND a."time" < "bin" + ${bin} WHERE a."time" >= ${start} GROUP BY "bin"`,
    { heavy: true },
  );
  return byTime(stage, columns, t);
};

/** In the order of the first column, by a copy of it that later operators cannot take away or change. */
function byTime(from: string, columns: readonly RelationColumn[], t: Translation): Relation {
  const position = t.fresh();
  const ordered = t.stage(`SELECT *, ${columns[0]?.sql} AS ${position} FROM ${from}`);
  return { from: ordered, columns, order: [{ sql: position, descending: false, nullsFirst: false }] };
}
