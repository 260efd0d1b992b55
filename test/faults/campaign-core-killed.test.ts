/**
 * The core that coordinates a campaign is killed again and again while another one stands by, on each engine: the campaign goes on within
 * moments, each attempt has one verdict, and it ends as it would have.
 */
import { describe, expect, test } from 'vitest';
import { cases, thorough } from '../thoroughness.ts';
import { CampaignNetwork, campaignEngines, failsOf } from './campaign-network.ts';

const kills = cases(50, 2);
const size = thorough ? { tests: 5_000, seconds: 0.1 } : { tests: 140, seconds: 0.05 };
/** ms in which the campaign goes on, however busy the machine is; how long it takes on a quiet one is in docs/benchmarks.md. */
const takeover = 20_000;
const patience = thorough ? 3_600_000 : 60_000;

describe.skipIf(process.platform !== 'linux').each(campaignEngines)('$name', (engine) => {
  test.skipIf(engine.skipped)('the coordinating core is killed', { timeout: patience }, async () => {
    const campaign = await CampaignNetwork.open(engine, size);
    try {
      await campaign.startCore();
      await campaign.startCore();
      await campaign.begin();
      const all: number[] = [];
      for (let count = 0; count < kills; count++) {
        await campaign.progress(5);
        const leader = await campaign.leader();
        const killedAt = Date.now();
        await leader.program.kill('SIGKILL');
        all.push(await campaign.goesOnAfter(killedAt));
        await campaign.startCore();
      }
      const { wrongs, state, ends, coordinators } = await campaign.judged(patience);
      const took = all.map(Math.round).toSorted((one, other) => one - other);
      console.log(`${engine.name}: went on after ${took.join(', ')} ms; ${JSON.stringify(ends)}`);
      expect(wrongs).toEqual([]);
      expect(state.totals().results).toMatchObject({ passed: size.tests - failsOf(size.tests), failed: failsOf(size.tests) });
      expect(coordinators).toBeGreaterThan(kills);
      expect(took[Math.floor(took.length / 2)]).toBeLessThanOrEqual(takeover);
    } finally {
      await campaign.dispose();
    }
  });
});
