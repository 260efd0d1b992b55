/**
 * Tails of the normal and of Student's distribution, far out too: with thousands of numbers tested, what matters lies beyond 1e-6.
 * Formulae: Abramowitz and Stegun 26.2.14 (continued fraction of Mills' ratio) and 26.5.8 (continued fraction of the incomplete
 * beta function, evaluated by Lentz's method), Lanczos' approximation of the gamma function.
 */

const logRootTwoPi = Math.log(Math.sqrt(2 * Math.PI));

/** ln P(X > x) of a standard normal X. */
export function logNormalTail(x: number): number {
  if (x < 2.5) return Math.log(normalTail(x));
  return -x * x * 0.5 - logRootTwoPi - Math.log(inverseMills(x));
}

/** P(X > x) of a standard normal X. */
export function normalTail(x: number): number {
  if (x < 0) return 1 - normalTail(-x);
  if (x > 2.5) return Math.exp(-x * x * 0.5 - logRootTwoPi) / inverseMills(x);
  // Power series of the distribution function (A&S 26.2.10).
  let term = x;
  let sum = x;
  for (let index = 1; index < 60; index += 1) {
    term *= (-x * x) / (2 * index);
    const added = term / (2 * index + 1);
    sum += added;
    if (Math.abs(added) < 1e-17) break;
  }
  return 0.5 - sum * Math.exp(-logRootTwoPi);
}

/** density / tail, by x + 1/(x + 2/(x + 3/(…))). */
function inverseMills(x: number): number {
  let value = x;
  for (let index = 60; index >= 1; index -= 1) value = x + index / value;
  return value;
}

/** The x beyond which a standard normal lies with probability exp(logTail). */
export function normalQuantileOfLogTail(logTail: number): number {
  if (logTail > -Math.LN2) return logTail >= 0 ? -Infinity : -normalQuantileOfLogTail(Math.log(-Math.expm1(logTail)));
  if (logTail === -Infinity) return Infinity;
  // From the leading term of the tail, Newton's method on its logarithm.
  let x = Math.sqrt(Math.max(0, -2 * (logTail + logRootTwoPi)));
  x = x > 2 ? Math.sqrt(Math.max(0.01, -2 * (logTail + logRootTwoPi + Math.log(x)))) : 0.8 * x;
  for (let round = 0; round < 12; round += 1) {
    const at = logNormalTail(x);
    const slope = -Math.exp(-x * x * 0.5 - logRootTwoPi - at);
    const change = (at - logTail) / slope;
    x -= change;
    if (Math.abs(change) < 1e-12 * (1 + Math.abs(x))) break;
  }
  return x;
}

/** ln P(T > t) of Student's T for t ≥ 0. `freedom` need not be whole. */
export function logStudentTail(t: number, freedom: number): number {
  if (t <= 0) return -Math.LN2;
  if (t === Infinity) return -Infinity;
  const x = freedom / (freedom + t * t);
  return logIncompleteBeta(freedom / 2, 0.5, x) - Math.LN2;
}

/** ln I_x(a, b). */
export function logIncompleteBeta(a: number, b: number, x: number): number {
  if (x >= 1) return 0;
  const front = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  if (x < (a + 1) / (a + b + 2)) return front + Math.log(betaFraction(a, b, x) / a);
  return Math.log1p(-Math.exp(front) * (betaFraction(b, a, 1 - x) / b));
}

function betaFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  const kept = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m < 300; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / kept(1 + even * d);
    c = kept(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / kept(1 + odd * d);
    c = kept(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return result;
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const below = x - 1;
  const sum = lanczos.reduce((total, coefficient, index) => total + (index === 0 ? coefficient : coefficient / (below + index)), 0);
  const shifted = below + 7.5;
  return logRootTwoPi + (below + 0.5) * Math.log(shifted) - shifted + Math.log(sum);
}

/**
 * Interval of a share, `hits` of `trials`, by Wilson's score (1927): it keeps to 0..1 and works for few trials.
 * @param z normal quantile; 1.96 for 95 %
 */
export function wilsonInterval(hits: number, trials: number, z = 1.959963984540054): { readonly low: number; readonly high: number } {
  if (trials === 0) return { low: 0, high: 1 };
  const share = hits / trials;
  const added = (z * z) / trials;
  const middle = (share + added / 2) / (1 + added);
  const half = (z * Math.sqrt((share * (1 - share)) / trials + added / (4 * trials))) / (1 + added);
  return { low: hits === 0 ? 0 : middle - half, high: hits === trials ? 1 : middle + half };
}
