/**
 * Leases whose server is lost or was taken out. Their worker is told to end them and says when it has: until then their tests are at work somewhere,
 * so they are given to nobody else, and what they take stays taken.
 */
import type { CampaignState, LeaseFact } from '#shared/campaign/campaign-state.ts';
import type { TestVerdict } from '#shared/campaign/records.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { EndedLease, LeaseName } from '#shared/protocol/work.ts';
import type { ActiveCampaign } from './active-campaign.ts';

type Ended = Pick<EndedLease, 'reason' | 'verdicts'> & { readonly end: EndedLease['end'] | 'server-lost' };

export class Withdrawals {
  /** Why, by campaign and fence. */
  private readonly reasons = new Map<CampaignId, Map<number, string>>();
  private readonly forgets = new Map<CampaignId, () => void>();

  watch({ id, state }: ActiveCampaign): void {
    this.reasons.set(id, new Map());
    const look = (): void => {
      for (const lease of state.leases.values()) {
        const reason = whyWithdrawn(state, lease);
        if (reason !== null) this.reasons.get(id)?.set(lease.fence, reason);
      }
    };
    look();
    const leaseEnded = ({ fence }: LeaseFact): void => void this.reasons.get(id)?.delete(fence);
    const forget = state.observe({
      serverChanged: look,
      leaseEnded,
      leaseBegan: nothing,
      ended: nothing,
      unitWaits: nothing,
      prioritised: nothing,
    });
    this.forgets.set(id, forget);
  }

  forget(campaign: CampaignId): void {
    this.reasons.delete(campaign);
    this.forgets.get(campaign)?.();
    this.forgets.delete(campaign);
  }

  /** null: it goes on. */
  reasonOf({ campaign, fence }: LeaseName): string | null {
    return this.reasons.get(campaign)?.get(fence) ?? null;
  }

  /**
   * How a lease has ended, as the ledger is to have it. What was green before the server was known to be away counts, and what was told early; what
   * is red is the server's fault as likely as not, and goes elsewhere.
   *
   * @param early verdicts that were told while it went on
   */
  endOf(ended: EndedLease, { stop }: CampaignState, early: readonly TestVerdict[]): Ended {
    const reason = this.reasonOf(ended);
    const green = ended.verdicts.filter(({ verdict }) => verdict === 'passed' || verdict === 'skipped');
    if (reason === null) {
      // The core that told the worker to end it is gone, and the server is back.
      if (ended.end === 'stopped' && stop === null) return { ...ended, end: 'server-lost' };
      return ended;
    }
    if (ended.end === 'done' && green.length === ended.verdicts.length) return ended;
    const told = new Set(early.map(({ test }) => test));
    return { end: 'server-lost', reason, verdicts: [...early, ...green.filter(({ test }) => !told.has(test))] };
  }
}

function whyWithdrawn({ servers }: CampaignState, { server }: LeaseFact): string | null {
  const fact = server === null ? undefined : servers.get(server);
  if (fact?.state !== 'lost' && fact?.state !== 'out') return null;
  return fact.reason ?? `The server ${fact.server} is ${fact.state}.`;
}

const nothing = (): void => undefined;
