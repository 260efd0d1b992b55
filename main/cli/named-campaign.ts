/** The campaign, and the campaign file, that somebody means at the command line. */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { campaignIdSchema, type CampaignId } from '#shared/campaign/words.ts';
import type { Core } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { listed } from '#shared/wording/names.ts';

/** A whole id, a beginning of it or of its random last part that fits one campaign only, or `last` for the newest. */
export async function findCampaign(core: Core, named: string): Promise<CampaignId> {
  const whole = campaignIdSchema.safeParse(named);
  if (whole.success) return whole.data;
  const { campaigns } = await core.request('campaigns.list', {});
  if (named === 'last') {
    const [newest] = campaigns;
    if (newest) return newest.campaign;
    throw new ProblemError({ code: 'no-campaigns', message: 'There are no campaigns here yet.', tip: 'testops campaign run starts one.' });
  }
  const fitting = campaigns.filter(({ campaign }) => campaign.startsWith(named) || campaign.slice(campaign.lastIndexOf('-') + 1).startsWith(named)); // prettier-ignore
  if (fitting.length === 1 && fitting[0]) return fitting[0].campaign;
  throw new ProblemError(
    fitting.length === 0
      ? { code: 'no-campaign', message: `No campaign is called ${named}.`, tip: 'testops campaign list shows them.' }
      : { code: 'ambiguous-campaign', message: `${fitting.length} campaigns fit ${named}.`, tip: 'Write more of the id.' },
  );
}

/** A path, or the name of a campaign whose file stands in the folder `campaigns` here. */
export async function findCampaignFile(core: Core, named: string): Promise<string> {
  if (statSync(named, { throwIfNoEntry: false })?.isFile()) return resolve(named);
  const { files } = await core.request('campaigns.files', { folder: resolve('.') });
  const found = files.find(({ name }) => name === named);
  if (found) return found.file;
  throw new ProblemError({
    code: 'no-campaign-file',
    message: `There is no file ${named}, and no campaign of this name in ${join(resolve('.'), 'campaigns')}.`,
    tip: files.length === 0 ? 'Name its file, or call testops in the workspace.' : `There is ${listed(files.map(({ name }) => name))}.`,
  });
}
