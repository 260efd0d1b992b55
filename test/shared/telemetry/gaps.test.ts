/** Lines are broken where a daemon was not heard, and only there. */
import { describe, expect, test } from 'vitest';
import { Silences } from '#shared/run/silences.ts';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';
import { withGaps } from '#shared/telemetry/gaps.ts';

const points = (...times: number[]) => ({ times: Float64Array.from(times), values: Float64Array.from(times, () => 1) });
const drawn = (times: number[], ...silences: { from: number; to: number | null }[]) => {
  const { times: all, values } = withGaps(points(...times), silences);
  return Array.from(all, (time, index) => (Number.isNaN(values[index]) ? `gap after ${times.findLast((each) => each < time)}` : time));
};

describe('a line over a silence', () => {
  test('is broken between the last point before and the first after it', () => {
    expect(drawn([0, 100, 200, 5_100, 5_200], { from: 210, to: 5_000 })).toEqual([0, 100, 200, 'gap after 200', 5_100, 5_200]);
  });

  test('is broken also where a point came a little after the last sign of life, or before the daemon was known to be back', () => {
    expect(drawn([0, 300, 4_800, 5_100], { from: 210, to: 5_000 })).toEqual([0, 300, 'gap after 300', 4_800, 5_100]);
  });

  test('is broken once for each of several', () => {
    expect(drawn([0, 9_000, 20_000], { from: 10, to: 8_900 }, { from: 9_010, to: 19_000 })).toEqual([
      0,
      'gap after 0',
      9_000,
      'gap after 9000',
      20_000,
    ]);
  });

  test('goes on where the values of that time were told afterwards', () => {
    const told = Array.from({ length: 60 }, (_, index) => index * 100);
    expect(drawn(told, { from: 210, to: 5_000 })).toEqual(told);
  });

  test('goes on where nothing is missing: before, after, and in a silence that has no end', () => {
    expect(drawn([0, 100, 200], { from: 250, to: 5_000 })).toEqual([0, 100, 200]);
    expect(drawn([6_000, 6_100], { from: 250, to: 5_000 })).toEqual([6_000, 6_100]);
    expect(drawn([0, 100, 900], { from: 50, to: null })).toEqual([0, 100, 900]);
    expect(drawn([], { from: 50, to: 60 })).toEqual([]);
  });
});

describe('silences of a run', () => {
  const record = (time: number, state: string, more: object = {}, daemon = 'MEP'): RunRecord =>
    runRecordSchema.parse({ kind: 'presence', sequence: 1, time, daemon, state, epoch: null, clockOffset: 0, ...more });

  test('begin with the last sign of life and end when the daemon is heard again', () => {
    const silences = new Silences();
    const lost = record(4_000, 'lost', { lastSign: 1_000 });
    for (const each of [record(1, 'present'), lost, record(5_000, 'lost'), record(6_000, 'lost', {}, 'GW')]) silences.take(each);
    expect(silences.all()).toEqual([
      { daemon: 'MEP', from: 1_000, to: null },
      { daemon: 'GW', from: 6_000, to: null },
    ]);
    silences.take(record(7_000, 'present', { lastSign: 1_000 }));
    expect(silences.of('MEP')).toEqual([{ daemon: 'MEP', from: 1_000, to: 7_000 }]);
  });

  test('are those of which the core heard only that they are over, too', () => {
    const silences = new Silences();
    silences.take(record(7_000, 'present', { lastSign: 6_000 }));
    expect(silences.all()).toEqual([{ daemon: 'MEP', from: 6_000, to: 7_000 }]);
  });
});
