/** How a scenario went over release candidates: which scenario, which metrics and steps (remembered with the workspace), and the answer. */
import { createStore } from 'zustand/vanilla';
import { z } from 'zod';
import type { Trend } from '#shared/analysis/trend.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { KnownSeries } from '#shared/contract/telemetry.ts';
import type { RunId } from '#shared/identifiers.ts';
import { createArchivedRuns, type ArchivedRun } from './archived-runs.ts';
import { askWork, giveUp, type Work } from './asked-work.ts';
import { isComparable } from './comparison-choice.ts';
import { createLayout } from './layout.ts';
import { createReleases } from './releases.ts';
import { createRunSession } from './run-session.ts';
import { createSession } from './session.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

/** Metrics that can be chosen at the most, and that are shown while none was chosen; steps that are shown while none was chosen. */
export const trendBounds = { metrics: 50, usualMetrics: 6, usualSteps: 6 } as const;

/** Newest runs that are looked at. */
export const trendLimits = [25, 50, 100, 250, 500, 1_000] as const;

const chosenLinesSchema = z.object({
  /** Series; null: none was chosen yet, so what the scenario is about is shown. */
  metrics: z.array(z.string().max(512)).max(trendBounds.metrics).nullable(),
  /** Identifiers of step lines; null: those that changed most. */
  steps: z.array(z.string().max(4_096)).max(300).nullable(),
});

export type ChosenLines = z.infer<typeof chosenLinesSchema>;
export const usualLines: ChosenLines = { metrics: null, steps: null };

export const trendChoiceSchema = z.object({
  /** Null: the scenario of the run that the Run view shows, else of the latest run. */
  scenario: z.string().max(128).nullable(),
  limit: z.int().min(1).max(1_000),
  /** By scenario. */
  lines: z.record(z.string().max(128), chosenLinesSchema),
});

export type TrendChoice = z.infer<typeof trendChoiceSchema>;

export interface AskedTrend {
  readonly scenario: string;
  readonly limit: number;
  /** Null: the usual ones. */
  readonly metrics: readonly string[] | null;
}

/** A trend with what else can be chosen for it. */
export interface ShownTrend {
  readonly trend: Trend;
  /** Series of its latest run. */
  readonly series: readonly KnownSeries[];
  /** Metrics that are shown, chosen or usual. */
  readonly metrics: readonly string[];
}

export interface TrendsState {
  readonly choice: TrendChoice;
  readonly work: Work<AskedTrend, ShownTrend>;
  /** The run under the cursor, in all charts alike. */
  readonly run: RunId | null;
  /** Identifier of the chart that the cursor is moved in. */
  readonly line: string | null;
}

const usualChoice: TrendChoice = { scenario: null, limit: 100, lines: {} };

const section = 'trends';

