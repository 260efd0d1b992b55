/** The environment of a server under test goes away in the middle of a campaign: nothing more is executed there, and the campaign ends elsewhere. */
import { expect, test } from 'vitest';
import { openNetwork } from '../network-of-processes.ts';
import { CampaignNetwork, campaignEngines, failsOf } from './campaign-network.ts';

const tests = 300;
const patience = 60_000;
const [engine] = campaignEngines;

test.skipIf(process.platform !== 'linux' || !engine)(
  'a server is lost, and the campaign ends on the other one',
  { timeout: patience },
  async () => {
    if (!engine) return;
    const server = await openNetwork({ daemon: {} });
    try {
      await server.startDaemon();
      const campaign = await CampaignNetwork.open(engine, { tests, seconds: 0.12, serverEnvironment: server.environmentFile });
      try {
        campaign.trust(server.folder);
        await campaign.startCore();
        await campaign.begin();
        const isOnServer = (): boolean => campaign.records.some((record) => record.kind === 'leased' && record.server === 'a');
        await campaign.until('nothing is executed on the server', isOnServer, 20_000);
        await server.firstRouter.kill('SIGKILL');
        const { wrongs, state } = await campaign.judged(patience);
        expect(wrongs).toEqual([]);
        expect(state.totals().results).toMatchObject({ passed: tests - failsOf(tests), failed: failsOf(tests) });
        expect(state.servers.get('a' as never)).toMatchObject({ state: 'lost' });
        const lostAt = state.servers.get('a' as never)?.changedAt ?? Number.NaN;
        const later = campaign.records.filter((record) => record.kind === 'leased' && record.server === 'a' && record.time > lostAt);
        expect(later).toEqual([]);
      } finally {
        await campaign.dispose();
      }
    } finally {
      await server.dispose();
    }
  },
);
