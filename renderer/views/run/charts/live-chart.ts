/** One chart of the grid, kept current by the drawing loop: takes points, marks and lanes from the stores, writes values into its legend. */
import type { KnownSeries } from '#shared/contract/telemetry.ts';
import { withGaps } from '#shared/telemetry/gaps.ts';
import { happenings } from '../../../stores/charts.ts';
import { unknownLane } from '../../../stores/charts-markers.ts';
import { isStateLane, type Chart } from '../../../stores/charts-layout.ts';
import { panBy, restoreRange, shownRange, zoomBy, zoomTo } from '../../../stores/charts-range.ts';
import { besidePoints, besideSilences, useBeside } from '../../../stores/replay/beside.ts';
import { pace } from '../../../stores/replay/replay-points.ts';
import { isReplaying, seek, shownNow, useReplay } from '../../../stores/replay/replay.ts';
import { alignSeries, pointsWithin, valueAt, type AlignedColumns, type Points } from '../../../stores/telemetry-buffer.ts';
import { coreNow, lastPointOf, lookAt, newPoints, pointsOf, useTelemetry } from '../../../stores/telemetry.ts';
import { selectExecution, setCursor, useTimeAxis, type TimeRange } from '../../../stores/time-axis.ts';
import { ChartCanvas, type ChartGestures, type ChartLine, type ChartPicture } from './chart-canvas.ts';
import type { ChartColours } from './chart-colours.ts';
import { drawingLoop, type Drawable } from './drawing-loop.ts';
import type { LimitBand } from './limit-bands.ts';
import { placeMarkers } from './marker-placement.ts';
import { formatMilliseconds, formatValue } from './units.ts';

const nothing: Points = { times: new Float64Array(), values: new Float64Array() };
/** Bounds of how often a moving picture is drawn, ms: it moves by about a pixel each time. */
const fastest = 33;
const slowest = 200;
const legendInterval = 100;
const labelCharacter = 5.6;

export interface LiveChartOptions {
  readonly chart: Chart;
  readonly known: ReadonlyMap<string, KnownSeries>;
  readonly bands: readonly LimitBand[];
  readonly colours: ChartColours;
  /** Where the legend shows the value of a series. */
  valueElement(series: string): HTMLElement | undefined;
}

interface OwnedLine extends ChartLine {
  /** Which daemon reports the series. */
  readonly daemon: string;
}

export class LiveChart implements Drawable {
  private readonly options: LiveChartOptions;
  private readonly lines: readonly OwnedLine[];
  private readonly dashed: number;
  private readonly lanes: readonly string[];
  private readonly canvas: ChartCanvas;
  private readonly card: HTMLElement | null;
  private readonly stops: (() => void)[] = [];
  private dirty = true;
  private pictureDue = false;
  private cursorMoved = true;
  /** The moment of a replay is not the one that was drawn. */
  private momentMoved = true;
  /** The legend was left as it was, since it had just been written. */
  private legendDue = false;
  private visible = true;
  private drawnAt = 0;
  private drawnPoints = 0;
  private legendAt = 0;
  /** Where the pointer rests on this chart, as a share of its width: the picture moves under it. */
  private pointer: number | null = null;

  constructor(host: HTMLElement, options: LiveChartOptions) {
    this.options = options;
    const { chart, known, bands, colours } = options;
    const numbers = chart.series.filter((name) => !isStateLane(name));
    this.lanes = chart.series.filter(isStateLane).map((name) => name.slice(0, -'.STATE'.length));
    this.lines = numbers.map((name, index) => ({
      name,
      unit: known.get(name)?.unit ?? 'none',
      daemon: known.get(name)?.daemon ?? '',
      colour: colours.lines[index % colours.lines.length] ?? colours.text,
    }));
    // The same lines of the run beside, if there is one: the chart is made anew when that changes.
    const dashed = useBeside.getState().run === null ? [] : this.lines.map((line) => ({ ...line, dashed: true }));
    this.dashed = dashed.length;
    this.card = host.closest<HTMLElement>('[data-chart]');
    const { width, height } = host.getBoundingClientRect();
    const size = { width: Math.max(80, Math.floor(width)), height: Math.max(60, Math.floor(height)) };
    this.canvas = new ChartCanvas(host, { lines: [...this.lines, ...dashed], bands, colours, gestures: this.gestures(), ...size });
    this.follow(host);
  }

