/** Puts an answer to a worker together: each suite and server that its leases need stands in it once. */
import { createHash } from 'node:crypto';
import type { LeaseFact } from '#shared/campaign/campaign-state.ts';
import type { SuitePlan } from '#shared/campaign/plan.ts';
import type { Lease, LeaseName, WorkAnswer, WorkRequest } from '#shared/protocol/work.ts';
import { workVersion } from '#shared/protocol/work.ts';
import type { ActiveCampaign } from './active-campaign.ts';
import type { Listing } from './listings.ts';
import { uniqueBeginning } from './unique-names.ts';

export type UnsignedAnswer = WorkAnswer;

export class AnswerBuilder {
  private readonly answer: WorkAnswer;
  private readonly hashes = new Map<SuitePlan, string>();

  private readonly known: ReadonlySet<string>;

  constructor({ environment, worker, epoch, nonce, knows = [] }: WorkRequest) {
    this.known = new Set(knows);
    this.answer = { version: workVersion, environment, worker, epoch, nonce, settled: [], cancel: [], leases: [], suites: {}, servers: {} };
  }

  settled({ campaign, fence }: LeaseName): void {
    this.answer.settled.push({ campaign, fence });
  }

  cancel({ campaign, fence }: LeaseName, reason: string): void {
    this.answer.cancel.push({ campaign, fence, reason });
  }

  lease(campaign: ActiveCampaign, { fence, unit, attempt, server, tests }: LeaseFact): void {
    const suite = campaign.state.units.at(unit)?.suite;
    const plan = campaign.plan.suites.find((each) => each.suite === suite);
    if (!plan) return;
    this.push(campaign, plan, {
      campaign: campaign.id,
      fence,
      attempt,
      task: { kind: 'execute', tests: [...tests] },
      server,
      unique: uniqueBeginning(campaign.id, unit, attempt),
    });
    const named = campaign.plan.servers.find((each) => each.server === server);
    if (named) this.answer.servers[named.server] = { server: named.server, variables: named.variables };
  }

  listing(campaign: ActiveCampaign, plan: SuitePlan, { fence, attempt }: Listing): void {
    const unique = uniqueBeginning(campaign.id, -1 - campaign.plan.suites.indexOf(plan), attempt);
    this.push(campaign, plan, { campaign: campaign.id, fence, attempt, task: { kind: 'list' }, server: null, unique });
  }

  build(): WorkAnswer {
    return this.answer;
  }

  private push(campaign: ActiveCampaign, plan: SuitePlan, lease: Omit<Lease, 'suite' | 'revision'>): void {
    const suite = this.hashes.get(plan) ?? createHash('sha256').update(JSON.stringify(plan)).digest('hex');
    this.hashes.set(plan, suite);
    if (!this.known.has(suite)) this.answer.suites[suite] = plan;
    this.answer.leases.push({ ...lease, suite, revision: campaign.plan.revision });
  }
}
