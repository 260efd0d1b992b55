/** The tracker alone: whatever is lost, doubled or out of order, the output is in order, each record once, or declared lost. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maximumLeap, SequenceTracker, type GapNews } from '#main/core/link/sequence-tracker.ts';

interface Output {
  records: number[];
  gaps: GapNews[];
  /** Numbers in the order in which the output passed them: records and lost ones. */
  passed: number[];
}

function tracked(
  first: number,
  limit = 1 << 20,
): { tracker: SequenceTracker<string>; output: Output; budget: { limit: number; used: number } } {
  const output: Output = { records: [], gaps: [], passed: [] };
  const budget = { limit, used: 0 };
  const tracker = new SequenceTracker<string>(
    first,
    {
      record: (sequence, record) => {
        expect(record).toBe(`record ${sequence}`);
        output.records.push(sequence);
        output.passed.push(sequence);
      },
      gap: (news) => {
        output.gaps.push(news);
        if (news.state === 'lost') for (let each = news.from; each <= news.to; each++) output.passed.push(each);
      },
    },
    budget,
  );
  return { tracker, output, budget };
}

const give = (tracker: SequenceTracker<string>, sequence: number, bytes = 100): boolean =>
  tracker.receive(sequence, `record ${sequence}`, bytes);
const upTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_, index) => from + index);

describe('sequence tracker', () => {
  test('hands on what comes in order at once', () => {
    const { tracker, output } = tracked(1);
    for (const each of upTo(5)) give(tracker, each);
    expect(output).toEqual({ records: upTo(5), gaps: [], passed: upTo(5) });
  });

  test('holds later records back until the gap before them is filled', () => {
    const { tracker, output } = tracked(1);
    for (const each of [1, 4, 5, 2]) give(tracker, each);
    expect(output.records).toEqual([1, 2]);
    expect(tracker.firstMissing).toEqual({ from: 3, to: 3 });
    give(tracker, 3);
    expect(output.records).toEqual(upTo(5));
    expect(output.gaps.map(({ state, from, to }) => [state, from, to])).toEqual([
      ['open', 2, 3],
      ['filled', 2, 3],
    ]);
  });

  test('tells filled and lost parts of one gap apart', () => {
    const { tracker, output } = tracked(1);
    for (const each of [1, 8, 2, 3]) give(tracker, each);
    expect(tracker.declareLost(4, 5, 'dropped by the spool')).toBe(2);
    for (const each of [6, 7]) give(tracker, each);
    expect(output.gaps.map(({ state, from, to }) => [state, from, to])).toEqual([
      ['open', 2, 7],
      ['filled', 2, 3],
      ['lost', 4, 5],
      ['filled', 6, 7],
    ]);
    expect(output.passed).toEqual(upTo(8));
  });

  test('a joiner starts where it joined and claims nothing earlier', () => {
    const { tracker, output } = tracked(101);
    for (const each of [99, 100, 101, 102]) give(tracker, each);
    expect(output).toEqual({ records: [101, 102], gaps: [], passed: [101, 102] });
    expect(tracker.duplicates).toBe(2);
  });

  test('a tail that was announced and never came is missing', () => {
    const { tracker, output } = tracked(1);
    give(tracker, 1);
    tracker.expectUpTo(4);
    expect(tracker.firstMissing).toEqual({ from: 2, to: 4 });
    for (const each of [2, 3, 4]) give(tracker, each);
    expect(output.records).toEqual(upTo(4));
    expect(output.gaps.at(-1)).toMatchObject({ state: 'filled', from: 2, to: 4 });
  });

  test('does not believe numbers that cannot be', () => {
    const { tracker, output } = tracked(1);
    for (const bad of [0, -1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER, maximumLeap + 1]) expect(give(tracker, bad)).toBe(false);
    tracker.expectUpTo(Number.MAX_SAFE_INTEGER);
    expect(tracker.firstMissing).toBeUndefined();
    expect(output.gaps).toEqual([]);
  });

  test('lets held records go beyond its memory, and asks for them again', () => {
    const { tracker, output, budget } = tracked(1, 4_000);
    for (const each of upTo(100, 2)) give(tracker, each);
    expect(budget.used).toBeLessThanOrEqual(4_000);
    for (let rounds = 0; tracker.firstMissing && rounds < 1_000; rounds++) give(tracker, tracker.firstMissing.from);
    expect(output.records).toEqual(upTo(101));
    expect(budget.used).toBe(0);
  });

  test('any loss, doubling, reordering and spool answers: in order, exactly once, or declared lost', () => {
    const scenario = fc.record({
      count: fc.integer({ min: 1, max: 120 }),
      first: fc.constantFrom(1, 1, 7, 1_000),
      /** What happens to the arrivals: which are lost, how far each is displaced, how often it comes. */
      fates: fc.array(fc.record({ copies: fc.constantFrom(0, 1, 1, 1, 2, 3), delay: fc.integer({ min: 0, max: 12 }) }), {
        minLength: 120,
        maxLength: 120,
      }),
      goneFromSpool: fc.uniqueArray(fc.integer({ min: 0, max: 119 }), { maxLength: 25 }),
      limit: fc.constantFrom(600, 2_000, 1 << 20),
      /** After how many arrivals a request to the spool is answered. */
      answerEvery: fc.integer({ min: 1, max: 30 }),
      page: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(scenario, ({ count, first, fates, goneFromSpool, limit, answerEvery, page }) => {
        const { tracker, output, budget } = tracked(first, limit);
        const gone = new Set(goneFromSpool.map((each) => first + each));
        const last = first + count - 1;
        const arrivals = upTo(count, first)
          .flatMap((sequence, index) =>
            Array.from({ length: fates[index]?.copies ?? 0 }, (_, copy) => ({ sequence, at: index + copy * (fates[index]?.delay ?? 0) })),
          )
          .sort((left, right) => left.at - right.at);
        const answer = (): void => {
          const wanted = tracker.firstMissing;
          if (!wanted) return;
          for (let each = wanted.from; each <= Math.min(wanted.to, wanted.from + page - 1); each++) {
            if (gone.has(each)) tracker.declareLost(each, each, 'gone');
            else give(tracker, each);
          }
        };
        for (const [index, { sequence }] of arrivals.entries()) {
          give(tracker, sequence);
          expect(budget.used).toBeLessThanOrEqual(limit);
          if (index % answerEvery === 0) answer();
        }
        tracker.expectUpTo(last);
        for (let rounds = 0; tracker.firstMissing && rounds < 2_000; rounds++) answer();

        expect(output.passed).toEqual(upTo(count, first));
        expect(budget.used).toBe(0);
        const lost = output.gaps.filter((gap) => gap.state === 'lost').flatMap((gap) => upTo(gap.to - gap.from + 1, gap.from));
        expect(lost.every((each) => gone.has(each))).toBe(true);
        const opened = output.gaps.filter((gap) => gap.state === 'open').flatMap((gap) => upTo(gap.to - gap.from + 1, gap.from));
        const filled = output.gaps.filter((gap) => gap.state === 'filled').flatMap((gap) => upTo(gap.to - gap.from + 1, gap.from));
        // Every gap that was told open is told to its end, and nothing is told filled twice.
        expect(opened.filter((each) => !lost.includes(each))).toEqual(filled);
      }),
      { numRuns: 500, seed: 20_261_120 },
    );
  });
});
