/** What is remembered of a test, and what follows from it: measured on made-up histories whose truth is known. */
import { describe, expect, test } from 'vitest';
import {
  burnInOf,
  flakinessOfPast,
  lastDisagreement,
  rememberedCampaigns,
  startOf,
  withCampaign,
  type PastCampaign,
  type TestPast,
} from '#shared/campaign/test-past.ts';
import { campaignIdSchema, type Verdict } from '#shared/campaign/words.ts';
import { randomFrom } from '../../repeatable-random.ts';
import { cases } from '../../thoroughness.ts';
import { testId } from './made-campaign.ts';

const unknown = { test: testId('t'), group: 'g', duration: 1 };

function told(number: number, verdicts: readonly Verdict[], more: Partial<PastCampaign> = {}): PastCampaign {
  const campaign = campaignIdSchema.parse(`20261120T221735Z-n-${number.toString(16).padStart(6, '0')}`);
  return { campaign, revision: `rc${Math.floor(number / 10)}`, package: null, verdicts: [...verdicts], duration: 10, ...more };
}

function pastOf(campaigns: Iterable<PastCampaign>): TestPast {
  let past: TestPast | null = null;
  for (const campaign of campaigns) past = withCampaign(past ?? unknown, campaign);
  if (!past) throw new Error('a history has a campaign');
  return past;
}

const runs = 300;

/** 300 campaigns, ten to a revision, each failed attempt tried once more. */
function* executed(fails: (campaign: number) => boolean): Iterable<PastCampaign> {
  for (let number = 0; number < runs; number += 1) {
    const first: Verdict = fails(number) ? 'failed' : 'passed';
    yield told(number, first === 'passed' ? [first] : [first, fails(number) ? 'failed' : 'passed']);
  }
}

describe('300 campaigns', () => {
  const histories = cases(2_000, 400);

  test('find a planted flake of 2 % in 95 of 100 histories, with its rate inside the interval', () => {
    const random = randomFrom(20_261_201);
    let [found, covered] = [0, 0];
    for (let history = 0; history < histories; history += 1) {
      const { judgement, low, high } = flakinessOfPast(pastOf(executed(() => random() < 0.02)));
      if (judgement === 'intermittent') found += 1;
      if (low <= 0.02 && 0.02 <= high) covered += 1;
    }
    expect(found / histories).toBeGreaterThanOrEqual(0.95);
    expect(covered / histories).toBeGreaterThanOrEqual(0.9);
  });

  test('tell a steady test as intermittent in 1 of 100 histories at most, whatever breaks around it', () => {
    const random = randomFrom(20_261_202);
    let alarms = 0;
    for (let history = 0; history < histories; history += 1) {
      // Revisions that break the product for good, and once in a few thousand attempts something that nobody explains.
      const broken = new Set(Array.from({ length: runs / 10 }, (_, revision) => revision).filter(() => random() < 0.1));
      const past = pastOf(executed((campaign) => broken.has(Math.floor(campaign / 10)) || random() < 0.0002));
      if (flakinessOfPast(past).judgement === 'intermittent') alarms += 1;
    }
    expect(alarms / histories).toBeLessThanOrEqual(0.01);
  });

  test('are kept in bounds', () => {
    const past = pastOf(executed((campaign) => campaign % 3 === 0));
    expect(past.campaigns).toHaveLength(rememberedCampaigns);
    expect(JSON.stringify(past).length).toBeLessThan(10_000);
  });
});

describe('what is counted', () => {
  test('is not what a storm or a bad server spoiled', () => {
    const past = pastOf([
      told(1, ['passed']),
      told(2, ['failed', 'failed'], { storm: true, counted: { passed: 0, failed: 0 } }),
      told(3, ['failed', 'passed'], { counted: { passed: 1, failed: 0 } }),
    ]);
    expect(flakinessOfPast(past)).toMatchObject({ judgement: 'steady', failures: 0, attempts: 2 });
  });

  test('is a revision at which it also passed: what never does is broken, not intermittent', () => {
    expect(flakinessOfPast(pastOf([told(1, ['passed']), told(11, ['failed', 'failed'])]))).toMatchObject({
      judgement: 'steady',
      attempts: 1,
    });
    expect(flakinessOfPast(pastOf([told(1, ['passed']), told(2, ['failed'])]))).toMatchObject({
      judgement: 'suspected',
      failures: 1,
      attempts: 2,
    });
    expect(flakinessOfPast(pastOf([told(1, ['passed']), told(2, ['failed'], { package: 'a'.repeat(64) })])).judgement).toBe('steady');
  });

  test('is counted once, however often a campaign is learnt', () => {
    const once = pastOf([told(1, ['passed']), told(2, ['failed', 'passed'])]);
    expect(withCampaign(once, told(2, ['failed', 'passed']))).toEqual(once);
  });

  test('fades: a test that was mended is not held to its past', () => {
    const campaigns = Array.from({ length: 2_000 }, (_, number) =>
      told(number, number < 100 && number % 5 === 0 ? ['failed', 'passed'] : ['passed']),
    );
    const past = pastOf(campaigns);
    expect(flakinessOfPast(past).rate).toBeLessThan(0.012);
    expect(burnInOf(past)).toMatchObject({ over: true });
    expect(lastDisagreement(past)).toBeNull();
  });
});

describe('the burn-in', () => {
  const passing = (count: number) => Array.from({ length: count }, (_, number) => told(number, ['passed']));

  test('is over after 29 passes in a row', () => {
    expect(burnInOf(pastOf(passing(28)))).toEqual({ passes: 28, wanted: 29, over: false });
    expect(burnInOf(pastOf(passing(29)))).toEqual({ passes: 29, wanted: 29, over: true });
  });

  test('begins anew with a failure, and is over for good once it was', () => {
    expect(burnInOf(pastOf([...passing(20), told(21, ['failed', 'passed'])]))).toMatchObject({ passes: 1, over: false });
    expect(burnInOf(pastOf([...passing(40), told(41, ['failed', 'failed'])]))).toMatchObject({ passes: 0, over: true });
  });

  test('is read out of a past that was kept without it', () => {
    const { passes: _passes, burntIn: _burntIn, ...old } = pastOf(passing(30));
    expect(burnInOf(old)).toMatchObject({ passes: 30, over: true });
  });
});

test('a campaign tells by its id when it was started', () => {
  expect(startOf(told(1, []).campaign)).toBe(Date.parse('2026-11-20T22:17:35Z'));
});
