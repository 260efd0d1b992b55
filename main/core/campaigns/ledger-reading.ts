/** A ledger that somebody else may be writing, read as far as it is durable. */
import { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { Ledgers } from './ports.ts';

/** Its records from the first on, in batches. */
export async function* recordsOf(ledgers: Ledgers, campaign: CampaignId): AsyncIterable<readonly CampaignRecord[]> {
  const ledger = await ledgers.open(campaign);
  try {
    yield* ledger.read(1);
  } finally {
    await ledger.dispose();
  }
}

/** What they come to. */
export async function folded(records: AsyncIterable<readonly CampaignRecord[]>): Promise<CampaignState> {
  const state = new CampaignState();
  for await (const batch of records) for (const record of batch) state.apply(record);
  return state;
}
