/** Which tests of a campaign are in quarantine, by their numbers. */
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { QuarantineEntry } from '#shared/campaign/plan.ts';

/** @param now ms since 1970: what is over holds no more */
export function quarantineOf(state: CampaignState, now: number): ReadonlyMap<number, QuarantineEntry> {
  const found = new Map<number, QuarantineEntry>();
  for (const entry of state.plan?.quarantine ?? []) {
    const number = entry.expires > now ? state.numberOf(entry.suite, entry.test) : undefined;
    if (number !== undefined) found.set(number, entry);
  }
  return found;
}
