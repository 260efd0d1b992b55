/** The past of tests through the core's contract, after campaigns that were really executed. */
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { Ownership } from '#shared/disposable.ts';
import { problemOf } from '#shared/problem.ts';
import { readOpenMetrics } from '../../reports/read-openmetrics.ts';
import { CampaignWorld, ended } from '../campaign-world.ts';

const owned = new Ownership();
afterEach(() => owned.dispose());

test('a test that passes only when it is tried again is told as such, campaign by campaign', { timeout: 60_000 }, async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'testops-flips-'));
  owned.own(() => rm(scratch, { recursive: true, force: true }));
  // Each second time it succeeds.
  const flip = `if [ -e ${scratch}/flag ]; then rm ${scratch}/flag; else touch ${scratch}/flag; exit 1; fi`;
  const world = await CampaignWorld.open({ actions: { flip: { command: ['sh', '-c', flip] } } });
  owned.own(world);
  await world.write('scenarios/flips.scn', 'flip\n');
  await world.write('suites/all.yaml', 'suite: all\nadapter: scenario\nusesServer: false\nretries: 1\n');
  const file = await world.write('campaigns/nightly.yaml', 'campaign: nightly\n');
  const core = await world.core();
  const { environmentFile } = world.network;
  for (const _ of [1, 2]) {
    const { campaign } = await core.request('campaign.start', { campaignFile: file, revision: 'rc1' });
    await ended(core, campaign);
  }
  await expect
    .poll(() =>
      core.request('tests.history', { environmentFile, suite: 'all', test: 'flips' }).then(
        ({ campaigns }) => campaigns.length,
        () => 0,
      ),
    )
    .toBe(2);
  const history = await core.request('tests.history', { environmentFile, suite: 'all', test: 'flips' });
  expect(history.campaigns.map(({ verdicts }) => verdicts.at(-1))).toEqual(['passed', 'passed']);
  expect(history).toMatchObject({ flakiness: { judgement: 'intermittent', failures: 2, attempts: 4 }, quarantine: null });
  const soon = new Date(Date.now() + 3 * 24 * 3_600_000).toISOString().slice(0, 10);
  const today = new Date().toISOString().slice(0, 10);
  await world.write(
    'quarantine.yaml',
    `quarantine:\n  - { suite: all, test: flips, owner: bo, reason: it flips, since: ${today}, expires: ${soon} }\n`,
  );
  const { tests } = await core.request('tests.flaky', { environmentFile });
  expect(tests).toMatchObject([{ test: 'flips', quarantined: true, last: { revision: 'rc1', cause: { kind: 'test' } } }]);
  const { text } = await core.request('core.metrics', { environmentFiles: [] });
  const outcomes = readOpenMetrics(text)
    .get('testops_campaign_last_outcome')
    ?.samples.filter(({ value }) => value === 1);
  expect(outcomes).toMatchObject([{ labels: { campaign: 'nightly', testops_campaign_last_outcome: 'passed' } }]);
  const unknown = await core.request('tests.history', { environmentFile, suite: 'all', test: 'nobody' }).catch(problemOf);
  expect(unknown).toMatchObject({ code: 'unknown-test' });
});
