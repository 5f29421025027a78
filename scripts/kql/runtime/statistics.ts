/** Special functions of statistics, to about 15 significant digits. */

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Natural logarithm of the gamma function for positive arguments (Lanczos). */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  const shifted = x - 1;
  const t = shifted + 7.5;
  const sum = LANCZOS.reduce((total, c, i) => (i === 0 ? c : total + c / (shifted + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
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
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
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
  const logarithm = logGamma(alpha + beta) - logGamma(alpha) - logGamma(beta);
  return Math.exp(logarithm) * x ** (alpha - 1) * (1 - x) ** (beta - 1);
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
