/**
 * One chart on a canvas, by uPlot: lines with an axis per unit, and what the operator does to it with the pointer. Knows
 * nothing of stores: it draws the picture that it is given, and tells what was pointed at.
 */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Unit } from '#shared/telemetry/series.ts';
import type { AlignedColumns } from '../../../stores/telemetry-buffer.ts';
import type { ChartColours } from './chart-colours.ts';
import { drawLanes, drawLimits, drawMarkers, drawSelection, drawStaleTail, type Lane } from './chart-overlays.ts';
import { rangeWithLimits, type LimitBand } from './limit-bands.ts';
import type { PlacedMarker } from './marker-placement.ts';
import { axisRange } from './units.ts';
import { exactTimeOfDay, timeOfDay } from '#shared/wording/times.ts';
import { axisText } from '#shared/wording/axes.ts';

export interface ChartLine {
  readonly name: string;
  readonly unit: Unit;
  readonly colour: string;
  /** Of the run that stands beside the replayed one. */
  readonly dashed?: boolean;
}

/** Everything that one drawing shows. */
export interface ChartPicture {
  /** ms since 1970 */
  readonly from: number;
  readonly to: number;
  /** The core's clock; lanes end there. */
  readonly now: number;
  readonly data: AlignedColumns;
  /** Last points of lines that are not current. */
  readonly stale: readonly { readonly unit: Unit; readonly time: number; readonly value: number }[];
  readonly markers: readonly PlacedMarker[];
  readonly lanes: readonly Lane[];
  readonly selected: { readonly from: number; readonly to: number } | null;
}

export interface ChartGestures {
  /** The pointer is at this time; null: it left the chart. */
  onPointer(time: number | null): void;
  onPick(time: number): void;
  onZoom(from: number, to: number): void;
  onZoomBy(factor: number, around: number): void;
  onPan(share: number): void;
  onRestore(): void;
}

export interface ChartOptions {
  readonly lines: readonly ChartLine[];
  readonly bands: readonly LimitBand[];
  readonly colours: ChartColours;
  readonly gestures: ChartGestures;
  readonly width: number;
  readonly height: number;
}

const axisWidth = 58;
/** px that the pointer may move in a click. */
const clickSlack = 3;

export class ChartCanvas {
  private readonly plot: uPlot;
  private readonly options: ChartOptions;
  private readonly cursorLine: HTMLDivElement;
  private readonly momentLine: HTMLDivElement;
  private readonly abort = new AbortController();
  private picture: ChartPicture | null = null;
  private panning: { readonly x: number } | null = null;
  private pressedAt: number | null = null;

  constructor(host: HTMLElement, options: ChartOptions) {
    this.options = options;
    this.plot = new uPlot(this.plotOptions(), [[0, 1], ...options.lines.map(() => [null, null])] as uPlot.AlignedData, host);
    this.cursorLine = document.createElement('div');
    this.cursorLine.className = 'chart-cursor';
    this.cursorLine.hidden = true;
    // From the moment of a replay to the right edge: what had not happened yet.
    this.momentLine = document.createElement('div');
    this.momentLine.className = 'chart-moment';
    this.momentLine.hidden = true;
    this.plot.over.append(this.momentLine, this.cursorLine);
    this.listen();
  }

  /** Width of the plotting area, CSS px. */
  get plotWidth(): number {
    return this.plot.bbox.width / devicePixelRatio;
  }

  draw(picture: ChartPicture): void {
    this.picture = picture;
    const { data, from, to } = picture;
    this.plot.batch(() => {
      this.plot.setData(data, false);
      this.plot.setScale('x', { min: from, max: to });
    });
  }

  /** Shows the crosshair at a time; null: nowhere. */
  showCursor(time: number | null): void {
    const { picture } = this;
    const hidden = time === null || picture === null || time < picture.from || time > picture.to;
    if (this.cursorLine.hidden !== hidden) this.cursorLine.hidden = hidden;
    if (hidden) return;
    const x = ((time - picture.from) / (picture.to - picture.from)) * this.plotWidth;
    this.cursorLine.style.transform = `translateX(${x.toFixed(1)}px)`;
  }

  /** Shows how far a replay has come, and dims what comes later; null: nothing is replayed, or the picture ends there. */
  showMoment(time: number | null): void {
    const { picture } = this;
    const hidden = time === null || picture === null || time >= picture.to;
    if (this.momentLine.hidden !== hidden) this.momentLine.hidden = hidden;
    if (hidden) return;
    const x = Math.max(0, ((time - picture.from) / (picture.to - picture.from)) * this.plotWidth);
    this.momentLine.style.transform = `translateX(${x.toFixed(1)}px)`;
  }

  resize(width: number, height: number): void {
    if (width > 0 && height > 0 && (width !== this.plot.width || height !== this.plot.height)) this.plot.setSize({ width, height });
  }

  dispose(): void {
    this.abort.abort();
    this.plot.destroy();
  }

