/** How a campaign ends, from what its tests came to: what is red decides, what is quarantined does not, and is told. */
import type { CampaignState } from './campaign-state.ts';
import type { SuiteFact } from './campaign-model.ts';
import type { QuarantineEntry, SuitePlan } from './plan.ts';
import { isRed, type CampaignOutcome, type SuiteName } from './words.ts';

export interface CampaignVerdict {
  readonly outcome: CampaignOutcome;
  /** Red tests that decide. */
  readonly red: number;
  /** Red tests that do not, since they are quarantined. */
  readonly quarantined: number;
  /** Entries that are over: each makes the campaign fail. */
  readonly expired: readonly QuarantineEntry[];
  /** Suites that could not be listed, and that the campaign does not do without. */
  readonly notListed: readonly SuiteName[];
}

/** @param now ms since 1970: entries of the quarantine expire */
export function verdictOfCampaign(state: CampaignState, now: number): CampaignVerdict {
  const quarantine = state.plan?.quarantine ?? [];
  const excused = new Set<number>();
  for (const { suite, test, expires } of quarantine) {
    const number = expires > now ? state.numberOf(suite, test) : undefined;
    if (number !== undefined) excused.add(number);
  }
  const [all, quarantined] = [redTests(state), [...excused].filter((test) => isRedIn(state, test)).length];
  const expired = quarantine.filter(({ expires }) => expires <= now);
  const notListed = [...state.suites.values()]
    .filter(({ plan, listed }) => listed?.problem !== undefined && !isLeftOut(plan, listed))
    .map(({ plan }) => plan.suite);
  const counted = { red: all - quarantined, quarantined, expired, notListed };
  return { ...counted, outcome: outcomeOf(state, counted) };
}

/** Whether the campaign does without a suite, since no worker could list its tests. */
export function isLeftOut({ optional }: Pick<SuitePlan, 'optional'>, listed: SuiteFact['listed']): boolean {
  return optional === true && listed?.problem !== undefined && listed.tests === 0;
}

function outcomeOf(state: CampaignState, { red, expired, notListed }: Omit<CampaignVerdict, 'outcome' | 'quarantined'>): CampaignOutcome {
  if (state.stop) return 'stopped';
  const { tests, undecided, retriesOwed, results } = state.totals();
  if (undecided + results['not run'] === tests && notListed.length === 0) return 'not executed';
  // What was not executed is no reason to call it passed.
  const open = undecided + retriesOwed + results['not run'];
  return red + expired.length + notListed.length + open > 0 ? 'failed' : 'passed';
}

function redTests(state: CampaignState): number {
  const { results } = state.totals();
  return results.failed + results.broken + results.missing + results.infrastructure;
}

function isRedIn(state: CampaignState, test: number): boolean {
  const result = state.tests.finalResultOf(test);
  return result !== null && isRed(result);
}
