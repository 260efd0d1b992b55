/**
 * The servers of a campaign: the revision is brought onto each by its `deploy` scenario before anything is executed there, and each is watched
 * while it is used. One whose deployment fails is out; one that cannot be reached is lost, its tests go back, and it is ready again when it is.
 */
import type { ServerPlan } from '#shared/campaign/plan.ts';
import type { CampaignBodyOf } from '#shared/campaign/records.ts';
import type { ServerState } from '#shared/campaign/words.ts';
import { problemOf } from '#shared/problem.ts';
import type { ActiveCampaign } from './active-campaign.ts';

export interface Deployment {
  readonly passed: boolean;
  readonly run: string;
  /** Why it did not, or how it ended. */
  readonly reason: string;
}

export interface ServerDesk {
  /** Runs a deployment to its end; aborted when nobody wants it any more. */
  deploy(server: ServerPlan, campaign: ActiveCampaign, signal: AbortSignal): Promise<Deployment>;
  /** Tells whether its environment can be reached, at once and at each change: null, or why not. Returns the unsubscribe. */
  watch(server: ServerPlan, told: (trouble: string | null) => void): () => void;
}

/** Brings the servers of a campaign up and watches them, until the campaign is over or `signal` aborts. */
export function keepServers(campaign: ActiveCampaign, desk: ServerDesk, signal: AbortSignal): void {
  for (const server of campaign.plan.servers) void keepServer(campaign, desk, server, signal);
}

async function keepServer(campaign: ActiveCampaign, desk: ServerDesk, plan: ServerPlan, signal: AbortSignal): Promise<void> {
  const { server } = plan;
  const isOpen = (): boolean => !signal.aborted && !campaign.state.end && !campaign.state.stop;
  const change = async (state: ServerState, more: Partial<CampaignBodyOf<'server-changed'>> = {}): Promise<void> => {
    if (signal.aborted || campaign.state.end) return;
    // What fails here was reported by the campaign's own loss.
    await campaign.commit({ kind: 'server-changed', server, state, ...more }).catch(() => undefined);
  };
  const before = campaign.state.servers.get(server)?.state ?? 'waiting';
  if (before === 'out') return;
  if ((before === 'waiting' || before === 'deploying') && plan.deploy !== null) {
    await change('deploying');
    const { passed, run, reason } = await desk.deploy(plan, campaign, signal).catch((failure: unknown) => undone(failure));
    if (!isOpen()) return;
    if (!passed) return change('out', { reason: reason.slice(0, 2_000), ...(run !== '' && { run }) });
    await change('ready', run === '' ? {} : { run });
  }
  if (!isOpen()) return;
  const unwatch = desk.watch(plan, (trouble) => {
    const now = campaign.state.servers.get(server)?.state;
    if (!isOpen() || now === 'out') return;
    if (trouble === null && now !== 'ready') void change('ready');
    if (trouble === null || now === 'lost') return;
    // The coordinator has ended what is executed there.
    void change('lost', { reason: trouble });
  });
  const stop = (): void => {
    unwatch();
    forget();
    signal.removeEventListener('abort', stop);
  };
  const forget = campaign.onChange(() => {
    if (campaign.state.end || campaign.state.servers.get(server)?.state === 'out') stop();
  });
  signal.addEventListener('abort', stop, { once: true });
}

function undone(failure: unknown): Deployment {
  return { passed: false, run: '', reason: problemOf(failure).message };
}
