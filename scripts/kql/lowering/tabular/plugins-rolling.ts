/** rolling_percentile(), https://learn.microsoft.com/kusto/query/rolling-percentile-plugin. */
import { type SqlExpression, scalarFunctions } from '../../functions/registry.ts';
import { callArguments } from '../calls.ts';
import { contextOf, lower } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import { quoteName } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Plugin } from './evaluate.ts';

/**
 * The nearest-rank percentile of the values of a bin and of the bins before it, for each bin. The documentation does not say
 * what a bin without values answers, so rows that leave one out are refused when the query runs.
 */
export const rollingPercentile: Plugin = (call, node, input, scope, t) => {
  const [value, share, index, size, bins, ...dimensions] = callArguments(call);
  if (!value || !share || !index || !size || !bins) return t.unsupported('rolling_percentile() like this', call);
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const outer: Scope = { environment: scope.environment };
  const [measured, at] = [value, index].map((argument) => lower(argument, inner, t)) as [SqlExpression, SqlExpression];
  const [percent, step, window] = [share, size, bins].map((argument) => lower(argument, outer, t)) as SqlExpression[];
  const [p, n] = [Number(percent?.constant), Number(window?.constant)];
  if (!(p >= 0 && p <= 100) || !(Number.isInteger(n) && n > 0)) {
    return t.unsupported('rolling_percentile() with a percentile or a number of bins that is no constant', call);
  }
  const start = scalarFunctions.get('bin')!([at, step as SqlExpression], contextOf(index, 'bin', at.type, inner, t));
  if (
    at.type !== 'datetime' ||
    step?.type !== 'timespan' ||
    !/^(int|long|real|datetime|timespan)$/.test(measured.type)
  ) {
    return t.unsupported('rolling_percentile() of these types', call);
  }
  const keys = dimensions.map((_, i) => quoteName(`$d${i}`));
  const items = [
    `${measured.sql} AS "$value"`,
    `${start} AS "$bin"`,
    ...dimensions.map((dimension, i) => `${lower(dimension, inner, t).sql} AS ${keys[i]}`),
  ];
  const rows = t.stage(`SELECT ${items.join(', ')} FROM ${hoist.wrap(input.from)}`, { heavy: true });
  const own = keys.length > 0 ? `PARTITION BY ${keys.join(', ')} ` : '';
  const gap = `"$bin" - lag("$bin") OVER (${own}ORDER BY "$bin") <> ${step.sql}`;
  const uneven = `min("$bin") OVER () <> min("$bin") OVER (${own}) OR max("$bin") OVER () <> max("$bin") OVER (${own})`;
  const message = "error('rolling_percentile() over a bin without rows is not supported')";
  const grid = t.stage(
    `SELECT *, CASE WHEN "$bin" IS NULL OR coalesce(${gap}, false) OR ${uneven} THEN ${message} ELSE true END AS "$whole" FROM (SELECT DISTINCT ${['"$bin"', ...keys].join(', ')} FROM ${rows})`,
    { heavy: true },
  );
  const same = ['true', ...keys.map((key) => `g.${key} IS NOT DISTINCT FROM r.${key}`)].join(' AND ');
  const columns = resultColumns(node, t);
  const values = ['g."$bin"', ...keys.map((key) => `g.${key}`), `quantile_disc(r."$value", ${p / 100})`];
  if (values.length !== columns.length) return t.unsupported('this plugin with these columns', node);
  const from = t.stage(
    `SELECT ${values.map((sql, i) => `${sql} AS ${columns[i]?.sql}`).join(', ')} FROM ${grid} AS g JOIN ${rows} AS r ON ${same} AND r."$bin" <= g."$bin" AND r."$bin" > g."$bin" - ${n} * ${step.sql} WHERE g."$whole" GROUP BY ${['g."$bin"', ...keys.map((key) => `g.${key}`)].join(', ')}`,
    { heavy: true },
  );
  return { from, columns };
};