export function createTrends(stores: Stores) {
  const archivedRuns = stores.get(createArchivedRuns);
  const runSession = stores.get(createRunSession);
  const { setLayoutSection, followLayoutSection } = stores.get(createLayout);
  const releasesStore = stores.get(createReleases);
  const { currentCore } = stores.get(createSession);

  const trends = createStore<TrendsState>(() => ({ choice: usualChoice, work: { kind: 'nothing' }, run: null, line: null }));
  const place = {
    current: () => trends.getState().work,
    put: (work: TrendsState['work']) => trends.setState({ work }),
  };

  function currentScenario(): string | null {
    return selectedScenario(trends.getState().choice, archivedRuns.getState().runs ?? [], runSession.getState().run);
  }

  function setChoice(change: Partial<TrendChoice>): void {
    const choice = { ...trends.getState().choice, ...change };
    trends.setState({ choice });
    setLayoutSection(section, choice);
  }

  function chooseScenario(scenario: string | null): void {
    setChoice({ scenario });
    askTrend();
  }

  function chooseLimit(limit: number): void {
    setChoice({ limit });
    askTrend();
  }

  function chooseLines(change: Partial<ChosenLines>): void {
    const scenario = currentScenario();
    if (scenario === null) return;
    const { lines } = trends.getState().choice;
    setChoice({ lines: { ...lines, [scenario]: { ...linesOf({ lines }, scenario), ...change } } });
  }

  /** Shows the levels of these series; null: of those that are usual. */
  function chooseMetrics(metrics: readonly string[] | null): void {
    chooseLines({ metrics: metrics === null ? null : metrics.slice(0, trendBounds.metrics) });
    askTrend();
  }

  /** Shows the durations of these steps; null: of those that changed most. */
  function chooseSteps(steps: readonly string[] | null): void {
    chooseLines({ steps: steps === null ? null : steps.slice(0, 300) });
  }

  /** Moves the cursor of all charts to a run; `line`: the chart that it is moved in. */
  function pointAt(run: RunId | null, line: string | null): void {
    const { run: before, line: lineBefore } = trends.getState();
    if (before !== run || lineBefore !== line) trends.setState({ run, line });
  }

  /** The run that is looked at in the Releases view: under the cursor of the trends, or whose row was used last. */
  function runOfReleases(): RunId | null {
    const { choice, run } = releasesStore.getState();
    return choice.half === 'trends' ? trends.getState().run : run;
  }

  /** Asks for the trend of what is chosen. */
  function askTrend(): void {
    const core = currentCore();
    const { runs } = archivedRuns.getState();
    const { choice } = trends.getState();
    const scenario = currentScenario();
    if (!core || runs === null) return;
    if (scenario === null) return trends.setState({ work: { kind: 'nothing' } });
    const asked: AskedTrend = { scenario, limit: choice.limit, metrics: linesOf(choice, scenario).metrics };
    void askWork(place, asked, () => readTrend(core, asked, comparableRuns(runs)));
  }

  function cancelTrend(): void {
    giveUp(place);
  }

  /** Keeps the trend as the archive is, and the choice as the workspace remembers it; returns the end of that. */
  function followTrends(): () => void {
    const stopLayout = followLayoutSection(section, trendChoiceSchema, (remembered, isFirst) => {
      if (remembered) trends.setState({ choice: remembered });
      else if (!isFirst) trends.setState({ choice: usualChoice });
      if (!isFirst) askTrend();
    });
    askTrend();
    const unsubscribe = [
      stopLayout,
      archivedRuns.subscribe(({ runs }, before) => {
        if (runs !== before.runs) askTrend();
      }),
    ];
    return () => unsubscribe.forEach((end) => end());
  }

  return {
    ...trends,
    chooseScenario,
    chooseLimit,
    chooseMetrics,
    chooseSteps,
    pointAt,
    runOfReleases,
    askTrend,
    cancelTrend,
    followTrends,
  };
}

export const useTrends = storeHook(createTrends);

/** Runs that trends are made of, newest first. */
function comparableRuns(runs: readonly ArchivedRun[]): readonly ArchivedRun[] {
  return runs.filter(isComparable).toSorted((one, other) => other.startedAt - one.startedAt);
}

/** Scenarios that have runs, that of the latest run first. */
export function scenariosOf(runs: readonly ArchivedRun[]): readonly string[] {
  return [...new Set(comparableRuns(runs).map(({ scenario }) => scenario))];
}

/** The scenario whose trend is shown: chosen, or of the shown run, or of the latest one; null: there are no runs. */
export function selectedScenario(choice: Pick<TrendChoice, 'scenario'>, runs: readonly ArchivedRun[], shown: RunId | null): string | null {
  const scenarios = scenariosOf(runs);
  const has = (scenario: string | null | undefined): scenario is string => typeof scenario === 'string' && scenarios.includes(scenario);
  if (has(choice.scenario)) return choice.scenario;
  const ofShown = runs.find(({ run }) => run === shown)?.scenario;
  return has(ofShown) ? ofShown : (scenarios[0] ?? null);
}

export function linesOf({ lines }: Pick<TrendChoice, 'lines'>, scenario: string): ChosenLines {
  return Object.hasOwn(lines, scenario) ? (lines[scenario] ?? usualLines) : usualLines;
}

async function readTrend(core: Core, asked: AskedTrend, runs: readonly ArchivedRun[]): Promise<ShownTrend> {
  const { scenario, limit } = asked;
  const latest = runs.find((run) => run.scenario === scenario);
  const [series, metrics] = await Promise.all([
    latest ? core.request('runs.series', { run: latest.run }).then((answer) => answer.series) : [],
    asked.metrics ?? usualMetrics(core, scenario),
  ]);
  const trend = await core.request('scenario.trend', { scenario, series: [...metrics], limit });
  return { trend, series, metrics };
}

/** What the scenario itself looks at, and what its components take. */
async function usualMetrics(core: Core, scenario: string): Promise<readonly string[]> {
  const { runs } = await core.request('scenario.history', { scenario, limit: 1 });
  return (runs[0]?.metrics ?? []).slice(0, trendBounds.usualMetrics).map(({ name }) => name);
}
