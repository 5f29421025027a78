/** Counting, sums, averages, spread and percentiles. https://learn.microsoft.com/kusto/query/aggregation-functions */
import { convert } from '../functions/conversion.ts';
import { typescriptFunction } from '../functions/define.ts';
import type { AggregateContext, AggregateLowering, SqlExpression } from '../functions/registry.ts';
import * as digests from '../runtime/digests.ts';
import { type Dynamic, parseDynamic } from '../runtime/dynamic.ts';
import {
  type AggregateTable,
  type AggregateTemplate,
  argument,
  asResult,
  conditional,
  conditionOf,
  filterOf,
  plain,
} from './define.ts';

const count: AggregateTemplate = (_, filter) => `count(*)${filter}`;

/** Exact, where Kusto estimates. A null is no value. */
const distinctCount: AggregateTemplate = (args, filter, context) =>
  `count(DISTINCT ${argument(args, 0, context).sql})${filter}`;

/** Nulls are passed over; nothing adds up to zero. Whole numbers wrap around at 64 bits. */
const sum: AggregateTemplate = (args, filter, context) => {
  const type = context.resultType;
  const total = `sum(${asResult(argument(args, 0, context), context)})${filter}`;
  if (type === 'real') return `coalesce(${total}, 0::DOUBLE)`;
  if (type === 'decimal') return `coalesce(CAST(${total} AS DECIMAL(38,17)), 0)`;
  return `coalesce(kql_low_bits(${total}), 0)`;
};

/** The average of nothing is not a number; of times it is null. */
const average: AggregateTemplate = (args, filter, context) => {
  const type = context.resultType;
  const value = argument(args, 0, context);
  if (type === 'timespan' || type === 'datetime') {
    const ticks = convert(value, type, context);
    return `CAST(sum(${ticks})${filter} // count(${ticks})${filter} AS BIGINT)`;
  }
  if (type === 'decimal') return `CAST(avg(${asResult(value, context)})${filter} AS DECIMAL(38,17))`;
  const number = value.type === 'int' || value.type === 'long' ? value.sql : convert(value, 'real', context);
  return `coalesce(avg(${number})${filter}, 'NaN'::DOUBLE)`;
};

function extreme(call: 'min' | 'max'): AggregateTemplate {
  return (args, filter, context) => {
    const value = argument(args, 0, context);
    if (value.type === 'dynamic') return context.refuse(`the ${call} of dynamic values; convert them first`);
    const found = `${call}(${value.sql})${filter}`;
    return value.type === 'string' ? `coalesce(${found}, '')` : found;
  };
}

/** Spread of one value or none is zero. */
function spread(call: string): AggregateTemplate {
  return (args, filter, context) =>
    `coalesce(${call}(${convert(argument(args, 0, context), 'real', context)})${filter}, 0::DOUBLE)`;
}

function common(call: string): AggregateTemplate {
  return (args, filter, context) => {
    const [x, y] = [0, 1].map((i) => convert(argument(args, i, context), 'real', context));
    return `coalesce(${call}(${x}, ${y})${filter}, 0::DOUBLE)`;
  };
}

function bits(call: string): AggregateTemplate {
  return (args, filter, context) => `${call}(${convert(argument(args, 0, context), 'long', context)})${filter}`;
}

