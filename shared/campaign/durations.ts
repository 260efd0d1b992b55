/**
 * How long tests take, learnt from history: an average per test in which the newest counts most, and for tests that nobody has seen yet the
 * 90th percentile of their group, else of their suite, else of all. Guessed high on purpose: a long test that is begun last is what a campaign
 * waits for in the end, a short one that is begun early costs nothing. Only attempts that came to their own end are learnt from.
 */
import { DurationSketch } from './duration-sketch.ts';
import type { TestVerdict } from './records.ts';
import type { SuiteName, TestId } from './words.ts';

/** Weight of the newest duration in the average. */
export const newestWeight = 0.3;
const guessedShare = 0.9;

/** As it is kept between campaigns. */
export interface KnownDuration {
  readonly suite: SuiteName;
  readonly group: string;
  readonly test: TestId;
  /** ms */
  readonly duration: number;
}

interface SuiteDurations {
  readonly all: DurationSketch;
  readonly groups: Map<string, DurationSketch>;
  readonly tests: Map<TestId, { group: string; duration: number }>;
}

export class Durations {
  private readonly suites = new Map<SuiteName, SuiteDurations>();
  private readonly all = new DurationSketch();

  /** @param known what an earlier one gave by {@link known} */
  constructor(known: Iterable<KnownDuration> = []) {
    for (const { suite, group, test, duration } of known) this.keep(suite, group, test, duration);
  }

  /** Learns from one attempt; @returns whether there was something to learn. */
  learn(suite: SuiteName, group: string, { test, verdict, duration }: TestVerdict): boolean {
    // What was broken may have been cut off by its time limit, what was skipped or is missing was never executed to its end.
    if (verdict !== 'passed' && verdict !== 'failed') return false;
    const before = this.suites.get(suite)?.tests.get(test)?.duration;
    this.keep(suite, group, test, before === undefined ? duration : before + newestWeight * (duration - before));
    return true;
  }

  /** ms that a test took before; undefined: it was never seen. */
  of(suite: SuiteName, test: TestId): number | undefined {
    return this.suites.get(suite)?.tests.get(test)?.duration;
  }

  /** ms that a test of a group may take that nobody has seen; null: nothing at all is known. */
  guess(suite: SuiteName, group: string): number | null {
    const known = this.suites.get(suite);
    return known?.groups.get(group)?.quantile(guessedShare) ?? known?.all.quantile(guessedShare) ?? this.all.quantile(guessedShare);
  }

  /** ms that a test took before, else the guess; null: nothing at all is known. */
  expected(suite: SuiteName, group: string, test: TestId): number | null {
    return this.of(suite, test) ?? this.guess(suite, group);
  }

  /** ms that these tests take one after another. */
  together(suite: SuiteName, group: string, tests: readonly TestId[]): number | null {
    const guess = tests.some((test) => this.of(suite, test) === undefined) ? this.guess(suite, group) : 0;
    if (guess === null) return null;
    return tests.reduce((sum, test) => sum + (this.of(suite, test) ?? guess), 0);
  }

  *known(): Iterable<KnownDuration> {
    for (const [suite, { tests }] of this.suites) {
      for (const [test, { group, duration }] of tests) yield { suite, group, test, duration };
    }
  }

  private keep(suite: SuiteName, group: string, test: TestId, duration: number): void {
    const known = this.suites.get(suite) ?? { all: new DurationSketch(), groups: new Map<string, DurationSketch>(), tests: new Map() };
    this.suites.set(suite, known);
    const before = known.tests.get(test);
    if (before) for (const sketch of [this.all, known.all, known.groups.get(before.group)]) sketch?.remove(before.duration);
    const ofGroup = known.groups.get(group) ?? new DurationSketch();
    known.groups.set(group, ofGroup);
    for (const sketch of [this.all, known.all, ofGroup]) sketch.add(duration);
    known.tests.set(test, { group, duration });
  }
}
