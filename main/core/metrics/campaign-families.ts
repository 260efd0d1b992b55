/** What is told of campaigns, in OpenMetrics: those that this core decides over, their workers, and how the last of each name ended. */
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { Refusal } from '#shared/campaign/scheduling/refusals.ts';
import { campaignOutcomes, testResults } from '#shared/campaign/words.ts';
import type { CampaignSummary } from '#shared/contract/campaigns.ts';
import type { Family } from '../reports/open-formats/exposition.ts';
import type { Labels } from '../reports/open-formats/metric-names.ts';
import type { Scrape } from './scrape.ts';

export interface ToldCampaign {
  readonly state: CampaignState;
  /** Why a sample of its units waits. */
  readonly refusals: readonly Refusal[];
  /** ms since 1970 at which it will have ended; null: not known. */
  readonly forecast: { readonly p50: number; readonly p90: number } | null;
}

export interface ToldWorker {
  readonly environment: string;
  readonly worker: string;
  readonly slots: number;
  readonly busy: number;
}

export interface ToldCampaigns {
  /** Those that this core decides over. */
  readonly active: readonly ToldCampaign[];
  readonly workers: readonly ToldWorker[];
  /** Those that are over, newest first, as far as they are known by now. */
  readonly ended: readonly CampaignSummary[];
}

const gauge = (family: string, help: string, unit = ''): Family => ({ family, type: 'gauge', unit, help });

/** The families of campaigns; dashboards may rely on them. */
export const campaignFamilies = {
  information: { family: 'testops_campaign', type: 'info', unit: '', help: 'A campaign that goes on and what it is about' },
  units: gauge('testops_campaign_units', 'Units of a campaign that wait, are executed, or are over'),
  waiting: gauge('testops_campaign_waiting_units', 'Units that wait, by the kind of reason, from a sample'),
  tests: gauge('testops_campaign_tests', 'Tests of a campaign by suite and result'),
  since: gauge('testops_campaign_running_seconds', 'Time since a campaign was started', 'seconds'),
  remaining: gauge('testops_campaign_remaining_seconds', 'Time until a campaign will have ended, by its probability', 'seconds'),
  servers: gauge('testops_campaign_servers', 'Servers of a campaign by where they stand'),
  workerSlots: gauge('testops_worker_slots', 'Slots of a worker that is present'),
  workerBusy: gauge('testops_worker_busy_slots', 'Slots of a worker that are taken'),
  outcome: { family: 'testops_campaign_last_outcome', type: 'stateset', unit: '', help: 'How the last campaign of a name ended' },
  lastEnd: gauge('testops_campaign_last_end_timestamp_seconds', 'When the last campaign of a name ended', 'seconds'),
  lastDuration: gauge('testops_campaign_last_duration_seconds', 'How long the last campaign of a name took', 'seconds'),
  lastTests: gauge('testops_campaign_last_tests', 'Tests of the last campaign of a name by result'),
} as const satisfies Record<string, Family>;

/** @param now ms since 1970 */
export function campaignMetrics(scrape: Scrape, { active, workers, ended }: ToldCampaigns, now: number): void {
  // Of two of one name the first counts: the one that was started last.
  const newestFirst = active.toSorted((one, other) => (other.state.plan?.startedAt ?? 0) - (one.state.plan?.startedAt ?? 0));
  for (const campaign of newestFirst) tellActive(scrape, campaign, now);
  for (const { environment, worker, slots, busy } of workers) {
    scrape.add(campaignFamilies.workerSlots, { environment, worker }, slots);
    scrape.add(campaignFamilies.workerBusy, { environment, worker }, busy);
  }
  const told = new Set<string>();
  for (const campaign of ended) {
    const key = JSON.stringify([campaign.environment, campaign.name]);
    if (!told.has(key)) tellEnded(scrape, campaign);
    told.add(key);
  }
}

function tellActive(scrape: Scrape, { state, refusals, forecast }: ToldCampaign, now: number): void {
  const { plan } = state;
  if (!plan) return;
  const labels = { environment: plan.environment, campaign: plan.name };
  const { waiting, leased, over } = state.totals();
  scrape.add(campaignFamilies.information, { ...labels, id: plan.campaign, revision: plan.revision }, 1);
  for (const [stands, count] of Object.entries({ waiting, leased, over })) {
    scrape.add(campaignFamilies.units, { ...labels, state: stands }, count);
  }
  for (const [reason, count] of byKind(refusals)) {
    scrape.add(campaignFamilies.waiting, { ...labels, reason }, Math.round((count / refusals.length) * waiting));
  }
  tellTests(scrape, state, labels);
  scrape.add(campaignFamilies.since, labels, Math.max(0, now - plan.startedAt) / 1_000);
  if (forecast) {
    scrape.add(campaignFamilies.remaining, { ...labels, quantile: '0.5' }, Math.max(0, forecast.p50 - now) / 1_000);
    scrape.add(campaignFamilies.remaining, { ...labels, quantile: '0.9' }, Math.max(0, forecast.p90 - now) / 1_000);
  }
  const servers = Map.groupBy(state.servers.values(), (server) => server.state);
  for (const [stands, of] of servers) scrape.add(campaignFamilies.servers, { ...labels, state: stands }, of.length);
}

function byKind(refusals: readonly Refusal[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { kind } of refusals) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** Of each suite every result, also those that no test has, and what has none yet or is executed once more. */
function tellTests(scrape: Scrape, state: CampaignState, labels: Labels): void {
  const none = 'none yet';
  const bySuite = new Map<string, Map<string, number>>(
    [...state.suites.keys()].map((suite) => [suite, new Map([...testResults, none].map((result) => [result, 0]))]),
  );
  for (let number = 0; number < state.tests.size; number += 1) {
    const counts = bySuite.get(state.units.at(state.tests.unitOf(number) ?? -1)?.suite ?? '');
    const result = state.tests.finalResultOf(number) ?? none;
    counts?.set(result, (counts.get(result) ?? 0) + 1);
  }
  for (const [suite, counts] of bySuite) {
    for (const [result, count] of counts) scrape.add(campaignFamilies.tests, { ...labels, suite, result }, count);
  }
}

function tellEnded(scrape: Scrape, { environment, name, outcome, startedAt, endedAt, results }: CampaignSummary): void {
  if (outcome === null || endedAt === null) return;
  const labels = { environment, campaign: name };
  for (const each of campaignOutcomes) {
    scrape.add(campaignFamilies.outcome, { ...labels, [campaignFamilies.outcome.family]: each }, each === outcome ? 1 : 0);
  }
  scrape.add(campaignFamilies.lastEnd, labels, endedAt / 1_000);
  scrape.add(campaignFamilies.lastDuration, labels, Math.max(0, endedAt - startedAt) / 1_000);
  for (const [result, count] of Object.entries(results)) scrape.add(campaignFamilies.lastTests, { ...labels, result }, count);
}
