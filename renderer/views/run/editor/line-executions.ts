/** What a run did on each line of one scenario, kept current at a cost that does not grow with the length of the run. Pure. */
import { itemAt, type RunState } from '#shared/run/run-state.ts';
import { kept, type RunStep } from '#shared/run/run-model.ts';
import { RecentMap } from '#shared/recent-map.ts';

export interface LineExecution {
  /** The latest execution of the line. */
  readonly execution: number;
  readonly state: RunStep['state'];
  /** ms; null while it runs. */
  readonly duration: number | null;
  readonly message: string | null;
  /** How often the line was executed. */
  readonly times: number;
}

/** Steps from the end of the list that may still change: those under way, of calls within calls. */
const unsettled = 64;

export class LineExecutions {
  private readonly byScenario = new Map<string, Map<number, LineExecution>>();
  private readonly lineOf = new RecentMap<number, { readonly scenario: string; readonly line: number }>(kept.steps);
  private next = 0;
  private last: RunState['steps'] | null = null;

  /** Takes in what is new in a run's state. A state of another run begins anew. */
  take(state: RunState): void {
    const { steps } = state;
    if (steps === this.last) return;
    if (steps.total < this.next) this.forget();
    this.last = steps;
    for (let index = Math.max(steps.first, this.next - unsettled); index < steps.total; index += 1) {
      const step = itemAt(steps, index);
      if (step) this.takeStep(step, index >= this.next);
    }
    this.next = steps.total;
  }

  forget(): void {
    this.byScenario.clear();
    this.lineOf.clear();
    this.next = 0;
    this.last = null;
  }

  private takeStep({ step, state, duration, message }: RunStep, fresh: boolean): void {
    const { scenario, line, execution } = step;
    const lines = this.byScenario.get(scenario) ?? new Map<number, LineExecution>();
    this.byScenario.set(scenario, lines);
    const before = lines.get(line);
    if (!fresh && before && before.execution > execution) return;
    lines.set(line, { execution, state, duration, message, times: (before?.times ?? 0) + (fresh ? 1 : 0) });
    if (fresh) this.lineOf.set(execution, { scenario, line });
  }

  /** Zero-based lines of a scenario that were executed, each with its latest execution. */
  linesOf(scenario: string): ReadonlyMap<number, LineExecution> {
    return this.byScenario.get(scenario) ?? new Map<number, LineExecution>();
  }

  /** Where an execution took place; null for those that are not known. */
  placeOf(execution: number): { readonly scenario: string; readonly line: number } | null {
    return this.lineOf.get(execution) ?? null;
  }
}

/** How a line that control stands on is shown. */
export type PositionMark = 'running' | 'waiting' | 'paused' | 'error';

/** The mark of the line at the position; null where the run is over or has not begun. */
export function positionMark(state: RunState): PositionMark | null {
  if (state.status === 'paused') return state.paused?.reason === 'failure' ? 'error' : 'paused';
  if (state.status !== 'running') return null;
  const step = state.running === null ? undefined : itemAt(state.steps, state.running);
  if (step?.state === 'waiting') return 'waiting';
  return step && /^(?:wait|prompt|expect)\b/.test(step.step.text) ? 'waiting' : 'running';
}
