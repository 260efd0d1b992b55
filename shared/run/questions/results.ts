/**
 * The second question: *Am I taking into account all the essential results?* The verdict, the steps by how they ended, what
 * went wrong or changed in each component, the faults with their stopwatches, and what is not certain (lost records).
 */
import { doubtInWords, namedComponents } from '../presence-words.ts';
import { entriesOf, itemsOf, type RunState, type RunStep } from '../run-state.ts';
import { stepCounts } from '../step-trouble.ts';
import { isTroubled } from '../tries.ts';
import { faultsOf, type Fault } from './faults.ts';
import { listed } from '#shared/wording/names.ts';
import { exactTimeOfDay } from '#shared/wording/times.ts';
import { counted } from '#shared/wording/counts.ts';

export interface ComponentResult {
  readonly component: string;
  readonly state: string;
  readonly errors: number;
  readonly crashes: number;
  readonly lastError: string | null;
  /** ms since 1970, daemon's clock: when it entered its state. */
  readonly since: number;
  /** Whether it changed its state during the run. */
  readonly changed: boolean;
  /** ms since 1970, core's clock: its state is unknown since then, for its daemon is lost or was started anew; null: it is known. */
  readonly unknownFrom: number | null;
}

export interface ResultsAnswer {
  readonly verdict: 'not run' | 'running' | 'paused' | NonNullable<RunState['outcome']>;
  readonly reason: string | null;
  readonly steps: Readonly<Record<RunStep['state'], number>>;
  /** The same in words, failed checks and failed commands told apart: `8 passed`, `1 failed command`. */
  readonly counts: readonly string[];
  /** Steps that did not pass, by their last try, oldest first. */
  readonly trouble: readonly RunStep[];
  /** Tries that did not pass and that the operator replaced by another one. Neither counted in `steps` nor in `trouble`. */
  readonly retried: readonly RunStep[];
  /** Components with errors, crashes or a changed state first. */
  readonly components: readonly ComponentResult[];
  readonly faults: readonly Fault[];
  /** Reasons why this picture may be incomplete. */
  readonly doubts: readonly string[];
}

/** Which results are essential: steps by state (each once, by its last try), what went wrong, faults, doubts. */
export function answerResults(state: RunState): ResultsAnswer {
  const steps: Record<RunStep['state'], number> = { waiting: 0, running: 0, passed: 0, failed: 0, error: 0, 'timed out': 0, skipped: 0 };
  const counted: RunStep[] = [];
  const trouble: RunStep[] = [];
  const retried: RunStep[] = [];
  for (const step of itemsOf(state.steps)) {
    if (step.replacedBy !== undefined) {
      retried.push(step);
      continue;
    }
    counted.push(step);
    steps[step.state]++;
    if (isTroubled(step.state)) trouble.push(step);
  }
  return {
    verdict: verdictOf(state),
    reason: state.reason,
    steps,
    counts: stepCounts(counted),
    trouble,
    retried,
    components: componentsOf(state),
    faults: faultsOf(state),
    doubts: doubtsOf(state),
  };
}

function verdictOf(state: RunState): ResultsAnswer['verdict'] {
  switch (state.status) {
    case 'new':
      return 'not run';
    case 'running':
    case 'paused':
      return state.status;
    case 'finished':
      return state.outcome ?? 'interrupted';
  }
}

function componentsOf(state: RunState): readonly ComponentResult[] {
  const startedAt = state.started?.time ?? 0;
  const results = entriesOf(state.components).map(([component, seen]) => ({
    component,
    state: seen.state,
    errors: seen.errors,
    crashes: seen.crashes,
    lastError: seen.lastError?.text ?? null,
    since: seen.since,
    changed: seen.since >= startedAt,
    unknownFrom: seen.unknown?.from ?? null,
  }));
  const weight = (each: ComponentResult) => each.crashes * 1_000_000 + each.errors * 10 + Number(each.changed);
  return results.sort((left, right) => weight(right) - weight(left) || left.component.localeCompare(right.component));
}

function doubtsOf(state: RunState): readonly string[] {
  const doubts: string[] = [];
  const { recordsLost, recoveries } = state.counters;
  if (recordsLost > 0) doubts.push(`${counted(recordsLost, 'record')} of daemons ${recordsLost === 1 ? 'was' : 'were'} lost.`);
  if (state.gaps.length > 0)
    doubts.push(`${counted(state.gaps.length, 'gap')} ${state.gaps.length === 1 ? 'is' : 'are'} still being filled.`);
  if (recoveries > 0) doubts.push('The core died during the run and was started again.');
  for (const [daemon, { silentSince, components }] of entriesOf(state.daemons)) {
    if (silentSince === null) continue;
    const since = state.status === 'finished' ? 'was lost at the end, silent since' : 'is lost, silent since';
    const unknown = components.length === 0 ? '' : `: ${listed(components, namedComponents)} unknown`;
    doubts.push(`The daemon ${daemon} ${since} ${exactTimeOfDay(silentSince)}${unknown}.`);
  }
  for (const [, { form, text, doubt }] of entriesOf(state.conditions)) {
    if (doubt) doubts.push(`${form} ${text} was ${doubtInWords(doubt)}.`);
  }
  if (state.namesOmitted > 0) doubts.push(`${state.namesOmitted} names were too many to be kept here; the log has them.`);
  return doubts;
}
