/** Makes records for the tests of what is printed. */
import type { RecordBody, RunRecord } from '#shared/run/records.ts';
import type { StepReference } from '#shared/scenario/machine-contract.ts';

export function step(execution: number, number: number, text: string, extra: Partial<StepReference> = {}): StepReference {
  return { execution, scenario: 'failover', line: number, number, text, depth: 0, phase: 'main', ...extra };
}

export function recordsOf(...bodies: readonly RecordBody[]): RunRecord[] {
  return bodies.map((body, index) => ({ ...body, sequence: index + 1, time: 1_700_000_000_000 + index }));
}
