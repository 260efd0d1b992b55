/** The charts of this console: which there are (kept with the workspace), and what happened, for their marks and lanes. */
import { createStore } from 'zustand/vanilla';
import type { RunRecord } from '#shared/run/records.ts';
import {
  changed,
  chartsLayoutSchema,
  emptyChartsLayout,
  isStateLane,
  shownSeries,
  withSeries,
  type Chart,
  type ChartsLayout,
} from './charts-layout.ts';
import { Happenings } from './charts-markers.ts';
import { takePresent } from './charts-present.ts';
import { createChartsRange } from './charts-range.ts';
import { componentsNamed, componentsWithoutState, suggestCharts } from './charts-suggestions.ts';
import { createLayout } from './layout.ts';
import { createReplay } from './replay/replay.ts';
import { createReplayBeginning } from './replay/run-components.ts';
import { createRunSession } from './run-session.ts';
import { createSession } from './session.ts';
import { createTelemetryEvents } from './telemetry-events.ts';
import { followShownRecords } from './telemetry-records.ts';
import { createTelemetry } from './telemetry.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

interface ChartsState {
  readonly layout: ChartsLayout;
  /** Whether the operator (or a saved layout) has decided which charts there are; until then they are suggested. */
  readonly chosen: boolean;
}

const sectionName = 'charts';

