/** What is wrong with each scenario of the workspace: that of the open ones as they are typed, that of the others when there is time. */
import { create } from 'zustand';
import type { ScenarioProblem } from '#shared/scenario/syntax.ts';
import { languageService, surroundingsOf } from './language.ts';
import { scenarioNameOf, useOpenFiles } from './open-files.ts';
import { useSession } from './session.ts';
import { presentTexts, useWorkspaceFiles } from './workspace-files.ts';

export interface ProblemCount {
  readonly errors: number;
  readonly warnings: number;
}

export const useScenarioProblems = create<{ readonly counts: ReadonlyMap<string, ProblemCount> }>(() => ({ counts: new Map() }));

/** Notes what was found for a scenario. */
export function noteProblems(path: string, problems: readonly ScenarioProblem[]): void {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.filter(({ severity }) => severity === 'warning').length;
  const before = useScenarioProblems.getState().counts.get(path);
  if (before?.errors === errors && before.warnings === warnings) return;
  useScenarioProblems.setState(({ counts }) => ({ counts: new Map(counts).set(path, { errors, warnings }) }));
}

/** ms without a change before all scenarios are looked at again. */
const settling = 1_000;

/** Looks at every scenario when files or the catalogue changed, one in each idle moment; returns the end of it. */
export function countProblems(): () => void {
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
    useWorkspaceFiles.subscribe(schedule),
    useSession.subscribe((state, before) => {
      if (state.catalogue !== before.catalogue) schedule();
    }),
    useOpenFiles.subscribe((state, before) => {
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