  private plotOptions(): uPlot.Options {
    const { lines, bands, colours, width, height } = this.options;
    const units = [...new Set(lines.map(({ unit }) => unit))];
    const grid = { stroke: colours.grid, width: 0.5 };
    const common = { stroke: colours.text, font: colours.font, grid, ticks: { ...grid, size: 4 } };
    const scales: uPlot.Scales = { x: { time: true, auto: false } };
    for (const unit of units) {
      const near = bands.filter((band) => lines.some((line) => line.unit === unit && line.name === band.series));
      scales[unit] = { range: (_plot, low, high) => rangeWithLimits(axisRange(low, high, unit), near) };
    }
    if (units.length === 0) scales['none'] = { range: [0, 1] };
    const xAxis: uPlot.Axis = {
      ...common,
      size: 22,
      gap: 3,
      space: 80,
      values: (_plot, splits, _axis, _space, step) => splits.map(step < 1_000 ? exactTimeOfDay : timeOfDay),
    };
    const yAxes = units.map((unit, index): uPlot.Axis => ({
      ...common,
      scale: unit,
      side: index % 2 === 0 ? 3 : 1,
      size: axisWidth,
      gap: 3,
      space: 26,
      grid: { ...grid, show: index === 0 },
      values: (_plot, splits) => splits.map((value) => axisText(value, unit)),
    }));
    return {
      width,
      height,
      ms: 1,
      padding: [9, units.length > 1 ? 0 : 8, 0, units.length === 0 ? 8 : 0],
      legend: { show: false },
      cursor: {
        x: false,
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: clickSlack + 1 },
        bind: {
          dblclick: () => () => (this.options.gestures.onRestore(), null),
          mousedown: (_plot, _target, handler) => (event) => (event.shiftKey || event.button !== 0 ? null : handler(event)),
        },
      },
      scales,
      axes: [xAxis, ...(units.length === 0 ? [{ scale: 'none', show: false }] : yAxes)],
      series: [
        {},
        ...lines.map(({ name, unit, colour, dashed }): uPlot.Series => ({
          label: name,
          ...(dashed === true && { dash: [5, 4], alpha: 0.85 }),
          scale: unit,
          stroke: colour,
          width: 1.5,
          points: { show: false },
          spanGaps: false,
        })),
      ],
      hooks: {
        drawAxes: [(plot) => this.drawBehind(plot)],
        draw: [(plot) => this.drawInFront(plot)],
        setSelect: [(plot) => this.takeSelection(plot)],
      },
    };
  }

  private drawBehind(plot: uPlot): void {
    const { bands, lines, colours } = this.options;
    drawSelection(plot, this.picture?.selected ?? null, colours);
    const scaled = bands.flatMap((band) => {
      const line = lines.find(({ name }) => name === band.series);
      return line ? [{ ...band, scale: line.unit }] : [];
    });
    drawLimits(plot, scaled, colours);
  }

  private drawInFront(plot: uPlot): void {
    const { picture } = this;
    if (!picture) return;
    const { colours, lines } = this.options;
    drawLanes(plot, picture.lanes, lines.length === 0, picture.now, colours);
    for (const { unit, time, value } of picture.stale) drawStaleTail(plot, unit, time, value, colours);
    drawMarkers(plot, picture.markers, colours);
  }

  private takeSelection(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width <= 0) return;
    const { gestures } = this.options;
    const [from, to] = [this.timeAt(left), this.timeAt(left + width)];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (width > clickSlack) gestures.onZoom(from, to);
  }

  /** Time under a place of the plotting area, CSS px from its left edge. */
  private timeAt(x: number): number {
    const { from, to } = this.picture ?? { from: 0, to: 1 };
    return from + (x / Math.max(1, this.plotWidth)) * (to - from);
  }

  private xOf(event: MouseEvent): number {
    return event.clientX - this.plot.over.getBoundingClientRect().left;
  }

  private listen(): void {
    const { gestures } = this.options;
    const { over } = this.plot;
    const { signal } = this.abort;
    over.addEventListener(
      'pointermove',
      (event) => {
        if (!this.panning) return gestures.onPointer(this.timeAt(this.xOf(event)));
        const moved = event.clientX - this.panning.x;
        this.panning = { x: event.clientX };
        gestures.onPan(-moved / Math.max(1, this.plotWidth));
      },
      { signal },
    );
    over.addEventListener('pointerleave', () => gestures.onPointer(null), { signal });
    over.addEventListener(
      'pointerdown',
      (event) => {
        if (event.button === 0 && !event.shiftKey) this.pressedAt = event.clientX;
        if (event.button !== 1 && !(event.button === 0 && event.shiftKey)) return;
        event.preventDefault();
        this.panning = { x: event.clientX };
        over.setPointerCapture(event.pointerId);
      },
      { signal },
    );
    over.addEventListener(
      'pointerup',
      (event) => {
        this.panning = null;
        const still = this.pressedAt !== null && Math.abs(event.clientX - this.pressedAt) <= clickSlack;
        this.pressedAt = null;
        if (still) gestures.onPick(this.timeAt(this.xOf(event)));
      },
      { signal },
    );
    over.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
          return gestures.onPan((event.deltaX || event.deltaY) / 1_000);
        gestures.onZoomBy(1.0015 ** event.deltaY, this.timeAt(this.xOf(event)));
      },
      { signal, passive: false },
    );
  }
}
