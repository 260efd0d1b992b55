/** What a campaign tells of how intermittent its tests are. */
import { describe, expect, test } from 'vitest';
import { observedAttempts } from '#shared/campaign/campaign-observations.ts';
import { flakinessOf, type Flakiness } from '#shared/campaign/flakiness.ts';
import { MadeCampaign, suitePlan, verdictOf } from './made-campaign.ts';

const retrying = (units: number): MadeCampaign => {
  const campaign = new MadeCampaign({ suites: [suitePlan('s', { retries: 2 })] });
  campaign.plan(Array.from({ length: units }, () => ({})));
  return campaign;
};

function flakinessIn(campaign: MadeCampaign, test: number): Flakiness {
  const all = [...observedAttempts(campaign.state, { usual: 0.02, environmentOf: () => 'one' })];
  return flakinessOf(all.filter((each) => each.test === test).map(({ observation }) => observation));
}

describe('a test that is passed on retry', () => {
  test('is intermittent', () => {
    const campaign = retrying(1);
    campaign.execute(0, 'failed');
    campaign.execute(0);
    expect(flakinessIn(campaign, 0)).toMatchObject({ intermittent: true, failures: 1, attempts: 2 });
  });

  test('is not, where its runner was lost in the same moment', () => {
    const campaign = retrying(1);
    campaign.settle(campaign.lease(0), 'runner-lost', [verdictOf('t0', 'failed')]);
    campaign.execute(0);
    expect(flakinessIn(campaign, 0).intermittent).toBe(false);
  });

  test('is not, where all fail at once; it is again after the storm', () => {
    const campaign = retrying(200);
    for (let unit = 0; unit < 100; unit += 1) campaign.execute(unit, unit % 2 ? 'failed' : 'passed');
    for (let unit = 1; unit < 100; unit += 2) campaign.execute(unit);
    for (let unit = 100; unit < 200; unit += 1) campaign.execute(unit, unit === 150 ? 'failed' : 'passed');
    campaign.execute(150);
    expect(flakinessIn(campaign, 1).intermittent).toBe(false);
    expect(flakinessIn(campaign, 150).intermittent).toBe(true);
  });
});
