/**
 * The tests of the campaign that is shown: filtered by the core, brought in windows around what is seen, asked for anew as the campaign
 * goes on; and the one that is looked at, with every attempt.
 */
import { createStore } from 'zustand/vanilla';
import type { CampaignId, SuiteName, TestId, TestResult } from '#shared/campaign/words.ts';
import type { TestRow } from '#shared/contract/campaigns.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { storeHook } from '../context.ts';
import { LatestWish } from '../latest-wish.ts';
import { createSession } from '../session.ts';
import type { Stores } from '../stores.ts';
import { KnownRows, windowSize, windowsOf } from './known-rows.ts';

export type ShownTest = MethodResponse<'campaign.test'>;
export type NamedTest = Pick<TestRow, 'suite' | 'test'>;

export interface TestsFilter {
  readonly suite: SuiteName | null;
  readonly result: TestResult | null;
  readonly state: TestRow['state'] | null;
  readonly text: string;
  /** The message of a group of failures. */
  readonly failure: string | null;
}

export const everyTest: TestsFilter = { suite: null, result: null, state: null, text: '', failure: null };

export interface CampaignTestsState {
  readonly campaign: CampaignId | null;
  readonly filter: TestsFilter;
  readonly rows: KnownRows<TestRow>;
  /** Whether they were read at all, as they are filtered now. */
  readonly known: boolean;
  readonly problem: Problem | null;
  /** The test that is looked at. */
  readonly chosen: NamedTest | null;
  /** All of it; null until it is known. */
  readonly shown: ShownTest | null;
}

const nothing: CampaignTestsState = {
  campaign: null,
  filter: everyTest,
  rows: new KnownRows(),
  known: false,
  problem: null,
  chosen: null,
  shown: null,
};

export function createCampaignTests(stores: Stores) {
  const { currentCore, notifyUnlessLost } = stores.get(createSession);
  const store = createStore<CampaignTestsState>(() => nothing);
  let seen: readonly number[] = [0];

  async function readWindow(window: number): Promise<void> {
    const core = currentCore();
    const { campaign, filter } = store.getState();
    if (!core || campaign === null) return;
    const isWanted = (): boolean => store.getState().campaign === campaign && store.getState().filter === filter;
    try {
      const asked = { campaign, ...askedFilter(filter), offset: window * windowSize, limit: windowSize };
      const { total, rows } = await core.request('campaign.tests', asked);
      if (!isWanted()) return;
      store.setState((state) => ({
        rows: (state.known ? state.rows : new KnownRows<TestRow>()).with(window, rows, total),
        known: true,
        problem: null,
      }));
    } catch (failure) {
      const problem = problemOf(failure);
      if (isWanted() && problem.code !== 'core-gone') store.setState({ problem });
    }
  }

  const reading = new LatestWish(async (windows: readonly number[]) => {
    for (const window of windows) await readWindow(window);
  });
  const looking = new LatestWish(async (test: NamedTest) => {
    const core = currentCore();
    const { campaign } = store.getState();
    if (!core || campaign === null) return;
    try {
      const shown = await core.request('campaign.test', { campaign, suite: test.suite, test: test.test });
      if (store.getState().chosen === test) store.setState({ shown });
    } catch (failure) {
      notifyUnlessLost(failure);
    }
  });

  /** Shows the tests of a campaign, all of them at first. */
  function showTestsOf(campaign: CampaignId): void {
    if (store.getState().campaign === campaign) return;
    store.setState({ ...nothing, campaign });
    seen = [0];
    void reading.ask(seen);
  }

  /** Asks for what is seen once more, since the campaign went on. */
  function readAgain(): void {
    void reading.ask(seen);
    const { chosen } = store.getState();
    if (chosen) void looking.ask(chosen);
  }

  /** These rows are seen now. */
  function see(first: number, last: number): void {
    seen = windowsOf(first, last);
    const { rows } = store.getState();
    if (seen.some((window) => window * windowSize < rows.length && rows.at(window * windowSize) === undefined)) void reading.ask(seen);
  }

  function setFilter(change: Partial<TestsFilter>): void {
    store.setState(({ filter }) => ({ filter: { ...filter, ...change }, known: false }));
    seen = [0];
    void reading.ask(seen);
  }

  /** Looks at a test; null: at none. */
  function choose(test: NamedTest | null): void {
    const { chosen, shown } = store.getState();
    if (test && chosen?.suite === test.suite && chosen.test === test.test) return;
    const named = test && { suite: test.suite, test: test.test };
    store.setState({ chosen: named, shown: named ? shown : null });
    if (named) void looking.ask(named);
  }

  return { ...store, showTestsOf, readAgain, see, setFilter, choose };
}

export const useCampaignTests = storeHook(createCampaignTests);

function askedFilter({ suite, result, state, text, failure }: TestsFilter) {
  return {
    ...(suite !== null && { suite }),
    ...(result !== null && { results: [result] }),
    ...(state !== null && { states: [state] }),
    ...(text !== '' && { text }),
    ...(failure !== null && { failure }),
  };
}

export function isFiltered(filter: TestsFilter): boolean {
  return filter.text !== '' || filter.suite !== null || filter.result !== null || filter.state !== null || filter.failure !== null;
}

/** Names a test within its campaign. */
export function keyOfTest({ suite, test }: { readonly suite: SuiteName; readonly test: TestId }): string {
  return `${suite} ${test}`;
}
