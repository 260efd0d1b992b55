/**
 * The numbers behind the charts. Live: one stream for all shown series, into buffers that nobody renders by React; an
 * event tells the drawing loop that there is something new. Fixed range of a run: points from the archive, as many as
 * the picture has columns. Replay: points from the archive only, fetched ahead of the picture.
 */
import { createStore } from 'zustand/vanilla';
import type { KnownSeries } from '#shared/contract/telemetry.ts';
import { Emitter } from '#shared/disposable.ts';
import type { RunId } from '#shared/identifiers.ts';
import { createBeside } from './replay/beside.ts';
import { createReplay } from './replay/replay.ts';
import { replayPoints, type ReplayPoints } from './replay/replay-points.ts';
import { createRunSession } from './run-session.ts';
import { createSession } from './session.ts';
import { SeriesBuffer, type Points } from './telemetry-buffer.ts';
import { createTimeAxis } from './time-axis.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export interface TelemetryState {
  /** Series that can be shown: those of the environment, and those of the shown run. */
  readonly known: readonly KnownSeries[];
  /** Series whose value is not current, by the core's judgement. */
  readonly stale: ReadonlySet<string>;
  /** ms from the newest sample's observation to its being sent; null when nothing comes. */
  readonly lag: number | null;
  /** Whether points of a fixed range are being fetched. */
  readonly fetching: boolean;
}

/** The contract's bound on series of one stream. */
const maximumSeries = 200;
/** Columns of the past that the core is asked for. */
const pastColumns = 600;
const resubscribeDelay = 120;
const refetchDelay = 80;

