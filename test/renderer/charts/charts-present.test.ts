import { describe, expect, test } from 'vitest';
import { Happenings } from '../../../renderer/stores/charts-markers.ts';
import { takePresent } from '../../../renderer/stores/charts-present.ts';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';

const epochs = { old: '0123456789abcdef', new: '1123456789abcdef' } as const;
type Daemon = Parameters<typeof takePresent>[1] extends infer Status | null
  ? Status extends { daemons: readonly (infer One)[] }
    ? One
    : never
  : never;

let sequence = 0;
const record = (time: number, body: Record<string, unknown>): RunRecord => runRecordSchema.parse({ sequence: ++sequence, time, ...body });
const presence = (time: number, state: 'present' | 'lost', more: object = {}): RunRecord =>
  record(time, { kind: 'presence', daemon: 'MEP', state, epoch: epochs.old, clockOffset: 0, ...more });
const told = (time: number, state: string): RunRecord => {
  const event = { kind: 'state', time, component: 'Engine', state, previous: null };
  return record(time, { kind: 'observation', daemon: 'MEP', epoch: epochs.old, number: time, events: [event] });
};

const received = { records: 0, samples: 0, gapsFilled: 0, recordsLost: 0 };
function status(presenceNow: Daemon['presence'], state: string, lastSign: number | null = null): { daemons: Daemon[] } {
  const components = [{ component: 'Engine', state, pid: null, metrics: {} }];
  return {
    daemons: [
      {
        daemon: 'MEP' as Daemon['daemon'],
        presence: presenceNow,
        catalogue: null,
        clockOffset: 0,
        silence: 0,
        lastSign,
        received,
        components,
      },
    ],
  };
}

function afterRun(...records: RunRecord[]): Happenings {
  const happenings = new Happenings();
  for (const each of [presence(1, 'present'), told(100, 'READY'), ...records]) happenings.take(each);
  return happenings;
}
const lane = (happenings: Happenings) => happenings.statesOf('Engine').map(({ time, state }) => [time, state]);

describe('states of the present, in the lanes of a run', () => {
  test('that is over: a daemon that was lost and is back shows what it tells now', () => {
    const happenings = afterRun();
    takePresent(happenings, status('lost', 'unknown', 900), { now: 1_000, heardAt: 1_000, isLogged: false });
    expect(happenings.stateAt('Engine', 1_000)).toBe('UNKNOWN');
    takePresent(happenings, status('present', 'READY'), { now: 2_000, heardAt: 2_000, isLogged: false });
    expect(lane(happenings)).toEqual([
      [100, 'READY'],
      [900, 'UNKNOWN'],
      [2_000, 'READY'],
    ]);
  });

  test('whose daemon its log called lost at last is what the status tells, once nothing more comes of the log', () => {
    const happenings = afterRun(presence(900, 'lost', { lastSign: 500, components: ['Engine'] }));
    const now = { now: 2_000, heardAt: 2_000 };
    takePresent(happenings, status('present', 'STOPPED'), { ...now, isLogged: true });
    expect(happenings.stateAt('Engine', 2_000)).toBe('UNKNOWN');
    takePresent(happenings, status('present', 'STOPPED'), { ...now, isLogged: false });
    expect(happenings.stateAt('Engine', 2_000)).toBe('STOPPED');
  });

  test('of which nobody tells any more are unknown from the last word of the core on', () => {
    const happenings = afterRun();
    takePresent(happenings, null, { now: 9_000, heardAt: 700, isLogged: false });
    takePresent(happenings, null, { now: 9_500, heardAt: 700, isLogged: false });
    takePresent(happenings, status('present', 'READY'), { now: 20_000, heardAt: 20_000, isLogged: false });
    expect(lane(happenings)).toEqual([
      [100, 'READY'],
      [700, 'UNKNOWN'],
      [20_000, 'READY'],
    ]);
  });

  test('that goes on and is heard again are what its log tells of the time between', () => {
    const happenings = afterRun();
    takePresent(happenings, null, { now: 9_000, heardAt: 700, isLogged: false });
    happenings.take(told(800, 'DEGRADED'));
    expect(lane(happenings)).toEqual([
      [100, 'READY'],
      [800, 'DEGRADED'],
    ]);
    takePresent(happenings, null, { now: 9_000, heardAt: 900, isLogged: true });
    expect(happenings.stateAt('Engine', 9_000)).toBe('DEGRADED');
  });
});
