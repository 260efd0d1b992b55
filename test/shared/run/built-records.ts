/** Records of a run as tests write them: bodies that get their numbers and times. */
import { runRecordSchema, type RecordBody, type RunRecord } from '#shared/run/records.ts';
import type { StepReference } from '#shared/scenario/machine-contract.ts';

export const start = Date.UTC(2026, 10, 20);

/** Records of these bodies, one second apart; each must be valid. */
export function recordsOf(...bodies: readonly unknown[]): RunRecord[] {
  return bodies.map((body, index) => runRecordSchema.parse({ ...(body as RecordBody), sequence: index + 1, time: start + index * 1_000 }));
}

export function step(execution: number, change: Partial<StepReference> = {}): StepReference {
  return {
    execution,
    scenario: 'main',
    line: execution - 1,
    number: execution - 1,
    text: `step${execution - 1}`,
    depth: 0,
    phase: 'main',
    ...change,
  };
}
export const started = (of: StepReference) => ({ kind: 'step-started', step: of });
export const finished = (of: StepReference, state = 'passed') => ({
  kind: 'step-finished',
  step: of,
  state,
  message: null,
  result: null,
  duration: 5,
});
export const runStarted = {
  kind: 'run-started',
  run: '20261120T221735Z-failover-3f9a',
  scenario: 'main',
  environment: 'demo',
  release: 'rc1',
  operator: 'ann',
  policy: 'pause',
  variables: { host: 'a' },
  mode: 'live',
  softwareVersion: '1',
};
export const observation = (...events: unknown[]) => ({ kind: 'observation', daemon: 'MEP', epoch: '0123456789abcdef', number: 1, events });
