/** Which tests are in quarantine: by their names, and by their numbers in a campaign. */
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { QuarantineEntry } from '#shared/campaign/plan.ts';
import type { SuiteName, TestId } from '#shared/campaign/words.ts';

/** The entry of a test, whether or not it is over. */
export type Quarantined = (suite: SuiteName, test: TestId) => QuarantineEntry | undefined;

export function quarantinedIn(entries: readonly QuarantineEntry[]): Quarantined {
  const known = new Map(entries.map((entry) => [JSON.stringify([entry.suite, entry.test]), entry]));
  return (suite, test) => known.get(JSON.stringify([suite, test]));
}

/** Entries of a campaign that hold, by the numbers of their tests. @param now ms since 1970 */
export function quarantineOf(state: CampaignState, now: number): ReadonlyMap<number, QuarantineEntry> {
  const found = new Map<number, QuarantineEntry>();
  for (const entry of state.plan?.quarantine ?? []) {
    const number = entry.expires > now ? state.numberOf(entry.suite, entry.test) : undefined;
    if (number !== undefined) found.set(number, entry);
  }
  return found;
}
