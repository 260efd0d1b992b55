/**
 * The outcome of a run. The first line that applies decides:
 *
 * | what happened                                                                     | outcome                |
 * |-----------------------------------------------------------------------------------|------------------------|
 * | the operator stopped the run                                                      | stopped                |
 * | the step budget or the overall timeout ran out; an error under the policy `abort` | error                  |
 * | an `expect` is left failed or was skipped after it was not met, or `exit fail`    | failed                 |
 * | a step is left in error (unknown command, unknown variable …)                     | error                  |
 * | a step is left failed or timed out (exit status, `wait … within`)                 | failed                 |
 * | `exit pass`                                                                       | passed                 |
 * | an `expect` was met (and none was not)                                            | passed                 |
 * | the last `echo` of exactly PASS or FAIL                                           | passed, failed         |
 * | nothing of the above                                                              | passed                 |
 *
 * "Left" means that the operator neither retried the step until it passed nor skipped it; going on with `continue` or
 * `goto`, or by policy, leaves it so. Skipping helps the run on but makes no check met: one that failed, or that was given
 * up while it waited, fails the run. What was skipped without a check that was not met fails nothing, but is no pass
 * either: the reason tells how many steps were skipped. Afterwards a deferred command that did not succeed turns every outcome but
 * `failed` into `error`, and leaving deferred commands out (a second stop) turns `passed` into `stopped`.
 * A run that only carried out the undo commands of an interrupted one is `interrupted`, or `error` if one did not succeed.
 */
import type { RunOutcome } from './machine-words.ts';
import type { MachineState, Tally, Trouble } from './machine-state.ts';

export interface Verdict {
  readonly outcome: RunOutcome;
  /** One sentence. */
  readonly reason: string;
}

export const emptyTally: Tally = {
  checks: 0,
  failedChecks: 0,
  skippedChecks: 0,
  skipped: 0,
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

/** The tally with a step that the operator skipped; `trouble` is what had become of it, null where nothing had yet. */
export function countSkip(tally: Tally, trouble: Trouble | null): Tally {
  if (!trouble?.check) return { ...tally, skipped: tally.skipped + 1 };
  const counted = countTrouble(tally, trouble);
  return { ...counted, skippedChecks: counted.skippedChecks + 1 };
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
  if (ending?.kind === 'recovery')
    return { outcome: 'interrupted', reason: 'The undo commands that the interrupted run still owed were executed.' };
  if (ending?.kind === 'stopped') {
    return { outcome: 'stopped', reason: ['The operator stopped the run.', ...troublesOf(tally)].join(' ') };
  }
  if (ending?.kind === 'error') return { outcome: 'error', reason: ending.message };
  if (tally.failedChecks > 0) return { outcome: 'failed', reason: checksNotMet(tally) };
  const said = tally.exit?.reason ?? null;
  if (tally.exit?.verdict === 'fail') return { outcome: 'failed', reason: said ?? 'The scenario ended with exit fail.' };
  if (tally.errors > 0) return { outcome: 'error', reason: counted(tally.first.error, tally.errors, 'steps') };
  if (tally.failures > 0) return { outcome: 'failed', reason: counted(tally.first.failure, tally.failures, 'steps') };
  if (tally.exit?.verdict !== 'pass' && tally.checks === 0 && tally.echoed === 'FAIL') {
    return { outcome: 'failed', reason: said ?? 'The scenario said FAIL.' };
  }
  return { outcome: 'passed', reason: `${said ?? whyPassed(tally)}${tally.skipped === 0 ? '' : ` ${stepsSkipped(tally.skipped)}`}` };
}

/** What had gone wrong of each kind when the run was stopped: a command that could not be carried out is not hidden by a check. */
function troublesOf({ first, failedChecks, errors, failures }: Tally): readonly string[] {
  return [
    ...(first.check === null ? [] : [counted(first.check, failedChecks, 'checks')]),
    ...(first.error === null ? [] : [counted(first.error, errors, 'steps')]),
    ...(first.failure === null ? [] : [counted(first.failure, failures, 'steps')]),
  ];
}

function whyPassed({ exit, checks, echoed, skipped }: Tally): string {
  if (exit?.verdict === 'pass') return 'The scenario ended with exit pass.';
  // Of the conditions of a scenario only `expect`s are checks; the first question counts all of them.
  if (checks === 1) return 'The check (expect) was met.';
  // With steps left out, some checks may not have been made at all.
  if (checks > 1) return skipped === 0 ? `All ${checks} checks (expect) were met.` : `${checks} checks (expect) were met.`;
  if (echoed) return `The scenario said ${echoed}.`;
  return skipped === 0 ? 'Every step passed.' : 'Every step that was carried out passed.';
}

function checksNotMet({ checks, failedChecks, skippedChecks, first }: Tally): string {
  if (skippedChecks === 0) return counted(first.check, failedChecks, 'checks');
  const who = skippedChecks === failedChecks ? 'skipped by the operator' : `${skippedChecks} skipped by the operator`;
  const what = `${failedChecks} of ${checks + failedChecks} checks ${failedChecks === 1 ? 'was' : 'were'} not met (${who})`;
  return first.check === null ? `${what}.` : `${what}. ${first.check}`;
}

function stepsSkipped(count: number): string {
  return count === 1 ? '1 step was skipped.' : `${count} steps were skipped.`;
}

function counted(first: string | null, count: number, what: string): string {
  const sentence = first ?? `Some ${what} failed.`;
  return count > 1 ? `${sentence.replace(/\.$/, '')} (${count} ${what} in all).` : sentence;
}
