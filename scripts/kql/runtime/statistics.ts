/** Special functions of statistics, to about 15 significant digits. */

/** What Stirling's formula for ln n! leaves over (C. Loader, Fast and Accurate Computation of Binomial Probabilities, 2000). */
function stirlingError(n: number): number {
  // The series is exact to the last digit from 15 on; smaller numbers climb up to it.
  let rest = 0;
  let at = n;
  for (; at < 15; at++) rest += (at + 0.5) * Math.log1p(1 / at) - 1;
  const square = at * at;
  const inner = 1 / 1260 - (1 / 1680 - (1 / 1188 - 691 / 360360 / square) / square) / square;
  return rest + (1 / 12 - (1 / 360 - inner / square) / square) / at;
}

/** x ln(x / mean) + mean - x without the loss of digits near x = mean (Loader's deviance). */
function deviance(x: number, mean: number): number {
  if (Math.abs(x - mean) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x;
  const v = (x - mean) / (x + mean);
  let sum = (x - mean) * v;
  let term = 2 * x * v;
  for (let j = 1; j < 1000; j++) {
    term *= v * v;
    const next = sum + term / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** Probability of k successes in n trials, also for numbers that are not whole. */
function binomial(k: number, n: number, p: number, q: number): number {
  if (k === 0) return n === 0 ? 1 : q ** n;
  if (k === n) return p ** n;
  const log = stirlingError(n) - stirlingError(k) - stirlingError(n - k) - deviance(k, n * p) - deviance(n - k, n * q);
  return Math.exp(log) * Math.sqrt(n / (2 * Math.PI * k * (n - k)));
}

/** The error function: its series near zero, the continued fraction of erfc elsewhere. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size > 2.5) return Math.sign(x) * (1 - erfcLarge(size));
  let term = size;
  let sum = size;
  for (let n = 1; n < 200 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (-size * size) / n;
    sum += term / (2 * n + 1);
  }
  return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
}

/** Continued fraction (Lentz) for x > 2. */
function erfcLarge(x: number): number {
  let fraction = 0;
  for (let n = 120; n >= 1; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

export function erfc(x: number): number {
  return x > 2.5 ? erfcLarge(x) : 1 - erf(x);
}

/** Regularised incomplete beta function I_x(a, b) by its continued fraction. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = betaPdf(x, a, b) * x * (1 - x);
  if (x > (a + 1) / (a + b + 2)) return 1 - (front / b) * betaFraction(1 - x, b, a);
  return (front / a) * betaFraction(x, a, b);
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  d = 1 / (Math.abs(d) < tiny ? tiny : d);
  let h = d;
  for (let m = 1; m <= 1000; m++) {
    for (const numerator of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 + numerator * d;
      d = 1 / (Math.abs(d) < tiny ? tiny : d);
      c = 1 + numerator / c;
      if (Math.abs(c) < tiny) c = tiny;
      h *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return h;
}

export function betaCdf(x: number, alpha: number, beta: number): number {
  if (!(x >= 0 && x <= 1)) return Number.NaN;
  // Kusto answers 1, not NaN, for a negative alpha
  if (alpha <= 0 || beta <= 0) return 1;
  return incompleteBeta(x, alpha, beta);
}

export function betaPdf(x: number, alpha: number, beta: number): number {
  if (!(x >= 0 && x <= 1) || alpha <= 0 || beta <= 0) return Number.NaN;
  const y = 1 - x;
  if (x === 0 || y === 0) {
    const [near, other] = x === 0 ? [alpha, beta] : [beta, alpha];
    return near > 1 ? 0 : near === 1 ? other : Number.POSITIVE_INFINITY;
  }
  if (alpha >= 1 && beta >= 1) return (alpha + beta - 1) * binomial(alpha - 1, alpha + beta - 2, x, y);
  if (alpha >= 1) return (beta / y) * binomial(alpha - 1, alpha + beta - 1, x, y);
  if (beta >= 1) return (alpha / x) * binomial(alpha, alpha + beta - 1, x, y);
  return ((alpha * beta) / ((alpha + beta) * x * y)) * binomial(alpha, alpha + beta, x, y);
}

/** The x at which the cumulative distribution reaches a probability, by bisection. */
export function betaInverse(probability: number, alpha: number, beta: number): number {
  if (!(probability >= 0 && probability <= 1) || alpha <= 0 || beta <= 0) return Number.NaN;
  let [low, high] = [0, 1];
  for (let i = 0; i < 200 && high - low > 1e-17; i++) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, alpha, beta) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Two-sided p-value of Welch's t-test. */
export function welchTest(m1: number, v1: number, n1: number, m2: number, v2: number, n2: number): number {
  const [s1, s2] = [v1 / n1, v2 / n2];
  const t = (m1 - m2) / Math.sqrt(s1 + s2);
  const freedom = (s1 + s2) ** 2 / (s1 ** 2 / (n1 - 1) + s2 ** 2 / (n2 - 1));
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
}
