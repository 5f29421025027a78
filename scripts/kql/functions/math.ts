/** Mathematics, rounding, bits and the choice of the greatest. https://learn.microsoft.com/kusto/query/scalar-functions */
import { betaCdf, betaInverse, betaPdf, erf, erfc, welchTest } from '../runtime/statistics.ts';
import { attempt, convert } from './conversion.ts';
import { type FunctionTable, sqlFunction, typescriptFunction } from './define.ts';
import type { ScalarLowering, SqlExpression } from './registry.ts';

const real = (template: (x: string) => string): ScalarLowering =>
  sqlFunction(['real'], ([x]) => template(x as string), { once: true });

/** Outside its domain a function is not a number, where DuckDB would raise an error. */
const within = (condition: (x: string) => string, call: (x: string) => string): ScalarLowering =>
  real(
    (x) => `CASE WHEN ${condition(x)} THEN ${call(x)} ELSE CASE WHEN ${x} IS NULL THEN NULL ELSE 'NaN'::DOUBLE END END`,
  );

const logarithm = (call: (x: string) => string): ScalarLowering =>
  real(
    (x) =>
      `CASE WHEN ${x} > 0 THEN ${call(x)} WHEN ${x} = 0 THEN '-Infinity'::DOUBLE WHEN ${x} < 0 THEN 'NaN'::DOUBLE END`,
  );

const finite = (x: string): string => `isfinite(${x})`;

/** `bin()`: down to a multiple, also for negative values; times are ticks. */
const bin: ScalarLowering = ([value, size], context) => {
  const type = context.resultType;
  const time = type === 'datetime' || type === 'timespan';
  const cast = (e: SqlExpression): string => {
    if (time && (e.type === 'long' || e.type === 'int')) return e.sql;
    return convert(e, time && e.type !== 'real' ? (e.type === 'dynamic' ? type : e.type) : type, context);
  };
  const v = context.once({ sql: cast(value as SqlExpression), type }).sql;
  const s = context.once({ sql: cast(size as SqlExpression), type }).sql;
  if (type === 'real' || type === 'decimal') return `(floor(${v} / nullif(${s}, 0)) * ${s})`;
  const constant = size?.constant;
  if (type === 'datetime' && typeof constant === 'bigint' && constant > 0n) return `(${v} - ${v} % ${s})`;
  return `CASE WHEN ${s} > 0 THEN ${v} - kql_mod(${v}, ${s}) END`;
};

const binAt: ScalarLowering = ([value, size, fixed], context) => {
  const type = context.resultType;
  const times = type === 'datetime' || type === 'timespan';
  const [v, s, f] = [value, size, fixed].map((e) => {
    const argument = e as SqlExpression;
    const sql = times && argument.type !== 'dynamic' ? argument.sql : convert(argument, type, context);
    return context.once({ sql, type }).sql;
  });
  if (type === 'real' || type === 'decimal') return `(${f} + floor((${v} - ${f}) / nullif(${s}, 0)) * ${s})`;
  return `CASE WHEN ${s} > 0 THEN ${v} - kql_mod(${v} - ${f}, ${s}) END`;
};

const round: ScalarLowering = ([value, precision], context) => {
  const type = context.resultType;
  const x = convert(value as SqlExpression, type, context);
  if (type === 'int' || type === 'long') return x;
  const digits = precision
    ? `, CAST(greatest(-300, least(300, ${convert(precision, 'long', context)})) AS INTEGER)`
    : '';
  return type === 'decimal' ? `CAST(round(${x}${digits}) AS DECIMAL(38,17))` : `round(${x}${digits})`;
};

/** Nulls are passed over. A not-a-number counts only in the first place. */
function extreme(call: 'greatest' | 'least'): ScalarLowering {
  return (args, context) => {
    const type = context.resultType;
    const texts = args.map((argument) => convert(argument, type, context));
    if (type !== 'real') return `${call}(${texts.join(', ')})`;
    const [first, ...rest] = texts.map((sql) => context.once({ sql, type }).sql);
    const others = rest.map((x) => `CASE WHEN isnan(${x}) THEN NULL ELSE ${x} END`);
    return `CASE WHEN isnan(${first}) THEN ${first} ELSE ${call}(${[first, ...others].join(', ')}) END`;
  };
}

const integers = ['long', 'long'] as const;
const shiftCount = (count: bigint): bigint => count & 63n;

