/** The live streams on a real router with a scripted daemon: status, catalogue, events and series, also for slow listeners. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { componentName } from '../link/fake-daemon.ts';
import { collect } from '../open-console.ts';
import { openScripted, type Scripted } from '../environments/scripted-environment.ts';
import type { Stream, StreamItem } from '#shared/contract/contract.ts';

let scripted: Scripted;
beforeEach(async () => {
  scripted = await openScripted();
});
afterEach(() => scripted.owned.dispose());

const engine = componentName('Engine');
const patient = { timeout: 8_000 };
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const files = () => ({ environmentFile: scripted.environmentFile });
/** Points of a series over all items. */
const pointsOf = (items: readonly StreamItem<'telemetry.live'>[], name: string) =>
  items.flatMap(({ points }) =>
    points
      .filter((each) => each.name === name)
      .flatMap(({ times, values }) => times.map((time, index) => [time, values[index] ?? null] as const)),
  );

/** A listener that takes nothing after its first item until it is let. */
function stalled<S extends Stream>(core: Scripted['console'], stream: S, request: Parameters<typeof core.listen<S>>[1]) {
  const gate = Promise.withResolvers<void>();
  const items: StreamItem<S>[] = [];
  const listening = core.listen(stream, request, async (item) => {
    items.push(item);
    await gate.promise;
  });
  return { items, go: () => gate.resolve(), close: () => listening.close(), ended: listening.ended };
}

describe('environment.live', () => {
  test('tells at once, and again when something changes, at most four times a second', async () => {
    const live = collect(scripted.console, 'environment.live', files());
    await vi.waitFor(() => expect(live.items.at(-1)?.daemons).toMatchObject([{ daemon: 'MEP', presence: 'present' }]), patient);
    expect(live.items.at(-1)).toMatchObject({ connected: true, release: 'rc1', limits: [{ series: 'Engine.rss' }] });
    const before = live.items.length;
    const began = Date.now();
    for (let round = 0; round < 40; round++) {
      scripted.daemon.events({ kind: 'state', time: scripted.daemon.now(), component: engine, state: `S${round}`, previous: null });
      await pause(25);
    }
    await vi.waitFor(() => expect(live.items.at(-1)?.daemons[0]?.components).toMatchObject([{ state: 'S39' }]), patient);
    const seconds = (Date.now() - began) / 1_000;
    expect(live.items.length - before).toBeLessThanOrEqual(Math.ceil(seconds * 4) + 1);
    live.close();
    await live.ended;
  });

  test('an environment whose router is not there yet is shown, and heals without a click', async () => {
    await scripted.stopRouter();
    const live = collect(scripted.console, 'environment.live', files());
    await vi.waitFor(() => expect(live.items).toMatchObject([{ connected: false, daemons: [{ presence: 'never seen' }] }]), patient);
    await scripted.startRouter();
    await vi.waitFor(() => expect(live.items.at(-1)).toMatchObject({ connected: true, daemons: [{ presence: 'present' }] }), patient);
    await scripted.stopRouter();
    await vi.waitFor(() => expect(live.items.at(-1)).toMatchObject({ connected: false }), patient);
    live.close();
  });

  test('a file that cannot be used ends the stream with its problem', async () => {
    const live = collect(scripted.console, 'environment.live', { environmentFile: '/nowhere/environment.yaml' });
    await expect(live.ended).rejects.toMatchObject({ problem: { code: 'missing-file' } });
  });
});

test('environment.catalogue tells what scenarios may name, and when that changes; offline what is pinned', async () => {
  const live = collect(scripted.console, 'environment.catalogue', files());
  await vi.waitFor(() => expect(live.items.at(-1)?.components).toMatchObject([{ name: 'Engine' }]), patient);
  scripted.daemon.actions = [{ name: 'start_load', parameters: [], hazard: 'none', timeout: 1_000 }];
  scripted.daemon.publishCatalogue();
  await vi.waitFor(() => expect(live.items.at(-1)?.commands).toMatchObject([{ name: 'start_load', daemons: ['MEP'] }]), patient);
  live.close();
  const unpinned = collect(scripted.console, 'environment.catalogue', { ...files(), offline: true });
  await unpinned.ended;
  expect(unpinned.items).toEqual([{ commands: [], components: [] }]);
  await scripted.console.request('environment.pin', files());
  const pinned = collect(scripted.console, 'environment.catalogue', { ...files(), offline: true });
  await pinned.ended;
  expect(pinned.items).toMatchObject([{ commands: [{ name: 'start_load' }] }]);
});

