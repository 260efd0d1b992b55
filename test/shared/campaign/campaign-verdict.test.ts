/** How a campaign ends. */
import { expect, test } from 'vitest';
import { verdictOfCampaign } from '#shared/campaign/campaign-verdict.ts';
import { MadeCampaign, suiteName, suitePlan, testId } from './made-campaign.ts';

const entry = (test: string, expires: number) =>
  ({ suite: suiteName('s'), test: testId(test), owner: 'anna', reference: '', reason: 'race', expires }) as const;

test('it passed when nothing is red, a retried pass is green', () => {
  const campaign = new MadeCampaign();
  campaign.plan([{}, {}]);
  campaign.execute(0);
  campaign.execute(1, 'skipped');
  expect(verdictOfCampaign(campaign.state, 0)).toMatchObject({ outcome: 'passed', red: 0 });
});

test('what is quarantined does not decide, and is told; when its time is over the entry itself fails', () => {
  const campaign = new MadeCampaign({ quarantine: [entry('t0', 1_000)] });
  campaign.plan([{}, {}]);
  campaign.execute(0, 'failed');
  campaign.execute(1);
  expect(verdictOfCampaign(campaign.state, 999)).toMatchObject({ outcome: 'passed', red: 0, quarantined: 1, expired: [] });
  expect(verdictOfCampaign(campaign.state, 1_000)).toMatchObject({ outcome: 'failed', red: 1, quarantined: 0 });
});

test('an entry that is over fails although its test passes', () => {
  const campaign = new MadeCampaign({ quarantine: [entry('t0', 1_000)] });
  campaign.plan([{}]);
  campaign.execute(0);
  expect(verdictOfCampaign(campaign.state, 2_000)).toMatchObject({ outcome: 'failed', red: 0, expired: [{ test: 't0' }] });
});

test('nothing executed is never passed', () => {
  const campaign = new MadeCampaign();
  campaign.write({ kind: 'planning-finished' });
  expect(verdictOfCampaign(campaign.state, 0).outcome).toBe('not executed');
});

test('a suite that could not be listed fails, a part that was not run too', () => {
  const campaign = new MadeCampaign();
  campaign.plan([{}, {}]);
  campaign.execute(0);
  expect(verdictOfCampaign(campaign.state, 0).outcome).toBe('failed');
  campaign.execute(1);
  campaign.write({ kind: 'suite-listed', suite: suiteName('s'), tests: 0, units: 0, problem: 'no pytest' });
  expect(verdictOfCampaign(campaign.state, 0)).toMatchObject({ outcome: 'failed', notListed: ['s'] });
});

test('without an optional suite that could not be listed the others decide; where it was listed in part it fails', () => {
  const campaign = new MadeCampaign({ suites: [suitePlan('s'), suitePlan('extra', { optional: true })] });
  campaign.plan([{}]);
  campaign.execute(0);
  const listed = { kind: 'suite-listed', suite: suiteName('extra'), units: 0 } as const;
  campaign.write({ ...listed, tests: 0, problem: 'no pytest' });
  expect(verdictOfCampaign(campaign.state, 0)).toMatchObject({ outcome: 'passed', notListed: [] });
  campaign.write({ ...listed, tests: 1, problem: '1 chosen test is not listed.' });
  expect(verdictOfCampaign(campaign.state, 0)).toMatchObject({ outcome: 'failed', notListed: ['extra'] });
});

test('infrastructure is red, a stop is a stop', () => {
  const campaign = new MadeCampaign();
  campaign.plan([{}]);
  for (let time = 0; time < 4; time += 1) campaign.settle(campaign.lease(0), 'worker-lost');
  expect(verdictOfCampaign(campaign.state, 0)).toMatchObject({ outcome: 'failed', red: 1 });
  campaign.write({ kind: 'stop-asked', operator: 'anna', reason: '' });
  expect(verdictOfCampaign(campaign.state, 0).outcome).toBe('stopped');
});

test('where no test was executed it is not executed, where some were not it failed', () => {
  const campaign = new MadeCampaign({ suites: [suitePlan('s', { retries: 1 })] });
  campaign.plan([{}, {}]);
  expect(verdictOfCampaign(campaign.state, 0).outcome).toBe('not executed');
  campaign.execute(0);
  expect(verdictOfCampaign(campaign.state, 0).outcome).toBe('failed');
  campaign.execute(1, 'failed');
  // It would be tried again, and nobody can.
  expect(verdictOfCampaign(campaign.state, 0)).toMatchObject({ outcome: 'failed', red: 0 });
});
