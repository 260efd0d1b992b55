/**
 * How intermittent a test is, and how sure that is. Evidence is what disagrees although nothing differs: attempts at one revision, with one
 * package, on one kind of server, of which some passed and some did not. The rate's interval is Jeffreys': the quantiles of
 * Beta(k + ½, n − k + ½) for k failures in n attempts (Brown, Cai and DasGupta, Statistical Science 16, 2001, section 4.3); the incomplete
 * beta function is that of shared/analysis/distributions.ts (Abramowitz and Stegun 26.5.8).
 */
import { logIncompleteBeta } from '#shared/analysis/distributions.ts';
import type { Verdict } from './words.ts';

/** One attempt, with all that may make a difference between two attempts at the same test. */
export interface Observation {
  readonly verdict: Verdict;
  readonly revision: string;
  /** Hash of its package; null: what stood on the worker. */
  readonly package: string | null;
  /** Whatever tells one kind of server from another. */
  readonly environment: string;
  /** Judged while a storm of failures went on, or its lease ended by trouble of the infrastructure: says nothing of the test. */
  readonly suspended?: boolean;
}

export interface Rate {
  /** k / n. */
  readonly rate: number;
  /** 95 %. */
  readonly low: number;
  readonly high: number;
}

export interface Flakiness extends Rate {
  readonly failures: number;
  readonly attempts: number;
  /** Whether there is any evidence: attempts that disagree although nothing differs. */
  readonly intermittent: boolean;
}

/** The share of failures with its 95 % interval; 0 and 1 belong to it when all or none passed. */
export function failureRate(failures: number, attempts: number, confidence = 0.95): Rate {
  if (attempts === 0) return { rate: Number.NaN, low: 0, high: 1 };
  const tail = (1 - confidence) / 2;
  const [a, b] = [failures + 0.5, attempts - failures + 0.5];
  return {
    rate: failures / attempts,
    low: failures === 0 ? 0 : betaQuantile(tail, a, b),
    high: failures === attempts ? 1 : betaQuantile(1 - tail, a, b),
  };
}

/** Passes in a row, without a failure, that prove a rate below a bound: 29 for 10 %, 59 for 5 %, 299 for 1 %. */
export function runsThatProve(bound: number, confidence = 0.95): number {
  if (bound <= 0) return Number.POSITIVE_INFINITY;
  return bound >= 1 ? 1 : Math.ceil(Math.log(1 - confidence) / Math.log1p(-bound) - 1e-9);
}

/** The rate that so many passes in a row prove it to be below. */
export function provenBelow(passes: number, confidence = 0.95): number {
  return passes <= 0 ? 1 : 1 - (1 - confidence) ** (1 / passes);
}

/** How intermittent a test is, from attempts at it. Only groups that also passed count: what never passes is broken, not intermittent. */
export function flakinessOf(observations: Iterable<Observation>): Flakiness {
  const groups = new Map<string, { passed: number; failed: number }>();
  for (const { verdict, revision, package: hash, environment, suspended } of observations) {
    if (suspended || (verdict !== 'passed' && verdict !== 'failed' && verdict !== 'broken')) continue;
    const key = JSON.stringify([revision, hash, environment]);
    const group = groups.get(key) ?? { passed: 0, failed: 0 };
    groups.set(key, group);
    if (verdict === 'passed') group.passed += 1;
    else group.failed += 1;
  }
  let [failures, attempts] = [0, 0];
  for (const { passed, failed } of groups.values()) {
    if (passed === 0) continue;
    failures += failed;
    attempts += passed + failed;
  }
  return { ...failureRate(failures, attempts), failures, attempts, intermittent: failures > 0 };
}

/** Attempts from which on a storm is told. */
const stormAttempts = 20;

/**
 * Whether so many attempts fail at once that something common is wrong, and none of them says anything of its test: more than a fifth, and
 * far more than usual (by chance less than once in a million).
 * @param usual share of attempts that fails on other days
 */
export function isStorm(failures: number, attempts: number, usual: number): boolean {
  if (attempts < stormAttempts || failures <= attempts / 5) return false;
  return logBinomialTail(failures, attempts, Math.min(0.999, Math.max(usual, 0.001))) < Math.log(1e-6);
}

/** ln P(X ≥ k) of a binomial X: I_p(k, n − k + 1), Abramowitz and Stegun 26.5.24. */
function logBinomialTail(hits: number, trials: number, chance: number): number {
  return hits <= 0 ? 0 : logIncompleteBeta(hits, trials - hits + 1, chance);
}

/** The x with I_x(a, b) = probability, by bisection: the function rises, and 60 halvings are as exact as a number is. */
export function betaQuantile(probability: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (Math.exp(logIncompleteBeta(a, b, middle)) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
