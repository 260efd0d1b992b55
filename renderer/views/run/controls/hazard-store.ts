/** Asking before a run that gives dangerous commands; for each environment only until the operator says that it is enough. */
import { z } from 'zod';
import { createStore } from 'zustand/vanilla';
import { createLayout } from '../../../stores/layout.ts';
import type { HazardousCommand } from './hazards.ts';
import { storeHook } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';

export interface HazardQuestion {
  readonly environment: string;
  readonly commands: readonly HazardousCommand[];
  readonly answer: (start: boolean, askAgain: boolean) => void;
}

const section = 'hazards-confirmed';
const environmentsSchema = z.array(z.string().max(128)).max(1_000);

export function createHazardQuestion(stores: Stores) {
  const { layoutSection, setLayoutSection } = stores.get(createLayout);

  /** Null: nothing is being asked. */
  const hazardQuestion = createStore<{ readonly question: HazardQuestion | null }>(() => ({ question: null }));

  /** Whether the run may start; asks where that is not settled for the environment. */
  function confirmHazards(environment: string, commands: readonly HazardousCommand[]): Promise<boolean> {
    const settled = layoutSection(section, environmentsSchema) ?? [];
    if (commands.length === 0 || settled.includes(environment)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const answer: HazardQuestion['answer'] = (start, askAgain) => {
        hazardQuestion.setState({ question: null });
        if (start && !askAgain) setLayoutSection(section, [...settled, environment]);
        resolve(start);
      };
      // Whoever asks anew has given the first start up.
      hazardQuestion.getState().question?.answer(false, true);
      hazardQuestion.setState({ question: { environment, commands, answer } });
    });
  }

  return { ...hazardQuestion, confirmHazards };
}

export const useHazardQuestion = storeHook(createHazardQuestion);
