/** What can keep a ledger from being written or read, as problems. */
import { ProblemError } from '#shared/problem.ts';
import type { CampaignId } from '#shared/campaign/words.ts';

export function deposed(campaign: CampaignId, expected: number, found: number): ProblemError {
  return new ProblemError({
    code: 'deposed',
    message: `Another core decides over ${campaign}: its ledger stands at record ${found}, not at ${expected}.`,
  });
}

export function ledgerClosed(campaign: CampaignId): ProblemError {
  return new ProblemError({ code: 'ledger-closed', message: `The ledger of ${campaign} is closed; nothing can be added to it.` });
}

export function tooLarge(campaign: CampaignId, length: number, limit: number): ProblemError {
  return new ProblemError({
    code: 'append-too-large',
    message: `${length} characters were to be added to the ledger of ${campaign} at once; ${limit} are allowed.`,
  });
}

export function noCampaign(campaign: CampaignId, place: string): ProblemError {
  return new ProblemError({ code: 'no-campaign', message: `There is no campaign ${campaign} in ${place}.` });
}

export function campaignWithoutPlan(campaign: CampaignId): ProblemError {
  return new ProblemError({
    code: 'campaign-without-plan',
    message: `The ledger of the campaign ${campaign} does not begin with a plan.`,
  });
}

export function campaignExists(campaign: CampaignId, place: string): ProblemError {
  return new ProblemError({ code: 'campaign-exists', message: `There is a campaign ${campaign} in ${place} already.` });
}

export function damagedLedger(campaign: CampaignId, reason: string, file?: string): ProblemError {
  return new ProblemError({
    code: 'ledger-damaged',
    message: `The ledger of ${campaign} is damaged: ${reason}.`,
    tip: 'The records before it can be read.',
    ...(file !== undefined && { file }),
  });
}
