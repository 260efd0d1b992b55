/** When the orange banner stands, and what it says first. */
import { describe, expect, test } from 'vitest';
import { createChartsRange } from '../../../renderer/stores/charts-range.ts';
import { Stores } from '../../../renderer/stores/stores.ts';
import { createTimeAxis } from '../../../renderer/stores/time-axis.ts';
import { inFull, lastedInWords, notLiveReasons, othersInWords, type NotLive, type Shown } from '../../../renderer/views/shell/not-live.ts';

const stores = new Stores();
const reasons = (shown: Shown) => notLiveReasons(stores, shown);

const live: Shown = {
  connection: { kind: 'connecting' },
  view: 'run',
  opened: true,
  environment: null,
  heardAt: 100_000,
  run: { run: null, archived: false, scenario: null, release: null },
  range: { kind: 'live', window: 60_000 },
};
const archivedRun = { run: '20261120T221735Z-failover-3f9a', archived: true, scenario: 'failover', release: 'rc1' } as Shown['run'];

/** Two daemons, of which MEP was heard 600 ms before. */
const environment = {
  environment: 'demo',
  connected: true,
  router: 'nats://10.0.0.1:4222',
  daemons: [
    { daemon: 'MEP', presence: 'present', silence: 600, components: [{ component: 'Engine' }] },
    { daemon: 'GW', presence: 'present', silence: 900, components: [{ component: 'Gateway' }] },
  ],
} as unknown as NonNullable<Shown['environment']>;

