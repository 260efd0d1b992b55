/** Checks of scenarios before they run: what the checker knows of an environment, and when its problems keep a run from starting. */
import type { ScenarioSource } from '../workspace/scenario-files.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';
import { checkScenario } from '#shared/scenario/checker.ts';

export interface ScenarioChecks {
  /** Problems of the whole program; without a catalogue only those of the language. */
  check(scenario: ScenarioSource, catalogue: ScenarioCatalogue | null): readonly Problem[];
}

export const scenarioChecks: ScenarioChecks = {
  check: (scenario, catalogue) => {
    const known = catalogue && { ...catalogue, scenarios: scenario.neighbours };
    const problems = checkScenario(scenario.program, known ?? undefined);
    return problems.map((problem) => ({ ...problem, file: scenario.fileOf(problem.file ?? scenario.name) }));
  },
};

/** Refuses to go on when there is an error among the problems; says the first and how many there are. */
export function refuseProblems(problems: readonly Problem[]): void {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first, ...others] = errors;
  if (!first) return;
  const more =
    others.length === 0
      ? ''
      : `There ${others.length === 1 ? 'is one more error' : `are ${others.length} more errors`}; check the scenario to see them all.`;
  const tip = [first.tip, more].filter((part) => part !== undefined && part !== '').join(' ');
  throw new ProblemError({ ...first, ...(tip !== '' && { tip }) });
}
