/** Lost daemons in the state of a run: what they reported is unknown from their last sign of life on, until it is told anew. */
import { describe, expect, test } from 'vitest';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';
import { fold, valueOf, type RunComponent } from '#shared/run/run-state.ts';
import { Timeline } from '#shared/run/timeline.ts';

const start = Date.UTC(2026, 10, 20);
const first = '0123456789abcdef';
const second = '1123456789abcdef';

/** Records of these bodies, one second apart, as they are read from a log. */
function recordsOf(...bodies: readonly object[]): RunRecord[] {
  return bodies.map((body, index) => runRecordSchema.parse({ ...body, sequence: index + 1, time: start + index * 1_000 }));
}

const told = (state: string, component = 'Engine', daemon = 'MEP') => ({
  kind: 'observation',
  daemon,
  epoch: first,
  number: 1,
  events: [{ kind: 'state', time: start, component, state, previous: null }],
});
const presence = (state: string, more: object = {}) => ({ kind: 'presence', daemon: 'MEP', state, epoch: first, clockOffset: 50, ...more });
const lost = presence('lost', { lastSign: start + 500, components: ['Engine', 'Standby'] });
const engineAfter = (...bodies: readonly object[]): RunComponent | undefined => valueOf(fold(recordsOf(...bodies)).components, 'Engine');

describe('a core that died', () => {
  const died = { kind: 'recovered', message: 'It died.' };

  test('leaves all components unknown from what it heard last on, and calls no daemon lost', () => {
    const { components, daemons } = fold(
      recordsOf(presence('present', { components: ['Standby'] }), told('READY'), { ...died, silentSince: start + 1_500 }),
    );
    expect(valueOf(components, 'Engine')).toMatchObject({ state: 'UNKNOWN', unknown: { from: start + 1_500, told: { state: 'READY' } } });
    expect(valueOf(components, 'Standby')).toMatchObject({ state: 'UNKNOWN', unknown: { from: start + 1_500, told: null } });
    expect(valueOf(daemons, 'MEP')).toMatchObject({ state: 'present', silentSince: null });
  });

  test('leaves known what was fetched from the daemons since', () => {
    expect(engineAfter(presence('present'), told('READY'), died)).toMatchObject({ state: 'READY' });
  });
});

describe('a lost daemon', () => {
  test('leaves its components unknown from its last sign of life on, also those that told no state before', () => {
    const { components, daemons } = fold(recordsOf(presence('present'), told('READY'), told('READY', 'Gateway', 'GW'), lost));
    expect(valueOf(components, 'Engine')).toMatchObject({
      state: 'UNKNOWN',
      pid: null,
      since: start + 550,
      unknown: { from: start + 500 },
    });
    expect(valueOf(components, 'Standby')).toMatchObject({ state: 'UNKNOWN', unknown: { from: start + 500, told: null } });
    expect(valueOf(components, 'Gateway')).toMatchObject({ state: 'READY' });
    expect(valueOf(daemons, 'MEP')).toMatchObject({ state: 'lost', silentSince: start + 500, components: ['Engine', 'Standby'] });
  });

  test('is lost since its last sign of life, however often that is told', () => {
    const state = fold(recordsOf(told('READY'), lost, presence('lost', { lastSign: start + 900, clockOffset: 900 })));
    expect(valueOf(state.daemons, 'MEP')?.silentSince).toBe(start + 500);
    expect(valueOf(state.components, 'Engine')).toMatchObject({
      state: 'UNKNOWN',
      unknown: { from: start + 500, told: { state: 'READY' } },
    });
  });

  test('that is back without having been started anew has what it told, and what it told meanwhile', () => {
    expect(engineAfter(presence('present'), told('READY'), lost, presence('present'))).toMatchObject({ state: 'READY', since: start });
    expect(engineAfter(presence('present'), told('READY'), lost, presence('present'), told('STANDBY'))?.state).toBe('STANDBY');
    const back = fold(recordsOf(presence('present'), told('READY'), lost, presence('present')));
    expect(valueOf(back.components, 'Engine')).not.toHaveProperty('unknown');
    expect(valueOf(back.components, 'Standby')).toBeUndefined();
    expect(valueOf(back.daemons, 'MEP')?.silentSince).toBeNull();
  });

  test('that was started anew has only what it tells then', () => {
    const anew = presence('present', { epoch: second, lastSign: start + 500 });
    const found = [{ component: 'Engine', state: 'RECOVERING', pid: 12, since: start + 3_000 }];
    expect(engineAfter(presence('present'), told('READY'), lost, anew)).toMatchObject({ state: 'UNKNOWN', unknown: { anew: true } });
    expect(engineAfter(presence('present'), told('READY'), anew)?.state).toBe('UNKNOWN');
    expect(engineAfter(presence('present'), told('READY'), lost, anew, lost, { ...anew })?.state).toBe('UNKNOWN');
    const states = { ...anew, states: found };
    expect(engineAfter(presence('present'), told('READY'), lost, states)).toEqual({
      daemon: 'MEP',
      state: 'RECOVERING',
      pid: 12,
      since: start + 3_000,
      crashes: 0,
      errors: 0,
      lastError: null,
    });
  });

  test('of an earlier log, which names neither components nor a last sign, leaves what it told unknown from then on', () => {
    const old = { kind: 'presence', daemon: 'MEP', state: 'lost', epoch: first, clockOffset: null };
    expect(engineAfter(told('READY'), old)).toMatchObject({ state: 'UNKNOWN', unknown: { from: start + 1_000 } });
  });

  test('stands on the timeline with its last sign of life and its components, and so does its return', () => {
    const timeline = new Timeline();
    timeline.add(recordsOf(presence('present'), told('READY'), lost, presence('present', { lastSign: start + 500 })));
    const labels = [timeline.markAt('problem', 0)?.label, timeline.markAt('problem', 1)?.label];
    expect(labels[0]).toMatch(/^daemon MEP is lost, last sign of life \d\d:\d\d:00\.500, 1\.5 s ago: Engine and Standby unknown$/);
    expect(labels[1]).toBe('daemon MEP is back after 2.5 s');
    expect(valueOf(timeline.stateAt(3).components, 'Engine')?.state).toBe('UNKNOWN');
    expect(valueOf(timeline.stateAt(4).components, 'Engine')?.state).toBe('READY');
  });
});
