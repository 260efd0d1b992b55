import { describe, expect, test } from 'vitest';
import { componentsNamed, componentsWithoutState, suggestCharts } from '../../../renderer/stores/charts-suggestions.ts';
import { emptyChartsLayout, maximumSeriesPerChart, shownSeries, withSeries } from '../../../renderer/stores/charts-layout.ts';
import { Happenings } from '../../../renderer/stores/charts-markers.ts';
import type { KnownSeries } from '#shared/contract/telemetry.ts';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';

let sequence = 0;
function record(time: number, body: Record<string, unknown>): RunRecord {
  return runRecordSchema.parse({ sequence: ++sequence, time, ...body });
}
const step = (execution: number, text = 'echo x') => ({
  execution,
  scenario: 's',
  line: 0,
  number: execution,
  text,
  depth: 0,
  phase: 'main',
});
const observed = (time: number, event: Record<string, unknown>) =>
  record(time, { kind: 'observation', daemon: 'MEP', epoch: '0123456789abcdef', number: 1, events: [event] });

const done = { status: 'completed', exitStatus: 0, signal: null, success: true, result: '0', duration: 1 };

describe('what happened', () => {
  test('marks steps, faults, crashes, changes of state and notes at their times', () => {
    const happenings = new Happenings();
    const records = [
      record(100, { kind: 'step-started', step: step(1, 'kill -9 Engine') }),
      record(110, { kind: 'command-sent', execution: 1, command: 'abcdefgh', daemon: 'MEP', action: 'kill', arguments: ['-9', 'Engine'] }),
      record(115, { kind: 'command-finished', command: 'abcdefgh', outcome: done }),
      observed(130, { kind: 'component-crashed', time: 120, component: 'Engine', pid: 5, exitStatus: null, signal: 'KILL' }),
      observed(140, { kind: 'state', time: 135, component: 'Standby', state: 'READY', previous: 'STANDBY' }),
      record(150, { kind: 'note', execution: 1, text: 'look', author: 'alice' }),
      record(160, { kind: 'command-sent', execution: 1, command: 'abcdefgi', daemon: 'MEP', action: 'start', arguments: ['Engine'] }),
    ];
    for (const each of records) happenings.take(each);
    expect(happenings.markers.map(({ time, kind, label }) => [time, kind, label])).toEqual([
      [100, 'step', '1'],
      [110, 'fault', 'kill -9 Engine'],
      [120, 'crash', 'Engine crashed'],
      [135, 'state', 'Standby READY'],
      [150, 'note', 'look'],
    ]);
    expect(happenings.stateAt('Engine', 119)).toBeNull();
    expect(happenings.stateAt('Engine', 120)).toBe('CRASHED');
  });

  test('marks no fault that was given and not carried out', () => {
    const happenings = new Happenings();
    const lost = 'No daemon MEP is connected to the environment demo.';
    for (const each of [
      record(100, { kind: 'command-sent', execution: 1, command: 'abcdefgh', daemon: 'MEP', action: 'kill', arguments: ['-9', 'Engine'] }),
      record(30_000, { kind: 'command-failed', command: 'abcdefgh', execution: 1, message: lost }),
    ])
      happenings.take(each);
    expect(happenings.markers).toEqual([]);
  });

  test("brings a daemon's times to the core's clock", () => {
    const happenings = new Happenings();
    happenings.take(record(1, { kind: 'presence', daemon: 'MEP', state: 'present', epoch: null, clockOffset: 5_000 }));
    happenings.take(observed(200, { kind: 'state', time: 5_150, component: 'Engine', state: 'READY', previous: null }));
    expect(happenings.markers[0]?.time).toBe(150);
  });

  const presence = (time: number, state: string, more: object = {}) =>
    record(time, { kind: 'presence', daemon: 'MEP', state, epoch: '0123456789abcdef', clockOffset: 0, ...more });
  const state = (time: number, word: string, at = time) =>
    observed(time, { kind: 'state', time: at, component: 'Engine', state: word, previous: null });
  const lane = (happenings: Happenings) => happenings.statesOf('Engine').map(({ time, state: word }) => [time, word]);
  const lost = presence(4_000, 'lost', { lastSign: 1_000, components: ['Engine'] });

  test('of a lost daemon is unknown from its last sign of life on, until it is back', () => {
    const happenings = new Happenings();
    for (const each of [presence(1, 'present'), state(100, 'READY'), lost]) happenings.take(each);
    expect([999, 1_000, 9_000].map((time) => happenings.stateAt('Engine', time))).toEqual(['READY', 'UNKNOWN', 'UNKNOWN']);
    happenings.take(presence(6_000, 'present', { lastSign: 1_000 }));
    expect(lane(happenings)).toEqual([
      [100, 'READY'],
      [1_000, 'UNKNOWN'],
      [6_000, 'READY'],
    ]);
    // What it observed while nobody heard it comes late, and counts more than what was supposed.
    happenings.take(state(6_100, 'RECOVERING', 3_000));
    expect(lane(happenings)).toEqual([
      [100, 'READY'],
      [1_000, 'UNKNOWN'],
      [3_000, 'RECOVERING'],
    ]);
  });

  test('are unknown from what a core that died heard last on', () => {
    const happenings = new Happenings();
    const died = record(6_000, { kind: 'recovered', message: 'It died.', silentSince: 4_500 });
    for (const each of [presence(1, 'present'), state(100, 'READY'), died]) happenings.take(each);
    expect(lane(happenings)).toEqual([
      [100, 'READY'],
      [4_500, 'UNKNOWN'],
    ]);
    expect(happenings.silences.of('MEP')).toEqual([{ daemon: 'MEP', from: 4_500, to: null }]);
  });

  test('of a daemon that was started anew is unknown until it tells it, whether or not it was missed', () => {
    const anew = { epoch: '1123456789abcdef', lastSign: 1_000 };
    const found = [{ component: 'Engine', state: 'RUNNING', pid: 7, since: 5_900 }];
    for (const between of [[lost], []]) {
      const happenings = new Happenings();
      for (const each of [presence(1, 'present'), state(100, 'READY'), ...between]) happenings.take(each);
      happenings.take(presence(6_000, 'present', { ...anew, components: ['Engine'], states: found }));
      expect(lane(happenings)).toEqual([
        [100, 'READY'],
        [1_000, 'UNKNOWN'],
        [6_000, 'RUNNING'],
      ]);
    }
  });

  test('finds the step that ran at a time, and its span', () => {
    const happenings = new Happenings();
    happenings.take(record(100, { kind: 'step-started', step: step(1, 'one') }));
    happenings.take(
      record(150, { kind: 'step-finished', step: step(1, 'one'), state: 'passed', message: null, result: null, duration: 50 }),
    );
    happenings.take(record(160, { kind: 'step-started', step: step(2, 'two') }));
    expect(happenings.executionAt(99)).toBeNull();
    expect(happenings.executionAt(159)).toMatchObject({ execution: 1, text: 'one' });
    expect(happenings.executionAt(160)).toMatchObject({ execution: 2 });
    expect(happenings.spanOf(1)).toEqual({ from: 100, end: 150 });
    expect(happenings.spanOf(2)).toEqual({ from: 160, end: null });
  });

  test('keeps states in the order of their times, also when they are told late', () => {
    const happenings = new Happenings();
    happenings.rememberState('Engine', 300, 'READY');
    happenings.rememberState('Engine', 100, 'STARTING');
    happenings.rememberState('Engine', 350, 'READY');
    expect(happenings.statesOf('Engine').map(({ state }) => state)).toEqual(['STARTING', 'READY']);
  });
});

