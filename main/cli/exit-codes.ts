/** How the `testops` command ends; pipelines decide by these. */
import type { RunOutcome } from '#shared/scenario/machine-words.ts';

export const exitCodes = { passed: 0, failed: 1, usage: 2, error: 3, noHistory: 4, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export function exitCodeOf(outcome: RunOutcome): ExitCode {
  switch (outcome) {
    case 'passed':
      return exitCodes.passed;
    case 'failed':
      return exitCodes.failed;
    case 'error':
      return exitCodes.error;
    case 'stopped':
    case 'interrupted':
      return exitCodes.interrupted;
  }
}
