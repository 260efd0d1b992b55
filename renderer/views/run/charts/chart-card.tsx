/** One chart with its title and legend. React makes the frame; the values in the legend and the picture are written by the drawing loop. */
import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { IconPencil, IconPlus, IconX } from '@tabler/icons-react';
import { memo, useEffect, useMemo, useRef, useState, type DragEvent } from 'react';
import type { KnownSeries } from '#shared/contract/telemetry.ts';
import { LongName } from '../../../components/long-name.tsx';
import { createCharts } from '../../../stores/charts.ts';
import { isStateLane, type Chart } from '../../../stores/charts-layout.ts';
import { useBeside } from '../../../stores/replay/beside.ts';
import { chartColours } from './chart-colours.ts';
import { useAppliedTheme } from '../../../styles/applied-theme.ts';
import { LiveChart } from './live-chart.ts';
import { bandsOf, type ToldLimit } from './limit-bands.ts';
import { legendNames } from './series-tree.ts';
import style from './charts.module.css';
import { useStores } from '../../../stores/context.ts';

/** What a dragged series is called in the drag's data. */
export const seriesDragType = 'application/x-testops-series';

interface ChartCardProps {
  readonly chart: Chart;
  readonly known: ReadonlyMap<string, KnownSeries>;
  readonly limits: readonly ToldLimit[];
  readonly onChoose: (chart: string) => void;
}

/** Mounts the drawn chart, anew whenever what it is made of changes. */
function useLiveChart({ chart, known, limits }: ChartCardProps, values: Map<string, HTMLElement>) {
  const stores = useStores();
  const host = useRef<HTMLDivElement>(null);
  const theme = useAppliedTheme();
  const beside = useBeside((state) => state.run);
  const made = useMemo(
    () => JSON.stringify([chart.series.map((name) => [name, known.get(name)?.unit]), bandsOf(limits, chart.series)]),
    [chart.series, known, limits],
  );
  useEffect(() => {
    if (!host.current) return;
    const options = { chart, known, bands: bandsOf(limits, chart.series), colours: chartColours() };
    const live = new LiveChart(stores, host.current, { ...options, valueElement: (series) => values.get(series) });
    return () => live.dispose();
    // `made` stands for chart, known and limits: it changes when something of them is drawn differently.
  }, [stores, made, theme, values, beside]);
  return { host, theme };
}

export const ChartCard = memo(function ChartCard(props: ChartCardProps) {
  const { addSeries, removeChart } = useStores().get(createCharts);
  const { chart, onChoose } = props;
  const values = useMemo(() => new Map<string, HTMLElement>(), []);
  const { host, theme } = useLiveChart(props, values);
  const [dropping, setDropping] = useState(false);
  const drop = (event: DragEvent) => {
    const series = event.dataTransfer.getData(seriesDragType);
    setDropping(false);
    if (series === '') return;
    event.preventDefault();
    event.stopPropagation();
    addSeries(chart.id, [series]);
  };
  return (
    <section
      className={style['card']}
      aria-label={`Chart ${chart.title}`}
      data-chart={chart.id}
      data-dropping={dropping || undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(seriesDragType)) return;
        event.preventDefault();
        setDropping(true);
      }}
      onDragLeave={() => setDropping(false)}
      onDrop={drop}
    >
      <header className={style['cardHead']}>
        <ChartTitle chart={chart} />
        <Legend chart={chart} theme={theme} values={values} />
        <span className={style['cardActions']}>
          <Tooltip label="Add series to this chart">
            <ActionIcon size={20} aria-label={`Add series to ${chart.title}`} onClick={() => onChoose(chart.id)}>
              <IconPlus size={14} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Remove this chart">
            <ActionIcon size={20} aria-label={`Remove chart ${chart.title}`} onClick={() => removeChart(chart.id)}>
              <IconX size={14} />
            </ActionIcon>
          </Tooltip>
        </span>
      </header>
      {chart.series.length === 0 && <p className={style['cardEmpty']}>Press + or drag a series here.</p>}
      <div className={style['plot']} ref={host} role="img" aria-label={`${chart.title}: ${chart.series.join(', ')}`} />
    </section>
  );
});

function ChartTitle({ chart }: { readonly chart: Chart }) {
  const { renameChart } = useStores().get(createCharts);
  const [editing, setEditing] = useState(false);
  const end = (title: string | null) => {
    setEditing(false);
    if (title !== null && title.trim() !== '' && title !== chart.title) renameChart(chart.id, title.trim());
  };
  if (editing)
    return (
      <TextInput
        className={style['titleInput'] ?? ''}
        aria-label="Title of the chart"
        defaultValue={chart.title}
        autoFocus
        onBlur={(event) => end(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') end(event.currentTarget.value);
          if (event.key === 'Escape') end(null);
        }}
      />
    );
  return (
    <h3 className={style['title']} title={chart.title}>
      <button type="button" className={style['titleButton']} title="Rename the chart" onClick={() => setEditing(true)}>
        {chart.title}
        <IconPencil size={11} className={style['pencil']} aria-hidden />
      </button>
    </h3>
  );
}

interface LegendProps {
  readonly chart: Chart;
  readonly theme: 'dark' | 'light';
  readonly values: Map<string, HTMLElement>;
}

/** Characters at the end of a long name that stay. */
const nameEnd = 10;

function Legend({ chart, theme, values }: LegendProps) {
  const { removeSeries } = useStores().get(createCharts);
  const names = legendNames(chart.series);
  const colours = useMemo(chartColours, [theme]);
  const lines = chart.series.filter((name) => !isStateLane(name));
  return (
    <ul className={style['legend']} tabIndex={0} aria-label="Legend">
      {chart.series.map((series, index) => (
        <li key={series} className={style['entry']} title={series}>
          <span
            className={style['swatch']}
            style={{ background: isStateLane(series) ? 'var(--muted)' : colours.lines[lines.indexOf(series) % colours.lines.length] }}
            aria-hidden
          />
          <span className={style['name']}>
            <LongName name={names[index] ?? series} end={nameEnd} />
          </span>
          <span
            className={style['value']}
            data-value={series}
            ref={(element) => {
              if (element) values.set(series, element);
              else values.delete(series);
            }}
          />
          <button type="button" className={style['remove']} aria-label={`Remove ${series}`} onClick={() => removeSeries(chart.id, series)}>
            <IconX size={10} aria-hidden />
          </button>
        </li>
      ))}
    </ul>
  );
}