describe('environment.events', () => {
  test('the past first, then what comes, in batches', async () => {
    const first = collect(scripted.console, 'environment.events', files());
    await vi.waitFor(() => expect(first.items.length).toBe(1), patient);
    for (let number = 0; number < 30; number++) scripted.daemon.notice(`event ${number}`);
    const texts = (items: typeof first.items) =>
      items.flatMap(({ events }) => events.flatMap(({ event }) => (event.kind === 'notice' ? [event.text] : [])));
    await vi.waitFor(() => expect(texts(first.items)).toHaveLength(30), patient);
    expect(first.items.length).toBeLessThan(10);
    const second = collect(scripted.console, 'environment.events', files());
    await vi.waitFor(() => expect(texts(second.items)).toEqual(texts(first.items)), patient);
    expect(first.items.every(({ missed }) => missed === 0)).toBe(true);
    first.close();
    second.close();
  });

  test('a listener that stands still is told what it missed, and holds nobody else up', async () => {
    const slow = stalled(scripted.connect(), 'environment.events', files());
    const quick = collect(scripted.console, 'environment.events', files());
    await vi.waitFor(() => expect([slow.items.length, quick.items.length]).toEqual([1, 1]), patient);
    const told = (items: readonly StreamItem<'environment.events'>[]) => items.reduce((sum, { events }) => sum + events.length, 0);
    const missed = (items: readonly StreamItem<'environment.events'>[]) => items.reduce((sum, item) => sum + item.missed, 0);
    const count = 40_000;
    const batch = 2_000;
    const time = scripted.daemon.now();
    for (let sent = 0; sent < count; sent += batch) {
      scripted.daemon.events(
        ...Array.from({ length: batch }, (_, index) => ({
          kind: 'notice' as const,
          time,
          severity: 'info' as const,
          code: 'n',
          text: `${sent + index}`,
        })),
      );
      // More where a busy machine made the daemon seem lost for a moment, which is an event as well.
      await vi.waitFor(() => expect(told(quick.items) + missed(quick.items)).toBeGreaterThanOrEqual(sent + batch), { interval: 10 });
    }
    expect(missed(quick.items)).toBe(0);
    // What is under way to a slow listener is bounded by its credits; the rest is not kept for it.
    expect(slow.items.length).toBe(1);
    slow.go();
    await vi.waitFor(() => expect(told(slow.items) + missed(slow.items)).toBeGreaterThanOrEqual(count), { timeout: 15_000 });
    expect(missed(slow.items)).toBeGreaterThan(0);
    slow.close();
    quick.close();
  });
});

