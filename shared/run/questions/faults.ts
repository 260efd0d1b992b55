/**
 * The fault stopwatch: the time from an injected fault to the recovered condition. A fault is a step that killed, signalled or
 * stopped a component, not one that failed to; it is recovered when the next `wait` or `expect` after it that waits for something is passed.
 */
import { itemsOf, type RunState, type RunStep } from '../run-state.ts';

export interface Fault {
  /** `kill -9 MatchingEnginePrimary` */
  readonly text: string;
  readonly execution: number;
  /** ms since 1970 */
  readonly at: number;
  /** What had to hold again, as the scenario says it; null when nothing was waited for. */
  readonly condition: string | null;
  /** ms from the fault to the recovery; null while it is not recovered. */
  readonly recovered: number | null;
  /** Whether it is known that it will not recover in this run: the run ended or the condition failed. */
  readonly lost: boolean;
}

const recovering = /^(?:wait|expect)\s(?!\d)/;
/** Noticing the crash itself is no recovery. */
const noticing = /^(?:wait|expect)\s+(?:crash|error)\b/;

/** The faults of a run in their order, each with the step that waited for recovery, and ms from the fault until it had recovered. */
export function faultsOf(state: RunState): readonly Fault[] {
  const steps = itemsOf(state.steps).filter(({ step, replacedBy }) => step.phase === 'main' && replacedBy === undefined);
  const injecting = new Set(itemsOf(state.faults.injected).map(({ execution }) => execution));
  const injects = ({ step }: RunStep): boolean => injecting.has(step.execution);
  const faults: Fault[] = [];
  steps.forEach((step, index) => {
    if (!injects(step)) return;
    const rest = steps.slice(index + 1);
    const nextFault = rest.findIndex(injects);
    const span = nextFault < 0 ? rest : rest.slice(0, nextFault);
    const condition = span.find(({ step: { text } }) => recovering.test(text) && !noticing.test(text));
    faults.push(faultOf(step, condition, state));
  });
  return faults;
}

function faultOf(step: RunStep, condition: RunStep | undefined, state: RunState): Fault {
  const at = step.startedAt;
  const ended = condition?.state === 'passed' && condition.duration !== null ? condition.startedAt + condition.duration - at : null;
  const failed = condition !== undefined && condition.state !== 'passed' && condition.state !== 'running';
  return {
    text: step.step.text,
    execution: step.step.execution,
    at,
    condition: condition?.step.text ?? null,
    recovered: ended,
    lost: ended === null && (failed || state.status === 'finished'),
  };
}
