/**
 * The servers of a campaign: the revision is brought onto each by its `deploy` scenario before anything is executed there, and each is watched
 * while it is used. One whose deployment fails is out; one that cannot be reached is lost, its tests go back, and it is ready again when it is.
 */
import { hostname } from 'node:os';
import type { Clock } from '#platform/clock.ts';
import type { CampaignPlan, ServerPlan } from '#shared/campaign/plan.ts';
import type { CampaignBodyOf } from '#shared/campaign/records.ts';
import type { ServerState } from '#shared/campaign/words.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { pause } from '../../contract/produced-stream.ts';
import type { ActiveCampaign } from './active-campaign.ts';

export interface Deployment {
  readonly passed: boolean;
  readonly run: string;
  /** Why it did not, or how it ended. */
  readonly reason: string;
}

/** ms between looks whether this core can use a server meanwhile that it could not. */
const refusalGlance = 5_000;

export interface ServerDesk {
  /** Why this core cannot use a server at all: files that it does not have, or does not trust. null: it can. */
  refusal(server: ServerPlan, plan: CampaignPlan): Promise<Problem | null>;
  /** Runs a deployment to its end; aborted when nobody wants it any more. */
  deploy(server: ServerPlan, campaign: ActiveCampaign, signal: AbortSignal): Promise<Deployment>;
  /** Tells whether its environment can be reached, at once and at each change: null, or why not. Returns the unsubscribe. */
  watch(server: ServerPlan, plan: CampaignPlan, told: (trouble: string | null) => void): () => void;
}

export interface ServerKeeping {
  readonly desk: ServerDesk;
  readonly clock: Clock;
  /** Names this core to people. */
  readonly core: string;
}

/**
 * Whether this core cannot use a server of a campaign that another core may be able to use. That server waits then, and its ledger says which core
 * refuses it, where, why, and how that is mended.
 */
export async function tellRefused(campaign: ActiveCampaign, keeping: ServerKeeping): Promise<boolean> {
  const refused = await Promise.all(campaign.plan.servers.map((server) => isRefused(campaign, server, keeping)));
  return refused.includes(true);
}

async function isRefused(campaign: ActiveCampaign, plan: ServerPlan, { desk, core }: ServerKeeping): Promise<boolean> {
  const { server } = plan;
  if (campaign.state.servers.get(server)?.state === 'out') return false;
  const refusal = await desk.refusal(plan, campaign.plan);
  if (!refusal) return false;
  const { message, tip } = refusal;
  const reason = `${core} on ${hostname()} cannot use it. ${message}${tip === undefined ? '' : ` There: ${tip}`}`.slice(0, 2_000);
  const known = campaign.state.servers.get(server);
  if (known?.state === 'waiting' && known.reason === reason) return true;
  if (!campaign.state.end && !campaign.state.stop)
    await campaign.commit({ kind: 'server-changed', server, state: 'waiting', reason }).catch(() => undefined);
  return true;
}

/** Brings the servers of a campaign up and watches them, until the campaign is over or `signal` aborts. */
export function keepServers(campaign: ActiveCampaign, keeping: ServerKeeping, signal: AbortSignal): void {
  for (const server of campaign.plan.servers) void keepServer(campaign, keeping, server, signal);
}

async function keepServer(campaign: ActiveCampaign, keeping: ServerKeeping, plan: ServerPlan, signal: AbortSignal): Promise<void> {
  const { server } = plan;
  const { desk, clock } = keeping;
  const isOpen = (): boolean => !signal.aborted && !campaign.state.end && !campaign.state.stop;
  const change = async (state: ServerState, more: Partial<CampaignBodyOf<'server-changed'>> = {}): Promise<void> => {
    if (signal.aborted || campaign.state.end) return;
    // What fails here was reported by the campaign's own loss.
    await campaign.commit({ kind: 'server-changed', server, state, ...more }).catch(() => undefined);
  };
  while (isOpen() && (await isRefused(campaign, plan, keeping))) await pause(clock, refusalGlance, signal);
  if (!isOpen()) return;
  const before = campaign.state.servers.get(server);
  if (before?.state === 'out') return;
  if (!before?.deployed && plan.deploy !== null) {
    await change('deploying');
    const { passed, run, reason } = await desk.deploy(plan, campaign, signal).catch((failure: unknown) => undone(failure));
    if (!isOpen()) return;
    if (!passed) return change('out', { reason: reason.slice(0, 2_000), ...(run !== '' && { run }) });
    await change('ready', run === '' ? {} : { run });
  }
  if (!isOpen()) return;
  const unwatch = desk.watch(plan, campaign.plan, (trouble) => {
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
