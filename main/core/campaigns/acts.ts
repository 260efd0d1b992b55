/**
 * What an operator does to a campaign that goes on. Where this core coordinates it, that is decided here; where another one does, it is written into
 * the ledger all the same, by compare-and-set: the coordinator finds that it is not the only one who has written, reads the ledger anew and goes on.
 */
import type { Clock } from '#platform/clock.ts';
import { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { CampaignBody } from '#shared/campaign/records.ts';
import { isRed, type CampaignId, type SuiteName, type TestId } from '#shared/campaign/words.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import type { Decoded } from '../contract/method-tables.ts';
import type { EnvironmentCampaigns } from './environment-campaigns.ts';

type Action = Decoded<'campaign.act'>['action'];

/** A coordinator that writes all the time may be first now and then. */
const mostTries = 100;

export async function act(
  attended: EnvironmentCampaigns,
  campaign: CampaignId,
  action: Action,
  { operator, clock }: { readonly operator: string; readonly clock: Clock },
): Promise<void> {
  // What nobody coordinates is ended all the same.
  if (action.kind === 'stop') await attended.lead();
  const active = attended.active(campaign);
  if (active) return active.commit(...bodiesOf(active.state, action, operator));
  const ledger = await attended.store.ledgers.open(campaign);
  try {
    const state = new CampaignState();
    for (let tries = 1; ; tries++) {
      for await (const records of ledger.read(state.sequence + 1)) for (const record of records) state.apply(record);
      if (state.end) throw new ProblemError({ code: 'campaign-over', message: `The campaign ${campaign} is over: ${state.end.outcome}.` });
      const time = clock.now();
      const records = bodiesOf(state, action, operator).map((body, index) => ({ sequence: state.sequence + 1 + index, time, ...body }));
      try {
        if (records.length > 0) await ledger.append(state.sequence, records);
        return;
      } catch (failure) {
        if (problemOf(failure).code !== 'deposed' || tries === mostTries) throw failure;
      }
    }
  } finally {
    await ledger.dispose();
  }
}

/** Rejects what makes no sense as the campaign stands. */
function bodiesOf(state: CampaignState, action: Action, operator: string): CampaignBody[] {
  switch (action.kind) {
    case 'stop':
      return state.stop ? [] : [{ kind: 'stop-asked', operator, reason: action.reason }];
    case 'retry': {
      const units = unitsToRetry(state, action.tests);
      if (units.length === 0)
        throw new ProblemError({ code: 'nothing-to-retry', message: 'None of these tests has failed, so none is executed again.' });
      return [{ kind: 'retry-asked', units, operator }];
    }
    case 'prioritise':
      if (action.suite !== null && !state.suites.has(action.suite))
        throw new ProblemError({ code: 'unknown-suite', message: `The campaign has no suite ${action.suite}.` });
      return [{ kind: 'prioritised', suite: action.suite, priority: action.priority, operator }];
    case 'take-server-out': {
      if (!state.servers.has(action.server))
        throw new ProblemError({ code: 'unknown-server', message: `The campaign has no server ${action.server}.` });
      const reason = action.reason || `${operator} has taken it out.`;
      // What is executed there the coordinator has ended.
      return [{ kind: 'server-changed', server: action.server, state: 'out', reason }];
    }
  }
}

function unitsToRetry(state: CampaignState, tests: readonly { readonly suite: SuiteName; readonly test: TestId }[]): number[] {
  const units = new Set<number>();
  const take = (number: number | undefined): void => {
    const result = number === undefined ? null : state.tests.resultOf(number);
    const unit = number === undefined ? undefined : state.tests.unitOf(number);
    if (unit !== undefined && result !== null && isRed(result)) units.add(unit);
  };
  if (tests.length > 0) for (const { suite, test } of tests) take(state.numberOf(suite, test));
  else for (let number = 0; number < state.tests.size; number++) take(number);
  return [...units];
}
