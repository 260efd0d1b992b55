/** What the run that replay is measured with looks like: known to who makes it and to who checks what is shown of it. */
import type { RecordBody } from '#shared/run/records.ts';

export const replayedSeries = 5_000;
/** ms since 1970: when the run began. */
export const runStart = Date.UTC(2026, 10, 20, 12);
/** s that one step took. */
export const stepSeconds = 60;

/** The step of a minute: on the line of its number. */
export function replayedStep(minute: number): Extract<RecordBody, { kind: 'step-started' }>['step'] {
  const text = `wait ${stepSeconds}s # minute ${minute}`;
  return { execution: minute + 1, scenario: 'failover', line: minute, number: minute, text, depth: 0, phase: 'main' };
}
