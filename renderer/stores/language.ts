/** The language service of the window, and what it may know now: the environment's catalogue, live values, the scenarios around, earlier runs. */
import { metricFamily } from '#shared/scenario/check-context.ts';
import { LanguageService } from '#shared/scenario/language-service/language-service.ts';
import type { LiveValues, PastExecution, Surroundings } from '#shared/scenario/language-service/surroundings.ts';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import type { PastRun } from '#shared/contract/history.ts';
import { createReplay } from './replay/replay.ts';
import { createReplayBeginning, componentsAt } from './replay/run-components.ts';
import { createRunSession } from './run-session.ts';
import { createScenarioBackground } from './scenario-background.ts';
import { scenarioNameOf } from './open-files.ts';
import { createSession } from './session.ts';
import { valueAt } from './telemetry-buffer.ts';
import { createTelemetry } from './telemetry.ts';
import { createWorkspaceFiles, scenariosAround } from './workspace-files.ts';
import type { Stores } from './stores.ts';

export function createLanguage(stores: Stores) {
  const session = stores.get(createSession);
  const { presentTexts } = stores.get(createWorkspaceFiles);
  const scenarioBackground = stores.get(createScenarioBackground);
  const replay = stores.get(createReplay);
  const runSession = stores.get(createRunSession);
  const replayBeginning = stores.get(createReplayBeginning);
  const { pointsOf } = stores.get(createTelemetry);

  const languageService = new LanguageService();

  /** What is known for the scenario at a path. */
  function surroundingsOf(path: string): Surroundings {
    const { catalogue, environment } = session.getState();
    const texts = presentTexts();
    const scenarios = new Map<string, string>();
    for (const [name, each] of scenariosAround(path, texts.keys())) scenarios.set(name, texts.get(each) ?? '');
    const { scenario, history, known } = scenarioBackground.getState();
    return {
      catalogue,
      scenarios,
      // The text of a replayed run is explained with what was, not with what is.
      live: path.startsWith('run:') && replay.getState().run !== null ? valuesOfTheMoment() : environment && liveValues(environment),
      history: known && scenario === scenarioNameOf(path) ? historyOf(history) : null,
    };
  }

  /** Values at the moment that a replay shows, as far as the run and its charts know them. */
  function valuesOfTheMoment(): LiveValues {
    const { state } = runSession.getState();
    const { cursor } = replay.getState();
    const rows = new Map(componentsAt(replayBeginning.getState().components, state).map((row) => [row.component, row]));
    return {
      release: state.started?.release ?? null,
      component: (name) => {
        const row = rows.get(name);
        return row && { daemon: row.daemon ?? 'a daemon', state: row.state, pid: row.pid };
      },
      metric: (component, metric) => {
        const points = pointsOf(`${component}.${metric}`);
        return points === null ? undefined : (valueAt(points, cursor)?.value ?? null);
      },
    };
  }

  return { languageService, surroundingsOf };
}

/** Values of an environment's status by component. */
export function liveValues(status: EnvironmentStatus): LiveValues {
  const components = new Map(
    status.daemons.flatMap(({ daemon, components: all, presence }) =>
      presence === 'present' ? all.map((component) => [component.component, { daemon, ...component }] as const) : [],
    ),
  );
  return {
    release: status.release,
    component: (name) => components.get(name),
    metric: (component, metric) => {
      const metrics = components.get(component)?.metrics;
      if (!metrics) return undefined;
      if (Object.hasOwn(metrics, metric)) return metrics[metric] ?? null;
      const labelled = Object.keys(metrics).find((name) => metricFamily(name) === metric);
      return labelled === undefined ? undefined : (metrics[labelled] ?? null);
    },
  };
}

/** Executions of statements in earlier runs, newest first. */
export function historyOf(runs: readonly PastRun[]): (statement: string) => readonly PastExecution[] {
  const executions = new Map<string, PastExecution[]>();
  for (const { release, steps } of runs) {
    for (const { text, state, duration } of steps) {
      const list = executions.get(text) ?? [];
      list.push({ state, duration, release });
      executions.set(text, list);
    }
  }
  return (statement) => executions.get(statement) ?? [];
}
