/** What ran where: leases as a screen draws them along the time. */
import type { CampaignState, LeaseFact } from '#shared/campaign/campaign-state.ts';
import type { SuiteName, TestId, Verdict } from '#shared/campaign/words.ts';
import type { LaneLease } from '#shared/contract/campaigns.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';

/** As many leases as a screen is given at once. */
const mostLeases = 2_000;

/** The worst first. */
const byWeight: readonly Verdict[] = ['failed', 'broken', 'missing', 'passed', 'skipped'];

/** @param from ms since 1970 */
export function lanesOf(state: CampaignState, from: number, to: number): MethodResponse<'campaign.lanes'> {
  const found = [...state.leases.values()].filter(({ leasedAt }) => leasedAt <= to);
  const { pastLeases } = state;
  // They stand in the order in which they ended, so the newest are looked at first, and no more than are wanted.
  for (let index = pastLeases.length - 1; index >= 0 && found.length <= mostLeases; index--) {
    const lease = pastLeases[index];
    if (!lease || (lease.endedAt ?? 0) < from) break;
    if (lease.leasedAt <= to) found.push(lease);
  }
  const shown = found.slice(0, mostLeases).toReversed();
  return { leases: shown.flatMap((lease) => laneLeaseOf(state, lease) ?? []), cut: found.length > mostLeases };
}

function laneLeaseOf(state: CampaignState, lease: LeaseFact): LaneLease | null {
  const suite = state.units.at(lease.unit)?.suite;
  const [test] = lease.tests;
  if (suite === undefined || test === undefined) return null;
  const { fence, attempt, worker, server, leasedAt, endedAt, end, tests } = lease;
  const verdict = end === null ? null : worstVerdict(state, suite, lease.fence, tests);
  return { fence, suite, test, tests: tests.length, attempt, worker, server, leasedAt, settledAt: endedAt, end, verdict };
}

function worstVerdict(state: CampaignState, suite: SuiteName, fence: number, tests: readonly TestId[]): Verdict | null {
  const given = new Set<Verdict>();
  for (const test of tests) {
    const number = state.numberOf(suite, test);
    const attempt = number === undefined ? undefined : state.tests.attemptsOf(number).find(({ lease }) => lease.fence === fence);
    if (attempt) given.add(attempt.verdict.verdict);
  }
  return byWeight.find((each) => given.has(each)) ?? null;
}
