/**
 * Which tries of a step count. An operator may have a failed step executed again (Retry, or Go to the step itself): then its last
 * try that came to an end counts, and the one before it is history. A step that the scenario executes again, in a loop, is
 * another matter: it replaces nothing. Everything that counts or colours checks and steps reads it from here. Pure.
 */
import type { RecordOf, RunRecord } from './records.ts';

type Step = RecordOf<'step-started'>['step'];
type StepState = RecordOf<'step-finished'>['state'];

export interface Tries {
  /** The main step that ended last, if it ended in trouble: what a pause for a failure is about. */
  readonly troubled: Step | null;
  /** The run is paused on `troubled`, so that it can be retried. */
  readonly paused: boolean;
  /** The operator wants this step executed again. */
  readonly wanted: Step | null;
  /** A scenario's text changed since: the step may stand on another line now. */
  readonly edited: boolean;
  /** The execution that is under way in place of an earlier one. */
  readonly retry: { readonly execution: number; readonly of: number } | null;
  /** `expect`s by their last try: how many were met, and how many are left not met. */
  readonly checksMet: number;
  readonly checksNotMet: number;
  /** Checks that were not met in a try that another one replaced. */
  readonly checksRetried: number;
  /** Checks that were decided by the latest executions; only those can still be replaced. */
  readonly latest: readonly { readonly execution: number; readonly met: boolean }[];
}

export const noTries: Tries = {
  troubled: null,
  paused: false,
  wanted: null,
  edited: false,
  retry: null,
  checksMet: 0,
  checksNotMet: 0,
  checksRetried: 0,
  latest: [],
};

/** How many decided checks are remembered one by one; a step decides one, or two with its `if`. */
const remembered = 8;

/** A step that ended like this stands as trouble until another try of it ends. */
export function isTroubled(state: StepState): boolean {
  return state === 'failed' || state === 'error' || state === 'timed out';
}

/** The execution that a step's end replaces; null where it replaces none. A try that was skipped decides nothing. */
export function replacedBy(tries: Tries, record: RunRecord): number | null {
  if (record.kind !== 'step-finished' || record.step.execution !== tries.retry?.execution) return null;
  return record.state === 'passed' || isTroubled(record.state) ? tries.retry.of : null;
}

/** The tries after one more record. */
export function followTries(tries: Tries, record: RunRecord): Tries {
  switch (record.kind) {
    case 'condition':
      return takeCheck(tries, record);
    case 'step-started':
      return startTry(tries, record.step);
    case 'step-finished':
      return record.step.phase === 'main' ? endTry(tries, record) : tries;
    case 'paused':
      return record.reason === 'failure' ? { ...tries, paused: tries.troubled !== null } : tries;
    case 'operator':
      return takeAction(tries, record.action);
    case 'edited':
      return tries.wanted === null && !tries.paused ? tries : { ...tries, edited: true };
    case 'resumed':
      return tries.paused ? { ...tries, paused: false } : tries;
    case 'handler-fired':
    case 'recovered':
      // A handler takes the run elsewhere; a core that died has forgotten what was wanted.
      return { ...tries, troubled: null, paused: false, wanted: null, edited: false };
    default:
      return tries;
  }
}

function takeCheck(tries: Tries, { form, state, execution }: RecordOf<'condition'>): Tries {
  if (form !== 'expect' || state === 'pending') return tries;
  const met = state === 'met';
  return {
    ...tries,
    checksMet: tries.checksMet + (met ? 1 : 0),
    checksNotMet: tries.checksNotMet + (met ? 0 : 1),
    latest: execution === null ? tries.latest : [...tries.latest, { execution, met }].slice(-remembered),
  };
}

function takeAction(tries: Tries, action: RecordOf<'operator'>['action']): Tries {
  if (!tries.paused || tries.troubled === null) return tries;
  switch (action.kind) {
    case 'retry':
      return { ...tries, wanted: tries.troubled };
    case 'goto':
      // Going elsewhere leaves the step as it is.
      return action.line === tries.troubled.line
        ? { ...tries, wanted: tries.troubled, paused: false }
        : { ...tries, troubled: null, paused: false };
    case 'skip':
      return { ...tries, troubled: null, paused: false };
    default:
      return tries;
  }
}

function startTry(tries: Tries, step: Step): Tries {
  const { wanted, edited } = tries;
  const begun = { ...tries, troubled: null, paused: false, wanted: null, edited: false, retry: null };
  if (wanted === null || step.phase !== 'main' || wanted.scenario !== step.scenario || wanted.depth !== step.depth) return begun;
  if (wanted.line !== step.line && !edited) return begun;
  return { ...begun, retry: { execution: step.execution, of: wanted.execution } };
}

function endTry(tries: Tries, record: RecordOf<'step-finished'>): Tries {
  const replaced = replacedBy(tries, record);
  const ended: Tries = { ...tries, retry: null, troubled: isTroubled(record.state) ? record.step : null };
  if (replaced === null) return ended;
  const before = tries.latest.filter(({ execution }) => execution === replaced);
  const missed = before.filter(({ met }) => !met).length;
  return {
    ...ended,
    checksMet: tries.checksMet - (before.length - missed),
    checksNotMet: tries.checksNotMet - missed,
    checksRetried: tries.checksRetried + missed,
    latest: tries.latest.filter(({ execution }) => execution !== replaced),
  };
}
