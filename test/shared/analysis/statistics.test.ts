/** The statistics against values that others have published, and against simulation. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logNormalTail, logStudentTail, normalQuantileOfLogTail, normalTail, wilsonInterval } from '#shared/analysis/distributions.ts';
import { addedScores, kendallDeviate, kendallScore, theilSenSlope } from '#shared/analysis/mann-kendall.ts';
import { adjustedForDiscovery, simes } from '#shared/analysis/multiplicity.ts';
import { deviateOfScore, normalScore, predictionFactor, referenceFor, steadyScale } from '#shared/analysis/prediction.ts';
import { medianOfSorted, qn } from '#shared/analysis/robust.ts';
import { smallestVisibleDifference } from '#shared/analysis/visibility.ts';
import { Chance } from './simulated-runs.ts';

const seeded = { numRuns: 300, seed: 19_950_101 };

/** Copper in wholemeal flour, Venables and Ripley (2002), section 5.5. */
const copper = [
  2.2, 2.2, 2.4, 2.4, 2.5, 2.7, 2.8, 2.9, 3.03, 3.03, 3.1, 3.37, 3.4, 3.4, 3.4, 3.5, 3.6, 3.7, 3.7, 3.7, 3.7, 3.77, 5.28, 28.95,
];

describe('Qn', () => {
  test('of the copper data is what statsmodels says (0.73231), with the correction for 24 values', () => {
    expect(qn(copper)).toBeCloseTo((0.73231 * 24) / (24 + 3.8), 4);
  });

  test('is the k-th smallest difference of pairs, as it is defined', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })), {
          minLength: 2,
          maxLength: 60,
        }),
        (values) => {
          const half = Math.floor(values.length / 2) + 1;
          const pairs = values
            .flatMap((left, index) => values.slice(index + 1).map((right) => Math.abs(left - right)))
            .sort((left, right) => left - right);
          const unscaled = qn([0, ...Array<number>(values.length - 1).fill(1)].map((_, index) => index)) / qn0(values.length);
          expect(qn(values)).toBeCloseTo((pairs[(half * (half - 1)) / 2 - 1] ?? 0) * unscaled, 6);
        },
      ),
      seeded,
    );
  });

  test('follows scale, ignores place', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        (values, factor) => {
          expect(qn(values.map((value) => value * factor + 7))).toBeCloseTo(qn(values) * factor, 6);
        },
      ),
      seeded,
    );
  });

  test('of normal values is their standard deviation on average', () => {
    const chance = new Chance(1);
    for (const count of [8, 9, 20, 50]) {
      const rounds = 4_000;
      let sum = 0;
      for (let round = 0; round < rounds; round += 1) sum += qn(Array.from({ length: count }, () => chance.normal()));
      expect(sum / rounds, `${count} values`).toBeGreaterThan(0.97);
      expect(sum / rounds, `${count} values`).toBeLessThan(1.03);
    }
  });
});

/** The k-th smallest difference of 0, 1, 2 … */
function qn0(count: number): number {
  const half = Math.floor(count / 2) + 1;
  const pairs = Array.from({ length: count - 1 }, (_, index) => Array<number>(count - 1 - index).fill(index + 1)).flat();
  return pairs[(half * (half - 1)) / 2 - 1] ?? 0;
}

describe('distributions', () => {
  test('normal tails are those of the tables, far out too', () => {
    expect(normalTail(1.959963984540054)).toBeCloseTo(0.025, 12);
    expect(normalTail(5) / 2.866515718791939e-7).toBeCloseTo(1, 10);
    expect(Math.exp(logNormalTail(8)) / 6.220960574271785e-16).toBeCloseTo(1, 10);
    expect(normalTail(-1)).toBeCloseTo(0.8413447460685429, 12);
  });

  test('normal quantiles undo tails', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 36, noNaN: true }), (x) => {
        expect(normalQuantileOfLogTail(logNormalTail(x))).toBeCloseTo(x, 6);
      }),
      seeded,
    );
    expect(normalQuantileOfLogTail(Math.log(0.9))).toBeCloseTo(-1.2815515655446004, 9);
  });

  test("Student's tails are those of the tables", () => {
    for (const [freedom, quantile] of [
      [1, 12.706204736],
      [4, 2.776445105],
      [7, 2.364624252],
      [30, 2.042272456],
    ] as const)
      expect(Math.exp(logStudentTail(quantile, freedom))).toBeCloseTo(0.025, 9);
    // Cauchy, of which the tail is known far out.
    expect(Math.exp(logStudentTail(1e6, 1)) * Math.PI * 1e6).toBeCloseTo(1, 6);
  });

  test("Wilson's interval is that of Newcombe (1998), table I", () => {
    for (const [hits, trials, low, high] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const) {
      expect(wilsonInterval(hits, trials).low).toBeCloseTo(low, 4);
      expect(wilsonInterval(hits, trials).high).toBeCloseTo(high, 4);
    }
  });
});

