/** Campaigns that are looked at without their router: what is a copy says so, and as of when; what is kept here stands as it does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCore } from '#main/core/core.ts';
import { Ownership } from '#shared/disposable.ts';
import { campaignPlan } from '../../../shared/campaign/made-campaign.ts';
import { engines, environment, openCore as openStore } from './campaign-worlds.ts';

test.each(engines.filter(({ skipped }) => !skipped))('a campaign that goes on, on $name', { timeout: 60_000 }, async (engine) => {
  const { name } = engine;
  const owned = new Ownership();
  try {
    const home = await mkdtemp(join(tmpdir(), 'testops-copies-'));
    owned.own(() => rm(home, { recursive: true, force: true, maxRetries: 3 }));
    const world = await engine.start();
    owned.own(() => world.end());
    const place = { router: (await world.place()).router, folder: join(home, 'campaigns') };
    const plan = { ...campaignPlan(), environment };
    const opened = await openStore(place);
    const ledger = await opened.store.ledgers.create(plan.campaign);
    await ledger.append(0, [{ sequence: 1, time: 1_000, kind: 'campaign-started', plan }]);
    await opened.close();
    const core = await openCore({ archiveFolder: join(home, 'archive'), home });
    owned.own(core);
    const asOf = name === 'jetstream' ? 1_000 : null;
    expect((await core.request('campaigns.list', {})).campaigns).toMatchObject([{ campaign: plan.campaign, outcome: null, asOf }]);
    expect(await core.request('campaign.show', { campaign: plan.campaign })).toMatchObject({ asOf, elsewhere: name === 'jetstream' });
  } finally {
    await owned.dispose();
  }
});