describe('telemetry.live', () => {
  const request = (series: string[], more: { window?: number; columns?: number } = {}) => ({
    ...files(),
    series,
    window: 60_000,
    columns: 500,
    ...more,
  });

  test('the past that is known, then what is new, in the core’s time', async () => {
    const ahead = await openScripted({ clockAhead: 3_600_000 });
    try {
      const { daemon, console, environmentFile } = ahead;
      const [rss, cpu] = daemon.declare('Engine', 'rss', 'cpu');
      // Somebody watches something else, so that the environment is open.
      const other = collect(console, 'environment.live', { environmentFile });
      await vi.waitFor(() => expect(other.items.at(-1)?.daemons[0]?.presence).toBe('present'), patient);
      await vi.waitFor(() => expect(other.items.at(-1)?.daemons[0]?.clockOffset).toBeGreaterThan(3_500_000), patient);
      for (let value = 1; value <= 5; value++) {
        daemon.pairs([
          [rss!.id, value * 10],
          [cpu!.id, value],
        ]);
        await pause(100);
      }
      const { series } = await console.request('series.list', { environmentFile });
      expect(series.map(({ name, daemon: by, unit }) => [name, by, unit])).toEqual([
        ['Engine.cpu', 'MEP', 'none'],
        ['Engine.rss', 'MEP', 'none'],
      ]);
      const live = collect(console, 'telemetry.live', { ...request(['Engine.rss', 'Engine.none']), environmentFile });
      await vi.waitFor(() => expect(live.items.length).toBeGreaterThan(0), patient);
      expect(pointsOf(live.items.slice(0, 1), 'Engine.rss').map(([, value]) => value)).toEqual([10, 20, 30, 40, 50]);
      expect(live.items[0]?.stale).toEqual(['Engine.none']);
      daemon.pairs([
        [rss!.id, 60],
        [cpu!.id, 6],
      ]);
      daemon.pairs(
        [
          [rss!.id, Number.NaN],
          [cpu!.id, 7],
        ],
        daemon.now() + 1,
      );
      await vi.waitFor(
        () =>
          expect(
            pointsOf(live.items, 'Engine.rss')
              .slice(5)
              .map(([, value]) => value),
          ).toEqual([60, null]),
        patient,
      );
      const times = pointsOf(live.items, 'Engine.rss').map(([time]) => time);
      expect(times.toSorted((left, right) => left - right)).toEqual(times);
      expect(Math.abs(times.at(-1)! - Date.now())).toBeLessThan(60_000);
      expect(live.items.find(({ points }) => points.length > 0)?.lag).toBeLessThan(60_000);
      // The value is gone, and is called so.
      await vi.waitFor(() => expect(live.items.at(-1)?.stale).toContain('Engine.rss'), patient);
      expect(pointsOf(live.items, 'Engine.cpu')).toEqual([]);
      live.close();
      other.close();
    } finally {
      await ahead.owned.dispose();
    }
  });

  test('a listener that stands still gets what it missed thinned out, and nobody else is harmed', async () => {
    const { daemon } = scripted;
    const [rss] = daemon.declare('Engine', 'rss');
    const quick = collect(scripted.console, 'telemetry.live', request(['Engine.rss']));
    const slow = stalled(scripted.connect(), 'telemetry.live', request(['Engine.rss'], { columns: 20 }));
    await vi.waitFor(() => expect([slow.items.length > 0, quick.items.length > 0]).toEqual([true, true]), patient);
    const began = daemon.now() - 1_000;
    for (let index = 0; index < 1_000; index++) daemon.pairs([[rss!.id, index === 500 ? 1e6 : index]], began + index);
    await vi.waitFor(() => expect(pointsOf(quick.items, 'Engine.rss')).toHaveLength(1_000), patient);
    expect(slow.items.length).toBe(1);
    slow.go();
    await vi.waitFor(() => expect(pointsOf(slow.items, 'Engine.rss').at(-1)?.[1]).toBe(999), patient);
    const seen = pointsOf(slow.items, 'Engine.rss');
    expect(seen.length).toBeLessThan(20 * 6 * 3);
    // The peak is in.
    expect(seen.map(([, value]) => value)).toContain(1e6);
    slow.close();
    quick.close();
  });

  test('a daemon that is lost leaves a gap in the line, and the series is stale', async () => {
    const { daemon } = scripted;
    const [rss] = daemon.declare('Engine', 'rss');
    const live = collect(scripted.console, 'telemetry.live', request(['Engine.rss']));
    await vi.waitFor(() => expect(live.items.length).toBeGreaterThan(0), patient);
    daemon.pairs([[rss!.id, 1]]);
    await vi.waitFor(() => expect(pointsOf(live.items, 'Engine.rss')).toHaveLength(1), patient);
    daemon.deaf = true;
    await vi.waitFor(() => expect(live.items.at(-1)?.stale).toEqual(['Engine.rss']), patient);
    await vi.waitFor(() => expect(pointsOf(live.items, 'Engine.rss').map(([, value]) => value)).toEqual([1, null]), patient);
    daemon.deaf = false;
    daemon.pairs([[rss!.id, 2]]);
    await vi.waitFor(() => expect(pointsOf(live.items, 'Engine.rss').map(([, value]) => value)).toEqual([1, null, 2]), patient);
    live.close();
  });
});

test('runs.changes and runs.active tell of runs as they begin and end', async () => {
  const { console, workspace } = scripted;
  const { writeFile } = await import('node:fs/promises');
  const scenarioFile = `${workspace}/waiting.scn`;
  await writeFile(scenarioFile, 'wait Engine.STATE == READY within 20s\n');
  const changes = collect(console, 'runs.changes', {});
  await vi.waitFor(() => expect(changes.items).toEqual([{ active: 0 }]), patient);
  const { run } = await console.request('run.start', { scenarioFile, ...files(), policy: 'abort', attended: false });
  await vi.waitFor(() => expect(changes.items.at(-1)).toEqual({ active: 1 }), patient);
  expect(await console.request('runs.active', {})).toEqual({
    runs: [{ run, scenario: 'waiting', scenarioFile, environmentFile: scripted.environmentFile }],
  });
  await console.request('run.act', { run, action: { kind: 'stop' } });
  await vi.waitFor(() => expect(changes.items.at(-1)).toEqual({ active: 0 }), patient);
  changes.close();
});
