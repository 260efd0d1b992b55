/** The radiator: whether the window shows campaigns for a wall, which is an address of the page as well, and what is known of those that go on. */
import { createStore } from 'zustand/vanilla';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import type { WallCampaign } from '#shared/contract/radiator.ts';
import { storeHook } from '../context.ts';
import { createSession } from '../session.ts';
import type { Stores } from '../stores.ts';

/** Behind the page's address. */
export const radiatorAddress = '#/radiator';

/** Campaigns that are followed at once. */
const mostFollowed = 6;

export interface RadiatorState {
  readonly shown: boolean;
  /** Those that go on, as they are now. */
  readonly views: ReadonlyMap<CampaignId, CampaignView>;
}

export function createRadiator(stores: Stores) {
  const { currentCore } = stores.get(createSession);
  const store = createStore<RadiatorState>(() => ({ shown: location.hash === radiatorAddress, views: new Map() }));

  function show(): void {
    location.hash = radiatorAddress;
    store.setState({ shown: true });
  }

  function hide(): void {
    if (location.hash === radiatorAddress) history.replaceState(null, '', location.pathname + location.search);
    store.setState({ shown: false });
  }

  /** Follows campaigns that go on, until the returned function is called. */
  function followActive(campaigns: readonly CampaignId[]): () => void {
    const core = currentCore();
    if (!core) return () => {};
    const streams = campaigns.slice(0, mostFollowed).map((campaign) => {
      const stream = core.listen('campaign.live', { campaign }, ({ view }) =>
        store.setState(({ views }) => ({ views: new Map([...views, [campaign, view]]) })),
      );
      // What ends is told by the list of campaigns.
      stream.ended.catch(() => {});
      return stream;
    });
    return () => streams.forEach((stream) => stream.close());
  }

  const addressed = (): void => store.setState({ shown: location.hash === radiatorAddress });
  window.addEventListener('hashchange', addressed);
  stores.own(() => window.removeEventListener('hashchange', addressed));

  return { ...store, show, hide, followActive };
}

export const useRadiator = storeHook(createRadiator);

/** Campaigns of one name in one environment, as a wall shows them. */
export interface RadiatorLine {
  readonly name: string;
  readonly environment: string;
  /** The latest that says something: one that goes on, or the last that is over. */
  readonly latest: WallCampaign;
  /** The latest that is over. */
  readonly last: WallCampaign | null;
  readonly lastGreen: WallCampaign | null;
  /** The first that failed after it was green; null: it is not red. */
  readonly redSince: WallCampaign | null;
  /** Who looked last at what is red; null: nobody has. */
  readonly lookedAt: WallCampaign['lookedAt'];
}

/** @param campaigns newest first */
export function radiatorLines(campaigns: readonly WallCampaign[]): readonly RadiatorLine[] {
  const groups = Map.groupBy(campaigns, ({ name, environment }) => `${environment} ${name}`);
  return [...groups.values()].flatMap((group) => {
    const [latest] = group;
    return latest ? [lineOf(latest, group)] : [];
  });
}

function lineOf(latest: WallCampaign, group: readonly WallCampaign[]): RadiatorLine {
  // What was stopped or not executed says nothing about the product.
  const decided = group.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed');
  const greenAt = decided.findIndex(({ outcome }) => outcome === 'passed');
  const red = greenAt < 0 ? decided : decided.slice(0, greenAt);
  return {
    name: latest.name,
    environment: latest.environment,
    latest,
    last: group.find(({ outcome }) => outcome !== null) ?? null,
    lastGreen: decided[greenAt] ?? null,
    redSince: red.at(-1) ?? null,
    lookedAt: [latest, ...red].find(({ lookedAt }) => lookedAt !== null)?.lookedAt ?? null,
  };
}
