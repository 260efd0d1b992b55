/** Present values under a clock that the test sets; clock offsets; damped problems. */
import { describe, expect, test } from 'vitest';
import { ClockOffset } from '#main/core/link/clock-offset.ts';
import { ProblemDamper } from '#main/core/link/problem-damper.ts';
import { Readings } from '#main/core/link/readings.ts';
import type { Catalogue } from '#shared/protocol/observations.ts';
import type { SeriesDeclaration } from '#shared/telemetry/series.ts';
import { componentName, daemonName } from './fake-daemon.ts';
import { ManualClock } from './manual-clock.ts';

const mep = daemonName('MEP');
const mon = daemonName('MON');
const series = (component: string, ...metrics: string[]): SeriesDeclaration[] =>
  metrics.map((metric, id) => ({ id, component: componentName(component), metric, unit: 'none', kind: 'gauge' }));
const offering = (daemon: string, ...components: string[]): Catalogue =>
  ({
    daemon,
    components: components.map((name) => ({ name })),
    states: components.map((component) => ({ component, state: `${daemon} says` })),
  }) as unknown as Catalogue;

describe('readings', () => {
  test('a value is stale after three of its intervals, five seconds at least', () => {
    const clock = new ManualClock();
    const readings = new Readings(clock, 5_000);
    readings.setPresent(mep, true);
    const [slow, quick] = [series('Engine', 'slow'), series('Engine', 'quick')];
    for (let count = 0; count < 10; count++) {
      if (count % 5 === 0) readings.takeSamples(mep, slow, Float64Array.of(count), count * 10_000);
      readings.takeSamples(mep, quick, Float64Array.of(count), count * 10_000);
      clock.pass(10_000);
    }
    // The quick one comes every 10 s, the slow one every 50 s, last 50 s ago.
    expect([readings.reading('Engine.slow'), readings.reading('Engine.quick')]).toEqual([5, 9]);
    clock.pass(19_999);
    expect(readings.reading('Engine.quick')).toBe(9);
    clock.pass(2);
    expect(readings.reading('Engine.quick')).toBeNull();
    clock.pass(79_000);
    expect(readings.reading('Engine.slow')).toBe(5);
    clock.pass(1_000);
    expect(readings.reading('Engine.slow')).toBeNull();
  });

  test('of what a daemon reported that is away its absence is told, also where there was no value before', () => {
    const readings = new Readings(new ManualClock(), 5_000);
    readings.setPresent(mep, true);
    readings.takeCatalogue(offering('MEP', 'Engine'));
    const told: (string | null)[] = [];
    readings.watch(['Engine.rss'], () => told.push(readings.absentSource('Engine.rss')));
    expect([readings.absentSource('Engine.rss'), readings.absentSource('Nobody.rss')]).toEqual([null, null]);
    readings.setPresent(mep, false);
    expect(readings.absentSource('Nobody.rss')).toBeNull();
    readings.setPresent(mep, true);
    expect(told).toEqual(['MEP', null]);
  });

  test('the process id follows the events, not only the catalogue', () => {
    const readings = new Readings(new ManualClock(), 5_000);
    readings.setPresent(mep, true);
    const engine = componentName('Engine');
    readings.takeCatalogue({ ...offering('MEP', 'Engine'), states: [{ component: engine, state: 'READY', pid: 11, since: 0 }] });
    expect(readings.reading('Engine.pid')).toBe(11);
    readings.takeEvents(mep, [{ kind: 'component-crashed', time: 1, component: engine, pid: 11, exitStatus: null, signal: 'KILL' }]);
    expect(readings.reading('Engine.pid')).toBeNull();
    readings.takeEvents(mep, [{ kind: 'component-started', time: 2, component: engine, pid: 12 }]);
    expect(readings.reading('Engine.pid')).toBe(12);
    readings.takeEvents(mep, [{ kind: 'state', time: 3, component: engine, state: 'READY', previous: 'RUNNING' }]);
    expect(readings.reading('Engine.pid')).toBe(12);
  });

  test('watchers are told of changes only, once for a frame, and of staleness by the sweep', () => {
    const clock = new ManualClock();
    const readings = new Readings(clock, 5_000);
    readings.setPresent(mep, true);
    let told = 0;
    // Watched before the series is known.
    const unwatch = readings.watch(['Engine.a', 'Engine.b'], () => told++);
    const both = series('Engine', 'a', 'b', 'c');
    readings.takeSamples(mep, both, Float64Array.of(1, 2, 3), 0);
    expect(told).toBe(1);
    readings.takeSamples(mep, both, Float64Array.of(1, 2, 4), 1);
    expect(told).toBe(1);
    clock.pass(5_002);
    readings.sweep();
    readings.sweep();
    expect(told).toBe(2);
    readings.takeSamples(mep, both, Float64Array.of(1, 2, 4), 2);
    readings.sweep();
    expect(told).toBe(3);
    unwatch();
    readings.takeSamples(mep, both, Float64Array.of(9, 9, 9), 3);
    expect(told).toBe(3);
  });

  test('a value that comes back unchanged after it was stale is told at once', () => {
    const clock = new ManualClock();
    const readings = new Readings(clock, 5_000);
    readings.setPresent(mep, true);
    const told: unknown[] = [];
    readings.watch(['Engine.a'], () => told.push(readings.reading('Engine.a')));
    const a = series('Engine', 'a');
    readings.takeSamples(mep, a, Float64Array.of(1), 0);
    clock.pass(6_000);
    readings.sweep();
    readings.takeSamples(mep, a, Float64Array.of(1), 1);
    expect(told).toEqual([1, null, 1]);
  });

  test('a component belongs to the first daemon that reports it, until that one no longer does', () => {
    const readings = new Readings(new ManualClock(), 5_000);
    for (const daemon of [mep, mon]) readings.setPresent(daemon, true);
    expect(readings.takeCatalogue(offering('MEP', 'Engine'))).toEqual([]);
    expect(readings.takeCatalogue(offering('MON', 'Engine'))).toEqual([{ component: 'Engine', owner: 'MEP', ignored: 'MON' }]);
    expect(readings.reading('Engine.STATE')).toBe('MEP says');
    const [mine, theirs] = [series('Engine', 'rss'), series('Engine', 'rss')];
    readings.takeSamples(mep, mine, Float64Array.of(1), 0);
    readings.takeSamples(mon, theirs, Float64Array.of(2), 0);
    expect(readings.reading('Engine.rss')).toBe(1);
    readings.takeCatalogue(offering('MEP'));
    readings.takeCatalogue(offering('MON', 'Engine'));
    expect(readings.reading('Engine.STATE')).toBe('MON says');
    expect(readings.reading('Engine.rss')).toBeNull();
    readings.takeSamples(mon, theirs, Float64Array.of(2), 1);
    expect(readings.reading('Engine.rss')).toBe(2);
  });

  test('a daemon that watches a component comes before one that merely has values of it', () => {
    const readings = new Readings(new ManualClock(), 5_000);
    for (const daemon of [mep, mon]) readings.setPresent(daemon, true);
    expect(readings.takeCatalogue({ ...offering('MON', 'Engine'), states: [] })).toEqual([]);
    const theirs = series('Engine', 'errors');
    readings.takeSamples(mon, theirs, Float64Array.of(7), 0);
    expect(readings.reading('Engine.errors')).toBe(7);
    expect(readings.takeCatalogue(offering('MEP', 'Engine'))).toEqual([{ component: 'Engine', owner: 'MEP', ignored: 'MON' }]);
    expect(readings.reading('Engine.STATE')).toBe('MEP says');
    readings.takeSamples(mon, theirs, Float64Array.of(8), 1);
    expect(readings.reading('Engine.errors')).toBeNull();
  });

  test('grows with the series, and keeps every value', () => {
    const readings = new Readings(new ManualClock(), 5_000);
    readings.setPresent(mep, true);
    const many = series('Engine', ...Array.from({ length: 5_000 }, (_, index) => `m${index}`));
    readings.takeSamples(
      mep,
      many.slice(0, 1_000),
      Float64Array.from({ length: 1_000 }, (_, index) => index),
      0,
    );
    readings.takeSamples(
      mep,
      many.slice(1_000),
      Float64Array.from({ length: 4_000 }, (_, index) => index + 1_000),
      0,
    );
    for (const index of [0, 999, 1_000, 1_023, 1_024, 4_999]) expect(readings.reading(`Engine.m${index}`)).toBe(index);
    for (const unknown of ['Engine.m5000', 'Engine', '', '.', 'Engine.', 'Other.m1', '__proto__.x'])
      expect(readings.reading(unknown)).toBeNull();
  });
});

