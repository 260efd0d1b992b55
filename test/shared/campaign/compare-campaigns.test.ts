/** What differs between two campaigns. */
import { expect, test } from 'vitest';
import { compareCampaigns } from '#shared/campaign/compare-campaigns.ts';
import type { Verdict } from '#shared/campaign/words.ts';
import { randomFrom } from '../../repeatable-random.ts';
import { MadeCampaign, suitePlan, testId, type PlanWishes } from './made-campaign.ts';
import { normalFrom } from './simulated-execution.ts';

function campaignOf(tests: Readonly<Record<string, Verdict | number>>, wishes: PlanWishes = {}): MadeCampaign {
  const campaign = new MadeCampaign({ suites: [suitePlan('s')], ...wishes }, { checked: false });
  campaign.plan(Object.keys(tests).map((id) => ({ tests: [id] })));
  Object.values(tests).forEach((each, unit) => {
    if (typeof each === 'number') campaign.execute(unit, 'passed', 'w1', { duration: each });
    else campaign.execute(unit, each);
  });
  return campaign;
}

test('newly failing, newly passing, new and gone', () => {
  const before = campaignOf({ a: 'passed', b: 'failed', c: 'passed', d: 'failed' });
  const after = campaignOf({ a: 'broken', b: 'passed', d: 'failed', e: 'failed' });
  const { newlyFailing, newlyPassing, added, gone, common } = compareCampaigns(before.state, after.state);
  const names = (tests: readonly { readonly test: string }[]): string[] => tests.map(({ test }) => test);
  expect([newlyFailing, newlyPassing, added, gone].map(names)).toEqual([['a'], ['b'], ['e'], ['c']]);
  expect(common).toBe(3);
});

test('what one of the two was not to execute is neither gone nor new', () => {
  const whole = campaignOf({ a: 'failed', b: 'passed', c: 'failed' });
  const repeated = campaignOf({ a: 'passed' }, { only: { s: [testId('a'), testId('c')] } });
  const forth = compareCampaigns(whole.state, repeated.state);
  expect(forth.newlyPassing.map(({ test }) => test)).toEqual(['a']);
  // It was to be executed and is not there any more.
  expect(forth.gone.map(({ test }) => test)).toEqual(['c']);
  expect(compareCampaigns(repeated.state, whole.state).added.map(({ test }) => test)).toEqual(['c']);
  const otherSuite = campaignOf({}, { suites: [suitePlan('other')], chosen: true });
  expect(compareCampaigns(whole.state, otherSuite.state).gone).toEqual([]);
  // A suite that the campaign has no more is missed.
  expect(compareCampaigns(whole.state, campaignOf({}, { suites: [suitePlan('other')] }).state).gone.length).toBe(3);
});

test('trouble of the infrastructure makes no test newly failing', () => {
  const before = campaignOf({ a: 'passed' });
  const after = new MadeCampaign();
  after.plan([{ tests: ['a'] }]);
  for (let time = 0; time < 4; time += 1) after.settle(after.lease(0), 'worker-lost');
  expect(compareCampaigns(before.state, after.state).newlyFailing).toEqual([]);
});

test('a test that has become slower is told although all have, and the noise of the others is not', () => {
  const normal = normalFrom(randomFrom(20_261_205));
  const usual = Array.from({ length: 500 }, () => 2_000 * Math.exp(normal()));
  const campaign = (slower: (index: number) => number): MadeCampaign =>
    campaignOf(Object.fromEntries(usual.map((each, index) => [`t${index}`, each * slower(index) * Math.exp(normal() * 0.1)])));
  const before = campaign(() => 1);
  const { slower, growth } = compareCampaigns(before.state, campaign((index) => 1.3 * (index === 7 ? 3 : 1)).state);
  expect(slower.map(({ test }) => test)).toEqual(['t7']);
  expect(slower[0]!.durationAfter).toBeGreaterThan(slower[0]!.bound);
  expect(growth).toBeCloseTo(1.3, 1);
});

test('a few ms more are nothing, and of few tests nothing is said', () => {
  const before = campaignOf(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`t${index}`, 5])));
  const after = campaignOf(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`t${index}`, index === 3 ? 60 : 5])));
  expect(compareCampaigns(before.state, after.state).slower).toEqual([]);
  expect(compareCampaigns(campaignOf({ a: 5 }).state, campaignOf({ a: 5_000 }).state)).toMatchObject({ slower: [], growth: null });
});
