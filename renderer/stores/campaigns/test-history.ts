/** The past of the test that is looked at: what earlier campaigns told of it, and its quarantine, which is changed from here. */
import { createStore } from 'zustand/vanilla';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import type { MethodRequest, MethodResponse } from '#shared/contract/contract.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { storeHook } from '../context.ts';
import { LatestWish } from '../latest-wish.ts';
import { createSession } from '../session.ts';
import type { Stores } from '../stores.ts';
import type { NamedTest } from './campaign-tests.ts';

export type TestPast = MethodResponse<'tests.history'>;
type QuarantineChange = MethodRequest<'tests.quarantine'>['change'];
/** A test, and the environment in whose campaigns it was executed. */
export type PastOf = NamedTest & { readonly environmentFile: string };

export interface TestHistoryState {
  /** Whose past is shown. */
  readonly of: PastOf | null;
  /** null until it is known. */
  readonly past: TestPast | null;
  /** Why nothing is known of it. */
  readonly problem: Problem | null;
  /** Whether it is asked how the test is put into quarantine. */
  readonly isAsked: boolean;
  /** Why it was not. */
  readonly refusal: Problem | null;
}

export function createTestHistory(stores: Stores) {
  const session = stores.get(createSession);
  const { currentCore, inform, notify } = session;
  const store = createStore<TestHistoryState>(() => ({ of: null, past: null, problem: null, isAsked: false, refusal: null }));

  const reading = new LatestWish(async (of: PastOf) => {
    const core = currentCore();
    if (!core) return;
    const isWanted = (): boolean => store.getState().of === of;
    try {
      const past = await core.request('tests.history', { environmentFile: of.environmentFile, suite: of.suite, test: of.test });
      if (isWanted()) store.setState({ past, problem: null });
    } catch (failure) {
      const problem = problemOf(failure);
      if (isWanted() && problem.code !== 'core-gone') store.setState({ past: null, problem });
    }
  });

  /** Looks at the past of a test of a campaign. What was known of another one is shown no more. */
  function lookAt(test: NamedTest, { plan }: Pick<CampaignView, 'plan'>): void {
    const { environmentFile: open, environment } = session.getState();
    // A campaign that was started elsewhere names a file of that machine; the environment that is open here is the same one.
    const environmentFile = open !== null && environment?.environment === plan.environment ? open : plan.environmentFile;
    const before = store.getState().of;
    const isSame = before?.suite === test.suite && before.test === test.test && before.environmentFile === environmentFile;
    const of = isSame ? before : { suite: test.suite, test: test.test, environmentFile };
    if (!isSame) store.setState({ of, past: null, problem: null, isAsked: false, refusal: null });
    void reading.ask(of);
  }

  function askQuarantine(): void {
    if (store.getState().of) store.setState({ isAsked: true, refusal: null });
  }

  function close(): void {
    store.setState({ isAsked: false });
  }

  /** Changes quarantine.yaml; what is refused of a new entry stands in its dialog. */
  async function changeQuarantine(change: QuarantineChange, done: string): Promise<void> {
    const { of, isAsked } = store.getState();
    const core = currentCore();
    if (!core || !of) return;
    try {
      await core.request('tests.quarantine', { environmentFile: of.environmentFile, suite: of.suite, test: of.test, change });
      store.setState({ isAsked: false, refusal: null });
      inform(done);
    } catch (failure) {
      if (isAsked) store.setState({ refusal: problemOf(failure) });
      else notify(problemOf(failure));
    }
    if (store.getState().of === of) await reading.ask(of);
  }

  return { ...store, lookAt, askQuarantine, changeQuarantine, close };
}

export const useTestHistory = storeHook(createTestHistory);
