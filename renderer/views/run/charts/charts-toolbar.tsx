/** Above the charts: moving and standing still, how much of the past, what is under the crosshair, how late values are. */
import { ActionIcon, Button, NativeSelect, Tooltip } from '@mantine/core';
import {
  IconArrowsHorizontal,
  IconChartLine,
  IconPlayerPause,
  IconPlayerPlay,
  IconWand,
  IconZoomIn,
  IconZoomOut,
} from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Toolbar } from '../../../components/toolbar.tsx';
import { createCharts, useCharts } from '../../../stores/charts.ts';
import { createChartsRange } from '../../../stores/charts-range.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { useTelemetry } from '../../../stores/telemetry.ts';
import { createTimeAxis, useTimeAxis } from '../../../stores/time-axis.ts';
import style from './charts.module.css';
import { useStores } from '../../../stores/context.ts';
import { durationText, spanText } from '#shared/wording/durations.ts';
import { exactTimeOfDay } from '#shared/wording/times.ts';

const windows = [5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000] as const;
/** ms from which a delay is told. */
const notableLag = 1_000;

/** Time under the crosshair, and the step that ran then; written without React, since it follows the pointer. */
function Readout() {
  const stores = useStores();
  const timeAxis = stores.get(createTimeAxis);
  const { happenings } = stores.get(createCharts);
  const element = useRef<HTMLOutputElement>(null);
  useEffect(() => {
    const write = (): void => {
      const { cursor } = timeAxis.getState();
      const step = cursor === null ? null : happenings.executionAt(cursor);
      const text = cursor === null ? '' : `${exactTimeOfDay(cursor)}${step ? ` · ${step.text}` : ''}`;
      if (element.current && element.current.textContent !== text) element.current.textContent = text;
    };
    return timeAxis.subscribe(write);
  }, []);
  return <output ref={element} className={style['readout']} aria-label="Time under the crosshair" aria-live="off" />;
}

export function ChartsToolbar({ onChoose, choosing }: { readonly onChoose: () => void; readonly choosing: boolean }) {
  const stores = useStores();
  const { restoreRange, togglePause, showLive, zoomBy } = stores.get(createChartsRange);
  const { showSuggestions, setColumns } = stores.get(createCharts);
  const range = useTimeAxis((state) => state.range);
  const archived = useRunSession((state) => state.archived);
  const columns = useCharts((state) => state.layout.columns);
  const lag = useTelemetry((state) => state.lag);
  const fetching = useTelemetry((state) => state.fetching);
  const live = range.kind === 'live';
  const length = live ? range.window : range.to - range.from;
  return (
    <Toolbar label="Charts" kind="panel">
      {archived ? (
        <Button size="compact-xs" leftSection={<IconArrowsHorizontal size={13} aria-hidden />} onClick={restoreRange}>
          Whole run
        </Button>
      ) : (
        <Button
          size="compact-xs"
          data-panel-focus
          aria-label={live ? 'Pause the charts' : 'Live charts'}
          leftSection={live ? <IconPlayerPause size={13} aria-hidden /> : <IconPlayerPlay size={13} aria-hidden />}
          onClick={togglePause}
          className={live ? '' : (style['notLive'] ?? '')}
        >
          {live ? 'Pause' : 'Live'}
        </Button>
      )}
      <NativeSelect
        aria-label="Stretch of time that is shown"
        className={style['window'] ?? ''}
        value={live && windows.some((each) => each === length) ? String(length) : 'other'}
        onChange={(event) => showLive(Number(event.currentTarget.value))}
        data={[
          ...(live && windows.some((each) => each === length) ? [] : [{ value: 'other', label: durationText(length), disabled: true }]),
          ...windows.map((window) => ({ value: String(window), label: `last ${spanText(window)}` })),
        ]}
      />
      <Tooltip label="Zoom in">
        <ActionIcon className={style['wide'] ?? ''} aria-label="Zoom in" onClick={() => zoomBy(0.5)}>
          <IconZoomIn size={15} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Zoom out">
        <ActionIcon className={style['wide'] ?? ''} aria-label="Zoom out" onClick={() => zoomBy(2)}>
          <IconZoomOut size={15} />
        </ActionIcon>
      </Tooltip>
      <Readout />
      {fetching && <span className={style['note']}>reading the archive …</span>}
      {live && lag !== null && lag >= notableLag && <span className={style['late']}>{durationText(lag, 'steady')} behind</span>}
      <Tooltip label="Charts that suit the scenario">
        <ActionIcon aria-label="Show the suggested charts" onClick={showSuggestions}>
          <IconWand size={15} />
        </ActionIcon>
      </Tooltip>
      <NativeSelect
        aria-label="Charts beside one another"
        className={style['columns'] ?? ''}
        value={String(columns)}
        onChange={(event) => setColumns(Number(event.currentTarget.value))}
        data={['1', '2', '3', '4'].map((value) => ({ value, label: `${value} ▥` }))}
      />
      <Button size="compact-xs" leftSection={<IconChartLine size={13} aria-hidden />} aria-pressed={choosing} onClick={onChoose}>
        Series
      </Button>
    </Toolbar>
  );
}