  dispose(): void {
    for (const stop of this.stops) stop();
    this.canvas.dispose();
  }

  overdue(now: number, pace: number): number {
    if (!this.visible) return 0;
    const { range } = useTimeAxis.getState();
    const late = now - this.drawnAt - this.interval(range) * pace;
    // A moving picture of a replay moves with its moment, that of the present by itself.
    const moves = range.kind === 'live' && (this.momentMoved || !isReplaying());
    this.pictureDue = this.dirty || (moves && late > 0);
    if (this.pictureDue) return Math.max(1, late);
    return this.cursorMoved || this.legendDue || (this.momentMoved && range.kind === 'fixed') ? 0.5 : 0;
  }

  draw(now: number): void {
    if (this.pictureDue) {
      this.pictureDue = false;
      this.dirty = false;
      this.momentMoved = false;
      this.drawnAt = now;
      const picture = this.picture();
      this.canvas.draw(picture);
      // Tells benchmarks how old the newest sample is when it is drawn.
      if (this.card && this.lines.length > 0)
        this.card.dataset['newest'] = this.drawnPoints === 0 ? '' : String(picture.data[0].findLast((time) => time <= picture.to) ?? '');
      this.movePointer();
    }
    const { cursor, range } = useTimeAxis.getState();
    this.canvas.showCursor(cursor);
    const { run, cursor: moment } = useReplay.getState();
    this.canvas.showMoment(run !== null && range.kind === 'fixed' ? moment : null);
    if (range.kind === 'fixed') this.momentMoved = false;
    const moves = run === null ? range.kind === 'live' : useReplay.getState().playing;
    this.legendDue = moves && !this.cursorMoved && now - this.legendAt < legendInterval;
    if (!this.legendDue) {
      this.legendAt = now;
      this.writeLegend();
    }
    this.cursorMoved = false;
  }

  /** ms in which a moving picture moves by about a pixel. */
  private interval(range: TimeRange): number {
    // Somebody who goes to a moment of a replay wants to see it at once.
    if (range.kind === 'fixed' || (isReplaying() && pace() === 0)) return 0;
    const faster = isReplaying() ? Math.max(1, pace()) : 1;
    return Math.min(slowest, Math.max(fastest, range.window / Math.max(1, this.canvas.plotWidth) / faster));
  }

  private follow(host: HTMLElement): void {
    const sizes = new ResizeObserver(([entry]) => {
      const box = entry?.contentRect;
      if (!box) return;
      this.canvas.resize(Math.floor(box.width), Math.floor(box.height));
      this.dirty = true;
    });
    sizes.observe(host);
    const sight = new IntersectionObserver((entries) => {
      // Several at once, when views are switched quickly: the last one is how it is now.
      this.visible = entries.at(-1)?.isIntersecting ?? true;
      this.dirty = true;
    });
    sight.observe(host);
    this.stops.push(
      () => sizes.disconnect(),
      () => sight.disconnect(),
      newPoints.subscribe(() => (this.dirty ||= useTimeAxis.getState().range.kind === 'fixed' || isReplaying())),
      useTimeAxis.subscribe((state, before) => {
        this.cursorMoved ||= state.cursor !== before.cursor;
        this.dirty ||= state.range !== before.range || state.execution !== before.execution;
      }),
      useReplay.subscribe((state, before) => {
        this.momentMoved ||= state.cursor !== before.cursor;
        this.dirty ||= state.run !== before.run;
      }),
      useBeside.subscribe((state, before) => (this.dirty ||= state.moment?.shift !== before.moment?.shift)),
      drawingLoop.add(this),
    );
  }

  private gestures(): ChartGestures {
    return {
      onPointer: (time) => {
        const { from, to } = shownRange();
        this.pointer = time === null ? null : (time - from) / (to - from);
        setCursor(time);
      },
      onPick: (time) => {
        if (isReplaying()) seek(time);
        setCursor(time);
        selectExecution(happenings.executionAt(time)?.execution ?? null);
      },
      onZoom: zoomTo,
      onZoomBy: zoomBy,
      onPan: panBy,
      onRestore: restoreRange,
    };
  }

