/** What monitoring systems are told of campaigns. */
import { expect, test } from 'vitest';
import { campaignMetrics } from '#main/core/metrics/campaign-families.ts';
import { Scrape } from '#main/core/metrics/scrape.ts';
import { summaryOf } from '#main/core/campaigns/view/campaign-view.ts';
import { MadeCampaign, suitePlan } from '../../../shared/campaign/made-campaign.ts';
import { readOpenMetrics } from '../reports/read-openmetrics.ts';

function going(name = 'nightly'): MadeCampaign {
  const made = new MadeCampaign({ name, suites: [suitePlan('api'), suitePlan('web')], servers: { a: 2, b: 2 } });
  made.plan([{ suite: 'api' }, { suite: 'api' }, { suite: 'web' }, { suite: 'web' }, { suite: 'web' }]);
  made.execute(0);
  made.execute(2, 'failed');
  made.lease(3);
  return made;
}

function scrape(...told: Parameters<typeof campaignMetrics> extends [unknown, ...infer Rest] ? Rest : never) {
  const made = new Scrape();
  campaignMetrics(made, ...told);
  const families = readOpenMetrics(made.text());
  return (family: string, key: string): Record<string, number> =>
    Object.fromEntries((families.get(family)?.samples ?? []).map(({ labels, value }) => [labels[key] ?? '', value]));
}

test('a campaign that goes on: its queue and why it waits, results by suite, time, workers', () => {
  const { state } = going();
  const refusals = [{ kind: 'no-worker' }, { kind: 'ahead', units: 3 }] as const;
  const of = scrape(
    {
      active: [{ state, refusals, forecast: { p50: 90_000, p90: 120_000 } }],
      workers: [{ environment: 'test', worker: 'w1', slots: 4, busy: 1 }],
      ended: [],
    },
    60_000,
  );
  expect(of('testops_campaign', 'revision')).toEqual({ rc1: 1 });
  expect(of('testops_campaign_units', 'state')).toEqual({ waiting: 2, leased: 1, over: 2 });
  expect(of('testops_campaign_waiting_units', 'reason')).toEqual({ 'no-worker': 1, ahead: 1 });
  expect(of('testops_campaign_running_seconds', 'campaign')).toEqual({ nightly: 60 });
  expect(of('testops_campaign_remaining_seconds', 'quantile')).toEqual({ '0.5': 30, '0.9': 60 });
  expect(of('testops_campaign_servers', 'state')).toEqual({ ready: 2 });
  expect(of('testops_worker_slots', 'worker')).toEqual({ w1: 4 });
  expect(of('testops_worker_busy_slots', 'worker')).toEqual({ w1: 1 });
  const made = new Scrape();
  campaignMetrics(made, { active: [{ state, refusals: [], forecast: null }], workers: [], ended: [] }, 0);
  const tests = readOpenMetrics(made.text()).get('testops_campaign_tests')?.samples ?? [];
  const counted = tests.filter(({ value }) => value > 0).map(({ labels, value }) => `${labels['suite']} ${labels['result']} ${value}`);
  expect(counted.toSorted()).toEqual(['api none yet 1', 'api passed 1', 'web failed 1', 'web none yet 2']);
});

test('of campaigns that are over the last of each name', () => {
  const ended = (name: string, outcome: 'passed' | 'failed') => {
    const made = going(name);
    made.time = 30_000;
    made.write({ kind: 'campaign-ended', outcome });
    return summaryOf(made.state)!;
  };
  const of = scrape(
    { active: [], workers: [], ended: [ended('nightly', 'failed'), ended('nightly', 'passed'), ended('smoke', 'passed')] },
    0,
  );
  expect(of('testops_campaign_last_duration_seconds', 'campaign')).toEqual({ nightly: 30, smoke: 30 });
  expect(of('testops_campaign_last_end_timestamp_seconds', 'campaign')).toEqual({ nightly: 30, smoke: 30 });
  const made = new Scrape();
  campaignMetrics(made, { active: [], workers: [], ended: [ended('nightly', 'failed'), ended('nightly', 'passed')] }, 0);
  const outcomes = readOpenMetrics(made.text()).get('testops_campaign_last_outcome')?.samples ?? [];
  expect(outcomes.filter(({ value }) => value === 1).map(({ labels }) => labels['testops_campaign_last_outcome'])).toEqual(['failed']);
  expect(outcomes).toHaveLength(4);
});

test('of two of one name that go on, the one that was started last', () => {
  const made = new Scrape();
  const [first, second] = [going(), going()];
  second.execute(1);
  const withStart = (campaign: MadeCampaign) => ({ state: campaign.state, refusals: [], forecast: null });
  campaignMetrics(made, { active: [withStart(second), withStart(first)], workers: [], ended: [] }, 0);
  expect(() => readOpenMetrics(made.text())).not.toThrow();
});
