/**
 * All tests of a campaign, by number: their attempts, what is said of them, and whether they are owed one more. Numbers follow the plan:
 * the tests of unit 0 first, in their order. Three rules live here and nowhere else: a test that went wrong is tried again as often as its
 * suite says; a test that trouble of the infrastructure kept from a verdict is executed again, {@link troubleBorne} times at most; and a test
 * counts by its result when that is final, so that what is done, what runs and what waits add up to all tests.
 */
import type { AttemptFact, LeaseFact } from './campaign-model.ts';
import { isTriedAgain, testResults, type TestId, type TestResult } from './words.ts';

/** How often a test is executed again because its lease ended by trouble of the infrastructure. */
export const troubleBorne = 3;

export class TestTable {
  private readonly units: number[] = [];
  private readonly results: (TestResult | null)[] = [];
  private readonly attempts: (AttemptFact[] | undefined)[] = [];
  /** Verdicts that a test may get at most. */
  private readonly allowed: number[] = [];
  /** Leases in a row that kept it from a verdict. */
  private readonly troubles: number[] = [];
  /** Leases that it was in, also those that came to nothing. */
  private readonly begun: number[] = [];
  private readonly owed: boolean[] = [];
  private readonly owedByUnit: number[] = [];
  private readonly counts = new Map<TestResult, number>(testResults.map((result) => [result, 0]));
  private decided = 0;
  private retries = 0;

  get size(): number {
    return this.units.length;
  }

  get undecided(): number {
    return this.units.length - this.decided;
  }

  /** Tests of which something is said, and that are executed once more. */
  get retriesOwed(): number {
    return this.retries;
  }

  /** Tests with this result that are not executed again. */
  countOf(result: TestResult): number {
    return this.counts.get(result) ?? 0;
  }

  /** Adds the tests of the next unit. @returns the number of its first */
  add(tests: number, retries: number): number {
    const first = this.units.length;
    const unit = this.owedByUnit.length;
    for (let index = 0; index < tests; index += 1) {
      this.units.push(unit);
      this.results.push(null);
      this.attempts.push(undefined);
      this.allowed.push(1 + retries);
      this.troubles.push(0);
      this.begun.push(0);
      this.owed.push(true);
    }
    this.owedByUnit.push(tests);
    return first;
  }

  unitOf(test: number): number | undefined {
    return this.units[test];
  }

  resultOf(test: number): TestResult | null {
    return this.results[test] ?? null;
  }

  /** What is said of it in the end; null: nothing yet, or it is executed once more. */
  finalResultOf(test: number): TestResult | null {
    return this.isOwed(test) ? null : this.resultOf(test);
  }

  attemptsOf(test: number): readonly AttemptFact[] {
    return this.attempts[test] ?? [];
  }

  /** How often it was begun, also where that came to nothing. */
  beginningsOf(test: number): number {
    return this.begun[test] ?? 0;
  }

  /** Verdicts that it may still get: 0 where its result is final. */
  triesLeftOf(test: number): number {
    return this.isOwed(test) ? Math.max(1, (this.allowed[test] ?? 1) - this.attemptsOf(test).length) : 0;
  }

  isOwed(test: number): boolean {
    return this.owed[test] ?? false;
  }

  owedOf(unit: number): number {
    return this.owedByUnit[unit] ?? 0;
  }

  /** It is in a lease that begins. */
  begin(test: number | undefined): void {
    if (test !== undefined) this.begun[test] = this.beginningsOf(test) + 1;
  }

  /** Takes the verdict of one attempt. */
  judge(test: number, attempt: AttemptFact): void {
    const attempts = (this.attempts[test] ??= []);
    this.setOwed(test, false);
    attempts.push(attempt);
    this.troubles[test] = 0;
    this.setResult(test, resultOf(attempts));
    this.setOwed(test, isTriedAgain(attempt.verdict.verdict) && attempts.length < (this.allowed[test] ?? 0));
  }

  /** Its lease came to nothing, by no fault of the test. */
  bear(test: number): void {
    const troubles = (this.troubles[test] ?? 0) + 1;
    this.troubles[test] = troubles;
    if (troubles <= troubleBorne) return;
    this.setOwed(test, false);
    if (this.results[test] === null) this.setResult(test, 'infrastructure');
  }

  /** Somebody wants it once more. */
  ask(test: number): void {
    this.allowed[test] = Math.max(this.allowed[test] ?? 0, this.attemptsOf(test).length + 1);
    this.troubles[test] = 0;
    this.setOwed(test, true);
  }

  /** Nothing more comes: what has no verdict was not run. */
  end(): void {
    for (let test = 0; test < this.units.length; test += 1) {
      this.setOwed(test, false);
      if (this.results[test] === null) this.setResult(test, 'not run');
    }
  }

  private setOwed(test: number, owed: boolean): void {
    if (this.owed[test] === owed) return;
    this.owed[test] = owed;
    const change = owed ? 1 : -1;
    const unit = this.units[test] ?? 0;
    this.owedByUnit[unit] = (this.owedByUnit[unit] ?? 0) + change;
    const result = this.results[test] ?? null;
    if (result === null) return;
    this.retries += change;
    this.counts.set(result, (this.counts.get(result) ?? 0) - change);
  }

  private setResult(test: number, result: TestResult): void {
    const before = this.results[test] ?? null;
    if (before === null) this.decided += 1;
    else this.counts.set(before, this.countOf(before) - 1);
    this.results[test] = result;
    // Nobody owes it now: whoever judges says afterwards whether it is tried again.
    this.counts.set(result, this.countOf(result) + 1);
  }
}

/** What a lease came to for a test of which its runner said nothing. */
export function missingAttempt(lease: LeaseFact, test: TestId): AttemptFact {
  return { lease, verdict: { test, verdict: 'missing', duration: 0, offset: 0, message: 'nothing was said of it' } };
}

/** What is said of a test with these attempts, of which there is at least one. */
function resultOf(attempts: readonly AttemptFact[]): TestResult {
  const last = attempts.at(-1)?.verdict.verdict ?? 'missing';
  const failedBefore = attempts.some(({ verdict }) => isTriedAgain(verdict.verdict));
  return last === 'passed' && failedBefore ? 'passed on retry' : last;
}
