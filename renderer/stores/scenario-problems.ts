/** What is wrong with each scenario of the workspace: that of the open ones as they are typed, that of the others when there is time. */
import { createStore } from 'zustand/vanilla';
import type { ScenarioProblem } from '#shared/scenario/syntax.ts';
import { createLanguage } from './language.ts';
import { createOpenFiles, scenarioNameOf } from './open-files.ts';
import { createSession } from './session.ts';
import { createWorkspaceFiles } from './workspace-files.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export interface ProblemCount {
  readonly errors: number;
  readonly warnings: number;
}

/** ms without a change before all scenarios are looked at again. */
const settling = 1_000;

export function createScenarioProblems(stores: Stores) {
  const workspaceFiles = stores.get(createWorkspaceFiles);
  const { presentTexts } = workspaceFiles;
  const { languageService, surroundingsOf } = stores.get(createLanguage);
  const session = stores.get(createSession);
  const openFiles = stores.get(createOpenFiles);

  const scenarioProblems = createStore<{ readonly counts: ReadonlyMap<string, ProblemCount> }>(() => ({ counts: new Map() }));

  /** Notes what was found for a scenario. */
  function noteProblems(path: string, problems: readonly ScenarioProblem[]): void {
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    const warnings = problems.filter(({ severity }) => severity === 'warning').length;
    const before = scenarioProblems.getState().counts.get(path);
    if (before?.errors === errors && before.warnings === warnings) return;
    scenarioProblems.setState(({ counts }) => ({ counts: new Map(counts).set(path, { errors, warnings }) }));
  }

  /** Looks at every scenario when files or the catalogue changed, one in each idle moment; returns the end of it. */
  function countProblems(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let idle = 0;
    let waiting: string[] = [];
    const next = (): void => {
      const path = waiting.shift();
      if (path === undefined) return;
      const text = presentTexts().get(path);
      if (text !== undefined) noteProblems(path, languageService.problems(scenarioNameOf(path), text, surroundingsOf(path)));
      idle = requestIdleCallback(next, { timeout: 5_000 });
    };
    const begin = (): void => {
      waiting = [...presentTexts().keys()];
      cancelIdleCallback(idle);
      idle = requestIdleCallback(next, { timeout: 5_000 });
    };
    const schedule = (): void => {
      clearTimeout(timer);
      timer = setTimeout(begin, settling);
    };
    const stops = [
      workspaceFiles.subscribe(schedule),
      session.subscribe((state, before) => {
        if (state.catalogue !== before.catalogue) schedule();
      }),
      openFiles.subscribe((state, before) => {
        if (state.files.length !== before.files.length) schedule();
      }),
    ];
    schedule();
    return () => {
      clearTimeout(timer);
      cancelIdleCallback(idle);
      for (const stop of stops) stop();
    };
  }

  return { ...scenarioProblems, noteProblems, countProblems };
}

export const useScenarioProblems = storeHook(createScenarioProblems);
