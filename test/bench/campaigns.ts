/**
 * What deciding about campaigns costs, and how good the decisions are: the fold of a ledger, a decision among 100,000 waiting units, and whole
 * campaigns in simulated time against the least that they could take. Seeds are pinned. Alone: `node test/bench/campaigns.ts`.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { quantile, type Figure } from './figures.ts';
import { CampaignState } from '#shared/campaign/campaign-state.ts';
import { Durations } from '#shared/campaign/durations.ts';
import { forecast } from '#shared/campaign/forecast.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import { Scheduler } from '#shared/campaign/scheduling/scheduler.ts';
import { forecastTrial } from '../shared/campaign/forecast-trial.ts';
import { MadeCampaign, offerOf, suitePlan, verdictOf } from '../shared/campaign/made-campaign.ts';
import { mixedCampaign, mixedCases, skewedCampaign } from '../shared/campaign/simulated-execution.ts';
import { randomFrom } from '../repeatable-random.ts';

const many = 100_000;

export async function benchCampaigns(): Promise<readonly Figure[]> {
  return [...fold(), ...decisions(1), ...decisions(200), ...makespans(), ...mixed(), ...forecasts()];
}

/** The lines of a ledger in which each test was leased and settled. */
function ledger(): string[] {
  const campaign = new MadeCampaign({}, { checked: false });
  const name = (unit: number): string => `tests/orders/test_orders_${unit % 1_000}.py::TestOrders::test_number_${unit}`;
  campaign.plan(Array.from({ length: many }, (_, unit) => ({ tests: [name(unit)], group: `tests/orders/test_orders_${unit % 1_000}.py` })));
  for (let unit = 0; unit < many; unit += 1) {
    const failure = { message: 'assert 1 == 2', details: 'x'.repeat(500) };
    const fence = campaign.lease(unit, `w${unit % 100}`);
    campaign.settle(fence, 'done', [verdictOf(name(unit), unit % 50 ? 'passed' : 'failed', unit % 50 ? {} : failure)]);
  }
  return campaign.records.map((record) => JSON.stringify(record));
}

function fold(): Figure[] {
  const lines = ledger();
  const before = heapUsed();
  const began = performance.now();
  const state = new CampaignState();
  for (const line of lines) state.apply(JSON.parse(line) as CampaignRecord);
  const took = performance.now() - began;
  const memory = (heapUsed() - before) / 1e6;
  // The lines are looked at once more, so that they are not given back meanwhile and taken for memory that the state does not need.
  if (lines.length !== state.sequence) throw new Error('not all was folded');
  if (state.totals().results.passed !== many * 0.98) throw new Error('folded wrongly');
  return [
    { figure: `ledger of ${many / 1_000},000 tests, parsed and folded`, ours: took, unit: 'ms', target: '<= 3000' },
    { figure: '— memory of the state', ours: memory, unit: 'MB', target: '<= 150' },
  ];
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

/** Workers ask for units among very many, while others end. */
function decisions(suites: number): Figure[] {
  const names = Array.from({ length: suites }, (_, index) => `s${index}`);
  const servers = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`server${index}`, 200]));
  const plans = names.map((name) => suitePlan(name, { usesServer: true, needs: { licence: 1 } }));
  const campaign = new MadeCampaign({ suites: plans, capacities: { licence: 5_000 }, servers }, { kept: false, checked: false });
  campaign.plan(
    Array.from({ length: many }, (_, unit) => ({
      suite: names[unit % suites] ?? '',
      group: `g${unit % 1_000}`,
      expected: unit % 50 === 0 ? null : (unit * 7_919) % 100_000,
      serial: unit % 100 === 0,
    })),
  );
  const scheduler = new Scheduler();
  scheduler.attach(campaign.state);
  for (let worker = 0; worker < 2_000; worker += 1) scheduler.meet(offerOf(`w${worker}`, { slots: 2 }));
  const times: number[] = [];
  for (let request = 0; request < 12_000; request += 1) {
    campaign.time = request * 10;
    const [oldest] = campaign.state.leases.values();
    if (oldest && campaign.state.leases.size > 3_000) {
      campaign.settle(oldest.fence, 'done', [verdictOf(`t${oldest.unit}`, 'passed', { duration: 50 })]);
    }
    const offer = offerOf(`w${request % 2_000}`, { slots: 2 });
    const began = performance.now();
    const { assignments } = scheduler.next(offer, campaign.time);
    if (assignments.length > 0) times.push(performance.now() - began);
    for (const assignment of assignments) campaign.record(assignment);
  }
  return [
    {
      figure: `decision among ${many / 1_000},000 units, ${suites} suites, 2,000 workers, p50`,
      ours: quantile(times, 0.5),
      unit: 'ms',
      target: '<= 1',
    },
    { figure: '— p95', ours: quantile(times, 0.95), unit: 'ms', target: '<= 1' },
  ];
}

function makespans(): Figure[] {
  const results = Array.from({ length: 20 }, (_, index) => skewedCampaign(index + 1));
  const [ratios, inOrder] = [results.map(({ ratio }) => ratio), results.map((each) => each.inOrder)];
  const peer = (value: number): Figure['peer'] => ({ name: 'a queue in the order of the plan', value });
  return [
    {
      figure: '10,000 skewed tests, 2 % new, 120 slots: time over the bound, median of 20',
      ours: quantile(ratios, 0.5),
      unit: '×',
      target: '<= 1.02',
      peer: peer(quantile(inOrder, 0.5)),
    },
    { figure: '— worst of 20', ours: Math.max(...ratios), unit: '×', target: '<= 1.02', peer: peer(Math.max(...inOrder)) },
  ];
}

function mixed(): Figure[] {
  return mixedCases.map((each) => {
    const fixed = Array.from({ length: each.servers - 1 }, (_, index) => mixedCampaign(each, 1, index + 1));
    return {
      figure: `serial and parallel units on ${each.servers} servers of ${each.slots}: time over the bound`,
      ours: mixedCampaign(each, 1),
      unit: '×',
      target: '<= 1.02',
      peer: { name: 'best fixed split', value: Math.min(...fixed) },
    };
  });
}

function forecasts(): Figure[] {
  const trials = Array.from({ length: 300 }, (_, index) => forecastTrial(index + 1));
  const campaign = new MadeCampaign({}, { kept: false, checked: false });
  campaign.plan(Array.from({ length: 10_000 }, (_, unit) => ({ expected: (unit * 7_919) % 100_000 })));
  const random = randomFrom(1);
  const times = Array.from({ length: 9 }, () => {
    const began = performance.now();
    forecast({ state: campaign.state, durations: new Durations(), slots: 500, now: 0, random });
    return performance.now() - began;
  });
  return [
    {
      figure: 'forecast P90, half-way: campaigns over by then, of 300',
      ours: (100 * trials.filter(Boolean).length) / 300,
      unit: '%',
      target: '85–95',
    },
    { figure: '— one forecast, 10,000 units left, 500 slots', ours: quantile(times, 0.5), unit: 'ms', target: '<= 200' },
  ];
}

if (import.meta.main) console.table(await benchCampaigns());
