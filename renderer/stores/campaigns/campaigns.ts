/** The campaigns that the core knows: their list, kept current while somebody looks, the one that is shown, and what part of it. */
import { createStore } from 'zustand/vanilla';
import { z } from 'zod';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { CampaignSummary, CampaignView } from '#shared/contract/campaigns.ts';
import type { Core } from '#shared/contract/contract.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { storeHook } from '../context.ts';
import { createLayout } from '../layout.ts';
import { createSession } from '../session.ts';
import type { Stores } from '../stores.ts';

/** What is shown of a campaign: its tests, what runs where, or what differs from another one. */
export const campaignParts = ['tests', 'places', 'differences'] as const;
export type CampaignPart = (typeof campaignParts)[number];

export const campaignsChoiceSchema = z.object({
  /** Null: the newest. */
  campaign: z.string().max(128).nullable(),
  part: z.enum(campaignParts),
});
export type CampaignsChoice = z.infer<typeof campaignsChoiceSchema>;

export interface CampaignsState {
  readonly choice: CampaignsChoice;
  /** Newest first; null until they were read. */
  readonly campaigns: readonly CampaignSummary[] | null;
  /** Why they could not be read. */
  readonly problem: Problem | null;
}

const usualChoice: CampaignsChoice = { campaign: null, part: 'tests' };
const section = 'campaigns';

export function createCampaigns(stores: Stores) {
  const { setLayoutSection, followLayoutSection } = stores.get(createLayout);
  const session = stores.get(createSession);
  const { currentCore } = session;

  const store = createStore<CampaignsState>(() => ({ choice: usualChoice, campaigns: null, problem: null }));

  function setChoice(change: Partial<CampaignsChoice>): void {
    const choice = { ...store.getState().choice, ...change };
    store.setState({ choice });
    setLayoutSection(section, choice);
  }

  function showCampaign(campaign: CampaignId): void {
    setChoice({ campaign });
  }

  function showPart(part: CampaignPart): void {
    setChoice({ part });
  }

  /** Shows the campaign that stands so many places further down in the list. */
  function showNeighbour(distance: number): void {
    const { campaigns } = store.getState();
    const at = (campaigns ?? []).findIndex(({ campaign }) => campaign === shownCampaign(store.getState())?.campaign);
    const next = campaigns?.[at + distance];
    if (next) showCampaign(next.campaign);
  }

  async function readCampaigns(): Promise<void> {
    const core = currentCore();
    if (!core) return;
    try {
      const { campaigns } = await core.request('campaigns.list', {});
      store.setState({ campaigns, problem: null });
    } catch (failure) {
      const problem = problemOf(failure);
      if (problem.code !== 'core-gone') store.setState({ problem });
    }
  }

  /** Of an environment that was never asked about, the core does not know what other cores began. One that cannot be asked keeps nothing back. */
  async function attendEnvironment(core: Core): Promise<void> {
    const { environmentFile, environment } = session.getState();
    if (environmentFile === null || !environment?.connected) return;
    await core.request('campaigns.list', { environmentFile }).catch(() => {});
  }

  /** Keeps the list current until the returned function is called. */
  function followList(): () => void {
    const core = currentCore();
    if (!core) return () => {};
    let again = false;
    let reading = false;
    const left = new AbortController();
    const refresh = async (): Promise<void> => {
      again = true;
      if (reading) return;
      reading = true;
      while (again && !left.signal.aborted) {
        again = false;
        await readCampaigns();
      }
      reading = false;
    };
    void refresh();
    void attendEnvironment(core).then(refresh);
    const stream = core.listen('campaigns.changes', {}, () => void refresh());
    // What ends with the connection is listened to anew with the next one.
    stream.ended.catch(() => {});
    return () => {
      left.abort();
      stream.close();
    };
  }

  /** Keeps the choice as the workspace remembers it; returns the end of that. */
  function followChoice(): () => void {
    return followLayoutSection(section, campaignsChoiceSchema, (remembered, isFirst) => {
      if (remembered) store.setState({ choice: remembered });
      else if (!isFirst) store.setState({ choice: usualChoice });
    });
  }

  return { ...store, showCampaign, showPart, showNeighbour, readCampaigns, followList, followChoice };
}

export const useCampaigns = storeHook(createCampaigns);

/** The chosen campaign, else the newest. */
export function shownCampaign({ choice, campaigns }: Pick<CampaignsState, 'choice' | 'campaigns'>): CampaignSummary | null {
  return campaigns?.find(({ campaign }) => campaign === choice.campaign) ?? campaigns?.[0] ?? null;
}

/** The shown campaign as it is now: the list is read less often than the campaign itself, and alone tells of one that is over who has looked at it. */
export function freshest(summary: CampaignSummary | null, view: CampaignView | null): CampaignSummary | null {
  return summary !== null && view?.campaign === summary.campaign ? { ...view, lookedAt: summary.lookedAt } : summary;
}

/** The campaign of the same name before this one, which it is compared with unless told otherwise. */
export function campaignBefore(campaigns: readonly CampaignSummary[], of: Pick<CampaignSummary, 'campaign' | 'name' | 'startedAt'>) {
  return (
    campaigns.find(({ campaign, name, startedAt }) => campaign !== of.campaign && name === of.name && startedAt < of.startedAt) ?? null
  );
}
