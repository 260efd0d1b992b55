/** Moving along the time axis: live, pause, zoom, pan, and back. */
import { createReplay } from './replay/replay.ts';
import { createTelemetry } from './telemetry.ts';
import { createTimeAxis, type TimeRange } from './time-axis.ts';
import type { Stores } from './stores.ts';

/** Narrowest and widest stretch that can be looked at, ms. */
const narrowest = 100;
const widest = 86_400_000;

/** ms: of a longer run nothing would be seen to move while it is shown whole. */
const longRun = 120_000;

export function createChartsRange(stores: Stores) {
  const timeAxis = stores.get(createTimeAxis);
  const { setRange } = timeAxis;
  const replay = stores.get(createReplay);
  const { shownNow } = replay;
  const { coreNow } = stores.get(createTelemetry);

  /** ms of the last live window, to which one comes back. */
  let liveWindow = 60_000;

  /** From and to of what is shown now, ms since 1970. */
  function shownRange(): { readonly from: number; readonly to: number } {
    const { range } = timeAxis.getState();
    if (range.kind === 'fixed') return range;
    // A moving picture of a replay ends at the moment that is shown.
    const now = shownNow(coreNow());
    return { from: now - range.window, to: now };
  }

  /** The whole of the run that is replayed, with a little room on both sides; null while none is. */
  function wholeRun(): TimeRange | null {
    const { run, start, end } = replay.getState();
    if (run === null || end <= 0) return null;
    const room = Math.max(500, (end - start) * 0.02);
    return { kind: 'fixed', from: start - room, to: end + room };
  }

  /** Back to where one started: the moving present, or the whole of a run of the past. */
  function restoreRange(): void {
    setRange(wholeRun() ?? { kind: 'live', window: liveWindow });
  }

  /** The last `window` ms, moving. */
  function showLive(window: number): void {
    liveWindow = window;
    setRange({ kind: 'live', window });
  }

  /** Stops the picture where it is, or lets it move again. */
  function togglePause(): void {
    const { range } = timeAxis.getState();
    if (range.kind === 'fixed') restoreRange();
    else setRange({ kind: 'fixed', ...shownRange() });
  }

  /** Shows a stretch of time that stands still. */
  function zoomTo(from: number, to: number): void {
    const middle = (from + to) / 2;
    const half = Math.min(widest, Math.max(narrowest, to - from)) / 2;
    setRange({ kind: 'fixed', from: middle - half, to: middle + half });
  }

  /** Makes the shown stretch `factor` times as long, keeping the time `around` where it is. Without one, live stays live. */
  function zoomBy(factor: number, around?: number): void {
    const { range } = timeAxis.getState();
    if (range.kind === 'live' && around === undefined) return showLive(Math.min(widest, Math.max(1_000, range.window * factor)));
    const { from, to } = shownRange();
    const center = around ?? (from + to) / 2;
    zoomTo(center - (center - from) * factor, center + (to - center) * factor);
  }

  /** Moves along the time axis by a share of what is shown. */
  function panBy(share: number): void {
    const { from, to } = shownRange();
    const distance = (to - from) * share;
    setRange({ kind: 'fixed', from: from + distance, to: to + distance });
  }

  /** A run of the past is shown whole at first; playing a long one follows the moment; leaving it leads back to the present. */
  function followRunsOfThePast(): () => void {
    /** The range that was chosen here; once the operator has chosen another, that one stays. */
    let own: TimeRange | null = null;
    // Charts may come later than the run.
    if (wholeRun()) {
      restoreRange();
      own = timeAxis.getState().range;
    }
    return replay.subscribe((state, before) => {
      if (state.run !== before.run) {
        own = null;
        if (state.run === null) setRange({ kind: 'live', window: liveWindow });
      }
      if (state.run === null) return;
      const { range } = timeAxis.getState();
      if (state.version !== before.version && (own === null || own === range)) {
        restoreRange();
        own = timeAxis.getState().range;
      }
      if (state.playing && !before.playing && own === range && state.end - state.start > longRun) showLive(liveWindow);
    });
  }

  return { shownRange, restoreRange, showLive, togglePause, zoomTo, zoomBy, panBy, followRunsOfThePast };
}