  /** In a moving picture the crosshair stays under the pointer. */
  private movePointer(): void {
    if (this.pointer === null || useTimeAxis.getState().range.kind === 'fixed') return;
    const { from, to } = shownRange();
    setCursor(from + this.pointer * (to - from));
  }

  private picture(): ChartPicture {
    const { from, to } = shownRange();
    lookAt(from, to, this.canvas.plotWidth);
    const own = this.lines.map((line) => ownPoints(line, from, to));
    const data = alignSeries([...own, ...this.besideLines(from, to)]);
    this.drawnPoints = data[0].length;
    const { execution } = useTimeAxis.getState();
    const span = execution === null ? null : happenings.spanOf(execution);
    return {
      from,
      to,
      now: isReplaying() ? to : coreNow(),
      data: data[0].length > 0 ? data : withoutPoints(from, to, this.lines.length + this.dashed),
      stale: this.staleTails(),
      markers: placeMarkers(happenings.markers, from, to, this.canvas.plotWidth, labelCharacter),
      lanes: this.lanes.map((component) => ({ component, changes: happenings.statesOf(component) })),
      selected: span ? { from: span.from, to: span.end ?? to } : null,
    };
  }

  /** The lines of the run beside, moved so that its step begins where this run's does. */
  private besideLines(from: number, to: number): Points[] {
    const tiles = besidePoints();
    const shift = useBeside.getState().moment?.shift ?? 0;
    if (this.dashed === 0) return [];
    tiles?.look({ from: from - shift, to: to - shift, columns: this.canvas.plotWidth, pace: pace() });
    return this.lines.map(({ name, daemon }) => {
      const found = pointsWithin(tiles?.points(name) ?? nothing, from - shift, to - shift);
      const { times, values } = withGaps(found, besideSilences().of(daemon));
      return { times: times.map((time) => time + shift), values };
    });
  }

  private staleTails(): ChartPicture['stale'] {
    const { stale } = useTelemetry.getState();
    return this.lines.flatMap(({ name, unit }) => {
      const time = stale.has(name) ? lastPointOf(name) : null;
      const last = time === null ? null : valueAt(pointsOf(name) ?? nothing, time);
      return last ? [{ unit, ...last }] : [];
    });
  }

  /** Values at the crosshair, or the latest; and how old a value is that is not current. */
  private writeLegend(): void {
    const { cursor, range } = useTimeAxis.getState();
    const { stale } = useTelemetry.getState();
    const at = cursor ?? (range.kind === 'fixed' ? shownNow(range.to) : shownNow(coreNow()));
    for (const line of this.lines) {
      const { name, unit } = line;
      const element = this.options.valueElement(name);
      if (!element) continue;
      const found = valueAt(ownPoints(line, at, at), at);
      const last = lastPointOf(name);
      const isStale = stale.has(name) && last !== null && at >= last;
      const age = isStale ? ` · stale ${formatMilliseconds(Math.max(1_000, Math.round((coreNow() - last) / 1_000) * 1_000))}` : '';
      write(element, `${found ? formatValue(found.value, unit) : '–'}${age}`, isStale);
    }
    for (const component of this.lanes) {
      const element = this.options.valueElement(`${component}.STATE`);
      if (!element) continue;
      const state = happenings.stateAt(component, at);
      write(element, state ?? '–', state === unknownLane);
    }
  }
}

/** The points of the shown run. What is live has its gaps from the core; those of the past are where the log tells of a silence. */
function ownPoints({ name, daemon }: OwnedLine, from: number, to: number): Points {
  const points = pointsWithin(pointsOf(name) ?? nothing, from, to);
  const isPast = isReplaying() || useTimeAxis.getState().range.kind === 'fixed';
  return isPast ? withGaps(points, happenings.silences.of(daemon)) : points;
}

function write(element: HTMLElement, text: string, stale: boolean): void {
  if (element.textContent !== text) element.textContent = text;
  if ((element.dataset['stale'] === 'true') !== stale) element.dataset['stale'] = String(stale);
}

/** Two points without values, so that the time axis is there. */
function withoutPoints(from: number, to: number, lines: number): AlignedColumns {
  return [[from, to], ...Array.from({ length: lines }, () => [null, null])];
}
