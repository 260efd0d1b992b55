/** A campaign whose tests are executed by a worker daemon: packages delivered, programs run, evidence kept. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CampaignWorld, ended } from './campaign-world.ts';

let world: CampaignWorld;

beforeEach(async () => {
  world = await CampaignWorld.open({ worker: { slots: 4, adapters: ['executable'], packages: ['*'], labels: ['linux'] } });
});
afterEach(() => world.dispose());

const program = (body: string): string => `#!/bin/sh\n${body}\n`;

test('programs of a folder: each ends as it ended, with its output; what failed is tried again', { timeout: 60_000 }, async () => {
  await world.write('tests/passes.sh', program('echo fine'), 0o755);
  await world.write('tests/fails.sh', program('echo expected 1, got 2; exit 1'), 0o755);
  await world.write('tests/skips.sh', program('exit 77'), 0o755);
  await world.write('tests/killed.sh', program('kill -9 $$'), 0o755);
  await world.write('tests/flaky.sh', program('[ "$TESTOPS_ATTEMPT" = 2 ]'), 0o755);
  await world.write(
    'suites/programs.yaml',
    'suite: programs\nadapter: executable\npackage: { folder: ../tests }\nsettings: { files: ["*.sh"] }\nusesServer: false\nretries: 1\nlabels: [linux]\n',
  );
  const file = await world.write('campaigns/nightly.yaml', 'campaign: nightly\n');
  const opened = await world.core();
  const { campaign } = await opened.request('campaign.start', { campaignFile: file, revision: 'rc1' });
  const view = await ended(opened, campaign);
  expect(view).toMatchObject({ outcome: 'failed', tests: 5 });
  expect(view.workers).toMatchObject([{ worker: 'MEP', state: 'present', slots: 4 }]);
  const { rows } = await opened.request('campaign.tests', { campaign, offset: 0, limit: 10 });
  expect(new Map(rows.map(({ test, result, attempts }) => [test as string, [result, attempts]]))).toEqual(
    new Map([
      ['fails.sh', ['failed', 2]],
      ['killed.sh', ['infrastructure', 4]],
      ['flaky.sh', ['passed on retry', 2]],
      ['passes.sh', ['passed', 1]],
      ['skips.sh', ['skipped', 1]],
    ]),
  );
  // What no attempt could judge says why all the same.
  expect(rows.find(({ test }) => test === 'killed.sh')?.message).toMatch(/KILL/);
  const { attempts } = await opened.request('campaign.test', { campaign, suite: 'programs', test: 'fails.sh' });
  expect(attempts.map(({ attempt, worker, end }) => [attempt, worker, end])).toEqual([
    [1, 'MEP', 'done'],
    [2, 'MEP', 'done'],
  ]);
  const [evidence] = attempts[0]?.verdict?.evidence ?? [];
  if (!evidence) throw new Error('the attempt left no output');
  expect(await opened.request('campaign.evidence', { campaign, evidence })).toEqual({ kind: 'text', content: 'expected 1, got 2\n' });
  expect(world.problems).toEqual([]);
});

test(
  'what is not in the package, or a suite that no worker may execute, is told and waits for nobody silently',
  { timeout: 60_000 },
  async () => {
    await world.write('tests/readme.txt', 'nothing to execute here\n');
    await world.write(
      'suites/none.yaml',
      'suite: none\nadapter: executable\npackage: { folder: ../tests }\nsettings: { files: ["*.sh"] }\nusesServer: false\n',
    );
    await world.write('suites/python.yaml', 'suite: python\nadapter: pytest\npackage: { folder: ../tests }\nusesServer: false\n');
    const file = await world.write('campaigns/nightly.yaml', 'campaign: nightly\n');
    const opened = await world.core();
    const alone = await opened.request('campaign.start', { campaignFile: file, revision: 'rc1', suites: ['none'] });
    const view = await ended(opened, alone.campaign);
    expect(view).toMatchObject({ outcome: 'failed', tests: 0 });
    expect(view.suites[0]?.problem).toMatch(/tests/);
    const { campaign } = await opened.request('campaign.start', { campaignFile: file, revision: 'rc1', suites: ['python'] });
    const waiting = await opened.request('campaign.show', { campaign });
    expect(waiting).toMatchObject({ planning: true, waits: [{ reason: expect.stringContaining('adapter pytest') as string }] });
    await opened.request('campaign.act', { campaign, action: { kind: 'stop', reason: 'nobody comes' } });
    expect(await ended(opened, campaign)).toMatchObject({ outcome: 'stopped' });
  },
);
