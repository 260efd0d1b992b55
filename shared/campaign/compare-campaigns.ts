/**
 * What differs between two campaigns, test by test: newly failing, newly passing, slower, new, gone. A test is slower when it stands out among
 * all: its duration has grown by more, against the growth that most have, than would be seen once in a hundred comparisons by chance, and
 * by more than people notice. So a slower machine makes no test slower, and neither does the noise of short ones. Compared is what both were to
 * execute: of a campaign that repeats what failed, nothing else is gone.
 */
import { normalQuantileOfLogTail } from '#shared/analysis/distributions.ts';
import { median, qn } from '#shared/analysis/robust.ts';
import type { CampaignState } from './campaign-state.ts';
import { wantedIn } from './plan.ts';
import { isRed, type SuiteName, type TestId, type TestResult } from './words.ts';

export interface ComparedTest {
  readonly suite: SuiteName;
  readonly test: TestId;
  /** null: there is no such test, or nothing is said of it. */
  readonly before: TestResult | null;
  readonly after: TestResult | null;
}

export interface SlowerTest extends ComparedTest {
  /** ms of the last passed attempts. */
  readonly durationBefore: number;
  readonly durationAfter: number;
  /** ms beyond which it is told; what the others' growth allows. */
  readonly bound: number;
}

export interface CampaignComparison {
  readonly newlyFailing: readonly ComparedTest[];
  readonly newlyPassing: readonly ComparedTest[];
  /** Most slowed first. */
  readonly slower: readonly SlowerTest[];
  readonly added: readonly ComparedTest[];
  readonly gone: readonly ComparedTest[];
  /** Tests that both have. */
  readonly common: number;
  /** How many times as long the tests that passed in both take, in the middle; null: there are too few. */
  readonly growth: number | null;
}

/** Tests that passed in both from which on durations are compared. */
const enough = 8;
/** ms that nobody notices. */
const unnoticed = 100;
/** Share of comparisons in which chance alone tells any test as slower. */
const falseAlarms = 0.01;
/** The least spread of the ratios, so that tests that always take the same are not told for a few per cent. */
const leastSpread = 0.05;

export function compareCampaigns(before: CampaignState, after: CampaignState): CampaignComparison {
  const [newlyFailing, newlyPassing, added, common]: [ComparedTest[], ComparedTest[], ComparedTest[], CommonTest[]] = [[], [], [], []];
  const wasWanted = wantedBy(before);
  for (let number = 0; number < after.tests.size; number += 1) {
    const named = after.testAt(number);
    if (!named) continue;
    const { suite, test } = named;
    if (!wasWanted(suite, test)) continue;
    const earlier = before.numberOf(suite, test);
    const compared = { suite, test, before: resultOf(before, earlier), after: resultOf(after, number) };
    if (earlier === undefined) {
      added.push(compared);
      continue;
    }
    common.push({ ...compared, durationBefore: durationOf(before, earlier), durationAfter: durationOf(after, number) });
    if (isFailing(compared.after) && isGreen(compared.before)) newlyFailing.push(compared);
    if (isGreen(compared.after) && isFailing(compared.before)) newlyPassing.push(compared);
  }
  return { newlyFailing, newlyPassing, added, gone: goneTests(before, after), common: common.length, ...slowerTests(common) };
}

interface CommonTest extends ComparedTest {
  /** ms; NaN: it did not pass. */
  readonly durationBefore: number;
  readonly durationAfter: number;
}

function goneTests(before: CampaignState, after: CampaignState): ComparedTest[] {
  const gone: ComparedTest[] = [];
  const isWanted = wantedBy(after);
  for (let number = 0; number < before.tests.size; number += 1) {
    const named = before.testAt(number);
    if (!named || after.numberOf(named.suite, named.test) !== undefined || !isWanted(named.suite, named.test)) continue;
    gone.push({ suite: named.suite, test: named.test, before: resultOf(before, number), after: null });
  }
  return gone;
}

function wantedBy({ plan }: CampaignState): ReturnType<typeof wantedIn> {
  return plan ? wantedIn(plan) : () => true;
}

function slowerTests(common: readonly CommonTest[]): Pick<CampaignComparison, 'slower' | 'growth'> {
  const timed = common.filter(({ durationBefore, durationAfter }) => durationBefore > 0 && durationAfter > 0);
  if (timed.length < enough) return { slower: [], growth: null };
  const growths = timed.map(({ durationBefore, durationAfter }) => Math.log(durationAfter / durationBefore));
  const middle = median(growths);
  const spread = Math.max(leastSpread, qn(growths.length > sampled ? sampleOf(growths) : growths));
  const limit = Math.exp(middle + spread * normalQuantileOfLogTail(Math.log(falseAlarms / timed.length)));
  const slower: SlowerTest[] = [];
  for (const each of timed) {
    const bound = Math.max(each.durationBefore * limit, each.durationBefore + unnoticed);
    if (each.durationAfter > bound) slower.push({ ...each, bound });
  }
  slower.sort((left, right) => right.durationAfter / right.durationBefore - left.durationAfter / left.durationBefore);
  return { slower, growth: Math.exp(middle) };
}

/** Ratios from which the spread is told; more change nothing. */
const sampled = 5_000;

function sampleOf(values: readonly number[]): number[] {
  return Array.from({ length: sampled }, (_, index) => values[Math.floor((index * values.length) / sampled)] ?? 0);
}

function resultOf(state: CampaignState, test: number | undefined): TestResult | null {
  return test === undefined ? null : state.tests.resultOf(test);
}

/** Of its last attempt, where that passed. */
function durationOf(state: CampaignState, test: number): number {
  const last = state.tests.attemptsOf(test).at(-1)?.verdict;
  return last?.verdict === 'passed' ? last.duration : Number.NaN;
}

/** Trouble of the infrastructure says nothing of the test. */
function isFailing(result: TestResult | null): boolean {
  return result !== null && isRed(result) && result !== 'infrastructure';
}

function isGreen(result: TestResult | null): boolean {
  return result === 'passed' || result === 'passed on retry';
}
