/** When a campaign will be over. */
import { describe, expect, test } from 'vitest';
import { Durations } from '#shared/campaign/durations.ts';
import { forecast, type Forecast } from '#shared/campaign/forecast.ts';
import { cases } from '../../thoroughness.ts';
import { forecastTrial } from './forecast-trial.ts';
import { MadeCampaign, suiteName, suitePlan, testId, verdictOf } from './made-campaign.ts';
import { randomFrom } from '../../repeatable-random.ts';

const told = (campaign: MadeCampaign, slots: number, now = 0): Forecast | null =>
  forecast({ state: campaign.state, durations: new Durations(), slots, now, random: randomFrom(1) });

describe('the forecast', () => {
  test('is none without slots, or before anything is planned', () => {
    const campaign = new MadeCampaign();
    expect(told(campaign, 4)).toBeNull();
    campaign.plan([{ expected: 1_000 }]);
    expect(told(campaign, 0)).toBeNull();
  });

  test('is about the work over the slots', () => {
    const campaign = new MadeCampaign();
    campaign.plan(Array.from({ length: 400 }, () => ({ expected: 1_000 })));
    const found = told(campaign, 10, 5_000)!;
    expect(found.p50).toBeGreaterThan(5_000 + 38_000);
    expect(found.p50).toBeLessThan(5_000 + 48_000);
    expect(found.p90).toBeGreaterThanOrEqual(found.p50);
  });

  test('of many units, taken together, is the same', () => {
    const campaign = new MadeCampaign({}, { checked: false });
    campaign.plan(Array.from({ length: 40_000 }, () => ({ expected: 1_000 })));
    const found = told(campaign, 100)!;
    expect(found.p50).toBeGreaterThan(380_000);
    expect(found.p50).toBeLessThan(480_000);
  });

  test('counts what runs, a capacity that is scarce, and serial units', () => {
    const running = new MadeCampaign();
    running.plan([{ expected: 60_000 }]);
    running.lease(0);
    expect(told(running, 10, 10_000)!.p50).toBeGreaterThan(40_000);
    const scarce = new MadeCampaign({ suites: [suitePlan('s', { needs: { licence: 1 } })], capacities: { licence: 2 } });
    scarce.plan(Array.from({ length: 100 }, () => ({ expected: 1_000 })));
    expect(told(scarce, 50)!.p50).toBeGreaterThan(45_000);
    const serial = new MadeCampaign({ suites: [suitePlan('s', { usesServer: true })], servers: { a: 10, b: 10 } });
    serial.plan(Array.from({ length: 100 }, () => ({ expected: 1_000, serial: true })));
    expect(told(serial, 50)!.p50).toBeGreaterThan(45_000);
  });

  test('of a first campaign, of which nothing was known, is measured against what it has seen itself', () => {
    const campaign = new MadeCampaign();
    const durations = new Durations();
    campaign.plan(Array.from({ length: 80 }, () => ({ expected: null })));
    const random = randomFrom(7);
    for (let unit = 0; unit < 40; unit += 1) {
      const [test = testId('')] = campaign.state.owedTests(unit);
      const fence = campaign.lease(unit);
      // A few take ten times as long, so that what is guessed is far above the mean.
      const duration = random() < 0.15 ? 2_000 : 200 * (0.5 + random());
      campaign.time += duration;
      const verdict = verdictOf(test, 'passed', { duration });
      durations.learn(suiteName('s'), 'g', verdict);
      campaign.settle(fence, 'done', [verdict]);
    }
    const [now, spent] = [campaign.time, campaign.time];
    const found = forecast({ state: campaign.state, durations, slots: 1, now, random: randomFrom(1) })!;
    // As much again is left.
    expect(found.p50 - now).toBeGreaterThan(0.6 * spent);
    expect(found.p50 - now).toBeLessThan(1.7 * spent);
  });

  test('of the 90th percentile holds in about nine of ten', () => {
    const trials = cases(300, 100);
    const held = Array.from({ length: trials }, (_, seed) => forecastTrial(seed + 1)).filter(Boolean).length;
    expect(held / trials).toBeGreaterThanOrEqual(0.82);
    expect(held / trials).toBeLessThanOrEqual(0.98);
  });
});
