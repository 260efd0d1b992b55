/** The charts of this console: which there are (kept with the workspace), and what happened, for their marks and lanes. */
import { create } from 'zustand';
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
import { followRunsOfThePast } from './charts-range.ts';
import { componentsNamed, componentsWithoutState, suggestCharts } from './charts-suggestions.ts';
import { layoutSection, setLayoutSection, useLayout } from './layout.ts';
import { useReplay } from './replay/replay.ts';
import { followReplayBeginning, useReplayBeginning } from './replay/run-components.ts';
import { useRunSession } from './run-session.ts';
import { useSession } from './session.ts';
import { followEnvironmentEvents } from './telemetry-events.ts';
import { followShownRecords } from './telemetry-records.ts';
import { coreHeardAt, coreNow, hearCore, newPoints, showSeries, startTelemetry, useTelemetry } from './telemetry.ts';

interface ChartsState {
  readonly layout: ChartsLayout;
  /** Whether the operator (or a saved layout) has decided which charts there are; until then they are suggested. */
  readonly chosen: boolean;
}

export const useCharts = create<ChartsState>(() => ({ layout: emptyChartsLayout, chosen: false }));

/** What happened in the shown run, or in the environment while none is shown. */
export const happenings = new Happenings();

const sectionName = 'charts';

function show(layout: ChartsLayout, chosen: boolean): void {
  useCharts.setState({ layout, chosen });
  showSeries(shownSeries(layout));
}

/** Changes the layout on the operator's behalf, and keeps it. */
function change(layout: ChartsLayout): void {
  show(layout, true);
  setLayoutSection(sectionName, layout);
}

function present(): ChartsLayout {
  return useCharts.getState().layout;
}

function newId(): string {
  return `chart-${Date.now().toString(36)}-${Math.floor(Math.random() * 1e6).toString(36)}`;
}

/** Adds series to a chart; to a new one when `chart` is null. */
export function addSeries(chart: string | null, series: readonly string[]): void {
  if (series.length > 0) change(withSeries(present(), chart, series, newId()));
}

/** Adds an empty chart; returns its id. */
export function addChart(): string {
  const id = newId();
  change({ ...present(), charts: [...present().charts, { id, title: 'Chart', series: [] }] });
  return id;
}

export function removeChart(chart: string): void {
  change({ ...present(), charts: present().charts.filter(({ id }) => id !== chart) });
}

export function renameChart(chart: string, title: string): void {
  change(changed(present(), chart, (each) => ({ ...each, title: title.slice(0, 200) })));
}

export function removeSeries(chart: string, series: string): void {
  change(changed(present(), chart, (each) => ({ ...each, series: each.series.filter((name) => name !== series) })));
}

/** Charts beside one another, 1 to 4. */
export function setColumns(columns: number): void {
  change({ ...present(), columns: Math.min(4, Math.max(1, Math.round(columns))) });
}

/** Components that have states, by the catalogue; without those of which none is or was known while their daemon is there. */
export function componentsWithStates(): string[] {
  const { catalogue, environment } = useSession.getState();
  const without = componentsWithoutState(environment?.daemons ?? []);
  return (catalogue?.components ?? [])
    .filter(({ name, states }) => states.length > 0 && !(without.has(name) && happenings.statesOf(name).length === 0))
    .map(({ name }) => name);
}

/** Components that the shown run names in its steps. */
function componentsOfTheRun(): string[] {
  const known = useTelemetry.getState().known.map(({ component }) => component);
  return componentsNamed(happenings.executedText(), known);
}

/** Charts that suit the shown run, or the whole environment, from what is known now. */
export function suggestions(): Chart[] {
  return suggestCharts(useTelemetry.getState().known, componentsOfTheRun(), componentsWithStates());
}

/** Shows the suggested charts in place of the present ones. */
export function showSuggestions(): void {
  change({ ...present(), charts: suggestions() });
}

/** Until the operator chooses charts, they are those that suit what is known and what runs. */
function suggestAtFirst(): void {
  const { chosen, layout } = useCharts.getState();
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
  const { environment } = useSession.getState();
  const { archived, live, resuming, run, state } = useRunSession.getState();
  if (environment) hearCore(coreNow());
  if (archived) return;
  const isLogged = run !== null && live && !resuming && state.status !== 'finished';
  takePresent(happenings, environment, { now: coreNow(), heardAt: coreHeardAt() ?? coreNow(), isLogged });
}

/** Lanes of a replayed run begin with the states that its daemons told when it began. */
function rememberBeginning(): void {
  const { components } = useReplayBeginning.getState();
  const { start } = useReplay.getState();
  if (start === 0) return;
  for (const { component, state } of components) if (state !== 'UNKNOWN') happenings.rememberState(component, start, state);
  newPoints.emit();
}

function restoreLayout(): void {
  const layout = layoutSection(sectionName, chartsLayoutSchema);
  show(layout ?? emptyChartsLayout, layout !== null);
  suggestAtFirst();
}

let started = false;

/** Follows the run, the environment, the workspace's layout and the known series; once for the life of the page. */
export function startCharts(): void {
  if (started) return;
  started = true;
  startTelemetry();
  followShownRecords(takeRecords);
  followReplayBeginning();
  useReplayBeginning.subscribe(rememberBeginning);
  useReplay.subscribe((state, before) => {
    if (state.start !== before.start) rememberBeginning();
  });
  followRunsOfThePast();
  followEnvironmentEvents((item) => {
    if (item === null) happenings.clear();
    else for (const { daemon, event } of item.events) happenings.takeEvent(daemon, event);
    if (item === null) rememberPresent();
  });
  useSession.subscribe((state, before) => {
    if (state.environment !== before.environment) {
      rememberPresent();
      newPoints.emit();
      suggestAtFirst();
    }
    if (state.catalogue !== before.catalogue) suggestAtFirst();
  });
  useRunSession.subscribe((state, before) => {
    if (before.resuming && !state.resuming && state.live) happenings.hearOn();
    // Which components a scenario is about shows in its first steps; charts do not change after that.
    if (state.state.status !== before.state.status) suggestAtFirst();
  });
  useTelemetry.subscribe((state, before) => {
    if (state.known !== before.known) suggestAtFirst();
  });
  useLayout.subscribe((state, before) => {
    if (state.folder !== before.folder) restoreLayout();
  });
  restoreLayout();
}
