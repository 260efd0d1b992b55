/** A scheduler at work on campaigns that a test made. */
import type { Durations } from '#shared/campaign/durations.ts';
import { refusalText } from '#shared/campaign/scheduling/refusals.ts';
import { Scheduler } from '#shared/campaign/scheduling/scheduler.ts';
import type { WorkerOffer } from '#shared/campaign/scheduling/occupancy.ts';
import { MadeCampaign, offerOf, verdictOf, type PlanWishes, type UnitWishes } from '../made-campaign.ts';

/** A scheduler with campaigns whose ledgers follow what it gives away. */
export class Desk {
  readonly scheduler: Scheduler;
  readonly campaigns: MadeCampaign[] = [];
  now = 0;

  constructor(durations?: Durations) {
    this.scheduler = new Scheduler(durations);
  }

  campaign(units: readonly UnitWishes[], wishes: PlanWishes = {}): MadeCampaign {
    const campaign = new MadeCampaign(wishes);
    campaign.time = this.now;
    this.campaigns.push(campaign);
    this.scheduler.attach(campaign.state);
    campaign.plan(units);
    return campaign;
  }

  /** Units that begin on a worker now, as `campaign/unit@server`; of the only campaign just `unit@server`. */
  ask(worker: string, more: Partial<WorkerOffer> = {}): string[] {
    const { assignments, turns } = this.scheduler.next(offerOf(worker, more), this.now);
    for (const { server, mode } of turns)
      for (const each of this.campaigns) if (each.state.servers.has(server)) each.write({ kind: 'server-turned', server, mode });
    return assignments.map((assignment) => {
      const number = this.campaigns.findIndex(({ state }) => state === assignment.campaign);
      const campaign = this.campaigns[number]!;
      campaign.time = this.now;
      campaign.record(assignment);
      return `${this.campaigns.length > 1 ? `${number}/` : ''}${assignment.unit}${assignment.server === null ? '' : `@${assignment.server}`}`;
    });
  }

  end(campaign: MadeCampaign, unit: number, verdict: 'passed' | 'failed' = 'passed'): void {
    const lease = [...campaign.state.leases.values()].find((each) => each.unit === unit)!;
    campaign.time = this.now;
    campaign.settle(
      lease.fence,
      'done',
      lease.tests.map((test) => verdictOf(test, verdict)),
    );
  }

  why(campaign: MadeCampaign, unit: number, worker: string | null = null): string | null {
    const refusal = this.scheduler.admit(campaign.state, unit, worker, this.now);
    return refusal && refusalText(refusal);
  }
}