describe('clock offset', () => {
  test('is that of the presence that was under way for the shortest time', () => {
    const offset = new ClockOffset();
    expect(offset.value).toBeNull();
    for (const [index, delay] of [40, 5, 300, 12].entries()) offset.observe(index * 1_000 + 700, index * 1_000 + delay);
    expect(offset.value).toBe(695);
  });

  test('follows a clock that was set, back or ahead, after two presences at most', () => {
    const offset = new ClockOffset();
    for (let count = 0; count < 8; count++) offset.observe(count * 1_000, count * 1_000 + 3);
    offset.observe(8_000 - 60_000, 8_003);
    expect(offset.value).toBe(-3);
    offset.observe(9_000 - 60_000, 9_004);
    expect(offset.value).toBe(-60_003);
    offset.observe(10_000 + 60_000, 10_003);
    expect(offset.value).toBe(59_997);
  });
});

describe('damped problems', () => {
  test('the first at once, then one every five seconds with the count of the others', () => {
    const clock = new ManualClock();
    const told: string[] = [];
    const damper = new ProblemDamper(clock, (problem) => told.push(problem.message));
    const report = (message: string): void => damper.report({ severity: 'warning', code: 'malformed-message', message });
    for (let count = 0; count < 1_000; count++) report(`A frame of ${count} bytes was refused.`);
    report('Another kind.');
    expect(told).toEqual(['A frame of 0 bytes was refused.', 'Another kind.']);
    clock.pass(5_000);
    expect(told.slice(2)).toEqual(['A frame of 999 bytes was refused. (999 more of this kind in 5 s)']);
    clock.pass(5_000);
    report('A frame of 7 bytes was refused.');
    expect(told.at(-1)).toBe('A frame of 7 bytes was refused.');
    damper.dispose();
  });
});
