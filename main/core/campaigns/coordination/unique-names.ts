/** Beginnings of names that no other attempt at no other unit uses, so that tests share a server; the same again for the same campaign. */
import { createHash } from 'node:crypto';
import type { CampaignId } from '#shared/campaign/words.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** A letter and eleven letters or digits: of 100,000 attempts two are alike with a probability of one in seven million. */
export function uniqueBeginning(campaign: CampaignId, unit: number, attempt: number): string {
  const digest = createHash('sha256').update(`${campaign} ${unit} ${attempt}`).digest();
  let text = 'u';
  for (let index = 0; index < 11; index++) text += letters.charAt((digest[index] ?? 0) & 31);
  return text;
}
