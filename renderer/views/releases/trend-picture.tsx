/** The picture of a trend's line: runs from left to right in bands of their releases, the median of each release, a dot for every run. */
import { memo, useMemo } from 'react';
import { CartesianGrid, Line, LineChart, ReferenceArea, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import type { ComparedRun } from '#shared/analysis/comparison.ts';
import type { TrendLine } from '#shared/analysis/trend.ts';
import { useAppliedTheme } from '../../styles/applied-theme.ts';
import { chartColours, type ChartColours } from '../run/charts/chart-colours.ts';
import { releaseText } from './release-words.ts';
import { bandMedians, lineAxis, plotPlace, type Band } from './trend-lines.ts';
import { axisText } from '#shared/wording/axes.ts';

/** Runs up to which each has its dot; of more a line is all that can be seen, and those that did not pass. */
const mostDots = 150;

/** px */
const dotSize = 3.5;

interface Point {
  readonly place: number;
  readonly value: number | null;
  readonly run: ComparedRun;
}

/** Filled: accepted; hollow: undecided; crossed: rejected; the colour is the verdict's. */
function Dot({
  x,
  y,
  run,
  colours,
}: {
  readonly x: number;
  readonly y: number;
  readonly run: ComparedRun;
  readonly colours: ChartColours;
}) {
  const colour = colours.verdict[run.outcome];
  if (run.decision === 'rejected') return <path d={`M${x - 3},${y - 3}l6,6m0,-6l-6,6`} stroke={colour} strokeWidth={2} fill="none" />;
  return (
    <circle cx={x} cy={y} r={dotSize} stroke={colour} strokeWidth={1.5} fill={run.decision === 'accepted' ? colour : colours.surface} />
  );
}

interface TrendPictureProps {
  readonly line: TrendLine;
  readonly runs: readonly ComparedRun[];
  readonly bands: readonly Band[];
}

export const TrendPicture = memo(function TrendPicture({ line, runs, bands }: TrendPictureProps) {
  const theme = useAppliedTheme();
  const colours = useMemo(chartColours, [theme]);
  const { unit, values, drift } = line;
  const points = useMemo(() => runs.map((run, place): Point => ({ place, value: values[place] ?? null, run })), [runs, values]);
  const medians = useMemo(() => bandMedians(line, bands), [line, bands]);
  const { low, high, ticks } = lineAxis(line);
  const tick = { fill: colours.text, fontSize: colours.fontSize };
  const middles = new Map(bands.map(({ from, to, release }) => [(from + to) / 2, release]));
  const dots = (dot: { readonly cx?: number; readonly cy?: number; readonly payload?: Point; readonly key?: unknown }) => {
    const { cx, cy, payload } = dot;
    const isDrawn = payload && payload.value !== null && (runs.length <= mostDots || payload.run.outcome !== 'passed');
    if (!isDrawn || typeof cx !== 'number' || typeof cy !== 'number') return <g key={payload?.place ?? -1} />;
    return <Dot key={payload.place} x={cx} y={cy} run={payload.run} colours={colours} />;
  };
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={points} accessibilityLayer={false} margin={{ top: 6, right: plotPlace.right, bottom: 0, left: 0 }}>
        {bands.map(({ from, to }, index) =>
          index % 2 === 1 ? (
            <ReferenceArea key={from} x1={from - 0.5} x2={to + 0.5} fill={colours.grid} fillOpacity={0.35} ifOverflow="hidden" />
          ) : null,
        )}
        <CartesianGrid stroke={colours.grid} strokeWidth={0.5} vertical={false} />
        <XAxis
          type="number"
          dataKey="place"
          domain={[-0.5, runs.length - 0.5]}
          ticks={[...middles.keys()]}
          tickFormatter={(place: number) => releaseText(middles.get(place) ?? '')}
          tick={tick}
          tickLine={false}
          axisLine={{ stroke: colours.grid }}
          height={20}
          interval="equidistantPreserveStart"
        />
        <YAxis
          type="number"
          domain={[low, high]}
          ticks={[...ticks]}
          interval={0}
          tickFormatter={(value: number) => axisText(value, unit)}
          tick={tick}
          tickLine={false}
          axisLine={false}
          width={plotPlace.left}
        />
        {medians.map(({ from, to, value }) => (
          <ReferenceLine
            key={from}
            segment={[
              { x: from - 0.4, y: value },
              { x: to + 0.4, y: value },
            ]}
            stroke={colours.text}
            strokeDasharray="4 3"
            ifOverflow="hidden"
          />
        ))}
        <Line
          dataKey="value"
          stroke={drift ? colours.meaning.warn : colours.selection}
          strokeWidth={1.5}
          dot={dots}
          activeDot={false}
          connectNulls={false}
          isAnimationActive={false}
        />
      </LineChart>
    </ResponsiveContainer>
  );
});
