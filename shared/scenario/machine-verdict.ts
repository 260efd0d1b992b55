/**
 * The outcome of a run. The first line that applies decides:
 *
 * | what happened                                                                     | outcome                |
 * |-----------------------------------------------------------------------------------|------------------------|
 * | the operator stopped the run                                                      | stopped                |
 * | the step budget or the overall timeout ran out; an error under the policy `abort` | error                  |
 * | an `expect` is left failed, or `exit fail`                                        | failed                 |
 * | a step is left in error (unknown command, unknown variable …)                     | error                  |
 * | a step is left failed or timed out (exit status, `wait … within`)                 | failed                 |
 * | `exit pass`                                                                       | passed                 |
 * | an `expect` was evaluated (so all were met)                                       | passed                 |
 * | the last `echo` of exactly PASS or FAIL                                           | passed, failed         |
 * | nothing of the above                                                              | passed                 |
 *
 * "Left" means that the operator neither retried the step until it passed nor skipped it; going on with `continue` or
 * `goto`, or by policy, leaves it so. Afterwards a deferred command that did not succeed turns every outcome but
 * `failed` into `error`, and leaving deferred commands out (a second stop) turns `passed` into `stopped`.
 * A run that only carried out the undo commands of an interrupted one is `interrupted`, or `error` if one did not succeed.
 */
import type { RunOutcome } from './machine-contract.ts';
import type { MachineState, Tally, Trouble } from './machine-state.ts';

export interface Verdict {
  readonly outcome: RunOutcome;
  /** One sentence. */
  readonly reason: string;
}

export const emptyTally: Tally = {
  checks: 0,
  failedChecks: 0,
  failures: 0,
  errors: 0,
  first: { check: null, failure: null, error: null },
  echoed: null,
  exit: null,
};

/** The tally with a step that is left failed. */
export function countTrouble(tally: Tally, trouble: Trouble): Tally {
  const { first } = tally;
  if (trouble.state === 'error') {
    return { ...tally, errors: tally.errors + 1, first: { ...first, error: first.error ?? trouble.message } };
  }
  if (trouble.check) {
    return { ...tally, failedChecks: tally.failedChecks + 1, first: { ...first, check: first.check ?? trouble.message } };
  }
  return { ...tally, failures: tally.failures + 1, first: { ...first, failure: first.failure ?? trouble.message } };
}

/** Decides by the table above. */
export function decideVerdict(state: MachineState): Verdict {
  const verdict = verdictOfStatements(state);
  if (state.deferredTrouble !== null && verdict.outcome !== 'failed') {
    return { outcome: 'error', reason: `${state.deferredTrouble} (Before that: ${verdict.reason})` };
  }
  if (state.deferredSkipped && verdict.outcome === 'passed') {
    return { outcome: 'stopped', reason: 'The operator stopped the run before every deferred command was executed.' };
  }
  return verdict;
}

function verdictOfStatements({ ending, tally }: MachineState): Verdict {
  const trouble = tally.first.check ?? tally.first.error ?? tally.first.failure;
  if (ending?.kind === 'recovery')
    return { outcome: 'interrupted', reason: 'The undo commands that the interrupted run still owed were executed.' };
  if (ending?.kind === 'stopped') {
    return { outcome: 'stopped', reason: trouble === null ? 'The operator stopped the run.' : `The operator stopped the run. ${trouble}` };
  }
  if (ending?.kind === 'error') return { outcome: 'error', reason: ending.message };
  if (tally.failedChecks > 0) return { outcome: 'failed', reason: counted(tally.first.check, tally.failedChecks, 'checks') };
  const said = tally.exit?.reason ?? null;
  if (tally.exit?.verdict === 'fail') return { outcome: 'failed', reason: said ?? 'The scenario ended with exit fail.' };
  if (tally.errors > 0) return { outcome: 'error', reason: counted(tally.first.error, tally.errors, 'steps') };
  if (tally.failures > 0) return { outcome: 'failed', reason: counted(tally.first.failure, tally.failures, 'steps') };
  if (tally.exit?.verdict === 'pass') return { outcome: 'passed', reason: said ?? 'The scenario ended with exit pass.' };
  if (tally.checks > 0)
    return { outcome: 'passed', reason: said ?? (tally.checks === 1 ? 'The check was met.' : `All ${tally.checks} checks were met.`) };
  if (tally.echoed) return { outcome: tally.echoed === 'PASS' ? 'passed' : 'failed', reason: said ?? `The scenario said ${tally.echoed}.` };
  return { outcome: 'passed', reason: said ?? 'Every step passed.' };
}

function counted(first: string | null, count: number, what: string): string {
  const sentence = first ?? `Some ${what} failed.`;
  return count > 1 ? `${sentence} (${count} ${what} in all.)` : sentence;
}
