/**
 * Durations, fault stopwatches and counts: numbers that differ by factors rather than by amounts, so they are compared as logarithms.
 * Each is a family of its own.
 */
import { minimumBaselineRuns, type Finding, type FindingSubject } from './comparison.ts';
import type { TestedFamily } from './families.ts';
import { findingId, type ComparisonContext, type RankedFinding } from './findings.ts';
import { expectedHalfWidth, NullModel, sharedNull, type Deviation } from './null-model.ts';
import { median } from './robust.ts';
import { type ToldUnit } from '#shared/wording/quantities.ts';
import { contractUnit } from './told-units.ts';

/** One number of the candidate, and of each baseline run. */
export interface ComparedNumber {
  readonly subject: FindingSubject;
  readonly step: string | null;
  readonly unit: ToldUnit;
  readonly value: number;
  /** By baseline run; null: it has none. */
  readonly values: readonly (number | null)[];
  readonly rank: number;
  readonly sentence: (values: readonly number[]) => string;
}

export interface NumberKind {
  readonly numbers: readonly ComparedNumber[];
  /** Added before the logarithm: differences much below it count for nothing. */
  readonly offset: number;
  /** Of logarithms, by the baseline's median: a factor nearer to 1 than exp(floor) matters to nobody. */
  readonly floor: (median: number) => number;
}

export interface TestedNumbers {
  readonly families: readonly TestedFamily[];
  /** Numbers that fewer than 8 baseline runs have. */
  readonly baselineWithout: number;
}

/** Tests numbers of one kind: their deviates in the baseline are one pool. */
export function testNumbers(context: ComparisonContext, { numbers, offset, floor }: NumberKind): TestedNumbers {
  const model = new NullModel(sharedNull());
  const logarithm = (value: number): number => Math.log(Math.max(0, value) + offset);
  const prepared = numbers.flatMap((number) => {
    const known = number.values.flatMap((value) => (value === null || !Number.isFinite(value) ? [] : [value]));
    if (known.length < minimumBaselineRuns) return [];
    const sorted = Float64Array.from(known, logarithm).sort();
    const least = floor(median(known));
    model.learn(sorted, sorted.length, least);
    return [{ number, known, sorted, least }];
  });
  const families = prepared.map(({ number, known, sorted, least }): TestedFamily => {
    const deviation = model.deviation(logarithm(number.value), sorted, sorted.length, least);
    const among = known.some((value) => value >= number.value) && known.some((value) => value <= number.value);
    const p = among ? 1 : Math.exp(model.logP(deviation));
    const doubled = !among && Math.abs(deviation.score) >= doubledScore && isDoubled(number.value, median(known), offset);
    return {
      p,
      size: 1,
      doubled,
      finding: (q, threshold) => numberFinding(context, number, { deviation, known, p, q, threshold, model, offset }),
    };
  });
  return { families, baselineWithout: numbers.length - prepared.length };
}

/** Normal score from which on twice as much is more than how the number varies anyway. */
const doubledScore = 2;

/** Twice as much or more, or half or less; what is small beside the offset counts for nothing. */
function isDoubled(value: number, middle: number, offset: number): boolean {
  const [low, high] = [Math.min(value, middle), Math.max(value, middle)];
  return high >= 2 * low && high - low > offset;
}

interface NumberTest {
  readonly deviation: Deviation;
  readonly known: readonly number[];
  readonly p: number;
  readonly q: number;
  readonly threshold: number;
  readonly model: NullModel;
  readonly offset: number;
}

function numberFinding(context: ComparisonContext, number: ComparedNumber, test: NumberTest): RankedFinding {
  const { deviation, known, p, q, threshold, model, offset } = test;
  const direction = number.value > Math.exp(deviation.median) - offset ? 'up' : 'down';
  const original = (logarithm: number): number => Math.max(0, Math.exp(logarithm) - offset);
  const half = expectedHalfWidth(deviation);
  const visible = model.visible(deviation, threshold, direction === 'up' ? 1 : -1);
  const middle = original(deviation.median);
  const edge = original(deviation.median + (direction === 'up' ? visible : -visible));
  const finding: Finding = {
    id: findingId(number.subject, number.step, direction),
    subject: number.subject,
    step: number.step,
    status: 'confirmed',
    direction,
    sentence: number.sentence(known),
    unit: contractUnit(number.unit),
    candidate: number.value,
    baseline: context.runs.flatMap(({ run }, index) => {
      const value = number.values[index];
      return value === null || value === undefined || !Number.isFinite(value) ? [] : [{ run, value }];
    }),
    expected: { median: middle, low: original(deviation.median - half), high: original(deviation.median + half) },
    effect: deviation.constant ? null : deviation.z,
    p: Math.max(p, Number.MIN_VALUE),
    q,
    smallestVisible: Number.isFinite(visible) && Number.isFinite(edge) ? Math.abs(edge - middle) : null,
    also: [],
  };
  const ratio = Math.abs(Math.log((number.value + offset) / (middle + offset)));
  return { finding, rank: number.rank, weight: Math.min(Math.abs(deviation.score), 12) * Math.min(4, 0.25 + ratio) };
}
