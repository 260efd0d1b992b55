/** The campaign that is shown, as it is now: followed while it goes on, and kept as it was known last when the core is lost. */
import { createStore } from 'zustand/vanilla';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { CampaignView, TestRow } from '#shared/contract/campaigns.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { storeHook } from '../context.ts';
import { createSession } from '../session.ts';
import type { Stores } from '../stores.ts';

export interface LiveCampaignState {
  readonly view: CampaignView | null;
  /** Why it cannot be shown. */
  readonly problem: Problem | null;
  /** Counts what was told of it: what else is shown of it is asked for anew. */
  readonly told: number;
  /** The test that failed last while somebody looked on. */
  readonly lastFailure: TestRow | null;
}

const nothing: LiveCampaignState = { view: null, problem: null, told: 0, lastFailure: null };

export function createLiveCampaign(stores: Stores) {
  const { currentCore } = stores.get(createSession);
  const store = createStore<LiveCampaignState>(() => nothing);

  /** Follows a campaign until the returned function is called. What is known of the one before goes, what is known of this one stays. */
  function followCampaign(campaign: CampaignId): () => void {
    if (store.getState().view?.campaign !== campaign) store.setState(nothing);
    const core = currentCore();
    if (!core) return () => {};
    let left = false;
    const stream = core.listen('campaign.live', { campaign }, ({ view, failures }) => {
      if (left) return;
      store.setState(({ told, lastFailure }) => ({
        view,
        problem: null,
        told: told + 1,
        lastFailure: failures.at(-1) ?? lastFailure,
      }));
    });
    stream.ended.catch((failure: unknown) => {
      const problem = problemOf(failure);
      // A lost core is told in orange for as long as it lasts.
      if (!left && problem.code !== 'core-gone') store.setState({ problem });
    });
    return () => {
      left = true;
      stream.close();
    };
  }

  return { ...store, followCampaign };
}

export const useLiveCampaign = storeHook(createLiveCampaign);
