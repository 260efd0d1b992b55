/** Campaigns as monitoring systems are told of them: those that are decided over here, their workers, and what is known of those that are over. */
import type { Clock } from '#platform/clock.ts';
import type { CampaignSummary } from '#shared/contract/campaigns.ts';
import type { Campaigns } from '../campaigns.ts';

/** ms for which a scrape waits for campaigns that are over; after a start they are all read once, and a scrape must not wait for that. */
const patience = 500;

export class ToldCampaigns {
  private readonly campaigns: Campaigns;
  private readonly clock: Clock;
  private ended: readonly CampaignSummary[] = [];
  private reading: Promise<void> | null = null;

  constructor(campaigns: Campaigns, clock: Clock) {
    this.campaigns = campaigns;
    this.clock = clock;
  }

  async now() {
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    await Promise.race([this.reading, new Promise<void>((resolve) => void this.clock.after(patience, resolve))]);
    const environments = await this.campaigns.environments();
    const active = environments.flatMap((environment) =>
      (environment.coordinator?.active() ?? []).map(({ id, state }) => {
        const { forecast = null, waits = [] } = environment.knowledge(id) ?? {};
        return { state, forecast, refusals: waits.map(({ refusal }) => refusal) };
      }),
    );
    const workers = environments.flatMap(({ coordinator, name }) =>
      (coordinator?.workers.all() ?? []).map(({ offer: { worker, slots, free } }) => ({
        environment: name,
        worker,
        slots,
        busy: Math.max(0, slots - free),
      })),
    );
    return { active, workers, ended: this.ended };
  }

  private async read(): Promise<void> {
    // What cannot be read now is told at another scrape.
    const all = await this.campaigns.list().catch(() => null);
    if (all) this.ended = all.filter(({ endedAt }) => endedAt !== null);
  }
}
