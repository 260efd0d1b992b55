/** The past of tests through the core's contract, after campaigns that were really executed. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openCore } from '#main/core/core.ts';
import { Ownership } from '#shared/disposable.ts';
import { problemOf } from '#shared/problem.ts';
import { openNetwork } from '../../../../network-of-processes.ts';
import { readOpenMetrics } from '../../reports/read-openmetrics.ts';
import { trustFolder } from '../../../../trusted-folder.ts';

const owned = new Ownership();
afterEach(() => owned.dispose());

test('a test that passes only when it is tried again is told as such, campaign by campaign', { timeout: 60_000 }, async () => {
  const home = await mkdtemp(join(tmpdir(), 'testops-past-'));
  owned.own(() => rm(home, { recursive: true, force: true, maxRetries: 3 }));
  // Each second time it succeeds.
  const flip = `if [ -e ${home}/flag ]; then rm ${home}/flag; else touch ${home}/flag; exit 1; fi`;
  const network = await openNetwork({ daemon: { actions: { flip: { command: ['sh', '-c', flip] } } } });
  owned.own(network);
  await trustFolder(network.folder, home);
  await network.startDaemon();
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(network.folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  await write('scenarios/flips.scn', 'flip\n');
  await write('suites/all.yaml', 'suite: all\nadapter: scenario\nusesServer: false\nretries: 1\n');
  const file = await write('campaigns/nightly.yaml', 'campaign: nightly\n');
  const core = await openCore({ archiveFolder: join(home, 'archive'), home });
  owned.own(core);
  const { environmentFile } = network;
  for (const _ of [1, 2]) {
    const { campaign } = await core.request('campaign.start', { campaignFile: file, revision: 'rc1' });
    await core.listen('campaign.live', { campaign }, () => undefined).ended;
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
  await write(
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
