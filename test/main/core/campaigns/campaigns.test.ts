/** Campaigns through the core's contract, against a router, daemons and programs that are really there. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCore } from '#main/core/core.ts';
import { problemOf } from '#shared/problem.ts';
import { CampaignWorld, ended } from './campaign-world.ts';

let world: CampaignWorld;

beforeEach(async () => {
  world = await CampaignWorld.open({ actions: { fail: { command: ['false'] }, pass: { command: ['true'], concurrency: 10 } } });
});
afterEach(() => world.dispose());

describe('scenarios of a workspace', { timeout: 60_000 }, () => {
  test('are listed by their tags and executed as runs; what failed says why, and is executed again by itself', async () => {
    await world.write('scenarios/good.scn', '---\ntags: [smoke]\n---\npass\nexpect 1 == 1\n');
    await world.write('scenarios/bad.scn', '---\ntags: [smoke]\n---\nexpect 1 == 2\n');
    await world.write('scenarios/other.scn', 'pass\n');
    await world.write('suites/smoke.yaml', 'suite: smoke\nadapter: scenario\ntags: [smoke]\nusesServer: false\n');
    const file = await world.write('campaigns/nightly.yaml', 'campaign: nightly\n');
    const opened = await world.core({ purpose: 'console' });
    const { campaign } = await opened.request('campaign.start', { campaignFile: file, revision: 'rc1' });
    const view = await ended(opened, campaign);
    expect(view).toMatchObject({ outcome: 'failed', revision: 'rc1', tests: 2, results: { passed: 1, failed: 1 } });
    expect(view.failures).toHaveLength(1);
    expect(view.coordinator).toMatch(/^core-[0-9a-f]{8} \(console of \w+, process \d+\) on ./);
    const { row, attempts } = await opened.request('campaign.test', { campaign, suite: 'smoke', test: 'bad' });
    expect(row).toMatchObject({ result: 'failed', state: 'over', worker: 'core' });
    expect(attempts).toHaveLength(1);
    const { runs } = await opened.request('runs.list', {});
    expect(runs.map(({ scenario, release }) => `${scenario} ${release}`).toSorted()).toEqual(['bad rc1', 'good rc1']);

    await world.write('scenarios/bad.scn', '---\ntags: [smoke]\n---\nexpect 2 == 2\n');
    const again = await opened.request('campaign.start', { campaignFile: file, revision: 'rc1', failedOf: campaign });
    expect(await ended(opened, again.campaign)).toMatchObject({ outcome: 'passed', tests: 1, plan: { only: { smoke: ['bad'] } } });
    const { differences } = await opened.request('campaigns.compare', { campaign: again.campaign, with: campaign });
    expect(differences.map(({ kind, test }) => `${kind} ${test}`)).toContain('newly passing bad');
    const nothing = await opened
      .request('campaign.start', { campaignFile: file, revision: 'rc1', failedOf: again.campaign })
      .catch(problemOf);
    expect(nothing).toMatchObject({ code: 'nothing-failed' });
    const { campaigns } = await opened.request('campaigns.list', {});
    expect(campaigns.map(({ campaign }) => campaign)).toEqual([again.campaign, campaign]);
    await opened.request('campaign.delete', { campaign });
    expect((await opened.request('campaigns.list', {})).campaigns.map(({ campaign }) => campaign)).toEqual([again.campaign]);
    expect(await opened.request('campaign.show', { campaign }).catch(problemOf)).toMatchObject({ code: 'no-campaign' });
    expect(world.problems).toEqual([]);
  });

  test('wait for servers that are deployed first; one whose deployment fails is out, and said so', async () => {
    for (const name of ['one', 'two', 'three']) await world.write(`scenarios/${name}.scn`, 'pass\n');
    await world.write(
      'scenarios/deploy.scn',
      '---\nparameters: { verdict: { help: whether it succeeds } }\n---\nexpect #{verdict} == good\n',
    );
    await world.write('suites/all.yaml', 'suite: all\nadapter: scenario\nsettings: { scenarios: [one, t*] }\n');
    const server = (verdict: string): string =>
      `{ environment: ../environment.yaml, slots: 1, deploy: ../scenarios/deploy.scn, variables: { verdict: ${verdict} } }`;
    const file = await world.write(
      'campaigns/nightly.yaml',
      `campaign: nightly\nservers:\n  a: ${server('good')}\n  b: ${server('bad')}\n`,
    );
    const opened = await world.core();
    const { campaign } = await opened.request('campaign.start', { campaignFile: file, revision: 'rc2' });
    const view = await ended(opened, campaign);
    expect(view).toMatchObject({ outcome: 'passed', tests: 3, results: { passed: 3 } });
    expect(view.servers).toMatchObject([
      { server: 'a', state: 'ready' },
      { server: 'b', state: 'out' },
    ]);
    const { rows } = await opened.request('campaign.tests', { campaign, offset: 0, limit: 10 });
    expect(rows.map((row) => row.server)).toEqual(['a', 'a', 'a']);
  });

  test('of a core that dies are gone on with by the next one, and nothing is executed twice', async () => {
    for (let index = 0; index < 6; index++) await world.write(`scenarios/s${index}.scn`, 'wait 1s\npass\n');
    await world.write('suites/all.yaml', 'suite: all\nadapter: scenario\nusesServer: false\n');
    const file = await world.write('campaigns/nightly.yaml', 'campaign: nightly\n');
    const first = await openCore({ archiveFolder: join(world.home, 'archive'), home: world.home });
    const { campaign } = await first.request('campaign.start', { campaignFile: file, revision: 'rc1' });
    const seen = Promise.withResolvers<void>();
    const listening = first.listen('campaign.live', { campaign }, ({ view }) => void (view.results.passed > 0 && seen.resolve()));
    await seen.promise;
    listening.close();
    await first.dispose();
    // One that only looks does not coordinate.
    const looking = await world.core();
    await looking.request('campaigns.list', { environmentFile: world.network.environmentFile });
    const shown = await looking.request('campaign.show', { campaign });
    expect(shown.endedAt).toBeNull();
    // What an operator asks through it is there for the next one that does.
    const suite = shown.suites[0]?.suite ?? null;
    await looking.request('campaign.act', { campaign, action: { kind: 'prioritise', suite, priority: 7 } });
    const second = await world.core({ resumesCampaigns: true });
    const view = await ended(second, campaign);
    expect(view).toMatchObject({ outcome: 'passed', tests: 6, results: { passed: 6 }, suites: [{ priority: 7 }] });
  });
});

test('why what waits is waiting is known to a core that only follows, of the campaign and of each test', { timeout: 60_000 }, async () => {
  await world.write('scenarios/one.scn', 'pass\n');
  await world.write('scenarios/deploy.scn', 'wait 60s\n');
  await world.write('suites/all.yaml', 'suite: all\nadapter: scenario\nsettings: { scenarios: [one] }\n');
  const server = '{ environment: ../environment.yaml, slots: 1, deploy: ../scenarios/deploy.scn }';
  const file = await world.write('campaigns/nightly.yaml', `campaign: nightly\nservers:\n  a: ${server}\n`);
  const deciding = await world.core();
  const { campaign } = await deciding.request('campaign.start', { campaignFile: file, revision: 'rc1' });
  const following = await world.core();
  await following.request('campaigns.list', { environmentFile: world.network.environmentFile });
  const waits = [{ reason: 'server a is not ready', units: 1 }];
  await expect.poll(async () => (await following.request('campaign.show', { campaign })).waits).toEqual(waits);
  expect((await deciding.request('campaign.show', { campaign })).waits).toEqual(waits);
  const told = await following.request('campaign.test', { campaign, suite: 'all', test: 'one' });
  expect(told).toMatchObject({ row: { state: 'waiting' }, waits: 'server a is not ready' });
});

test('a ledger that is damaged is told once, and hides no other campaign', { timeout: 60_000 }, async () => {
  await world.write('scenarios/one.scn', 'pass\n');
  await world.write('suites/all.yaml', 'suite: all\nadapter: scenario\nusesServer: false\n');
  const file = await world.write('campaigns/nightly.yaml', 'campaign: nightly\n');
  const first = await openCore({ archiveFolder: join(world.home, 'archive'), home: world.home });
  const [damaged, sound] = [
    await first.request('campaign.start', { campaignFile: file, revision: 'rc1' }),
    await first.request('campaign.start', { campaignFile: file, revision: 'rc2' }),
  ];
  for (const { campaign } of [damaged, sound]) await ended(first, campaign);
  await first.dispose();
  const folder = join(world.home, 'campaigns');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.includes(damaged.campaign) && name.endsWith('.ndjson'));
  expect(names).toHaveLength(1);
  const ledger = join(folder, names[0] ?? '');
  const [line = '', , ...rest] = (await readFile(ledger, 'utf8')).split('\n');
  await chmod(ledger, 0o600);
  await writeFile(ledger, [line, ...rest].join('\n'));
  const opened = await world.core();
  for (let turn = 0; turn < 2; turn++) {
    const { campaigns } = await opened.request('campaigns.list', { environmentFile: world.network.environmentFile });
    expect(campaigns.map(({ campaign }) => campaign)).toEqual([sound.campaign]);
  }
  expect(world.problems.map(({ code }) => code)).toEqual(['ledger-damaged']);
});

describe('a campaign file', { timeout: 60_000 }, () => {
  test('that cannot be used is refused with all that is wrong, and nothing begins', async () => {
    await world.write('suites/smoke.yaml', 'suite: smoke\nadapter: scenario\nneeds: { licence: 2 }\n');
    const file = await world.write('campaigns/nightly.yaml', 'campaign: nightly\ncapacities: { licence: 1 }\n');
    const opened = await world.core();
    const told = await opened.request('campaign.start', { campaignFile: file, revision: 'rc1' }).catch(problemOf);
    expect(told).toMatchObject({ code: 'capacity-unknown', tip: expect.stringContaining('campaigns/nightly.yaml') as string });
    expect((await opened.request('campaigns.list', {})).campaigns).toEqual([]);
  });

  test('of a folder that nobody trusts starts nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'testops-stranger-'));
    await mkdir(join(folder, 'campaigns'));
    await writeFile(join(folder, 'campaigns', 'x.yaml'), `campaign: x\nenvironment: ${world.network.environmentFile}\n`);
    const opened = await world.core();
    const told = await opened
      .request('campaign.start', { campaignFile: join(folder, 'campaigns', 'x.yaml'), revision: 'r' })
      .catch(problemOf);
    await rm(folder, { recursive: true });
    expect(told).toMatchObject({ code: 'workspace-untrusted' });
  });
});