/** Nearest rank: the least value that at least this share of the values does not exceed. */
function percentile(value: SqlExpression, wanted: SqlExpression, context: AggregateContext): string {
  const share = convert(wanted, 'real', context);
  const constant = typeof wanted.constant === 'bigint' || typeof wanted.constant === 'number';
  if (!constant && /"/.test(wanted.sql)) return context.fail('the percentile has to be a constant');
  if (value.type === 'dynamic' || value.type === 'string') return context.refuse(`percentiles of ${value.type} values`);
  if (constant) return `quantile_disc(${value.sql}, ${Number(wanted.constant) / 100})`;
  const rank = `CAST(ceil(count(${value.sql}) * ${share} / 100 - 1e-9) AS BIGINT)`;
  return `list_extract(list_sort(list(${value.sql}) FILTER (WHERE ${value.sql} IS NOT NULL)), greatest(1, ${rank}))`;
}

/** Percentiles as arguments, or as one constant dynamic array of them. */
function wantedPercentiles(args: readonly SqlExpression[], context: AggregateContext): SqlExpression[] {
  return args.flatMap((wanted) => {
    if (wanted.type !== 'dynamic') return [wanted];
    const list: Dynamic = typeof wanted.constant === 'string' ? parseDynamic(wanted.constant) : null;
    if (!Array.isArray(list)) return context.refuse('the percentiles have to be constant');
    return list.map((item): SqlExpression => {
      const number = Number(item);
      return { sql: `${number}::DOUBLE`, type: 'real', constant: number };
    });
  });
}

const percentiles: AggregateLowering = ([value, ...wanted], context) =>
  wantedPercentiles(wanted, context).map((share) => percentile(value as SqlExpression, share, context));

/** JSON array of `[value, weight]` pairs. */
function weightedPairs(
  value: SqlExpression,
  weight: SqlExpression | undefined,
  filter: string,
  context: AggregateContext,
): string {
  const item = context.once({ sql: convert(value, 'dynamic', context), type: 'dynamic' }).sql;
  const count = weight ? convert(weight, 'long', context) : '1';
  const pairs = `string_agg('[' || ${item} || ',' || ${count} || ']', ',')${filterOf(`${item} IS NOT NULL`, conditionOf(filter))}`;
  return `('[' || ${pairs} || ']')`;
}

/** The value type as a number that a t-digest can hold, and back. */
function weighted(
  args: readonly SqlExpression[],
  context: AggregateContext,
): { sql: string; value: SqlExpression; count: number } {
  const [value, weight, ...wanted] = args as SqlExpression[];
  if (!value || !weight) return context.refuse('a value and a weight are needed');
  const ticks = value.type === 'datetime' || value.type === 'timespan';
  const number: SqlExpression = ticks ? { sql: value.sql, type: 'long' } : value;
  const shares = wantedPercentiles(wanted, context).map((share) => convert(share, 'real', context));
  const digest = `${context.runtime('kql_make_tdigest')}(${weightedPairs(number, weight, '', context)})`;
  const sql = `${context.runtime('kql_percentiles_tdigest')}(${[digest, ...shares.map((share) => `CAST(${share} AS VARCHAR)`)].join(', ')})`;
  return { sql, value, count: shares.length };
}

const weightedPercentiles: AggregateLowering = (args, context) => {
  const { sql, value, count } = weighted(args, context);
  const kind = value.type === 'datetime' || value.type === 'timespan' ? 'long' : value.type;
  return Array.from({ length: count }, (_, i) => {
    const item: SqlExpression = {
      sql: `nullif(CAST(json_extract(${sql}, '$[${i}]') AS VARCHAR), 'null')`,
      type: 'dynamic',
    };
    return kind === 'real' ? `CAST(${item.sql} AS DOUBLE)` : `CAST(${item.sql} AS BIGINT)`;
  });
};

function asArray(values: readonly string[], type: SqlExpression['type'], context: AggregateContext): string {
  const items = values.map((sql) => `coalesce(${convert({ sql, type }, 'dynamic', context)}, 'null')`);
  return `('[' || ${items.join(" || ',' || ")} || ']')`;
}

export const numberAggregates: AggregateTable = {
  count: plain(count),
  countif: (args, context) => [`count(*)${filterOf(convert(argument(args, 0, context), 'bool', context))}`],
  cnt: plain(count),
  dcount: plain(distinctCount),
  dcountif: (args, context) => [
    distinctCount(args, filterOf(convert(argument(args, 1, context), 'bool', context)), context),
  ],
  count_distinct: plain(distinctCount),
  count_distinctif: conditional(distinctCount),
  sum: plain(sum),
  sumif: conditional(sum),
  avg: plain(average),
  avgif: conditional(average),
  min: plain(extreme('min')),
  minif: conditional(extreme('min')),
  max: plain(extreme('max')),
  maxif: conditional(extreme('max')),
  stdev: plain(spread('stddev_samp')),
  stdevif: conditional(spread('stddev_samp')),
  stdevp: plain(spread('stddev_pop')),
  variance: plain(spread('var_samp')),
  varianceif: conditional(spread('var_samp')),
  variancep: plain(spread('var_pop')),
  variancepif: conditional(spread('var_pop')),
  covariance: plain(common('covar_samp')),
  covarianceif: conditional(common('covar_samp')),
  covariancep: plain(common('covar_pop')),
  covariancepif: conditional(common('covar_pop')),
  binary_all_and: plain(bits('bit_and')),
  binary_all_or: plain(bits('bit_or')),
  binary_all_xor: plain(bits('bit_xor')),
  percentile: percentiles,
  percentiles,
  percentiles_array: (args, context) => [asArray(percentiles(args, context), argument(args, 0, context).type, context)],
  percentilew: weightedPercentiles,
  percentilesw: weightedPercentiles,
  percentilesw_array: (args, context) => [weighted(args, context).sql],
};

/** Sketches, kept exactly: see runtime/digests.ts. */
const makeHll: AggregateTemplate = (args, filter, context) => {
  const item = context.once({ sql: convert(argument(args, 0, context), 'dynamic', context), type: 'dynamic' }).sql;
  const values = `string_agg(DISTINCT ${item}, ',')${filterOf(`${item} IS NOT NULL`, conditionOf(filter))}`;
  return `${context.runtime('kql_make_hll')}('[' || ${values} || ']')`;
};

const mergeList =
  (name: string): AggregateTemplate =>
  (args, filter, context) =>
    `${context.runtime(name)}('[' || string_agg(${argument(args, 0, context).sql}, ',')${filter} || ']')`;

const list = (merge: (...sketches: Dynamic[]) => Dynamic) => (sketches: Dynamic) =>
  Array.isArray(sketches) ? merge(...sketches) : null;
typescriptFunction('kql_hll_merge_list', ['dynamic'], 'dynamic', list(digests.mergeHll));
typescriptFunction('kql_tdigest_merge_list', ['dynamic'], 'dynamic', list(digests.mergeDigests));

const makeDigest: AggregateTemplate = (args, filter, context) =>
  `${context.runtime('kql_make_tdigest')}(${weightedPairs(argument(args, 0, context), args[1], filter, context)})`;

export const sketchAggregates: AggregateTable = {
  hll: plain(makeHll),
  hll_if: (args, context) => [makeHll(args, filterOf(convert(argument(args, 1, context), 'bool', context)), context)],
  hll_merge: plain(mergeList('kql_hll_merge_list')),
  tdigest: plain(makeDigest),
  tdigest_merge: plain(mergeList('kql_tdigest_merge_list')),
  merge_tdigest: plain(mergeList('kql_tdigest_merge_list')),
};
