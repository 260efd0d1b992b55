/** One series in many runs over each other, all beginning with the step: the candidate bold, baseline runs faint, their middle half as a band. */
import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { RunId } from '#shared/identifiers.ts';
import type { Unit } from '#shared/telemetry/series.ts';
import { useAppliedTheme } from '../../styles/applied-theme.ts';
import { chartColours, type ChartColours } from '../run/charts/chart-colours.ts';
import { axisRange } from '../run/charts/units.ts';
import { overlayOf, type EvidenceLine, type Overlay } from './overlay.ts';
import style from './evidence.module.css';
import { axisText, axisTime } from '#shared/wording/axes.ts';

/** px */
const height = 190;
const columns = 240;

/** Draws a line with its own times, which no other line shares; where it has no value it is broken. */
function drawLine(plot: uPlot, { times, values }: EvidenceLine, colour: string, width: number): void {
  const { ctx } = plot;
  ctx.beginPath();
  let isOpen = false;
  for (const [index, time] of times.entries()) {
    const value = values[index] ?? null;
    if (value === null) {
      isOpen = false;
      continue;
    }
    const [x, y] = [plot.valToPos(time, 'x', true), plot.valToPos(value, 'y', true)];
    if (isOpen) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
    isOpen = true;
  }
  ctx.strokeStyle = colour;
  ctx.lineWidth = width * devicePixelRatio;
  ctx.lineJoin = 'round';
  ctx.stroke();
}

/** Share of the time that is left free at the end, so that the last point can be seen. */
const endSpace = 0.02;

/** px; and points of a line up to which each is marked: a series that rarely changes has so few that no line shows them. */
const dotSize = 2.5;
const mostDots = 40;

function drawDots(plot: uPlot, { times, values }: EvidenceLine, colour: string): void {
  if (times.length > mostDots) return;
  const { ctx } = plot;
  ctx.fillStyle = colour;
  for (const [index, time] of times.entries()) {
    const value = values[index] ?? null;
    if (value === null) continue;
    ctx.beginPath();
    ctx.arc(plot.valToPos(time, 'x', true), plot.valToPos(value, 'y', true), dotSize * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
  }
}

/** Where the candidate's step ended. */
function drawEnd(plot: uPlot, { duration, times }: EvidenceLine, colours: ChartColours): void {
  if (duration === null || duration >= (times.at(-1) ?? 0)) return;
  const { ctx, bbox } = plot;
  const x = plot.valToPos(duration, 'x', true);
  ctx.beginPath();
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.strokeStyle = colours.text;
  ctx.lineWidth = devicePixelRatio;
  ctx.stroke();
  ctx.setLineDash([]);
}

function drawLines(plot: uPlot, { baseline, candidate }: Overlay, colours: ChartColours): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const line of baseline) {
    drawLine(plot, line, `${colours.selection}55`, 1);
    drawDots(plot, line, `${colours.selection}55`);
  }
  if (candidate) {
    drawEnd(plot, candidate, colours);
    drawLine(plot, candidate, colours.meaning.warn, 2.5);
    drawDots(plot, candidate, colours.meaning.warn);
  }
  ctx.restore();
}

function optionsOf(overlay: Overlay, unit: Unit, colours: ChartColours, width: number): uPlot.Options {
  const grid = { stroke: colours.grid, width: 0.5 };
  const common = { stroke: colours.text, font: colours.font, grid, ticks: { ...grid, size: 4 } };
  const { values } = overlay;
  const none = { width: 0, stroke: 'transparent', points: { show: false } } as const;
  return {
    width,
    height,
    ms: 1,
    padding: [8, 10, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: (_plot, from, to) => [from, to + (to - from) * endSpace] },
      y: { range: () => axisRange(values?.low ?? null, values?.high ?? null, unit) },
    },
    axes: [
      {
        ...common,
        size: 22,
        gap: 3,
        space: 70,
        values: (_plot, splits) => splits.map((time) => `${time < 0 ? '' : '+'}${axisTime(time)}`),
      },
      { ...common, size: 60, gap: 3, space: 26, values: (_plot, splits) => splits.map((value) => axisText(value, unit)) },
    ],
    series: [{}, none, none, { stroke: colours.selection, width: 1.5, points: { show: false } }],
    bands: [{ series: [2, 1], fill: `${colours.selection}2e` }],
    hooks: { draw: [(plot) => drawLines(plot, overlay, colours)] },
  };
}

interface OverlayChartProps {
  readonly lines: readonly EvidenceLine[];
  readonly candidate: RunId;
  readonly unit: Unit;
  /** What the picture says to those who do not see it. */
  readonly label: string;
}

export function OverlayChart({ lines, candidate, unit, label }: OverlayChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const theme = useAppliedTheme();
  const overlay = useMemo(() => overlayOf(lines, candidate, columns), [lines, candidate]);
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const data: uPlot.AlignedData = [[...overlay.grid], [...overlay.low], [...overlay.high], [...overlay.median]];
    const plot = new uPlot(optionsOf(overlay, unit, chartColours(), Math.max(100, element.clientWidth)), data, element);
    const watch = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== plot.width) plot.setSize({ width: element.clientWidth, height });
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [overlay, unit, theme]);
  if (overlay.values === null) return <p className="muted">None of these runs has a value of this series there.</p>;
  return (
    <>
      <div ref={host} className={style['overlay']} style={{ height }} role="img" aria-label={label} />
      <p className={style['legend']} aria-hidden>
        <span data-mark="candidate">candidate</span>
        <span data-mark="run">{overlay.baseline.length} baseline runs</span>
        <span data-mark="median">their median</span>
        <span data-mark="band">their middle half</span>
      </p>
    </>
  );
}
