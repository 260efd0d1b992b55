/** The trace of a run: its executed steps in the numbered form `3 if 'PASS' == #{smoke_status} then goto pass`. */
import { itemsOf } from './recent-list.ts';
import type { RunState, RunStep } from './run-model.ts';
import type { RunPhase } from '#shared/scenario/machine-words.ts';

export interface TraceLine {
  readonly number: number;
  readonly text: string;
  readonly scenario: string;
  readonly depth: number;
  readonly phase: RunPhase;
  readonly state: RunStep['state'];
  /** ms; null while the step runs. */
  readonly duration: number | null;
  readonly message: string | null;
}

/** The executed steps, in order; steps that the operator left out without starting them are among them as `skipped`. */
export function traceOf(state: RunState): readonly TraceLine[] {
  return itemsOf(state.steps).map(({ step, state: stepState, duration, message }) => {
    const { number, text, scenario, depth, phase } = step;
    return { number, text, scenario, depth, phase, state: stepState, duration, message };
  });
}

/** The trace as text, as on the slides: `0 start_load`. Called scenarios are indented, undo commands marked. */
export function formatTrace(trace: readonly TraceLine[]): string[] {
  return trace.map(
    ({ number, text, depth, phase }) => `${'  '.repeat(Math.min(depth, 20))}${number} ${text}${phase === 'deferred' ? ' (undo)' : ''}`,
  );
}
