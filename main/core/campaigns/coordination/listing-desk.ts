/** Has the suites of a campaign listed by its workers, and plans their units when their lists are there. */
import type { CampaignBody, Evidence } from '#shared/campaign/records.ts';
import type { ListedTest, SuitePlan } from '#shared/campaign/plan.ts';
import { planUnits, type PlanningHistory } from '#shared/campaign/planning.ts';
import type { Scheduler } from '#shared/campaign/scheduling/scheduler.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import { problemOf } from '#shared/problem.ts';
import type { EndedLease, WorkRequest } from '#shared/protocol/work.ts';
import { counted } from '#shared/wording/counts.ts';
import { listed } from '#shared/wording/names.ts';
import type { ActiveCampaign } from './active-campaign.ts';
import type { AnswerBuilder } from './answer-builder.ts';
import { listName, Listings, readList, type Listing, type ReadBlob } from './listings.ts';

/** Units of one record. */
const unitsTogether = 500;

export class ListingDesk {
  private readonly listings = new Listings();
  private readonly read: ReadBlob;
  private readonly history: PlanningHistory;

  constructor(read: ReadBlob, history: PlanningHistory) {
    this.read = read;
    this.history = history;
  }

  isListing(campaign: CampaignId, fence: number): boolean {
    return this.listings.get(campaign, fence) !== undefined;
  }

  /** Whether more may be planned. */
  isBusy({ state, plan }: ActiveCampaign): boolean {
    return !state.stop && (state.planningFinished === null || plan.suites.some(({ suite }) => !state.suites.get(suite)?.listed));
  }

  forget(campaign: CampaignId): void {
    this.listings.forget(campaign);
  }

  /** What a worker was listing is listed by another. `epoch`: the start that it has now; null: it is lost. */
  loseWorker(worker: string, epoch: string | null): void {
    for (const each of this.listings.ofWorker(worker)) if (each.epoch !== epoch && !each.reading) this.listings.end(each);
  }

  /** Gives suites to be listed, each one slot. @returns slots that are taken */
  give(
    campaign: ActiveCampaign,
    { worker, epoch, free }: WorkRequest,
    scheduler: Scheduler,
    workers: () => readonly string[],
    builder: AnswerBuilder,
  ): number {
    if (campaign.state.stop || campaign.state.planningFinished !== null) return 0;
    let taken = 0;
    for (const plan of campaign.plan.suites) {
      if (taken >= free) break;
      if (!this.mayList(campaign, plan, worker, scheduler, workers)) continue;
      builder.listing(campaign, plan, this.listings.begin(campaign.id, plan.suite, worker, epoch));
      taken += 1;
    }
    return taken;
  }

  /** What was given in an answer that did not arrive. */
  giveAgain(campaign: ActiveCampaign, request: WorkRequest, told: ReadonlySet<string>, builder: AnswerBuilder): void {
    const ended = new Set(request.ended.map(({ campaign, fence }) => `${campaign} ${fence}`));
    for (const listing of this.listings.of(campaign.id)) {
      const key = `${listing.campaign} ${listing.fence}`;
      if (listing.worker !== request.worker || listing.reading || told.has(key) || ended.has(key)) continue;
      const plan = campaign.plan.suites.find(({ suite }) => suite === listing.suite);
      if (plan) builder.listing(campaign, plan, listing);
    }
  }

  /** A worker has listed a suite, or could not. Resolves when what follows from it is durable. */
  async ended(campaign: ActiveCampaign, ended: EndedLease): Promise<void> {
    const listing = this.listings.get(campaign.id, ended.fence);
    if (!listing || listing.reading) return;
    listing.reading = true;
    const list = ended.end === 'done' ? listOf(ended) : undefined;
    if (ended.end === 'stopped') return this.listings.end(listing);
    if (!list) return this.failed(campaign, listing, whyNoList(ended) ?? `The worker ${listing.worker} gave no list of its tests.`);
    const tests = await readList(list, this.read).catch((failure: unknown) => problemOf(failure));
    if ('message' in tests) return this.failed(campaign, listing, tests.message);
    // From here on nothing is waited for: units are numbered on from those that there are.
    return this.plan(campaign, listing, tests);
  }

  private mayList(
    { id, state }: ActiveCampaign,
    { suite }: SuitePlan,
    worker: string,
    scheduler: Scheduler,
    workers: () => readonly string[],
  ): boolean {
    if (state.suites.get(suite)?.listed || this.listings.isListed(id, suite) || scheduler.fits(state, suite, worker)) return false;
    if (!this.listings.hasFailedOn(id, suite, worker)) return true;
    // Another one may do better, if there is one.
    return !workers().some(
      (other) => other !== worker && !this.listings.hasFailedOn(id, suite, other) && !scheduler.fits(state, suite, other),
    );
  }

  private async failed(campaign: ActiveCampaign, listing: Listing, reason: string): Promise<void> {
    const problem = reason.slice(0, 2_000);
    if (!this.listings.fail(listing))
      await this.listed(campaign, listing, { kind: 'suite-listed', suite: listing.suite, tests: 0, units: 0, problem });
  }

  private plan(campaign: ActiveCampaign, listing: Listing, tests: readonly ListedTest[]): Promise<void> {
    this.listings.end(listing);
    const { suite } = listing;
    const plan = campaign.plan.suites.find((each) => each.suite === suite);
    if (!plan || campaign.state.suites.get(suite)?.listed) return Promise.resolve();
    const { units, tests: count, unknown } = planUnits(plan, campaign.plan.only, tests, campaign.state.units.size, this.history);
    const problem = troubleOf(unknown) ?? (tests.length === 0 ? 'It has no tests.' : undefined);
    const bodies: CampaignBody[] = [];
    for (let first = 0; first < units.length; first += unitsTogether) {
      bodies.push({ kind: 'units-planned', units: units.slice(first, first + unitsTogether) });
    }
    const told = { kind: 'suite-listed' as const, suite, tests: count, units: units.length, ...(problem !== undefined && { problem }) };
    return this.listed(campaign, listing, ...bodies, told);
  }

  private listed(campaign: ActiveCampaign, { suite }: Listing, ...bodies: readonly CampaignBody[]): Promise<void> {
    const { state, plan } = campaign;
    const isLast = plan.suites.every((each) => each.suite === suite || state.suites.get(each.suite)?.listed);
    return campaign.commit(...bodies, ...(isLast ? [{ kind: 'planning-finished' as const }] : []));
  }
}

/** A suite that cannot be listed is told as a broken verdict of the listing itself. */
function whyNoList({ reason, verdicts }: EndedLease): string | undefined {
  return reason ?? verdicts.find(({ message }) => message !== undefined)?.message;
}

function listOf({ verdicts }: EndedLease): Evidence | undefined {
  return verdicts.flatMap(({ evidence }) => evidence ?? []).find(({ name }) => name === listName);
}

/** What is wrong with a list that can be used all the same. */
function troubleOf(unknown: readonly string[]): string | undefined {
  if (unknown.length === 0) return undefined;
  return `${counted(unknown.length, 'chosen test')} ${unknown.length === 1 ? 'is' : 'are'} not listed: ${listed(unknown, 3)}.`.slice(
    0,
    2_000,
  );
}
