/** The language service of the window, and what it may know now: the environment's catalogue, live values, the scenarios around, earlier runs. */
import { metricFamily } from '#shared/scenario/check-context.ts';
import { LanguageService } from '#shared/scenario/language-service/language-service.ts';
import type { LiveValues, PastExecution, Surroundings } from '#shared/scenario/language-service/surroundings.ts';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import type { PastRun } from '#shared/contract/history.ts';
import { useReplay } from './replay/replay.ts';
import { componentsAt, useReplayBeginning } from './replay/run-components.ts';
import { useRunSession } from './run-session.ts';
import { useScenarioBackground } from './scenario-background.ts';
import { scenarioNameOf } from './open-files.ts';
import { useSession } from './session.ts';
import { valueAt } from './telemetry-buffer.ts';
import { pointsOf } from './telemetry.ts';
import { presentTexts, scenariosAround } from './workspace-files.ts';

export const languageService = new LanguageService();

/** What is known for the scenario at a path. */
export function surroundingsOf(path: string): Surroundings {
  const { catalogue, environment } = useSession.getState();
  const texts = presentTexts();
  const scenarios = new Map<string, string>();
  for (const [name, each] of scenariosAround(path, texts.keys())) scenarios.set(name, texts.get(each) ?? '');
  const { scenario, history, known } = useScenarioBackground.getState();
  return {
    catalogue,
    scenarios,
    // The text of a replayed run is explained with what was, not with what is.
    live: path.startsWith('run:') && useReplay.getState().run !== null ? valuesOfTheMoment() : environment && liveValues(environment),
    history: known && scenario === scenarioNameOf(path) ? historyOf(history) : null,
  };
}

/** Values at the moment that a replay shows, as far as the run and its charts know them. */
function valuesOfTheMoment(): LiveValues {
  const { state } = useRunSession.getState();
  const { cursor } = useReplay.getState();
  const rows = new Map(componentsAt(useReplayBeginning.getState().components, state).map((row) => [row.component, row]));
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
