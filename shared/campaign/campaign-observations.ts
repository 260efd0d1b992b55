/** What a campaign tells of how intermittent its tests are: its attempts as observations, those of a storm of failures suspended. */
import type { AttemptFact, CampaignState, LeaseFact } from './campaign-state.ts';
import { isStorm, type Observation } from './flakiness.ts';
import { isTriedAgain, isTrouble } from './words.ts';

export interface ObservedAttempt {
  /** Number of the test. */
  readonly test: number;
  readonly attempt: AttemptFact;
  readonly observation: Observation;
}

export interface ObservedWith {
  /** Share of attempts that fails on other days. */
  readonly usual: number;
  /** What tells one kind of server from another; of servers that are alike the same. */
  readonly environmentOf: (server: string | null) => string;
}

/** Attempts that are looked at together, in the order in which they ended, to see whether there is a storm. */
const together = 50;

/** Every attempt, in the order in which they ended. */
export function* observedAttempts(state: CampaignState, { usual, environmentOf }: ObservedWith): Iterable<ObservedAttempt> {
  let window: { readonly test: number; readonly attempt: AttemptFact }[] = [];
  const told = function* (): Iterable<ObservedAttempt> {
    const failures = window.filter(({ attempt }) => isTriedAgain(attempt.verdict.verdict)).length;
    const storm = isStorm(failures, window.length, usual);
    for (const { test, attempt } of window) yield { test, attempt, observation: observationOf(state, test, attempt, storm, environmentOf) };
    window = [];
  };
  for (const lease of state.pastLeases) {
    window.push(...attemptsOf(state, lease));
    if (window.length >= together) yield* told();
  }
  yield* told();
}

function* attemptsOf(state: CampaignState, lease: LeaseFact): Iterable<{ readonly test: number; readonly attempt: AttemptFact }> {
  for (const id of lease.tests) {
    const test = state.units.testOf(lease.unit, id);
    if (test === undefined) continue;
    const attempt = state.tests.attemptsOf(test).find((each) => each.lease === lease);
    if (attempt) yield { test, attempt };
  }
}

function observationOf(
  state: CampaignState,
  test: number,
  { lease, verdict }: AttemptFact,
  storm: boolean,
  environmentOf: ObservedWith['environmentOf'],
): Observation {
  const suite = state.testAt(test)?.suite;
  const reference = suite === undefined ? null : (state.suites.get(suite)?.plan.package ?? null);
  const troubled = lease.end !== null && isTrouble(lease.end) && isTriedAgain(verdict.verdict);
  return {
    verdict: verdict.verdict,
    revision: state.plan?.revision ?? '',
    package: reference?.hash ?? null,
    environment: environmentOf(lease.server),
    suspended: storm || troubled,
  };
}
