/** The values behind a finding, run by run: the baseline's in the order of their start, the candidate last; the expected range behind them. */
import { useMemo } from 'react';
import { CartesianGrid, ReferenceArea, ReferenceLine, ResponsiveContainer, Scatter, ScatterChart, XAxis, YAxis } from 'recharts';
import type { ComparedRun, Finding } from '#shared/analysis/comparison.ts';
import { useAppliedTheme } from '../../styles/applied-theme.ts';
import { chartColours } from '../run/charts/chart-colours.ts';
import { distributionText } from './comparison-words.ts';
import { valueAxis } from './distribution.ts';
import style from './evidence.module.css';
import { axisText } from '#shared/wording/axes.ts';

interface DistributionPictureProps {
  readonly finding: Finding;
  readonly baseline: readonly ComparedRun[];
}

export default function DistributionPicture({ finding, baseline }: DistributionPictureProps) {
  const theme = useAppliedTheme();
  const colours = useMemo(chartColours, [theme]);
  const { expected, smallestVisible, candidate } = finding;
  const unit = finding.unit ?? 'none';
  const values = new Map(finding.baseline.map(({ run, value }) => [run, value]));
  const dots = baseline
    .toSorted((one, other) => one.startedAt - other.startedAt)
    .flatMap(({ run }, index) => (values.has(run) ? [{ place: index + 1, value: values.get(run) }] : []));
  const last = baseline.length + 1;
  const visible = expected && smallestVisible !== null ? [expected.median - smallestVisible, expected.median + smallestVisible] : [];
  const { low, high, ticks } = valueAxis(finding);
  const tick = { fill: colours.text, fontSize: colours.fontSize };
  return (
    <div className={style['distribution']} role="img" aria-label={distributionText(finding)}>
      <ResponsiveContainer width="100%" height={150}>
        <ScatterChart accessibilityLayer={false} margin={{ top: 6, right: 10, bottom: 0, left: 0 }}>
          <CartesianGrid stroke={colours.grid} strokeWidth={0.5} vertical={false} />
          {expected && (
            <ReferenceArea y1={expected.low} y2={expected.high} fill={colours.selection} fillOpacity={0.18} ifOverflow="hidden" />
          )}
          {expected && <ReferenceLine y={expected.median} stroke={colours.selection} strokeWidth={1.5} />}
          {visible.map((value) => (
            <ReferenceLine key={value} y={value} stroke={colours.text} strokeDasharray="4 3" ifOverflow="hidden" />
          ))}
          <XAxis
            type="number"
            dataKey="place"
            domain={[0.4, last + 0.6]}
            ticks={[(1 + baseline.length) / 2, last]}
            tickFormatter={(place: number) => (place === last ? 'candidate' : 'baseline runs, oldest first')}
            tick={tick}
            tickLine={false}
            axisLine={{ stroke: colours.grid }}
            height={20}
            interval={0}
          />
          <YAxis
            type="number"
            dataKey="value"
            domain={[low, high]}
            ticks={[...ticks]}
            interval={0}
            tickFormatter={(value: number) => axisText(value, unit)}
            tick={tick}
            tickLine={false}
            axisLine={false}
            width={60}
          />
          <Scatter data={dots} fill={colours.meaning.muted} isAnimationActive={false} />
          {candidate !== null && (
            <Scatter data={[{ place: last, value: candidate }]} fill={colours.meaning.warn} shape="diamond" isAnimationActive={false} />
          )}
        </ScatterChart>
      </ResponsiveContainer>
    </div>
  );
}
