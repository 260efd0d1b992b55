/** Moving along the time axis: live, pause, zoom, pan, and back. */
import { shownNow, useReplay } from './replay/replay.ts';
import { coreNow } from './telemetry.ts';
import { setRange, useTimeAxis, type TimeRange } from './time-axis.ts';

/** ms of the last live window, to which one comes back. */
let liveWindow = 60_000;

/** Narrowest and widest stretch that can be looked at, ms. */
const narrowest = 100;
const widest = 86_400_000;

/** From and to of what is shown now, ms since 1970. */
export function shownRange(): { readonly from: number; readonly to: number } {
  const { range } = useTimeAxis.getState();
  if (range.kind === 'fixed') return range;
  // A moving picture of a replay ends at the moment that is shown.
  const now = shownNow(coreNow());
  return { from: now - range.window, to: now };
}

/** The whole of the run that is replayed, with a little room on both sides; null while none is. */
function wholeRun(): TimeRange | null {
  const { run, start, end } = useReplay.getState();
  if (run === null || end <= 0) return null;
  const room = Math.max(500, (end - start) * 0.02);
  return { kind: 'fixed', from: start - room, to: end + room };
}

/** Back to where one started: the moving present, or the whole of a run of the past. */
export function restoreRange(): void {
  setRange(wholeRun() ?? { kind: 'live', window: liveWindow });
}

/** The last `window` ms, moving. */
export function showLive(window: number): void {
  liveWindow = window;
  setRange({ kind: 'live', window });
}

/** Stops the picture where it is, or lets it move again. */
export function togglePause(): void {
  const { range } = useTimeAxis.getState();
  if (range.kind === 'fixed') restoreRange();
  else setRange({ kind: 'fixed', ...shownRange() });
}

/** Shows a stretch of time that stands still. */
export function zoomTo(from: number, to: number): void {
  const middle = (from + to) / 2;
  const half = Math.min(widest, Math.max(narrowest, to - from)) / 2;
  setRange({ kind: 'fixed', from: middle - half, to: middle + half });
}

/** Makes the shown stretch `factor` times as long, keeping the time `around` where it is. Without one, live stays live. */
export function zoomBy(factor: number, around?: number): void {
  const { range } = useTimeAxis.getState();
  if (range.kind === 'live' && around === undefined) return showLive(Math.min(widest, Math.max(1_000, range.window * factor)));
  const { from, to } = shownRange();
  const center = around ?? (from + to) / 2;
  zoomTo(center - (center - from) * factor, center + (to - center) * factor);
}

/** Moves along the time axis by a share of what is shown. */
export function panBy(share: number): void {
  const { from, to } = shownRange();
  const distance = (to - from) * share;
  setRange({ kind: 'fixed', from: from + distance, to: to + distance });
}

/** ms: of a longer run nothing would be seen to move while it is shown whole. */
const longRun = 120_000;

/** A run of the past is shown whole at first; playing a long one follows the moment; leaving it leads back to the present. */
export function followRunsOfThePast(): () => void {
  /** The range that was chosen here; once the operator has chosen another, that one stays. */
  let own: TimeRange | null = null;
  // Charts may come later than the run.
  if (wholeRun()) {
    restoreRange();
    own = useTimeAxis.getState().range;
  }
  return useReplay.subscribe((state, before) => {
    if (state.run !== before.run) {
      own = null;
      if (state.run === null) setRange({ kind: 'live', window: liveWindow });
    }
    if (state.run === null) return;
    const { range } = useTimeAxis.getState();
    if (state.version !== before.version && (own === null || own === range)) {
      restoreRange();
      own = useTimeAxis.getState().range;
    }
    if (state.playing && !before.playing && own === range && state.end - state.start > longRun) showLive(liveWindow);
  });
}
