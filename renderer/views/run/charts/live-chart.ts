/** One chart of the grid, kept current by the drawing loop: takes points, marks and lanes from the stores, writes values into its legend. */
import type { KnownSeries } from '#shared/contract/telemetry.ts';
import { withGaps } from '#shared/telemetry/gaps.ts';
import { createCharts } from '../../../stores/charts.ts';
import { unknownLane, type Happenings } from '../../../stores/charts-markers.ts';
import { isStateLane, type Chart } from '../../../stores/charts-layout.ts';
import { createChartsRange } from '../../../stores/charts-range.ts';
import { createBeside } from '../../../stores/replay/beside.ts';
import { pace } from '../../../stores/replay/replay-points.ts';
import { createReplay } from '../../../stores/replay/replay.ts';
import { alignSeries, pointsWithin, valueAt, type AlignedColumns, type Points } from '../../../stores/telemetry-buffer.ts';
import { createTelemetry } from '../../../stores/telemetry.ts';
import { createTimeAxis, type TimeRange } from '../../../stores/time-axis.ts';
import { ChartCanvas, type ChartGestures, type ChartLine, type ChartPicture } from './chart-canvas.ts';
import type { ChartColours } from './chart-colours.ts';
import { createDrawingLoop, type Drawable } from './drawing-loop.ts';
import type { LimitBand } from './limit-bands.ts';
import { placeMarkers } from './marker-placement.ts';
import type { Stores } from '../../../stores/stores.ts';
import { secondsText } from '#shared/wording/durations.ts';
import { quantityText } from '#shared/wording/quantities.ts';

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
  private readonly stores: Stores;
  private readonly timeAxis: ReturnType<typeof createTimeAxis>;
  private readonly range: ReturnType<typeof createChartsRange>;
  private readonly replay: ReturnType<typeof createReplay>;
  private readonly beside: ReturnType<typeof createBeside>;
  private readonly telemetry: ReturnType<typeof createTelemetry>;
  private readonly happenings: Happenings;
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

  constructor(stores: Stores, host: HTMLElement, options: LiveChartOptions) {
    this.stores = stores;
    this.timeAxis = stores.get(createTimeAxis);
    this.range = stores.get(createChartsRange);
    this.replay = stores.get(createReplay);
    this.beside = stores.get(createBeside);
    this.telemetry = stores.get(createTelemetry);
    this.happenings = stores.get(createCharts).happenings;
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
    const dashed = this.beside.getState().run === null ? [] : this.lines.map((line) => ({ ...line, dashed: true }));
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
    const { range } = this.timeAxis.getState();
    const late = now - this.drawnAt - this.interval(range) * pace;
    // A moving picture of a replay moves with its moment, that of the present by itself.
    const moves = range.kind === 'live' && (this.momentMoved || !this.replay.isReplaying());
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
    const { cursor, range } = this.timeAxis.getState();
    this.canvas.showCursor(cursor);
    const { run, cursor: moment } = this.replay.getState();
    this.canvas.showMoment(run !== null && range.kind === 'fixed' ? moment : null);
    if (range.kind === 'fixed') this.momentMoved = false;
    const moves = run === null ? range.kind === 'live' : this.replay.getState().playing;
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
    if (range.kind === 'fixed' || (this.replay.isReplaying() && pace(this.stores) === 0)) return 0;
    const faster = this.replay.isReplaying() ? Math.max(1, pace(this.stores)) : 1;
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
      this.telemetry.newPoints.subscribe(
        () => (this.dirty ||= this.timeAxis.getState().range.kind === 'fixed' || this.replay.isReplaying()),
      ),
      this.timeAxis.subscribe((state, before) => {
        this.cursorMoved ||= state.cursor !== before.cursor;
        this.dirty ||= state.range !== before.range || state.execution !== before.execution;
      }),
      this.replay.subscribe((state, before) => {
        this.momentMoved ||= state.cursor !== before.cursor;
        this.dirty ||= state.run !== before.run;
      }),
      this.beside.subscribe((state, before) => (this.dirty ||= state.moment?.shift !== before.moment?.shift)),
      this.stores.get(createDrawingLoop).add(this),
    );
  }

  private gestures(): ChartGestures {
    return {
      onPointer: (time) => {
        const { from, to } = this.range.shownRange();
        this.pointer = time === null ? null : (time - from) / (to - from);
        this.timeAxis.setCursor(time);
      },
      onPick: (time) => {
        if (this.replay.isReplaying()) this.replay.seek(time);
        this.timeAxis.setCursor(time);
        this.timeAxis.selectExecution(this.happenings.executionAt(time)?.execution ?? null);
      },
      onZoom: this.range.zoomTo,
      onZoomBy: this.range.zoomBy,
      onPan: this.range.panBy,
      onRestore: this.range.restoreRange,
    };
  }

  /** In a moving picture the crosshair stays under the pointer. */
  private movePointer(): void {
    if (this.pointer === null || this.timeAxis.getState().range.kind === 'fixed') return;
    const { from, to } = this.range.shownRange();
    this.timeAxis.setCursor(from + this.pointer * (to - from));
  }

  private picture(): ChartPicture {
    const { from, to } = this.range.shownRange();
    this.telemetry.lookAt(from, to, this.canvas.plotWidth);
    const own = this.lines.map((line) => this.ownPoints(line, from, to));
    const data = alignSeries([...own, ...this.besideLines(from, to)]);
    this.drawnPoints = data[0].length;
    const { execution } = this.timeAxis.getState();
    const span = execution === null ? null : this.happenings.spanOf(execution);
    return {
      from,
      to,
      now: this.replay.isReplaying() ? to : this.telemetry.coreNow(),
      data: data[0].length > 0 ? data : withoutPoints(from, to, this.lines.length + this.dashed),
      stale: this.staleTails(),
      markers: placeMarkers(this.happenings.markers, from, to, this.canvas.plotWidth, labelCharacter),
      lanes: this.lanes.map((component) => ({ component, changes: this.happenings.statesOf(component) })),
      selected: span ? { from: span.from, to: span.end ?? to } : null,
    };
  }

  /** The lines of the run beside, moved so that its step begins where this run's does. */
  private besideLines(from: number, to: number): Points[] {
    const tiles = this.beside.besidePoints();
    const shift = this.beside.getState().moment?.shift ?? 0;
    if (this.dashed === 0) return [];
    tiles?.look({ from: from - shift, to: to - shift, columns: this.canvas.plotWidth, pace: pace(this.stores) });
    return this.lines.map(({ name, daemon }) => {
      const found = pointsWithin(tiles?.points(name) ?? nothing, from - shift, to - shift);
      const { times, values } = withGaps(found, this.beside.besideSilences().of(daemon));
      return { times: times.map((time) => time + shift), values };
    });
  }

  private staleTails(): ChartPicture['stale'] {
    const { stale } = this.telemetry.getState();
    return this.lines.flatMap(({ name, unit }) => {
      const time = stale.has(name) ? this.telemetry.lastPointOf(name) : null;
      const last = time === null ? null : valueAt(this.telemetry.pointsOf(name) ?? nothing, time);
      return last ? [{ unit, ...last }] : [];
    });
  }

  /** Values at the crosshair, or the latest; and how old a value is that is not current. */
  private writeLegend(): void {
    const { cursor, range } = this.timeAxis.getState();
    const { stale } = this.telemetry.getState();
    const at = cursor ?? (range.kind === 'fixed' ? this.replay.shownNow(range.to) : this.replay.shownNow(this.telemetry.coreNow()));
    for (const line of this.lines) {
      const { name, unit } = line;
      const element = this.options.valueElement(name);
      if (!element) continue;
      const found = valueAt(this.ownPoints(line, at, at), at);
      const last = this.telemetry.lastPointOf(name);
      const isStale = stale.has(name) && last !== null && at >= last;
      const age = isStale ? ` · stale ${secondsText(Math.max(1_000, this.telemetry.coreNow() - last))}` : '';
      write(element, `${quantityText(found?.value ?? null, unit, 'steady')}${age}`, isStale);
    }
    for (const component of this.lanes) {
      const element = this.options.valueElement(`${component}.STATE`);
      if (!element) continue;
      const state = this.happenings.stateAt(component, at);
      write(element, state ?? '–', state === unknownLane);
    }
  }

  /** The points of the shown run. What is live has its gaps from the core; those of the past are where the log tells of a silence. */
  private ownPoints({ name, daemon }: OwnedLine, from: number, to: number): Points {
    const points = pointsWithin(this.telemetry.pointsOf(name) ?? nothing, from, to);
    const isPast = this.replay.isReplaying() || this.timeAxis.getState().range.kind === 'fixed';
    return isPast ? withGaps(points, this.happenings.silences.of(daemon)) : points;
  }
}

function write(element: HTMLElement, text: string, stale: boolean): void {
  if (element.textContent !== text) element.textContent = text;
  if ((element.dataset['stale'] === 'true') !== stale) element.dataset['stale'] = String(stale);
}

/** Two points without values, so that the time axis is there. */
function withoutPoints(from: number, to: number, lines: number): AlignedColumns {
  return [[from, to], ...Array.from({ length: lines }, () => [null, null])];
}
