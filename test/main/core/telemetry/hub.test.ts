/** The recent past of series: what is kept, how much of it, and in whose time. */
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakeLink, ManualClock, component, daemon, epoch } from '../engine/fakes.ts';
import { PointRing } from '#main/core/telemetry/point-ring.ts';
import { TelemetryHub } from '#main/core/telemetry/hub.ts';
import { visiblePoints } from '#main/core/telemetry/visible-points.ts';
import { daemonNameSchema } from '#shared/identifiers.ts';
import type { SeriesDeclaration } from '#shared/telemetry/series.ts';

describe('a ring of points', () => {
  test('holds the last points in order, whatever came and however its capacity grew', () => {
    const step = fc.record({ count: fc.nat({ max: 200 }), capacity: fc.integer({ min: 1, max: 400 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.nat({ max: 1_000 }), (steps, seen) => {
        const ring = new PointRing();
        let length = 32;
        let total = 0;
        for (const { count, capacity } of steps) {
          for (let index = 0; index < count; index++) {
            ring.push(total, -total, capacity);
            total++;
            if (total > length && capacity > length) length = Math.min(capacity, length * 2);
          }
        }
        const { times, values } = ring.since(seen);
        expect(ring.total).toBe(total);
        expect(times.length).toBeLessThanOrEqual(Math.max(0, total - seen));
        // Without a gap up to the newest.
        times.forEach((time, index) => expect(time).toBe(total - times.length + index));
        values.forEach((value, index) => expect(value).toBe(-times[index]!));
        expect(ring.since(0).times.length).toBeGreaterThanOrEqual(Math.min(total, 32));
        expect(ring.since(0).times.length).toBeLessThanOrEqual(Math.max(32, ...steps.map(({ capacity }) => capacity)));
      }),
      { seed: 31 },
    );
  });
});

const series: SeriesDeclaration[] = ['rss', 'cpu'].map((metric, id) => ({
  id,
  component: component('Engine'),
  metric,
  unit: 'none',
  kind: 'gauge',
}));
const other = daemonNameSchema.parse('MEB');

describe('the hub', () => {
  let clock: ManualClock;
  let hub: TelemetryHub;
  let start: number;
  beforeEach(() => {
    clock = new ManualClock();
    hub = new TelemetryHub(new FakeLink(), clock);
    start = clock.now();
  });

  const sample = (time: number, values: readonly number[], from = daemon, declared = series): void =>
    hub.hear({
      kind: 'samples',
      daemon: from,
      frame: { kind: 'dense', epoch, sequence: 1, time, columns: 1, values: Float64Array.from(values) },
      series: declared,
    });
  const present = (clockOffset: number | null, state: 'present' | 'lost' = 'present', from = daemon): void =>
    hub.hear({ kind: 'presence', daemon: from, state, epoch, clockOffset });
  const valuesOf = (name: string): number[] => [...(hub.points(name)?.since(0).values ?? [])];
  const timesOf = (name: string): number[] => [...(hub.points(name)?.since(0).times ?? [])];

  test('keeps what nobody looks at ten times a second, and what somebody looks at in full', () => {
    const forget = hub.ask(['Engine.cpu']);
    for (let time = 0; time < 1_000; time += 10) sample(start + time, [time, time]);
    expect(valuesOf('Engine.cpu')).toHaveLength(100);
    expect(valuesOf('Engine.rss').length).toBeGreaterThanOrEqual(10);
    expect(valuesOf('Engine.rss').length).toBeLessThanOrEqual(12);
    forget();
    forget();
    for (let time = 1_000; time < 2_000; time += 10) sample(start + time, [time, time]);
    expect(valuesOf('Engine.cpu').length).toBeLessThanOrEqual(112);
  });

  test('keeps a minute of ten a second, and no more', () => {
    for (let index = 0; index < 2_000; index++) sample(start + index * 100, [index, index]);
    expect(valuesOf('Engine.rss')).toHaveLength(600);
    expect(valuesOf('Engine.rss').at(-1)).toBe(1_999);
    expect(hub.points('Engine.rss')?.total).toBe(2_000);
  });

  test('times are the core’s; a small correction does not disturb their order, a clock that was set begins anew', () => {
    hub.ask(['Engine.rss']);
    present(10_000);
    sample(start + 10_000, [1, 1]);
    present(10_010);
    sample(start + 10_100, [2, 1]);
    expect(timesOf('Engine.rss')).toEqual([start, start + 100]);
    // Doubled, or older than the last: not taken.
    sample(start + 10_100, [3, 1]);
    sample(start + 10_050, [4, 1]);
    expect(valuesOf('Engine.rss')).toEqual([1, 2]);
    sample(start + 10_000 - 60_000, [5, 1]);
    expect(valuesOf('Engine.rss')).toEqual([5]);
    expect(timesOf('Engine.rss')).toEqual([start - 60_000]);
  });

  test('of two daemons that report one series the first is believed, until it is silent', () => {
    const theirs = series.map((each) => ({ ...each }));
    sample(start, [1, 1]);
    sample(start + 500, [100, 100], other, theirs);
    sample(start + 1_000, [2, 2]);
    expect(valuesOf('Engine.rss')).toEqual([1, 2]);
    sample(start + 20_000, [200, 200], other, theirs);
    sample(start + 20_500, [3, 3]);
    expect(valuesOf('Engine.rss')).toEqual([1, 2, 200]);
  });

  test('a lost daemon ends its lines', () => {
    sample(start, [1, 1]);
    present(null, 'lost', other);
    expect(valuesOf('Engine.rss')).toEqual([1]);
    present(null, 'lost');
    expect(valuesOf('Engine.rss')).toEqual([1, Number.NaN]);
    sample(start + 5_000, [2, 2]);
    expect(valuesOf('Engine.rss')).toEqual([1, Number.NaN, 2]);
  });

  test('lists what was declared, sampled or not', () => {
    const declared = { id: 9, component: component('Engine'), metric: 'late', unit: 'ms', kind: 'gauge', help: 'How late' } as const;
    hub.hear({ kind: 'events', daemon, epoch, number: 1, events: [{ kind: 'series-declared', time: start, series: [declared] }] });
    sample(start, [1, 1]);
    expect(hub.list().map(({ name, unit, help }) => [name, unit, help])).toEqual([
      ['Engine.cpu', 'none', undefined],
      ['Engine.late', 'ms', 'How late'],
      ['Engine.rss', 'none', undefined],
    ]);
  });

  test('many series are kept in bounded memory', () => {
    const many = Array.from({ length: 20_000 }, (_, id): SeriesDeclaration => ({ ...series[0]!, id, metric: `m${id}` }));
    for (let index = 0; index < 210; index++)
      sample(
        start + index * 100,
        many.map(() => index),
        daemon,
        many,
      );
    expect(valuesOf('Engine.m0')).toHaveLength(200);
    const flood = Array.from({ length: 40_001 }, (_, id): SeriesDeclaration => ({ ...series[0]!, id, metric: `n${id}` }));
    sample(
      start + 100_000,
      flood.map(() => 1),
      daemon,
      flood,
    );
    expect(hub.list()).toHaveLength(60_000);
  });
});

test('a chart gets the points of its viewport and the neighbours, as they are where they are few', () => {
  const times = Float64Array.from({ length: 100 }, (_, index) => index * 10);
  const stretch = { times, values: times };
  expect([...visiblePoints(stretch, { from: 95, to: 121, columns: 50 }).times]).toEqual([90, 100, 110, 120, 130]);
  expect([...visiblePoints(stretch, { from: -5, to: 15, columns: 50 }).times]).toEqual([0, 10, 20]);
  expect([...visiblePoints(stretch, { from: 2_000, to: 3_000, columns: 50 }).times]).toEqual([990]);
  expect(visiblePoints(stretch, { from: 0, to: 1_000, columns: 5 }).times.length).toBeLessThan(32);
});
