/** What a screen or a terminal is shown of a campaign: counts that add up, attempts, losses, and reasons to wait wherever it is looked at. */
import { expect, test } from 'vitest';
import { attemptsOf } from '#main/core/campaigns/view/attempts.ts';
import { rowOf, summaryOf, viewOf } from '#main/core/campaigns/view/campaign-view.ts';
import { shownWaits, toldWaitOf, waitsOf } from '#main/core/campaigns/view/waits.ts';
import { testResults } from '#shared/campaign/words.ts';
import { epoch, MadeCampaign, offerOf, suitePlan } from '../../../../shared/campaign/made-campaign.ts';

const retrying = (): MadeCampaign => new MadeCampaign({ suites: [suitePlan('s', { retries: 1 })] });

test('what is done, runs and waits is all of it, whatever is tried again', () => {
  const campaign = retrying();
  campaign.plan([{}, {}, { tests: ['a', 'b', 'c'] }, {}]);
  campaign.execute(0, 'failed');
  campaign.execute(1);
  campaign.lease(2);
  const view = viewOf(campaign.state, 0);
  expect(view).toMatchObject({ tests: 6, running: 3, waiting: 2, triedAgain: 1, results: { failed: 0, passed: 1 } });
  const done = testResults.reduce((sum, result) => sum + (view?.results[result] ?? 0), 0);
  expect(done + (view?.running ?? 0) + (view?.waiting ?? 0)).toBe(6);
  expect(view?.suites[0]?.results).toEqual(view?.results);
  campaign.lease(0, 'w2');
  expect(viewOf(campaign.state, 0)).toMatchObject({ running: 4, waiting: 1, triedAgain: 1 });
});

test('a row has as many attempts as its details, and says how many are left', () => {
  const campaign = retrying();
  campaign.plan([{}]);
  campaign.settle(campaign.lease(0), 'worker-lost');
  campaign.execute(0, 'failed');
  const row = rowOf(campaign.state, 0, new Set());
  expect(row).toMatchObject({ attempts: 2, triesLeft: 1, state: 'waiting', result: 'failed' });
  expect(attemptsOf(campaign.state, 0)).toHaveLength(2);
  campaign.execute(0, 'failed');
  expect(rowOf(campaign.state, 0, new Set())).toMatchObject({ attempts: 3, triesLeft: 0, state: 'over' });
});

test('workers stand in the order of their names, and tell what they were lost with', () => {
  const campaign = retrying();
  const turn = (name: string, state: 'present' | 'lost') =>
    campaign.write({ kind: 'worker-changed', worker: offerOf(name).worker, state, epoch, slots: 1, labels: [], host: 'vm' });
  for (const name of ['w2', 'w1']) turn(name, 'present');
  campaign.plan([{}]);
  campaign.settle(campaign.lease(0, 'w2'), 'worker-lost');
  turn('w2', 'lost');
  expect(viewOf(campaign.state, 0)?.workers).toMatchObject([
    { worker: 'w1', lost: null },
    { worker: 'w2', lost: { attempts: 1, tests: 1, latest: { tests: 1, examples: [{ test: 't0' }] } } },
  ]);
  campaign.time = 9;
  for (const state of ['present', 'lost'] as const) turn('w2', state);
  expect(viewOf(campaign.state, 0)?.workers[1]).toMatchObject({ lost: { attempts: 1, tests: 1, latest: { tests: 0, examples: [] } } });
});

test('a copy says as of when it is, unless the campaign is over', () => {
  const campaign = retrying();
  campaign.plan([{}]);
  campaign.time = 7;
  campaign.execute(0);
  expect(summaryOf(campaign.state)).toMatchObject({ asOf: null });
  expect(summaryOf(campaign.state, true)).toMatchObject({ asOf: 7 });
  campaign.write({ kind: 'campaign-ended', outcome: 'passed' });
  expect(summaryOf(campaign.state, true)).toMatchObject({ asOf: null });
});

test('who follows shows the reasons that the coordinator told, for the campaign and for each test', () => {
  const campaign = new MadeCampaign({ suites: [suitePlan('s'), suitePlan('gpu')] });
  campaign.plan([{}, {}, { suite: 'gpu' }]);
  const sampled = [
    { unit: 0, refusal: { kind: 'ahead', units: 1 } as const },
    { unit: 1, refusal: { kind: 'ahead', units: 2 } as const },
    { unit: 2, refusal: { kind: 'labels', labels: ['gpu'], worker: null } as const },
  ];
  const told = waitsOf(sampled, 3);
  campaign.write({ kind: 'waits-told', waits: told });
  const reasons = [
    { reason: 'others are ahead', units: 2 },
    { reason: 'no worker has label gpu', units: 1 },
  ];
  expect(shownWaits(campaign.state, sampled)).toEqual(reasons);
  expect(viewOf(campaign.state, 0)?.waits).toEqual(reasons);
  expect(toldWaitOf(campaign.state, 1)).toBe('others are ahead');
  expect(toldWaitOf(campaign.state, 2)).toBe('no worker has label gpu');
});
