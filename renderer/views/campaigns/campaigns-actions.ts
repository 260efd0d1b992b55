/** What can be done in the Campaigns view, by keyboard, palette and buttons. */
import { redCount } from '#shared/campaign/result-counts.ts';
import type { CampaignSummary } from '#shared/contract/campaigns.ts';
import { dateAndTime } from '#shared/wording/times.ts';
import type { Action } from '../../stores/actions.ts';
import { createCampaignDeeds } from '../../stores/campaigns/campaign-deeds.ts';
import { campaignBefore, createCampaigns, freshest, shownCampaign, type CampaignPart } from '../../stores/campaigns/campaigns.ts';
import { createLiveCampaign } from '../../stores/campaigns/live-campaign.ts';
import { createTestHistory } from '../../stores/campaigns/test-history.ts';
import { createPalette } from '../../stores/palette.ts';
import { createSession } from '../../stores/session.ts';
import type { Stores } from '../../stores/stores.ts';
import { stateWord } from './campaign-words.ts';

const group = 'Campaigns';

/** Which campaign is to be compared with; the one before of the same name stands first. */
function chooseOther(stores: Stores, summary: CampaignSummary): void {
  const campaigns = stores.get(createCampaigns).getState().campaigns ?? [];
  const { compare } = stores.get(createCampaignDeeds);
  const before = campaignBefore(campaigns, summary);
  const others = campaigns.filter(({ campaign }) => campaign !== summary.campaign && campaign !== before?.campaign);
  stores.get(createPalette).openPalette({
    title: 'Compare with which campaign?',
    empty: 'There is no other campaign.',
    choices: [...(before ? [before] : []), ...others].map((each) => ({
      id: each.campaign,
      title: `${each.name}, ${each.revision}`,
      description: `${dateAndTime(each.startedAt)}, ${stateWord(each)}`,
      perform: () => compare({ campaign: summary.campaign, with: each.campaign }),
    })),
  });
}

function compareUsual(stores: Stores, summary: CampaignSummary): void {
  const before = campaignBefore(stores.get(createCampaigns).getState().campaigns ?? [], summary);
  if (before) stores.get(createCampaignDeeds).compare({ campaign: summary.campaign, with: before.campaign });
  else chooseOther(stores, summary);
}

/** Why nothing can be done with the campaign now; null: it can be. */
export function whyNot(summary: CampaignSummary | null, isLive: boolean, deed: 'act' | 'retry'): string | null {
  if (!summary) return 'There is no campaign';
  if (!isLive) return 'The core is lost';
  if (deed === 'act') return summary.endedAt === null ? null : 'The campaign is over';
  return redCount(summary.results) > 0 ? null : 'Nothing has failed';
}

export function campaignsActions(stores: Stores): readonly Action[] {
  const campaigns = stores.get(createCampaigns);
  const { showNeighbour, showPart, readCampaigns } = campaigns;
  const deeds = stores.get(createCampaignDeeds);
  const history = stores.get(createTestHistory);
  const session = stores.get(createSession);
  const isView = (): boolean => session.getState().view === 'campaigns';
  const isLive = (): boolean => session.currentCore() !== null;
  const shown = (): CampaignSummary | null =>
    isView() ? freshest(shownCampaign(campaigns.getState()), stores.get(createLiveCampaign).getState().view) : null;
  const part = (name: CampaignPart, title: string, keys: string): Action => ({
    id: `campaigns.${name}`,
    title,
    group,
    keys: [keys],
    enabled: () => shown() !== null,
    perform: () => showPart(name),
  });
  const withSummary = (perform: (summary: CampaignSummary) => void): void => {
    const summary = shown();
    if (summary) perform(summary);
  };
  const withShown = (deed: 'act' | 'retry', perform: (summary: CampaignSummary) => void) => ({
    enabled: () => isView() && whyNot(shown(), isLive(), deed) === null,
    perform: () => withSummary(perform),
  });
  const isComparable = (): boolean => shown() !== null && isLive();
  return [
    {
      id: 'campaigns.start',
      title: 'Start a campaign…',
      group,
      keys: ['N'],
      enabled: () => isView() && isLive() && session.currentFolder() !== null,
      perform: deeds.askStart,
    },
    {
      id: 'campaigns.stop',
      title: 'Stop the campaign…',
      group,
      keys: ['X'],
      ...withShown('act', () => deeds.setState({ dialog: 'stop' })),
    },
    {
      id: 'campaigns.retry',
      title: 'Execute what failed once more',
      group,
      keys: ['R'],
      ...withShown('retry', (each) => void deeds.retryFailed(each)),
    },
    {
      id: 'campaigns.look',
      title: 'Say that you have looked at what is red, or take that back',
      group,
      keys: ['L'],
      ...withShown('retry', (each) => void deeds.look(each)),
    },
    {
      id: 'campaigns.quarantine',
      title: 'Put the chosen test into quarantine…',
      group,
      keys: ['Q'],
      enabled: () => isView() && isLive() && history.getState().of !== null && (history.getState().past?.quarantine ?? null) === null,
      perform: () => history.askQuarantine(),
    },
    {
      id: 'campaigns.links',
      title: 'Links to the radiator, for walls…',
      group,
      keys: ['K'],
      enabled: () => isView() && isLive(),
      perform: () => deeds.setState({ dialog: 'links' }),
    },
    {
      id: 'campaigns.priority',
      title: 'Give the campaign or a suite another priority…',
      group,
      keys: ['P'],
      ...withShown('act', () => deeds.setState({ dialog: 'priority' })),
    },
    {
      id: 'campaigns.compare',
      title: 'Compare with the campaign before',
      group,
      keys: ['C'],
      enabled: isComparable,
      perform: () => withSummary((summary) => compareUsual(stores, summary)),
    },
    {
      id: 'campaigns.compare-other',
      title: 'Compare with another campaign…',
      group,
      keys: ['Shift+C'],
      enabled: isComparable,
      perform: () => withSummary((summary) => chooseOther(stores, summary)),
    },
    part('tests', 'Show the tests of the campaign', 'T'),
    part('places', 'Show its servers and workers', 'W'),
    part('differences', 'Show what differs from another campaign', 'D'),
    {
      id: 'campaigns.older',
      title: 'Show the campaign before',
      group,
      keys: ['Alt+ArrowDown'],
      enabled: isView,
      perform: () => showNeighbour(1),
    },
    {
      id: 'campaigns.newer',
      title: 'Show the campaign after',
      group,
      keys: ['Alt+ArrowUp'],
      enabled: isView,
      perform: () => showNeighbour(-1),
    },
    { id: 'campaigns.again', title: 'Read the list of campaigns again', group, enabled: isView, perform: readCampaigns },
  ];
}
