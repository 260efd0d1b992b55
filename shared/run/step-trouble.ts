/**
 * What is said of a step that did not pass. Only an `expect` that was not met is a failed check: it is a result. A command that
 * ended with another exit status than 0 or by a signal is a failed command, one that was called off a cancelled one.
 */
import { commandCancelled, commandEnded } from '#shared/scenario/machine-text.ts';
import type { RunOutcome } from '#shared/scenario/machine-words.ts';
import type { RunStep } from './run-model.ts';

export type StepTrouble = 'failed check' | 'failed command' | 'cancelled command' | 'timed out' | 'error';

/** How a step did not pass; null where it passed, was skipped or has not ended. */
export function troubleOf({ state, message }: Pick<RunStep, 'state' | 'message'>): StepTrouble | null {
  switch (state) {
    case 'failed':
      if (message?.startsWith(commandCancelled)) return 'cancelled command';
      return message?.startsWith(commandEnded) ? 'failed command' : 'failed check';
    case 'timed out':
    case 'error':
      return state;
    case 'passed':
    case 'skipped':
    case 'waiting':
    case 'running':
      return null;
  }
}

/**
 * The trouble of a step that made a run fail, by the reason of its verdict; null where the run did not fail, or did by something
 * else than a step: by what its scenario said, or by a limit.
 */
export function troubleOfRun(
  { outcome, reason }: { readonly outcome: RunOutcome | null; readonly reason: string | null },
  steps: Iterable<Pick<RunStep, 'state' | 'message'>>,
): StepTrouble | null {
  if (outcome !== 'failed' || reason === null) return null;
  for (const step of steps) {
    const trouble = troubleOf(step);
    if (trouble !== null && step.message && reason.includes(step.message)) return trouble;
  }
  return null;
}

/** The state of a step in words: as it is, but of a failed one what it is that failed. */
export function stateWords(step: Pick<RunStep, 'state' | 'message'>): string {
  return troubleOf(step) ?? step.state;
}

/** `8 passed, 1 failed check, 2 failed commands`: steps by how they ended, in parts; those that have not ended are left out. */
export function stepCounts(steps: readonly Pick<RunStep, 'state' | 'message'>[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const step of steps) counts.set(stateWords(step), (counts.get(stateWords(step)) ?? 0) + 1);
  const order = ['passed', 'failed check', 'failed command', 'cancelled command', 'error', 'timed out', 'skipped'] as const;
  return order.flatMap((words) => {
    const count = counts.get(words) ?? 0;
    if (count === 0) return [];
    const several = count > 1 && /check$|command$/.test(words);
    return [`${count} ${words}${several ? 's' : ''}`];
  });
}
