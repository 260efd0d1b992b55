/** Asking before a run that gives dangerous commands; for each environment only until the operator says that it is enough. */
import { z } from 'zod';
import { create } from 'zustand';
import { layoutSection, setLayoutSection } from '../../../stores/layout.ts';
import type { HazardousCommand } from './hazards.ts';

export interface HazardQuestion {
  readonly environment: string;
  readonly commands: readonly HazardousCommand[];
  readonly answer: (start: boolean, askAgain: boolean) => void;
}

/** Null: nothing is being asked. */
export const useHazardQuestion = create<{ readonly question: HazardQuestion | null }>(() => ({ question: null }));

const section = 'hazards-confirmed';
const environmentsSchema = z.array(z.string().max(128)).max(1_000);

/** Whether the run may start; asks where that is not settled for the environment. */
export function confirmHazards(environment: string, commands: readonly HazardousCommand[]): Promise<boolean> {
  const settled = layoutSection(section, environmentsSchema) ?? [];
  if (commands.length === 0 || settled.includes(environment)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const answer: HazardQuestion['answer'] = (start, askAgain) => {
      useHazardQuestion.setState({ question: null });
      if (start && !askAgain) setLayoutSection(section, [...settled, environment]);
      resolve(start);
    };
    // Whoever asks anew has given the first start up.
    useHazardQuestion.getState().question?.answer(false, true);
    useHazardQuestion.setState({ question: { environment, commands, answer } });
  });
}
