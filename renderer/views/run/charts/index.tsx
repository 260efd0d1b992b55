/** The charts of the Run view: a grid of live or archived charts over one shared time axis. */
import { Button } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { useEffect, useMemo, useState, type DragEvent } from 'react';
import { EmptyState } from '../../../components/empty-state.tsx';
import { createActions } from '../../../stores/actions.ts';
import { createCharts, useCharts } from '../../../stores/charts.ts';
import { createChartsRange } from '../../../stores/charts-range.ts';
import { entriesOf } from '#shared/run/run-state.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { useSession } from '../../../stores/session.ts';
import { useTelemetry } from '../../../stores/telemetry.ts';
import { ChartCard, seriesDragType } from './chart-card.tsx';
import { ChartsToolbar } from './charts-toolbar.tsx';
import type { ToldLimit } from './limit-bands.ts';
import { SeriesChooser } from './series-chooser.tsx';
import style from './charts.module.css';
import { useStores } from '../../../stores/context.ts';

/** Limits of the environment, and those that the run's records tell. Texts are compared, so that a status that says nothing new draws nothing anew. */
function useLimits(): readonly ToldLimit[] {
  const ofEnvironment = useSession((state) => JSON.stringify(state.environment?.limits ?? []));
  const conditions = useRunSession((state) => state.state.conditions);
  const ofRun = useMemo(() => {
    const limits = [...entriesOf(conditions)].filter(([, { form }]) => form === 'limit');
    return JSON.stringify(limits.map(([, { text, values }]) => ({ series: Object.keys(values)[0] ?? '', text, severity: 'warning' })));
  }, [conditions]);
  return useMemo(() => [...(JSON.parse(ofEnvironment) as ToldLimit[]), ...(JSON.parse(ofRun) as ToldLimit[])], [ofEnvironment, ofRun]);
}

function useChartActions(choose: (chart: string | null) => void): void {
  const stores = useStores();
  const { registerActions } = stores.get(createActions);
  const { togglePause, restoreRange, zoomBy, panBy } = stores.get(createChartsRange);
  const { addChart, showSuggestions, setColumns } = stores.get(createCharts);
  useEffect(
    () =>
      registerActions([
        {
          id: 'charts.pause',
          title: 'Pause or resume the charts',
          group: 'Charts',
          keys: ['Alt+P'],
          whileTyping: true,
          perform: togglePause,
        },
        {
          id: 'charts.restore',
          title: 'Back to live (or the whole run)',
          group: 'Charts',
          keys: ['Alt+0'],
          whileTyping: true,
          perform: restoreRange,
        },
        { id: 'charts.zoom-in', title: 'Zoom in', group: 'Charts', keys: ['Alt+='], perform: () => zoomBy(0.5) },
        { id: 'charts.zoom-out', title: 'Zoom out', group: 'Charts', keys: ['Alt+-'], perform: () => zoomBy(2) },
        { id: 'charts.earlier', title: 'Move to earlier', group: 'Charts', keys: ['Alt+,'], perform: () => panBy(-0.25) },
        { id: 'charts.later', title: 'Move to later', group: 'Charts', keys: ['Alt+.'], perform: () => panBy(0.25) },
        { id: 'charts.series', title: 'Choose series', group: 'Charts', keys: ['Alt+S'], whileTyping: true, perform: () => choose(null) },
        { id: 'charts.add', title: 'Add an empty chart', group: 'Charts', perform: () => choose(addChart()) },
        { id: 'charts.suggest', title: 'Show the suggested charts', group: 'Charts', perform: showSuggestions },
        ...[1, 2, 3, 4].map((columns) => ({
          id: `charts.columns-${columns}`,
          title: columns === 1 ? 'One chart per row' : `${columns} charts beside one another`,
          group: 'Charts',
          perform: () => setColumns(columns),
        })),
      ]),
    [choose],
  );
}

function NoCharts({ onChoose }: { readonly onChoose: () => void }) {
  const { suggestions, showSuggestions } = useStores().get(createCharts);
  const known = useTelemetry((state) => state.known);
  const suggested = useMemo(() => suggestions(), [known]);
  return (
    <EmptyState icon={<IconChartLine size={28} />} title="No charts yet">
      <p className={style['hint']}>
        {known.length === 0
          ? 'Charts appear when an environment is connected and its daemons tell what they measure.'
          : 'Choose series from the list, or begin with the charts that suit the scenario.'}
      </p>
      <div className={style['row']}>
        {suggested.length > 0 && (
          <Button size="compact-xs" variant="filled" onClick={showSuggestions}>
            Show suggested charts
          </Button>
        )}
        <Button size="compact-xs" onClick={onChoose}>
          Choose series
        </Button>
      </div>
    </EmptyState>
  );
}

/** Where the list of series adds to: a chart, new charts, or nothing (it is closed). */
type Choosing = { readonly target: string | null } | null;

export function ChartsPanel() {
  const { addSeries } = useStores().get(createCharts);
  const layout = useCharts((state) => state.layout);
  const known = useTelemetry((state) => state.known);
  const [choosing, setChoosing] = useState<Choosing>(null);
  const limits = useLimits();
  const byName = useMemo(() => new Map(known.map((series) => [series.name, series])), [known]);
  const choose = useMemo(() => (target: string | null) => setChoosing({ target }), []);
  useChartActions(choose);
  const drop = (event: DragEvent) => {
    const series = event.dataTransfer.getData(seriesDragType);
    if (series === '') return;
    event.preventDefault();
    addSeries(null, [series]);
  };
  return (
    <div className={style['panel']}>
      <ChartsToolbar choosing={choosing !== null} onChoose={() => setChoosing(choosing ? null : { target: null })} />
      <div className={style['body']}>
        {choosing && <SeriesChooser target={choosing.target} onClose={() => setChoosing(null)} />}
        <div
          className={style['grid']}
          style={{ gridTemplateColumns: `repeat(${layout.columns}, minmax(0, 1fr))` }}
          onDragOver={(event) => event.dataTransfer.types.includes(seriesDragType) && event.preventDefault()}
          onDrop={drop}
        >
          {layout.charts.map((chart) => (
            <ChartCard key={chart.id} chart={chart} known={byName} limits={limits} onChoose={choose} />
          ))}
          {layout.charts.length === 0 && <NoCharts onChoose={() => choose(null)} />}
        </div>
      </div>
    </div>
  );
}