export function createTelemetry(stores: Stores) {
  const timeAxis = stores.get(createTimeAxis);
  const { showBeside, besidePoints } = stores.get(createBeside);
  const replay = stores.get(createReplay);
  const session = stores.get(createSession);
  const { currentCore, notifyUnlessLost } = session;
  const runSession = stores.get(createRunSession);

  const telemetry = createStore<TelemetryState>(() => ({ known: [], stale: new Set(), lag: null, fetching: false }));

  /** Tells that there are new points to draw. */
  const newPoints = new Emitter<void>();

  const buffers = new Map<string, SeriesBuffer>();
  /** The environment whose points the buffers hold. */
  let bufferedFile: string | null = null;
  let archived = new Map<string, Points>();
  let shown: readonly string[] = [];
  /** How much the core's clock is ahead of this page's monotonic clock, ms. */
  let clockDifference: number | null = null;

  /** The core's clock, ms since 1970. Runs on smoothly between the items of the stream. */
  function coreNow(): number {
    return clockDifference === null ? Date.now() : performance.now() + clockDifference;
  }

  /** When the core told something of the present last, ms since 1970 by its own clock; null: not yet. */
  let heardAt: number | null = null;

  function coreHeardAt(): number | null {
    return heardAt;
  }

  /** The core told something of the present. @param now ms since 1970, the core's clock */
  function hearCore(now: number): void {
    heardAt = Math.max(heardAt ?? now, now);
  }

  /** What the core said its clock was; late messages must not turn the clock back, a clock that was set must. */
  function learnClock(now: number): void {
    heardAt = now;
    const difference = now - performance.now();
    const jumped = clockDifference === null || Math.abs(difference - clockDifference) > 1_000;
    // The largest difference belongs to the message that was fastest; it is forgotten slowly, so that clocks may drift.
    clockDifference = jumped ? difference : Math.max(difference, (clockDifference ?? difference) - 0.05);
  }

  /** Points of a series for the range that is shown now. The live ones share the buffer's memory. */
  function pointsOf(series: string): Points | null {
    // What is live has no place in a replay.
    if (replayed) return replayed.points(series);
    if (timeAxis.getState().range.kind === 'fixed') {
      const points = archived.get(series);
      if (points && points.times.length > 0) return points;
    }
    return buffers.get(series)?.points() ?? null;
  }

  /** Tells which stretch of a replayed run is drawn, and how wide, so that its points are there in time. */
  function lookAt(from: number, to: number, columns: number): void {
    replayed?.look(from, to, columns);
  }

  /** When a live series told its last point; null when it never did. */
  function lastPointOf(series: string): number | null {
    if (replayed) return null;
    return buffers.get(series)?.lastTime ?? null;
  }

  /** Shows a run beside the replayed one, in the same charts. */
  function showRunBeside(run: RunId): void {
    showBeside(run, () => newPoints.emit());
    besidePoints()?.show(shown);
  }

  let replayed: ReplayPoints | null = null;

  /** Another run is replayed, or none any more: nothing live goes on beside a replay. */
  function followReplay(): void {
    replayed?.dispose();
    const { run } = replay.getState();
    const own = run === null ? null : replayPoints(stores, run, () => takeReplayed(own));
    replayed = own;
    own?.show(shown);
    telemetry.setState({ stale: new Set(), lag: null, fetching: own?.busy ?? false });
    resubscribe();
    newPoints.emit();
  }

  function takeReplayed(points: ReplayPoints | null): void {
    if (points === null || points !== replayed) return;
    if (telemetry.getState().fetching !== points.busy) telemetry.setState({ fetching: points.busy });
    newPoints.emit();
  }

  let stream: { close(): void } | undefined;
  let resubscribing: ReturnType<typeof setTimeout> | undefined;

  /** Says which series are shown. The stream is made anew a moment later, once for many changes. */
  function showSeries(series: readonly string[]): void {
    const wanted = series.slice(0, maximumSeries);
    if (wanted.length === shown.length && wanted.every((name, index) => shown[index] === name)) return;
    shown = wanted;
    forgetOldBuffers();
    replayed?.show(wanted);
    besidePoints()?.show(wanted);
    resubscribeSoon();
    refetchSoon();
  }

  /** Of series that are not shown any more; what they told lately is kept, for they may be shown again with an environment that came back. */
  function forgetOldBuffers(): void {
    const old = coreNow() - keptWindow;
    for (const [name, { lastTime }] of buffers) if (!shown.includes(name) && (lastTime ?? 0) < old) buffers.delete(name);
  }

  function resubscribeSoon(): void {
    clearTimeout(resubscribing);
    resubscribing = setTimeout(resubscribe, resubscribeDelay);
  }

  /** ms of the past that live charts show, and keep. */
  function liveWindow(): number {
    const { range } = timeAxis.getState();
    return range.kind === 'live' ? range.window : keptWindow;
  }
  let keptWindow = 60_000;

  function resubscribe(): void {
    stream?.close();
    stream = undefined;
    const core = currentCore();
    const { environmentFile } = session.getState();
    if (!core || environmentFile === null || shown.length === 0 || replayed) return;
    keptWindow = liveWindow();
    const request = { environmentFile, series: [...shown], window: keptWindow, columns: pastColumns };
    let first = true;
    const own = core.listen('telemetry.live', request, (item) => {
      learnClock(item.now);
      for (const points of item.points) takePoints(points.name, points, first, item.now);
      first = false;
      tellStaleness(item.stale, item.lag);
      newPoints.emit();
    });
    stream = own;
    own.ended.catch((failure: unknown) => {
      if (stream === own) notifyUnlessLost(failure);
    });
  }

  function takePoints(name: string, points: { times: number[]; values: (number | null)[] }, first: boolean, now: number): void {
    const buffer = buffers.get(name) ?? new SeriesBuffer();
    buffers.set(name, buffer);
    if (first) buffer.goOn(points);
    else buffer.append(points);
    buffer.shorten(now - keptWindow * 1.25);
  }

  /** React hears of it only when it is something new, not with every item. */
  function tellStaleness(stale: readonly string[], lag: number | null): void {
    const before = telemetry.getState();
    if (stale.length !== before.stale.size || stale.some((name) => !before.stale.has(name))) telemetry.setState({ stale: new Set(stale) });
    const coarse = lag === null ? null : Math.round(lag / 50) * 50;
    if (coarse !== before.lag) telemetry.setState({ lag: coarse });
  }

  let refetching: ReturnType<typeof setTimeout> | undefined;
  let fetchNumber = 0;

  function refetchSoon(): void {
    clearTimeout(refetching);
    if (timeAxis.getState().range.kind === 'live') {
      archived = new Map();
      return;
    }
    refetching = setTimeout(() => void refetch(), refetchDelay);
  }

  /** Fetches the fixed range of the shown run from the archive, at the width of the screen. */
  async function refetch(): Promise<void> {
    const { range } = timeAxis.getState();
    const core = currentCore();
    const { run } = runSession.getState();
    if (range.kind !== 'fixed' || !core || !run || shown.length === 0 || replayed) return;
    const number = ++fetchNumber;
    telemetry.setState({ fetching: true });
    const columns = Math.max(200, Math.min(2_000, Math.round(window.innerWidth / 2)));
    try {
      const { points } = await core.request('runs.points', { run, series: [...shown], from: range.from, to: range.to, columns });
      if (number !== fetchNumber) return;
      archived = new Map(
        points.map(({ name, times, values }) => [
          name,
          { times: Float64Array.from(times), values: Float64Array.from(values, (value) => value ?? Number.NaN) },
        ]),
      );
      newPoints.emit();
    } catch (failure) {
      // A run that has just ended has its latest points in the buffers.
      if (number === fetchNumber && buffers.size === 0) notifyUnlessLost(failure);
    } finally {
      if (number === fetchNumber) telemetry.setState({ fetching: false });
    }
  }

  let listing = 0;

  /** Asks what series there are: of the environment and of the shown run. */
  async function refreshKnownSeries(): Promise<void> {
    const number = ++listing;
    const core = currentCore();
    if (!core) return;
    const { environmentFile } = session.getState();
    const { run } = runSession.getState();
    const none = { series: [] as KnownSeries[] };
    const [live, past] = await Promise.all([
      environmentFile === null ? none : core.request('series.list', { environmentFile }).catch(() => none),
      run === null ? none : core.request('runs.series', { run }).catch(() => none),
    ]);
    if (number !== listing) return;
    const byName = new Map([...past.series, ...live.series].map((series) => [series.name, series]));
    const known = [...byName.values()].sort((left, right) => left.name.localeCompare(right.name));
    if (
      known.length !== telemetry.getState().known.length ||
      known.some((each, index) => telemetry.getState().known[index]?.name !== each.name)
    )
      telemetry.setState({ known });
  }

  /** Follows connection, environment, run and time range; from the beginning on. */
  function followAll(): void {
    followReplay();
    replay.subscribe((state, before) => {
      if (state.run !== before.run) followReplay();
    });
    session.subscribe((state, before) => {
      const { environmentFile } = state;
      // An environment that is closed and opened again goes on where it was.
      if (environmentFile !== null && environmentFile !== bufferedFile) {
        bufferedFile = environmentFile;
        buffers.clear();
      }
      if (environmentFile !== before.environmentFile) telemetry.setState({ stale: new Set(shown), lag: null, known: [] });
      if (state.connection !== before.connection && state.connection.kind === 'lost')
        telemetry.setState({ lag: null, stale: new Set(shown) });
      // What a core that is gone did not answer is asked for anew.
      if (replayed && state.connection !== before.connection && state.connection.kind === 'connected') followReplay();
      const changed = state.environmentFile !== before.environmentFile || state.connection !== before.connection;
      if (changed) resubscribeSoon();
      if (changed || state.catalogue !== before.catalogue) void refreshKnownSeries();
    });
    timeAxis.subscribe((state, before) => {
      if (state.range === before.range) return;
      // A wider window needs more of the past than the buffers hold.
      if (state.range.kind === 'live' && state.range.window !== keptWindow) resubscribeSoon();
      refetchSoon();
      newPoints.emit();
    });
    runSession.subscribe((state, before) => {
      if (state.run === before.run && state.live === before.live) return;
      archived = new Map();
      refetchSoon();
      void refreshKnownSeries();
    });
    void refreshKnownSeries();
  }

  followAll();
  stores.own(() => {
    clearTimeout(resubscribing);
    clearTimeout(refetching);
    stream?.close();
    replayed?.dispose();
  });

  return {
    ...telemetry,
    newPoints,
    coreNow,
    coreHeardAt,
    hearCore,
    pointsOf,
    lookAt,
    lastPointOf,
    showRunBeside,
    showSeries,
    refreshKnownSeries,
  };
}

export const useTelemetry = storeHook(createTelemetry);