describe('false discoveries', () => {
  /** The example of Benjamini and Hochberg (1995), section 4.1: at 0.05 their procedure rejects four hypotheses, Bonferroni's three. */
  const published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1];

  test('the published example', () => {
    const adjusted = adjustedForDiscovery(published);
    expect([...adjusted].filter((q) => q <= 0.05)).toHaveLength(4);
    expect(adjusted[3]).toBeCloseTo((0.0095 * 15) / 4, 12);
    expect(adjusted[4]).toBeCloseTo((0.0201 * 15) / 5, 12);
    expect(adjusted[5]).toBeCloseTo((0.0298 * 15) / 7, 12);
  });

  test('adjusted values keep the order, are never smaller, and know no order of their own', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }), (values) => {
        const adjusted = adjustedForDiscovery(values);
        for (const [index, value] of values.entries()) {
          expect(adjusted[index]).toBeGreaterThanOrEqual(value * (1 - 1e-12));
          for (const [other, compared] of values.entries())
            if (value < compared) expect(adjusted[index]).toBeLessThanOrEqual(adjusted[other] ?? 1);
        }
        expect([...adjustedForDiscovery(values.toReversed())].reverse()).toEqual([...adjusted]);
      }),
      seeded,
    );
  });

  test("Simes' p is at most Bonferroni's and at least the smallest", () => {
    expect(simes([0.01, 0.02, 0.03], 3)).toBeCloseTo(0.03, 12);
    expect(simes([0.001], 100)).toBeCloseTo(0.1, 12);
    expect(simes([], 100)).toBe(1);
  });
});

describe('Mann–Kendall and Theil–Sen', () => {
  test('1 to 100 as in MannKendall.jl and pyMannKendall', () => {
    const score = kendallScore(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(score).toEqual({ score: 4_950, variance: 112_750 });
    expect(kendallDeviate(score)).toBeCloseTo(14.73869998208331, 10);
  });

  test('ties take from the variance; groups add up', () => {
    expect(kendallScore([1, 1, 1, 1])).toEqual({ score: 0, variance: 0 });
    // n = 4 with one pair tied: (4·3·13 − 2·1·9) / 18
    expect(kendallScore([1, 2, 2, 3])).toEqual({ score: 5, variance: (156 - 18) / 18 });
    expect(addedScores([kendallScore([1, 2]), kendallScore([2, 1])])).toEqual({ score: 0, variance: 2 });
  });

  test("Sen's slope minds no outlier", () => {
    expect(theilSenSlope([0, 1, 2, 3, 4, 5], [0, 2, 4, 600, 8, 10])).toBeCloseTo(2, 12);
  });
});

describe('prediction of one more run', () => {
  test.each([8, 9, 10, 14, 20, 35, 50])('normal values, %i runs: tails are what the reference says', (runs) => {
    const chance = new Chance(runs);
    const rounds = 20_000;
    const values = new Float64Array(runs);
    const wanted = [0.1, 0.01, 0.001].map((p) => ({ p, z: deviateOfScore(normalQuantileOfLogTail(Math.log(p / 2)), runs), found: 0 }));
    for (let round = 0; round < rounds; round += 1) {
      for (let index = 0; index < runs; index += 1) values[index] = chance.normal();
      values.sort();
      const middle = medianOfSorted(values, runs);
      const scale = steadyScale(values, runs, middle) * predictionFactor(runs);
      // Averaging the normal tail beyond the limits, instead of drawing the new run, shows rare events with few rounds.
      for (const each of wanted) each.found += normalTail(each.z * scale + middle) + normalTail(each.z * scale - middle);
    }
    for (const { p, found } of wanted) {
      expect(found / rounds / p, `p = ${p}`).toBeGreaterThan(0.75);
      expect(found / rounds / p, `p = ${p}`).toBeLessThan(1.3);
    }
  });

  test('scores and deviates undo each other, and keep order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 300 }), fc.double({ min: -30, max: 30, noNaN: true }), (runs, z) => {
        expect(deviateOfScore(normalScore(z, runs), runs)).toBeCloseTo(z, 4);
        expect(normalScore(z + 0.5, runs)).toBeGreaterThan(normalScore(z, runs));
      }),
      seeded,
    );
    expect(referenceFor(60).freedom).toBeGreaterThan(referenceFor(50).freedom);
  });
});

describe('the smallest visible difference of any number', () => {
  const tested = { numbers: 1_000, falseDiscoveryRate: 0.05 };

  test('shrinks with more runs, grows with what was tested, and is unknown of few or equal values', () => {
    const chance = new Chance(12);
    const values = Array.from({ length: 50 }, () => 100 + chance.normal());
    const [few, many] = [smallestVisibleDifference(values.slice(0, 8), tested), smallestVisibleDifference(values, tested)];
    expect(many).toBeGreaterThan(3);
    expect(many).toBeLessThan(8);
    expect(few ?? 0).toBeGreaterThan(many ?? Infinity);
    expect(smallestVisibleDifference(values, { ...tested, numbers: 10 }) ?? Infinity).toBeLessThan(many ?? 0);
    expect(smallestVisibleDifference(values.slice(0, 7), tested)).toBeNull();
    expect(smallestVisibleDifference(Array<number>(20).fill(5), tested)).toBeNull();
  });
});
