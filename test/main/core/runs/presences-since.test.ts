/** What is told of daemons when an interrupted run is recovered: what happened to them while no core listened. */
import { describe, expect, test } from 'vitest';
import type { DaemonView } from '#main/core/ports.ts';
import { presencesSince } from '#main/core/runs/presences-since.ts';
import { runRecordSchema } from '#shared/run/records.ts';
import { fold } from '#shared/run/run-state.ts';

const [first, second] = ['0123456789abcdef', '1123456789abcdef'];
const presence = (state: string, more: object = {}) => ({ kind: 'presence', daemon: 'MEP', state, epoch: first, clockOffset: 5, ...more });
const states = [{ component: 'Engine', state: 'RUNNING', pid: 7, since: 9_000 }];

/** The state of a log that ends at 3,000. */
function logOf(...bodies: readonly object[]) {
  const all = [...bodies, { kind: 'echo', execution: 1, text: 'the last' }];
  return {
    state: fold(all.map((body, index) => runRecordSchema.parse({ ...body, sequence: index + 1, time: 3_000 - all.length + 1 + index }))),
  };
}

/** What the core that recovers the run knows of the daemon. */
function view(state: DaemonView['state'], epoch: string | null, lastSign: number | null = null): DaemonView {
  const catalogue = epoch === null ? null : { epoch, components: [{ name: 'Engine' }], states };
  // Nothing else of a view is looked at.
  return { daemon: 'MEP', state, catalogue, clockOffset: state === 'never seen' ? null : 40, lastSign } as unknown as DaemonView;
}

const told = (log: ReturnType<typeof logOf>, ...views: readonly DaemonView[]) => [...presencesSince(log, [], views).values()];
const known = logOf(presence('present', { components: ['Engine'] }));

describe('a daemon that the dead core heard', () => {
  test('and that goes on is no news', () => {
    expect(told(known, view('present', first))).toEqual([]);
  });

  test('is lost where nobody has seen it since, from the end of the log on', () => {
    const lost = { daemon: 'MEP', state: 'lost', epoch: first, lastSign: 3_000, components: ['Engine'] };
    expect(told(known)).toMatchObject([{ ...lost, clockOffset: 5 }]);
    expect(told(known, view('never seen', null))).toMatchObject([{ ...lost, clockOffset: 5 }]);
    expect(told(known, view('lost', first, 7_000))).toMatchObject([{ ...lost, lastSign: 7_000, clockOffset: 40 }]);
  });

  test('was started anew where another epoch speaks: with the states that it found', () => {
    expect(told(known, view('present', second))).toEqual([
      {
        kind: 'presence',
        daemon: 'MEP',
        state: 'present',
        epoch: second,
        clockOffset: 40,
        lastSign: 3_000,
        components: ['Engine'],
        states,
      },
    ]);
  });
});

describe('a daemon that was lost already', () => {
  const lost = logOf(presence('present'), presence('lost', { lastSign: 1_000, components: ['Engine'] }));

  test('and still is is no news', () => {
    expect(told(lost, view('never seen', null))).toEqual([]);
  });

  test('is back, with what it told or started anew, after the silence that the log tells', () => {
    expect(told(lost, view('present', first))).toMatchObject([{ state: 'present', epoch: first, lastSign: 1_000 }]);
    expect(told(lost, view('present', first))[0]).not.toHaveProperty('states');
    expect(told(lost, view('present', second))).toMatchObject([{ state: 'present', epoch: second, lastSign: 1_000, states }]);
  });
});
