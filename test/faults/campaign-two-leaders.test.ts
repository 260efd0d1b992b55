/**
 * Two cores that both believe to coordinate: one is stopped for longer than its seat lasts, another one takes over, and the first goes on where
 * it stood. It is deposed, and nothing that it decides counts. And the router between all of them is killed and started again.
 */
import { describe, expect, test } from 'vitest';
import { cases, thorough } from '../thoroughness.ts';
import { CampaignNetwork, campaignEngines, failsOf, type CampaignEngine } from './campaign-network.ts';

const patience = thorough ? 3_600_000 : 60_000;
const tests = thorough ? 5_000 : 100;

describe.skipIf(process.platform !== 'linux').each(campaignEngines)('$name', (engine) => {
  test.skipIf(engine.skipped)('a core that was stopped is deposed when it goes on', { timeout: patience }, async () => {
    await judgedAfter(engine, async (campaign) => {
      await campaign.startCore();
      for (let count = 0; count < cases(10, 1); count++) {
        await campaign.progress(5);
        const leader = await campaign.leader();
        leader.program.child.kill('SIGSTOP');
        const stoppedAt = Date.now();
        // What it had sent before it stopped may still arrive.
        await campaign.until('nobody takes over', () => campaign.tookOverAfter(stoppedAt), 20_000);
        leader.program.child.kill('SIGCONT');
        await campaign.until('it still believes to coordinate', () => !leader.leads, 20_000);
      }
    });
  });

  test.skipIf(engine.skipped)('the router is killed and started again', { timeout: patience }, async () => {
    await judgedAfter(engine, async (campaign) => {
      for (let count = 0; count < cases(10, 2); count++) {
        await campaign.progress(5);
        await campaign.router.kill('SIGKILL');
        campaign.router = await campaign.network.startRouter();
      }
    });
  });
});

async function judgedAfter(engine: CampaignEngine, happenings: (campaign: CampaignNetwork) => Promise<void>): Promise<void> {
  const campaign = await CampaignNetwork.open(engine, { tests, seconds: 0.05 });
  try {
    await campaign.startCore();
    await campaign.begin();
    await happenings(campaign);
    const { wrongs, state, ends } = await campaign.judged(patience);
    console.log(`${engine.name}: ${JSON.stringify(ends)}`);
    expect(wrongs).toEqual([]);
    expect(state.totals().results).toMatchObject({ passed: tests - failsOf(tests), failed: failsOf(tests) });
  } finally {
    await campaign.dispose();
  }
}
