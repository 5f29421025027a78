/** Arithmetic, filters and statistics of numeric arrays. https://learn.microsoft.com/kusto/query/scalar-functions#series-element-wise-functions */
import { type Bag, type Dynamic, dynamicToNumber } from './dynamic.ts';

type Numbers = (number | undefined)[];

/** The numbers of a series; an element that is none is undefined. Undefined for what is no array. */
function numbersOf(series: Dynamic): Numbers | undefined {
  if (!Array.isArray(series)) return undefined;
  return series.map((item) => (typeof item === 'boolean' ? undefined : dynamicToNumber(item)));
}

const result = (values: readonly (number | boolean | undefined)[]): Dynamic => values.map((value) => value ?? null);

/** One result an element; null where the element is no number. */
export function each(evaluate: (x: number) => number): (series: Dynamic) => Dynamic {
  return (series) => {
    const numbers = numbersOf(series);
    return numbers ? result(numbers.map((x) => (x === undefined ? undefined : evaluate(x)))) : null;
  };
}

/** `series_abs()` and others that keep a long a long. */
export function eachKept(evaluate: (x: number) => number, long: (x: bigint) => bigint): (series: Dynamic) => Dynamic {
  return (series) => {
    if (!Array.isArray(series)) return null;
    return series.map((item) =>
      typeof item === 'bigint' ? long(item) : typeof item === 'number' ? evaluate(item) : null,
    );
  };
}

/** Two series in step, or a series and one number for all. */
export function pairwise(evaluate: (x: number, y: number) => number | boolean): (a: Dynamic, b: Dynamic) => Dynamic {
  return (a, b) => {
    const [x, y] = [numbersOf(a), numbersOf(b)];
    if (!x && !y) return null;
    const size = Math.max(x?.length ?? 0, y?.length ?? 0);
    const at = (list: Numbers | undefined, scalar: Dynamic, i: number) => (list ? list[i] : dynamicToNumber(scalar));
    return result(
      Array.from({ length: size }, (_, i) => {
        const [left, right] = [at(x, a, i), at(y, b, i)];
        return left === undefined || right === undefined ? undefined : evaluate(left, right);
      }),
    );
  };
}

/** All numbers, or undefined where one element is none. */
function complete(series: Dynamic): number[] | undefined {
  const numbers = numbersOf(series);
  return numbers?.every((x) => x !== undefined) ? (numbers as number[]) : undefined;
}

export function product(series: Dynamic): number | null {
  return complete(series)?.reduce((total, x) => total * x, 1) ?? null;
}

export function dotProduct(a: Dynamic, b: Dynamic): number | null {
  const products = pairwise((x, y) => x * y)(a, b);
  return complete(products)?.reduce((total, x) => total + x, 0) ?? null;
}

export function magnitude(series: Dynamic): number | null {
  const squares = dotProduct(series, series);
  return squares === null ? null : Math.sqrt(squares);
}

export function cosineSimilarity(a: Dynamic, b: Dynamic, sizeA?: number, sizeB?: number): number | null {
  const dot = dotProduct(a, b);
  const [x, y] = [sizeA ?? magnitude(a), sizeB ?? magnitude(b)];
  return dot === null || x === null || y === null ? null : dot / (x * y);
}

const mean = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0) / values.length;

/** Sum of squared distances from the mean. */
function spread(values: readonly number[], center = mean(values)): number {
  return values.reduce((total, x) => total + (x - center) ** 2, 0);
}

export function pearson(a: Dynamic, b: Dynamic): number | null {
  const [x, y] = [complete(a), complete(b)];
  if (!x || !y || x.length !== y.length) return null;
  const [mx, my] = [mean(x), mean(y)];
  const covariance = x.reduce((total, value, i) => total + (value - mx) * ((y[i] as number) - my), 0);
  return covariance / Math.sqrt(spread(x, mx) * spread(y, my));
}

export interface SeriesStats {
  min: number;
  minIndex: number;
  max: number;
  maxIndex: number;
  average: number;
  deviation: number;
  variance: number;
  sum: number;
  count: number;
}

function stats(series: Dynamic, ignoreNonFinite = false): SeriesStats | undefined {
  const numbers = numbersOf(series)?.map((x) => x ?? Number.NaN);
  if (!numbers || numbers.length === 0) return undefined;
  const used = ignoreNonFinite ? numbers.filter(Number.isFinite) : numbers;
  if (used.length === 0) return undefined;
  const broken = used.some((x) => Number.isNaN(x));
  const [min, max] = broken ? [Number.NaN, Number.NaN] : [Math.min(...used), Math.max(...used)];
  const variance = used.length > 1 ? spread(used) / (used.length - 1) : 0;
  const sum = used.reduce((total, x) => total + x, 0);
  return {
    min,
    minIndex: numbers.indexOf(min),
    max,
    maxIndex: numbers.indexOf(max),
    average: sum / used.length,
    deviation: Math.sqrt(variance),
    variance,
    sum,
    count: used.length,
  };
}

/** `series_stats()`: min, min_idx, max, max_idx, avg, stdev, variance. */
export function statsList(series: Dynamic, ignoreNonFinite?: boolean): Dynamic {
  const s = stats(series, ignoreNonFinite);
  if (!s) return null;
  return [s.min, BigInt(s.minIndex), s.max, BigInt(s.maxIndex), s.average, s.deviation, s.variance];
}

export function statsBag(series: Dynamic, ignoreNonFinite?: boolean): Dynamic {
  const s = stats(series, ignoreNonFinite);
  if (!s) return null;
  return new Map<string, Dynamic>([
    ['min', s.min],
    ['min_idx', BigInt(s.minIndex)],
    ['max', s.max],
    ['max_idx', BigInt(s.maxIndex)],
    ['avg', s.average],
    ['stdev', s.deviation],
    ['variance', s.variance],
    ['sum', s.sum],
    ['len', BigInt(s.count)],
  ]);
}

