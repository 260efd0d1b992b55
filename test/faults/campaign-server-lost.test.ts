/**
 * The environment of a server under test goes away in the middle of a campaign: nothing more is executed there, and the campaign ends elsewhere;
 * or it comes back, and gets tests again.
 */
import { expect, test } from 'vitest';
import { openNetwork, type NetworkOfProcesses } from '../network-of-processes.ts';
import { CampaignNetwork, campaignEngines, failsOf } from './campaign-network.ts';
import type { Judgement } from './campaign-judgement.ts';

const patience = 120_000;
const [engine] = campaignEngines;

const otherwise = process.platform !== 'linux';

test.skipIf(otherwise)('a server is lost, and the campaign ends on the other one', { timeout: patience }, async () => {
  await withServer(300, async (campaign, server) => {
    await server.firstRouter.kill('SIGKILL');
    const { state } = await soundlyEnded(campaign, 300);
    expect(state.servers.get('a' as never)).toMatchObject({ state: 'lost' });
    const lostAt = state.servers.get('a' as never)?.changedAt ?? Number.NaN;
    expect(leasesOnServer(campaign, lostAt)).toEqual([]);
  });
});

test.skipIf(otherwise)('a server that was lost and comes back gets tests again', { timeout: patience }, async () => {
  await withServer(1_000, async (campaign, server) => {
    await server.firstRouter.kill('SIGKILL');
    await campaign.until('the server is not lost', () => changedAt(campaign, 'lost', 0) !== undefined, 40_000);
    const lostAt = changedAt(campaign, 'lost', 0) ?? Number.NaN;
    await server.startRouter();
    await campaign.until('the server is not ready again', () => changedAt(campaign, 'ready', lostAt) !== undefined, 40_000);
    const readyAt = changedAt(campaign, 'ready', lostAt) ?? Number.NaN;
    const { state } = await soundlyEnded(campaign, 1_000);
    expect(state.servers.get('a' as never)).toMatchObject({ state: 'ready' });
    expect(leasesOnServer(campaign, lostAt).filter(({ time }) => time < readyAt)).toEqual([]);
    expect(leasesOnServer(campaign, readyAt).length).toBeGreaterThan(10);
  });
});

/** A campaign of which something is executed on the server `a`, whose environment is a network of its own. */
async function withServer(tests: number, work: (campaign: CampaignNetwork, server: NetworkOfProcesses) => Promise<void>): Promise<void> {
  if (!engine) return;
  const server = await openNetwork({ daemon: {} });
  try {
    await server.startDaemon();
    const campaign = await CampaignNetwork.open(engine, { tests, seconds: 0.12, serverEnvironment: server.environmentFile });
    try {
      campaign.trust(server.folder);
      await campaign.startCore();
      await campaign.begin();
      await campaign.until('nothing is executed on the server', () => leasesOnServer(campaign, 0).length > 0, 20_000);
      await work(campaign, server);
    } finally {
      await campaign.dispose();
    }
  } finally {
    await server.dispose();
  }
}

async function soundlyEnded(campaign: CampaignNetwork, tests: number): Promise<Judgement> {
  const judgement = await campaign.judged(patience);
  expect(judgement.wrongs).toEqual([]);
  expect(judgement.state.totals().results).toMatchObject({ passed: tests - failsOf(tests), failed: failsOf(tests) });
  return judgement;
}

/** Leases on it after a moment, ms since 1970. */
function leasesOnServer({ records }: CampaignNetwork, moment: number) {
  return records.filter((record) => record.kind === 'leased' && record.server === 'a' && record.time > moment);
}

/** When it was in this state first after a moment. */
function changedAt({ records }: CampaignNetwork, state: 'lost' | 'ready', moment: number): number | undefined {
  return records.find((each) => each.kind === 'server-changed' && each.server === 'a' && each.state === state && each.time > moment)?.time;
}
