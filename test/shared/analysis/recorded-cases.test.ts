/** What recorded environments showed, on small histories of the same kind: steps of a resolution, doubled levels, counts by one. */
import { describe, expect, test } from 'vitest';
import type { ProfileSeries, RunProfile } from '#shared/analysis/profile.ts';
import { mostWatched } from '#shared/analysis/families.ts';
import { Chance, compared, profileOf, simulatedMetrics, simulatedRun } from './simulated-runs.ts';

/** A run with 120 usual series, and one more of which all numbers are told. */
function runWith(index: number, chance: Chance, level: number, unit: ProfileSeries['unit'] = 'ms', wobble = 0): RunProfile {
  const usual = simulatedMetrics({ index, series: 121, shape: 'normal', chance });
  const told = (column: Float64Array, value: number): Float64Array => Float64Array.from([...column.subarray(0, 120), value]);
  const series = usual.series.map((each, place): ProfileSeries => (place === 120 ? { ...each, name: 'Nginx.latency', unit } : each));
  return profileOf({
    index,
    metrics: {
      ...usual,
      series,
      level: told(usual.level, level),
      spread: told(usual.spread, wobble),
      trend: told(usual.trend, 0),
      minimum: told(usual.minimum, level - wobble),
      maximum: told(usual.maximum, level + wobble),
    },
  });
}

const latencyOf = ({ subject }: ReturnType<typeof compared>['findings'][number]): boolean =>
  subject.kind === 'metric' && subject.series === 'Nginx.latency';

describe('a latency in whole milliseconds', () => {
  test('that is five times as much is found first', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const chance = new Chance(seed);
      const baseline = [7, 7, 8, 7, 7, 7, 8, 7, 7, 7].map((level, index) => runWith(index, chance, level));
      const { verdict, findings } = compared(runWith(20, chance, 37), baseline);
      expect(verdict).toBe('changed');
      expect(findings.findIndex(latencyOf)).toBe(0);
      expect(findings[0]?.sentence).toContain('37 ms');
      // Its scale is a step of the resolution, so that the difference can be told in spreads.
      expect(findings[0]?.effect).toBeGreaterThan(10);
    }
  });

  test('that is one step more is not confirmed where runs were seen one step off', () => {
    const chance = new Chance(3);
    const baseline = [7, 7, 8, 7, 7, 7, 8, 7, 7, 7].map((level, index) => runWith(index, chance, level));
    const { findings } = compared(runWith(20, chance, 8), baseline);
    expect(findings.filter((finding) => finding.status === 'confirmed' && latencyOf(finding))).toEqual([]);
  });
});

describe('what is not confirmed', () => {
  const writes = [1.2, 2.7, 1.9, 2.2, 1.4, 1.8, 2.5, 1.6];

  test('is listed with its figures where a level doubled, outside the verdict', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const chance = new Chance(seed);
      const baseline = writes.map((level, index) => runWith(index, chance, level, 'ms', 0.3));
      const { findings, reason, verdict } = compared(runWith(20, chance, 5.4, 'ms', 0.3), baseline);
      const row = findings.find(latencyOf);
      expect(row).toMatchObject({ candidate: 5.4, direction: 'up' });
      expect(row?.expected?.median).toBeCloseTo(1.85, 1);
      expect(row?.p).toBeGreaterThan(0);
      if (verdict === 'no change') expect(reason).toMatch(/is confirmed; (one is|\d+ are) worth a look\.$/);
    }
  });

  test('stands behind all that is, and never fills the list', () => {
    const chance = new Chance(5);
    const baseline = Array.from({ length: 10 }, (_, index) => simulatedRun({ index, series: 2_000, shape: 't3', chance }));
    const changes = new Map(Array.from({ length: 40 }, (_, number) => [number * 50, { feature: 'level', by: 40 } as const]));
    for (const candidate of [{}, { changes }]) {
      const { findings } = compared(simulatedRun({ index: 20, series: 2_000, shape: 't3', chance, ...candidate }), baseline);
      const first = findings.findIndex(({ status }) => status === 'plain');
      const watched = findings.filter(({ status }) => status === 'plain');
      expect(watched.length).toBeGreaterThan(0);
      expect(watched.length).toBeLessThanOrEqual(mostWatched);
      expect(findings.slice(first).every(({ status }) => status === 'plain')).toBe(true);
    }
  });
});

test('one more of what is counted is no change of how a series varies', () => {
  const chance = new Chance(7);
  const baseline = Array.from({ length: 20 }, (_, index) => runWith(index, chance, 12, 'count', 0));
  const { findings } = compared(runWith(30, chance, 12, 'count', 0.75), baseline);
  expect(findings.filter((finding) => finding.status === 'confirmed' && latencyOf(finding) && finding.subject.kind === 'metric' && finding.subject.feature === 'spread')).toEqual([]); // prettier-ignore
});
