/** Functions on numeric arrays. https://learn.microsoft.com/kusto/query/scalar-functions#series-processing-functions */

import type { KustoType } from '../../engines/query-engine.ts';
import * as arrays from '../runtime/arrays.ts';
import type { Dynamic } from '../runtime/dynamic.ts';
import * as series from '../runtime/series.ts';
import { convert } from './conversion.ts';
import { type FunctionTable, typescriptFunction } from './define.ts';
import type { ScalarLowering, TupleLowering } from './registry.ts';

const unary = (name: string, evaluate: (x: number) => number): ScalarLowering =>
  typescriptFunction(`kql_series_${name}`, ['dynamic'], 'dynamic', series.each(evaluate));

const binary = (name: string, evaluate: (x: number, y: number) => number | boolean): ScalarLowering =>
  typescriptFunction(`kql_series_${name}`, ['dynamic', 'dynamic'], 'dynamic', series.pairwise(evaluate));

export const seriesFunctions: FunctionTable = {
  series_abs: typescriptFunction(
    'kql_series_abs',
    ['dynamic'],
    'dynamic',
    series.eachKept(Math.abs, (x) => (x < 0n ? -x : x)),
  ),
  series_acos: unary('acos', Math.acos),
  series_asin: unary('asin', Math.asin),
  series_atan: unary('atan', Math.atan),
  series_ceiling: unary('ceiling', Math.ceil),
  series_cos: unary('cos', Math.cos),
  series_exp: unary('exp', Math.exp),
  series_floor: unary('floor', Math.floor),
  series_log: unary('log', Math.log),
  series_sign: unary('sign', Math.sign),
  series_sin: unary('sin', Math.sin),
  series_tan: unary('tan', Math.tan),
  series_add: binary('add', (x, y) => x + y),
  series_subtract: binary('subtract', (x, y) => x - y),
  series_multiply: binary('multiply', (x, y) => x * y),
  series_divide: binary('divide', (x, y) => x / y),
  series_pow: binary('pow', (x, y) => x ** y),
  series_equals: binary('equals', (x, y) => x === y),
  series_not_equals: binary('not_equals', (x, y) => x !== y),
  series_less: binary('less', (x, y) => x < y),
  series_less_equals: binary('less_equals', (x, y) => x <= y),
  series_greater: binary('greater', (x, y) => x > y),
  series_greater_equals: binary('greater_equals', (x, y) => x >= y),
  series_sum: typescriptFunction('kql_array_sum', ['dynamic'], 'real', arrays.sum),
  series_product: typescriptFunction('kql_series_product', ['dynamic'], 'real', series.product),
  series_magnitude: typescriptFunction('kql_series_magnitude', ['dynamic'], 'real', series.magnitude),
  series_dot_product: typescriptFunction('kql_series_dot', ['dynamic', 'dynamic'], 'real', series.dotProduct),
  series_cosine_similarity: typescriptFunction(
    'kql_series_cosine',
    ['dynamic', 'dynamic', 'real?', 'real?'],
    'real',
    series.cosineSimilarity,
  ),
  series_pearson_correlation: typescriptFunction('kql_series_pearson', ['dynamic', 'dynamic'], 'real', series.pearson),
  series_stats_dynamic: typescriptFunction('kql_series_stats_bag', ['dynamic', 'bool?'], 'dynamic', series.statsBag),
  series_fill_forward: typescriptFunction('kql_fill_forward', ['dynamic', 'real?'], 'dynamic', series.fillForward),
  series_fill_backward: typescriptFunction('kql_fill_backward', ['dynamic', 'real?'], 'dynamic', series.fillBackward),
  series_fill_const: typescriptFunction(
    'kql_fill_const',
    ['dynamic', 'dynamic?', 'real?'],
    'dynamic',
    series.fillConst,
  ),
  series_fill_linear: typescriptFunction(
    'kql_fill_linear',
    ['dynamic', 'real?', 'bool?', 'real?'],
    'dynamic',
    series.fillLinear,
  ),
  series_fir: typescriptFunction('kql_series_fir', ['dynamic', 'dynamic', 'bool?', 'bool?'], 'dynamic', series.fir),
  series_iir: typescriptFunction('kql_series_iir', ['dynamic', 'dynamic', 'dynamic'], 'dynamic', series.iir),
  series_fit_line_dynamic: typescriptFunction('kql_fit_line', ['dynamic'], 'dynamic', series.fitLine),
};

typescriptFunction('kql_series_stats', ['dynamic', 'bool?'], 'dynamic', series.statsList);
typescriptFunction('kql_series_fft', ['dynamic', 'dynamic?'], 'dynamic', (re: Dynamic, im?: Dynamic) =>
  series.fourier(re, im, -1),
);
typescriptFunction('kql_series_ifft', ['dynamic', 'dynamic?'], 'dynamic', (re: Dynamic, im?: Dynamic) =>
  series.fourier(re, im, 1),
);

/** A tuple made of one TypeScript call: its array or bag is computed once, and each column reads a part of it. */
function parts(
  name: string,
  optional: readonly KustoType[],
  columns: readonly { path: string; type: KustoType }[],
): TupleLowering {
  return (args, context) => {
    const given = args.map((argument, i) =>
      convert(argument, i === 0 ? 'dynamic' : (optional[i - 1] ?? 'dynamic'), context),
    );
    const absent = optional
      .slice(Math.max(0, args.length - 1))
      .map((type) => `NULL::${type === 'bool' ? 'BOOLEAN' : 'VARCHAR'}`);
    const call = `${context.runtime(name)}(${[...given, ...absent].join(', ')})`;
    const whole = context.once({ sql: call, type: 'dynamic' }).sql;
    return columns.map(({ path, type }) => {
      const part = `nullif(CAST(json_extract(${whole}, '${path}') AS VARCHAR), 'null')`;
      return convert({ sql: part, type: 'dynamic' }, type, context);
    });
  };
}

const STATS: readonly KustoType[] = ['real', 'long', 'real', 'long', 'real', 'real', 'real'];
const COMPLEX = [
  { path: '$[0]', type: 'dynamic' },
  { path: '$[1]', type: 'dynamic' },
] as const;

export const seriesTuples: Readonly<Record<string, TupleLowering>> = {
  series_stats: parts(
    'kql_series_stats',
    ['bool'],
    STATS.map((type, i) => ({ path: `$[${i}]`, type })),
  ),
  series_fit_line: parts(
    'kql_fit_line',
    [],
    [
      { path: '$.rsquare', type: 'real' },
      { path: '$.slope', type: 'real' },
      { path: '$.variance', type: 'real' },
      { path: '$.rvariance', type: 'real' },
      { path: '$.interception', type: 'real' },
      { path: '$.line_fit', type: 'dynamic' },
    ],
  ),
  series_fft: parts('kql_series_fft', ['dynamic'], COMPLEX),
  series_ifft: parts('kql_series_ifft', ['dynamic'], COMPLEX),
};