describe('charts', () => {
  const series = (component: string, metric: string, unit: KnownSeries['unit']): KnownSeries => ({
    name: `${component}.${metric}`,
    component,
    metric,
    unit,
    kind: 'gauge',
    daemon: 'D',
  });
  const known = ['Primary', 'Standby', 'Other'].flatMap((component) => [
    series(component, 'rss', 'bytes'),
    series(component, 'cpu', '%'),
    series(component, 'internal_latency', 'ms'),
  ]);

  test('are suggested for the components that a scenario names, in their order, then for their neighbours', () => {
    expect(componentsNamed('kill -9 Standby\nexpect Standby.rss < 1MB', ['Primary', 'Standby'])).toEqual(['Standby']);
    const charts = suggestCharts(known, ['Standby'], ['Primary', 'Standby']);
    expect(charts.map(({ title }) => title)).toEqual(['States', 'Latency', 'CPU', 'Memory']);
    expect(charts.at(-1)?.series).toEqual(['Standby.rss', 'Primary.rss']);
  });
  test('have lanes for what has a state, not for the host of a daemon that is there', () => {
    const daemon = (presence: 'present' | 'lost', ...components: readonly [component: string, state: string][]) => ({
      presence,
      components: components.map(([component, state]) => ({ component, state })),
    });
    const daemons = [
      daemon('present', ['Primary', 'READY'], ['System', 'unknown'], ['Shared', 'unknown']),
      daemon('present', ['Shared', 'STOPPED']),
      daemon('lost', ['Gateway', 'unknown']),
    ];
    expect([...componentsWithoutState(daemons as unknown as EnvironmentStatus['daemons'])]).toEqual(['System']);
  });
  test('of a large environment are about the named components only', () => {
    const many = Array.from({ length: 50 }, (_, index) => `C${index}`);
    const charts = suggestCharts(
      many.map((component) => series(component, 'rss', 'bytes')),
      ['C7'],
      many,
    );
    expect(charts.at(-1)?.series).toEqual(['C7.rss']);
  });
  test('take each series once, and not more than can be told apart', () => {
    const one = withSeries(emptyChartsLayout, null, ['A.rss'], 'new');
    expect(one.charts).toEqual([{ id: 'new', title: 'A.rss', series: ['A.rss'] }]);
    const names = Array.from({ length: 30 }, (_, index) => `A.m${index}`);
    const full = withSeries(one, 'new', ['A.rss', ...names, 'A.STATE'], 'unused');
    expect(full.charts[0]?.series).toHaveLength(maximumSeriesPerChart);
    expect(shownSeries(withSeries(one, 'new', ['A.STATE'], ''))).toEqual(['A.rss']);
  });
});
