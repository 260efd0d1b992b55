/** When the orange banner stands, and what it says first. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { NotLive, Shown } from '../../../renderer/views/shell/not-live.ts';

let reasons: (shown: Shown) => readonly NotLive[];
beforeAll(async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  reasons = (await import('../../../renderer/views/shell/not-live.ts')).notLiveReasons;
});

const live: Shown = {
  connection: { kind: 'connecting' },
  view: 'run',
  opened: true,
  environment: null,
  run: { run: null, archived: false, scenario: null, release: null },
  range: { kind: 'live', window: 60_000 },
};
const archivedRun = { run: '20261120T221735Z-failover-3f9a', archived: true, scenario: 'failover', release: 'rc1' } as Shown['run'];

describe('not live', () => {
  test('nothing is said of what is live', () => {
    expect(reasons(live)).toEqual([]);
    expect(reasons({ ...live, run: { ...archivedRun, archived: false } })).toEqual([]);
  });

  test('a lost core comes before everything else, and tells since when', () => {
    const told = reasons({ ...live, connection: { kind: 'lost', reason: 'gone', since: 5 }, run: archivedRun });
    expect(told.map((reason) => reason.id)).toEqual(['connection', 'archived']);
    expect(told[0]).toMatchObject({ since: 5, message: 'No connection to the core: gone' });
  });

  test('a replay and a fixed range count in the Run view only; of a replay the range is no reason of its own', () => {
    const shown: Shown = { ...live, run: archivedRun, range: { kind: 'fixed', from: 0, to: 1_000 } };
    expect(reasons(shown).map((reason) => reason.id)).toEqual(['archived']);
    expect(reasons(shown)[0]?.message).toBe('Replay of failover, release rc1');
    expect(reasons({ ...shown, run: live.run }).map((reason) => reason.id)).toEqual(['range']);
    expect(reasons({ ...shown, view: 'archive' })).toEqual([]);
  });

  test('an environment that is not connected shows old values', () => {
    const environment = { environment: 'demo', connected: false } as NonNullable<Shown['environment']>;
    expect(reasons({ ...live, environment }).map((reason) => reason.id)).toEqual(['environment']);
    expect(reasons({ ...live, environment: { ...environment, connected: true } })).toEqual([]);
  });

  test('the way back from a fixed range leads to the window that was looked at before', async () => {
    const { showLive, zoomTo } = await import('../../../renderer/stores/charts-range.ts');
    const { useTimeAxis } = await import('../../../renderer/stores/time-axis.ts');
    showLive(300_000);
    zoomTo(1_000, 2_000);
    const [reason] = reasons({ ...live, range: useTimeAxis.getState().range });
    expect(reason?.action?.title).toBe('Back to live');
    reason?.action?.perform();
    expect(useTimeAxis.getState().range).toEqual({ kind: 'live', window: 300_000 });
  });
});