export const mathFunctions: FunctionTable = {
  abs: ([value], context) => {
    const type = context.resultType;
    const x = context.once({ sql: convert(value as SqlExpression, type, context), type }).sql;
    // the absolute value of the least long is itself
    return type === 'long' ? `coalesce(${attempt(`abs(${x})`)}, ${x})` : `abs(${x})`;
  },
  sign: real((x) => `CASE WHEN isnan(${x}) THEN ${x} ELSE CAST(sign(${x}) AS DOUBLE) END`),
  sqrt: within(
    (x) => `${x} >= 0`,
    (x) => `sqrt(${x})`,
  ),
  exp: sqlFunction(['real'], ([x]) => `exp(${x})`),
  exp2: sqlFunction(['real'], ([x]) => `pow(2::DOUBLE, ${x})`),
  exp10: sqlFunction(['real'], ([x]) => `pow(10::DOUBLE, ${x})`),
  log: logarithm((x) => `ln(${x})`),
  log2: logarithm((x) => `log2(${x})`),
  log10: logarithm((x) => `log10(${x})`),
  pow: sqlFunction(['real'], ([x, y]) => `pow(${x}, ${y})`),
  pi: () => 'pi()',
  sin: within(finite, (x) => `sin(${x})`),
  cos: within(finite, (x) => `cos(${x})`),
  tan: within(finite, (x) => `tan(${x})`),
  cot: within(finite, (x) => `(1::DOUBLE / tan(${x}))`),
  asin: within(
    (x) => `abs(${x}) <= 1`,
    (x) => `asin(${x})`,
  ),
  acos: within(
    (x) => `abs(${x}) <= 1`,
    (x) => `acos(${x})`,
  ),
  atan: sqlFunction(['real'], ([x]) => `atan(${x})`),
  atan2: sqlFunction(['real'], ([y, x]) => `atan2(${y}, ${x})`),
  radians: sqlFunction(['real'], ([x]) => `radians(${x})`),
  degrees: sqlFunction(['real'], ([x]) => `degrees(${x})`),
  gamma: within(
    (x) => `NOT (${x} <= 0 AND ${x} = floor(${x})) AND NOT isnan(${x})`,
    (x) => `gamma(${x})`,
  ),
  loggamma: within(
    (x) => `${x} > 0`,
    (x) => `lgamma(${x})`,
  ),
  erf: typescriptFunction('kql_erf', ['real'], 'real', erf),
  erfc: typescriptFunction('kql_erfc', ['real'], 'real', erfc),
  beta_cdf: typescriptFunction('kql_beta_cdf', ['real', 'real', 'real'], 'real', betaCdf),
  beta_inv: typescriptFunction('kql_beta_inv', ['real', 'real', 'real'], 'real', betaInverse),
  beta_pdf: typescriptFunction('kql_beta_pdf', ['real', 'real', 'real'], 'real', betaPdf),
  welch_test: typescriptFunction('kql_welch_test', ['real', 'real', 'real', 'real', 'real', 'real'], 'real', welchTest),
  isnan: sqlFunction(['real'], ([x]) => `isnan(${x})`),
  isinf: sqlFunction(['real'], ([x]) => `isinf(${x})`),
  isfinite: sqlFunction(['real'], ([x]) => `isfinite(${x})`),
  round,
  ceiling: ([value], context) => {
    const type = context.resultType;
    const x = convert(value as SqlExpression, type, context);
    return type === 'real' || type === 'decimal'
      ? `CAST(ceil(${x}) AS ${type === 'real' ? 'DOUBLE' : 'DECIMAL(38,17)'})`
      : x;
  },
  bin,
  floor: bin,
  bin_at: binAt,
  max_of: extreme('greatest'),
  min_of: extreme('least'),
  binary_and: sqlFunction(integers, ([a, b]) => `(${a} & ${b})`),
  binary_or: sqlFunction(integers, ([a, b]) => `(${a} | ${b})`),
  binary_xor: sqlFunction(integers, ([a, b]) => `xor(${a}, ${b})`),
  binary_not: sqlFunction(['long'], ([a]) => `(~${a})`),
  binary_shift_left: typescriptFunction('kql_shift_left', integers, 'long', (value, count) =>
    BigInt.asIntN(64, value << shiftCount(count)),
  ),
  binary_shift_right: typescriptFunction(
    'kql_shift_right',
    integers,
    'long',
    (value, count) => value >> shiftCount(count),
  ),
  bitset_count_ones: sqlFunction(['long'], ([a]) => `CAST(bit_count(${a}) AS BIGINT)`),
  rand: ([range], context) =>
    range ? `CAST(floor(random() * ${convert(range, 'long', context)}) AS DOUBLE)` : 'random()',
};