describe('not live', () => {
  test('nothing is said of what is live', () => {
    expect(reasons(live)).toEqual([]);
    expect(reasons({ ...live, run: { ...archivedRun, archived: false } })).toEqual([]);
  });

  test('a lost core comes before everything else, and tells since when', () => {
    const told = reasons({ ...live, connection: { kind: 'lost', coreEnd: null, since: 5 }, run: archivedRun });
    expect(told.map((reason) => reason.id)).toEqual(['connection', 'archived']);
    expect(told[0]).toMatchObject({ since: 5, message: 'No connection to the core, which is tried again: it is out of reach' });
    const cutOff = { ...live.run, run: archivedRun.run, resuming: true };
    expect(reasons({ ...live, connection: { kind: 'lost', coreEnd: null, since: 5 }, run: cutOff })[0]).toMatchObject({
      id: 'connection',
      since: 5,
      message: `The run ${archivedRun.run} may go on; the core is out of reach`,
    });
    expect(reasons({ ...live, run: cutOff })[0]).toMatchObject({
      message: `The core is back; what became of the run ${archivedRun.run} is being read`,
    });
  });

  test('a core whose process was seen to end is told so, and in which run', () => {
    const connection = { kind: 'lost', coreEnd: 'was ended by SIGKILL', since: 5 } as const;
    const cutOff = { ...live.run, run: archivedRun.run, resuming: true };
    expect(reasons({ ...live, connection })[0]?.message).toBe('No connection to the core, another is started: it was ended by SIGKILL');
    expect(reasons({ ...live, connection, run: cutOff })[0]?.message).toBe(
      `The core was ended by SIGKILL during the run ${archivedRun.run}`,
    );
  });

  test('how long it has been so is told in whole seconds, of what ended as so long ago', () => {
    const [outOfReach, ended] = [null, 'was ended by SIGKILL'].map((coreEnd) => {
      const [reason] = reasons({ ...live, connection: { kind: 'lost', coreEnd, since: 1_000 } });
      if (!reason) throw new Error('A lost core is no reason.');
      return reason;
    });
    const lasted = (reason: NotLive | undefined, now: number) => lastedInWords(reason ?? {}, now);
    expect([1_000, 1_999, 5_500, 61_000].map((now) => lasted(outOfReach, now))).toEqual(['', '', ', for 4 s', ', for 1 min 00 s']);
    expect(lasted(ended, 5_500)).toBe(', 4 s ago');
  });

  test('what there is beside the first reason is named', () => {
    expect(othersInWords([{ id: 'connection' }])).toBe('');
    expect(othersInWords([{ id: 'connection' }, { id: 'archived' }, { id: 'range' }])).toBe(' (also: a replay and a fixed time range)');
  });

  test('a replay and a fixed range count in the Run view only; of a replay the range is no reason of its own', () => {
    const shown: Shown = { ...live, run: archivedRun, range: { kind: 'fixed', from: 0, to: 1_000 } };
    expect(reasons(shown).map((reason) => reason.id)).toEqual(['archived']);
    expect(reasons(shown)[0]?.message).toBe('Replay of failover, release rc1');
    expect(reasons({ ...shown, run: live.run }).map((reason) => reason.id)).toEqual(['range']);
    expect(reasons({ ...shown, view: 'archive' })).toEqual([]);
  });

  test('an environment that is not connected shows old values', () => {
    expect(reasons({ ...live, environment: { ...environment, connected: false } })).toEqual([
      {
        id: 'environment',
        message: 'No connection to the router nats://10.0.0.1:4222 of demo: everything there is unknown',
        since: 99_400,
      },
    ]);
    expect(reasons({ ...live, environment })).toEqual([]);
  });

  test('a lost daemon is named with its components and since when, also while another run or view is looked at', () => {
    const [mep, gw] = environment.daemons;
    const lost = { ...environment, daemons: [mep, { ...gw, presence: 'lost', silence: 5_000 }] } as typeof environment;
    const reason = { id: 'daemons', message: 'Daemon GW lost: Gateway unknown', since: 95_000 };
    expect(reasons({ ...live, environment: lost })).toEqual([reason]);
    expect(reasons({ ...live, environment: lost, view: 'archive', run: archivedRun })).toEqual([reason]);
    // Results of campaigns come through the core: it is said, and not framed.
    expect(reasons({ ...live, view: 'campaigns', environment: lost })).toMatchObject([{ id: 'daemons', aside: true }]);
    expect(reasons({ ...live, environment: lost })[0]).not.toHaveProperty('aside');
    const both = { ...lost, daemons: lost.daemons.map((each) => ({ ...each, presence: 'lost' as const })) };
    expect(reasons({ ...live, environment: both })[0]?.message).toBe('Daemons MEP and GW lost: Engine and Gateway unknown');
    // Where the router is gone, it is what is named.
    expect(reasons({ ...live, environment: { ...both, connected: false } }).map((each) => each.id)).toEqual(['environment']);
    expect(reasons({ ...live, environment: lost, connection: { kind: 'lost', coreEnd: null, since: 5 } }).map(({ id }) => id)).toEqual([
      'connection',
    ]);
  });

  test('a daemon that was never seen is named; those that are lost come first', () => {
    const [mep, gw] = environment.daemons;
    const unseen = { ...gw, presence: 'never seen', silence: null };
    const absent = { ...environment, daemons: [mep, unseen] } as typeof environment;
    expect(reasons({ ...live, missed: true, environment: absent })).toEqual([{ id: 'unseen', message: 'Daemon GW never seen' }]);
    // An environment that was just opened has seen nobody yet.
    expect(reasons({ ...live, environment: absent })).toEqual([]);
    const both = { ...environment, daemons: [{ ...mep, presence: 'lost' }, unseen] } as typeof environment;
    expect(reasons({ ...live, missed: true, environment: both }).map(({ id }) => id)).toEqual(['daemons', 'unseen']);
    expect(reasons({ ...live, missed: true, environment: { ...absent, connected: false } }).map(({ id }) => id)).toEqual(['environment']);
  });

  test('in full a reason tells the time of day since when', () => {
    const since = new Date(2026, 10, 20, 12, 0, 3).getTime();
    expect(inFull({ id: 'daemons', message: 'Daemon GW lost: Gateway unknown', since })).toBe(
      'Daemon GW lost: Gateway unknown, since 12:00:03',
    );
    expect(inFull({ id: 'unseen', message: 'Daemon GW never seen' })).toBe('Daemon GW never seen');
  });

  test('a replay says what was lost at its moment, not what is lost now', () => {
    const lost = [{ daemon: 'MEP', silence: 3_400, components: ['Engine'] }];
    const told = reasons({ ...live, environment, run: { ...archivedRun, lost } });
    expect(told.map(({ message }) => message)).toEqual(['Replay of failover, release rc1. Daemon MEP lost: Engine unknown, for 3 s then']);
  });

  test('the way back from a fixed range leads to the window that was looked at before', () => {
    const { showLive, zoomTo } = stores.get(createChartsRange);
    const timeAxis = stores.get(createTimeAxis);
    showLive(300_000);
    zoomTo(1_000, 2_000);
    const [reason] = reasons({ ...live, range: timeAxis.getState().range });
    expect(reason?.action?.title).toBe('Back to live');
    reason?.action?.perform();
    expect(timeAxis.getState().range).toEqual({ kind: 'live', window: 300_000 });
  });
});