export function createCharts(stores: Stores) {
  const telemetry = stores.get(createTelemetry);
  const { coreHeardAt, hearCore, showSeries, newPoints, coreNow } = telemetry;
  const layoutStore = stores.get(createLayout);
  const { setLayoutSection, layoutSection } = layoutStore;
  const session = stores.get(createSession);
  const runSession = stores.get(createRunSession);
  const replayBeginning = stores.get(createReplayBeginning);
  const replay = stores.get(createReplay);
  const { followRunsOfThePast } = stores.get(createChartsRange);
  const { followEnvironmentEvents } = stores.get(createTelemetryEvents);

  const chartsStore = createStore<ChartsState>(() => ({ layout: emptyChartsLayout, chosen: false }));

  /** What happened in the shown run, or in the environment while none is shown. */
  const happenings = new Happenings();

  function show(layout: ChartsLayout, chosen: boolean): void {
    chartsStore.setState({ layout, chosen });
    showSeries(shownSeries(layout));
  }

  /** Changes the layout on the operator's behalf, and keeps it. */
  function change(layout: ChartsLayout): void {
    show(layout, true);
    setLayoutSection(sectionName, layout);
  }

  function present(): ChartsLayout {
    return chartsStore.getState().layout;
  }

  /** Adds series to a chart; to a new one when `chart` is null. */
  function addSeries(chart: string | null, series: readonly string[]): void {
    if (series.length > 0) change(withSeries(present(), chart, series, newId()));
  }

  /** Adds an empty chart; returns its id. */
  function addChart(): string {
    const id = newId();
    change({ ...present(), charts: [...present().charts, { id, title: 'Chart', series: [] }] });
    return id;
  }

  function removeChart(chart: string): void {
    change({ ...present(), charts: present().charts.filter(({ id }) => id !== chart) });
  }

  function renameChart(chart: string, title: string): void {
    change(changed(present(), chart, (each) => ({ ...each, title: title.slice(0, 200) })));
  }

  function removeSeries(chart: string, series: string): void {
    change(changed(present(), chart, (each) => ({ ...each, series: each.series.filter((name) => name !== series) })));
  }

  /** Charts beside one another, 1 to 4. */
  function setColumns(columns: number): void {
    change({ ...present(), columns: Math.min(4, Math.max(1, Math.round(columns))) });
  }

  /** Components that have states, by the catalogue; without those of which none is or was known while their daemon is there. */
  function componentsWithStates(): string[] {
    const { catalogue, environment } = session.getState();
    const without = componentsWithoutState(environment?.daemons ?? []);
    return (catalogue?.components ?? [])
      .filter(({ name, states }) => states.length > 0 && !(without.has(name) && happenings.statesOf(name).length === 0))
      .map(({ name }) => name);
  }

  /** Components that the shown run names in its steps. */
  function componentsOfTheRun(): string[] {
    const known = telemetry.getState().known.map(({ component }) => component);
    return componentsNamed(happenings.executedText(), known);
  }

  /** Charts that suit the shown run, or the whole environment, from what is known now. */
  function suggestions(): Chart[] {
    return suggestCharts(telemetry.getState().known, componentsOfTheRun(), componentsWithStates());
  }

  /** Shows the suggested charts in place of the present ones. */
  function showSuggestions(): void {
    change({ ...present(), charts: suggestions() });
  }

  /** Until the operator chooses charts, they are those that suit what is known and what runs. */
  function suggestAtFirst(): void {
    const { chosen, layout } = chartsStore.getState();
    if (chosen) return;
    const charts = suggestions();
    if (!charts.some((chart) => chart.series.some((series) => !isStateLane(series)))) return;
    if (JSON.stringify(charts) !== JSON.stringify(layout.charts)) show({ ...layout, charts }, false);
  }

  function takeRecords(records: readonly RunRecord[] | null): void {
    if (records === null) happenings.clear();
    else for (const record of records) happenings.take(record);
    newPoints.emit();
  }

  /** What the environment's status tells of the present, or that nobody tells it, goes into the lanes. */
  function rememberPresent(): void {
    const { environment } = session.getState();
    const { archived, live, resuming, run, state } = runSession.getState();
    if (environment) hearCore(coreNow());
    if (archived) return;
    const isLogged = run !== null && live && !resuming && state.status !== 'finished';
    takePresent(happenings, environment, { now: coreNow(), heardAt: coreHeardAt() ?? coreNow(), isLogged });
  }

  /** Lanes of a replayed run begin with the states that its daemons told when it began. */
  function rememberBeginning(): void {
    const { components } = replayBeginning.getState();
    const { start } = replay.getState();
    if (start === 0) return;
    for (const { component, state } of components) if (state !== 'UNKNOWN') happenings.rememberState(component, start, state);
    newPoints.emit();
  }

  function restoreLayout(): void {
    const layout = layoutSection(sectionName, chartsLayoutSchema);
    show(layout ?? emptyChartsLayout, layout !== null);
    suggestAtFirst();
  }

  /** Follows the run, the environment, the workspace's layout and the known series; from the beginning on. */
  function follow(): void {
    followShownRecords(stores, takeRecords);
    replayBeginning.subscribe(rememberBeginning);
    replay.subscribe((state, before) => {
      if (state.start !== before.start) rememberBeginning();
    });
    followRunsOfThePast();
    followEnvironmentEvents((item) => {
      if (item === null) happenings.clear();
      else for (const { daemon, event } of item.events) happenings.takeEvent(daemon, event);
      if (item === null) rememberPresent();
    });
    session.subscribe((state, before) => {
      if (state.environment !== before.environment) {
        rememberPresent();
        newPoints.emit();
        suggestAtFirst();
      }
      if (state.catalogue !== before.catalogue) suggestAtFirst();
    });
    runSession.subscribe((state, before) => {
      if (before.resuming && !state.resuming && state.live) happenings.hearOn();
      // Which components a scenario is about shows in its first steps; charts do not change after that.
      if (state.state.status !== before.state.status) suggestAtFirst();
    });
    telemetry.subscribe((state, before) => {
      if (state.known !== before.known) suggestAtFirst();
    });
    layoutStore.subscribe((state, before) => {
      if (state.folder !== before.folder) restoreLayout();
    });
    restoreLayout();
  }

  follow();

  return {
    ...chartsStore,
    happenings,
    addSeries,
    addChart,
    removeChart,
    renameChart,
    removeSeries,
    setColumns,
    componentsWithStates,
    suggestions,
    showSuggestions,
  };
}

export const useCharts = storeHook(createCharts);

function newId(): string {
  return `chart-${Date.now().toString(36)}-${Math.floor(Math.random() * 1e6).toString(36)}`;
}
