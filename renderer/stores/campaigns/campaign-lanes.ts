/** What the workers of the shown campaign executed when: the leases of a stretch of time, asked for anew while it goes on. */
import { createStore } from 'zustand/vanilla';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { storeHook } from '../context.ts';
import { LatestWish } from '../latest-wish.ts';
import { createSession } from '../session.ts';
import type { Stores } from '../stores.ts';

/** ms that are shown up to now; null: all of it. */
export const laneSpans = [60_000, 600_000, null] as const;
export type LaneSpan = (typeof laneSpans)[number];

export interface Stretch {
  /** ms since 1970, core's clock. */
  readonly from: number;
  readonly to: number;
}

export interface CampaignLanesState {
  readonly span: LaneSpan;
  readonly campaign: CampaignId | null;
  /** What is shown of which time; null until it is known. */
  readonly shown: (MethodResponse<'campaign.lanes'> & Stretch) | null;
}

interface Wish extends Stretch {
  readonly campaign: CampaignId;
}

export function createCampaignLanes(stores: Stores) {
  const { currentCore, notifyUnlessLost } = stores.get(createSession);
  const store = createStore<CampaignLanesState>(() => ({ span: null, campaign: null, shown: null }));

  const reading = new LatestWish(async ({ campaign, from, to }: Wish) => {
    const core = currentCore();
    if (!core) return;
    try {
      const found = await core.request('campaign.lanes', { campaign, from, to });
      if (store.getState().campaign === campaign) store.setState({ shown: { ...found, from, to } });
    } catch (failure) {
      notifyUnlessLost(failure);
    }
  });

  /** Asks for the lanes of a campaign as it is now. */
  function readLanes(view: Pick<CampaignView, 'campaign' | 'startedAt' | 'endedAt'>, now: number): void {
    const { campaign } = view;
    if (store.getState().campaign !== campaign) store.setState({ campaign, shown: null });
    void reading.ask({ campaign, ...stretchOf(view, store.getState().span, now) });
  }

  function setSpan(span: LaneSpan): void {
    store.setState({ span });
  }

  return { ...store, readLanes, setSpan };
}

export const useCampaignLanes = storeHook(createCampaignLanes);

/** What is shown: up to now or its end, and at least a second. */
export function stretchOf(view: Pick<CampaignView, 'startedAt' | 'endedAt'>, span: LaneSpan, now: number): Stretch {
  const to = Math.max(view.endedAt ?? now, view.startedAt + 1_000);
  return { from: span === null ? view.startedAt : Math.max(view.startedAt, to - span), to };
}
