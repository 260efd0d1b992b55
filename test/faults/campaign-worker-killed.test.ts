/** Workers and their runners are killed while a campaign goes on: what they had is executed again, each attempt has one verdict, nothing is left. */
import { describe, expect, test } from 'vitest';
import { cases, thorough } from '../thoroughness.ts';
import { CampaignNetwork, campaignEngines, failsOf, type CampaignEngine } from './campaign-network.ts';

const patience = thorough ? 3_600_000 : 60_000;
/** What is killed here is the same on each engine; a sample has the one that is always there. */
const engines = thorough ? campaignEngines : campaignEngines.slice(0, 1);

describe.skipIf(process.platform !== 'linux').each(engines)('$name', (engine) => {
  test.skipIf(engine.skipped)('workers are killed and started again', { timeout: patience }, async () => {
    const ends = await endsOf(engine, thorough ? 5_000 : 140, async (campaign) => {
      for (let count = 0; count < cases(50, 3); count++) {
        await campaign.progress(5);
        const name = await campaign.busyWorker();
        await campaign.daemons.get(name)?.kill('SIGKILL');
        // Every second one stays away for so long that it is given up.
        if (count % 2 === 1 && thorough) await campaign.progress(40);
        await campaign.startDaemon(name);
      }
    });
    expect(Object.keys(ends).some((end) => end.startsWith('worker-lost'))).toBe(true);
  });

  test.skipIf(engine.skipped)(
    'a worker that is killed and stays away is given up, and nobody waits for it',
    { timeout: patience },
    async () => {
      let gone = '';
      const ends = await endsOf(engine, 120, async (campaign) => {
        await campaign.progress(5);
        gone = await campaign.busyWorker();
        await campaign.daemons.get(gone)?.kill('SIGKILL');
        await campaign.progress(20);
      });
      expect(Object.keys(ends).filter((end) => end.includes(`Nothing was heard of the worker ${gone}`)).length).toBe(1);
    },
  );

  test.skipIf(engine.skipped)('runners are killed', { timeout: patience }, async () => {
    let killed = 0;
    const ends = await endsOf(engine, thorough ? 5_000 : 120, async (campaign) => {
      while (killed < cases(20, 3)) {
        await campaign.progress(5);
        const [pid] = await campaign.testProcesses();
        if (pid !== undefined && end(pid)) killed++;
      }
    });
    const lost = Object.entries(ends).reduce((sum, [how, count]) => sum + (how.startsWith('runner-lost') ? count : 0), 0);
    // One that had just ended by itself when it was to be killed is none.
    expect(lost).toBeGreaterThanOrEqual(killed * 0.6);
  });
});

function end(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** Has a campaign go on while things happen, and answers with how its leases ended. */
async function endsOf(engine: CampaignEngine, tests: number, happenings: (campaign: CampaignNetwork) => Promise<void>) {
  const campaign = await CampaignNetwork.open(engine, { tests, seconds: 0.1 });
  try {
    await campaign.startCore();
    await campaign.begin();
    await happenings(campaign);
    const { wrongs, state, ends } = await campaign.judged(patience);
    console.log(`${engine.name}: ${JSON.stringify(ends)}`);
    expect(wrongs).toEqual([]);
    expect(state.totals().results).toMatchObject({ passed: tests - failsOf(tests), failed: failsOf(tests) });
    return ends;
  } finally {
    await campaign.dispose();
  }
}
