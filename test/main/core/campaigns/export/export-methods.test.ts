/** Results for others through the core's contract, of a campaign that was really executed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { CampaignState } from '#shared/campaign/campaign-state.ts';
import { campaignRecordSchema } from '#shared/campaign/records.ts';
import { Ownership } from '#shared/disposable.ts';
import { problemOf } from '#shared/problem.ts';
import { CampaignWorld } from '../campaign-world.ts';
import { readAllureFolder } from './read-allure.ts';
import { readJunit } from './read-junit.ts';

const owned = new Ownership();
afterEach(() => owned.dispose());

test('a campaign writes its results while it goes on, and any format when it is asked', { timeout: 60_000 }, async () => {
  const world = await CampaignWorld.open({ actions: { pass: { command: ['true'], concurrency: 10 } } });
  owned.own(world);
  const { home, network, problems } = world;
  await world.write('scenarios/good.scn', 'pass\n');
  await world.write('scenarios/bad.scn', '---\ntags: [critical]\n---\nexpect 1 == 2\n');
  await world.write('scenarios/slow.scn', 'wait 2s\npass\n');
  await world.write('suites/all.yaml', 'suite: all\nadapter: scenario\nusesServer: false\nretries: 1\n');
  const results = 'results: { allure: ../allure-results, ndjson: "../results-{campaign}.ndjson" }\n';
  const file = await world.write('campaigns/nightly.yaml', `campaign: nightly\n${results}`);
  const core = await world.core();
  const { campaign } = await core.request('campaign.start', { campaignFile: file, revision: 'rc1' });
  const live = join(network.folder, 'allure-results');
  let during = 0;
  const listening = core.listen('campaign.live', { campaign }, async ({ view }) => {
    if (view.outcome !== null) return;
    during = Math.max(during, (await readAllureFolder(live).catch(() => ({ results: [] }))).results.length);
  });
  await listening.ended;
  expect(during).toBeGreaterThan(0);
  await expect.poll(() => readFile(join(network.folder, `results-${campaign}.ndjson`), 'utf8').catch(() => '')).toContain('campaign-ended');
  const told = await readAllureFolder(live);
  expect(told.results.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual([
    'bad failed',
    'bad failed',
    'good passed',
    'slow passed',
  ]);
  expect(told.results.find(({ name }) => name === 'bad')?.labels).toContainEqual({ name: 'severity', value: 'critical' });

  for (const format of ['allure', 'junit', 'ndjson'] as const) {
    const path = join(home, format);
    expect(await core.request('campaign.export', { campaign, format, path })).toMatchObject({ path });
  }
  expect((await readAllureFolder(join(home, 'allure'))).results.map(({ uuid }) => uuid).toSorted()).toEqual(
    told.results.map(({ uuid }) => uuid).toSorted(),
  );
  expect(readJunit(await readFile(join(home, 'junit', 'TEST-all.xml'), 'utf8'))).toMatchObject({ tests: 3, failures: 1, errors: 0 });
  const lines = (await readFile(join(home, 'ndjson'), 'utf8')).trimEnd().split('\n');
  const state = CampaignState.of(lines.map((line) => campaignRecordSchema.parse(JSON.parse(line))));
  expect(state.totals().results).toMatchObject({ passed: 2, failed: 1 });
  const refused = await core
    .request('campaign.export', { campaign, format: 'junit', path: join(network.folder, 'scenarios') })
    .catch(problemOf);
  expect(refused).toMatchObject({ code: 'folder-not-empty' });
  expect(problems).toEqual([]);
});