/** Elements that count as missing: null, or equal to the placeholder. */
function missing(item: Dynamic | undefined, placeholder: number | undefined): boolean {
  const number = dynamicToNumber(item);
  if (placeholder === undefined || Number.isNaN(placeholder)) return number === undefined || Number.isNaN(number);
  return number === placeholder;
}

export function fillForward(series: Dynamic, placeholder?: number): Dynamic {
  if (!Array.isArray(series)) return null;
  let last: Dynamic | undefined;
  return series.map((item) => {
    if (!missing(item, placeholder)) last = item;
    return missing(item, placeholder) ? (last ?? item) : item;
  });
}

export function fillBackward(series: Dynamic, placeholder?: number): Dynamic {
  if (!Array.isArray(series)) return null;
  const filled = fillForward([...series].reverse(), placeholder);
  return Array.isArray(filled) ? filled.reverse() : null;
}

export function fillConst(series: Dynamic, value: Dynamic = 0n, placeholder?: number): Dynamic {
  if (!Array.isArray(series)) return null;
  return series.map((item) => (missing(item, placeholder) ? value : item));
}

/** `series_fill_linear()`: straight lines between known elements; the edges take the nearest one, or else the constant. */
export function fillLinear(series: Dynamic, placeholder?: number, fillEdges = true, constant?: number): Dynamic {
  if (!Array.isArray(series)) return null;
  const known = [...series.keys()].filter((i) => !missing(series[i], placeholder));
  if (known.length === 0) return series.map((item) => (fillEdges ? (constant ?? 0) : (constant ?? item)));
  const at = (i: number): number => dynamicToNumber(series[i]) ?? 0;
  return series.map((item, i) => {
    if (!missing(item, placeholder)) return dynamicToNumber(item) ?? null;
    const before = known.findLast((k) => k < i);
    const after = known.find((k) => k > i);
    if (before === undefined || after === undefined)
      return fillEdges ? at((before ?? after) as number) : (constant ?? item);
    return at(before) + ((at(after) - at(before)) * (i - before)) / (after - before);
  });
}

/** `series_fir()`: a weighted sum over the elements before (or around) each one. */
export function fir(series: Dynamic, filter: Dynamic, normalize = true, center = false): Dynamic {
  const [x, f] = [numbersOf(series), complete(filter)];
  if (!x || !f || f.length === 0) return null;
  const total = f.reduce((sum, weight) => sum + weight, 0);
  const scale = normalize && total !== 0 ? total : 1;
  const ahead = center ? Math.floor((f.length - 1) / 2) : 0;
  return x.map((_, i) => f.reduce((sum, weight, k) => sum + weight * (x[i + ahead - k] ?? 0), 0) / scale);
}

/** `series_iir()`: a recursive filter with the given numerators and denominators. */
export function iir(series: Dynamic, numerators: Dynamic, denominators: Dynamic): Dynamic {
  const [x, b, a] = [complete(series), complete(numerators), complete(denominators)];
  const lead = a?.[0];
  if (!x || !b || !a || !lead) return null;
  const y: number[] = [];
  for (let i = 0; i < x.length; i++) {
    const fed = b.reduce((sum, weight, k) => sum + weight * (x[i - k] ?? 0), 0);
    const back = a.reduce((sum, weight, k) => (k === 0 ? sum : sum + weight * (y[i - k] ?? 0)), 0);
    y.push((fed - back) / lead);
  }
  return y;
}

/** Least-squares line over the positions 0, 1, 2, ... of the elements. */
export function fitLine(series: Dynamic): Bag | null {
  const y = complete(series);
  if (!y || y.length < 2) return null;
  const x = y.map((_, i) => i);
  const [mx, my] = [mean(x), mean(y)];
  const slope = x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] as number) - my), 0) / spread(x, mx);
  const interception = my - slope * mx;
  const line = x.map((value) => interception + slope * value);
  const residual = y.map((value, i) => value - (line[i] as number));
  const n = y.length;
  const [total, rest] = [spread(y, my), residual.reduce((sum, r) => sum + r * r, 0)];
  return new Map<string, Dynamic>([
    ['rsquare', total === 0 ? 1 : 1 - rest / total],
    ['slope', slope],
    ['variance', total / (n - 1)],
    ['rvariance', rest / (n - 1)],
    ['interception', interception],
    ['line_fit', line],
  ]);
}

/** Discrete Fourier transform of a complex series; `sign` 1 is the inverse, which divides by the length. */
export function fourier(real: Dynamic, imaginary: Dynamic | undefined, sign: 1 | -1): Dynamic {
  const re = complete(real);
  const im = imaginary === undefined || imaginary === null ? re?.map(() => 0) : complete(imaginary);
  if (!re || !im || re.length !== im.length) return null;
  const n = re.length;
  const scale = sign === 1 ? n : 1;
  const [outRe, outIm]: [number[], number[]] = [[], []];
  for (let k = 0; k < n; k++) {
    let [a, b] = [0, 0];
    for (let t = 0; t < n; t++) {
      const angle = (sign * 2 * Math.PI * ((k * t) % n)) / n;
      a += (re[t] as number) * Math.cos(angle) - (im[t] as number) * Math.sin(angle);
      b += (re[t] as number) * Math.sin(angle) + (im[t] as number) * Math.cos(angle);
    }
    outRe.push(a / scale);
    outIm.push(b / scale);
  }
  return [outRe, outIm];
}
