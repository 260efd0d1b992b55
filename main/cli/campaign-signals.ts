/** What Ctrl-C does to a campaign that is followed: the first asks that it stops, the second leaves it, and it goes on where it is coordinated. */
import type { CampaignId } from '#shared/campaign/words.ts';
import type { Core } from '#shared/contract/contract.ts';
import { problemOf } from '#shared/problem.ts';
import { sameStop, stopSignals } from './stop-signals.ts';
import type { Terminal } from './terminal.ts';

export class CampaignSignals {
  private readonly core: Core;
  private readonly terminal: Terminal;
  private readonly leave: () => void;
  private readonly listener = () => this.stop();
  private campaign: CampaignId | null = null;
  private stops = 0;
  private lastStop = -Infinity;

  /** @param leave gives up following */
  constructor(core: Core, terminal: Terminal, leave: () => void) {
    this.core = core;
    this.terminal = terminal;
    this.leave = leave;
    for (const signal of stopSignals) process.on(signal, this.listener);
  }

  /** From here on there is something to stop; a stop that was wanted before is carried out now. */
  began(campaign: CampaignId): void {
    this.campaign = campaign;
    if (this.stops > 0) this.ask(campaign);
  }

  dispose(): void {
    for (const signal of stopSignals) process.off(signal, this.listener);
  }

  private stop(): void {
    const now = performance.now();
    if (now - this.lastStop < sameStop) return;
    this.lastStop = now;
    this.stops++;
    if (this.stops > 1) {
      this.terminal.line('Left; testops campaign list shows where it stands.');
      return this.leave();
    }
    this.terminal.line('Stopping the campaign; what runs is ended (Ctrl-C again leaves it) …');
    if (this.campaign !== null) this.ask(this.campaign);
  }

  private ask(campaign: CampaignId): void {
    this.core.request('campaign.act', { campaign, action: { kind: 'stop', reason: 'Ctrl-C' } }).catch((failure: unknown) => {
      // One that ends by itself at this very moment needs no stop.
      if (problemOf(failure).code !== 'campaign-over') this.terminal.problem(problemOf(failure));
    });
  }
}
