/** Every attempt at a test, also those that brought no verdict. */
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';

/** @param number of the test */
export function attemptsOf(state: CampaignState, number: number): MethodResponse<'campaign.test'>['attempts'] {
  const named = state.testAt(number);
  if (!named) return [];
  const verdicts = new Map(state.tests.attemptsOf(number).map(({ lease, verdict }) => [lease.fence, verdict]));
  const leases = [...state.pastLeases, ...state.leases.values()].filter(
    ({ unit, tests }) => unit === named.unit.unit && tests.includes(named.test),
  );
  return leases.map(({ fence, attempt, worker, server, leasedAt, endedAt, end, reason }) => ({
    attempt,
    worker,
    server,
    leasedAt,
    settledAt: endedAt,
    end,
    reason,
    verdict: verdicts.get(fence) ?? null,
  }));
}
