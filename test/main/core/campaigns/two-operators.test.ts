/** Two operators, each with a core, a home and a copy of the workspace, on one nats-server: whichever core decides, a campaign of either is executed. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { routerFileSchema } from '#network/router/configuration-schema.ts';
import { natsServerConfiguration } from '#network/router/nats-server-configuration.ts';
import { freePort } from '#platform/free-port.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { Ownership } from '#shared/disposable.ts';
import type { Problem } from '#shared/problem.ts';
import { trustFolder } from '../../../trusted-folder.ts';
import { startNatsServer, withoutNatsServer, type TestRouter } from '../link/nats-server.ts';
import { ended } from './campaign-world.ts';

let folder = '';
let server: TestRouter;
let owned: Ownership;
const problems: Problem[] = [];

const campaignFile = 'campaigns/nightly.yaml';
/** What a workspace holds besides its environment file. */
const files: Readonly<Record<string, (operator: string) => string>> = {
  'servers/london.yaml': (operator) => environmentOf(operator, '../keys/operator.seed'),
  'servers/deploy.scn': () => 'expect 1 == 1\n',
  'scenarios/good.scn': () => 'expect 1 == 1\n',
  'suites/all.yaml': () => 'suite: all\nadapter: scenario\n',
  [campaignFile]: () => 'campaign: nightly\nservers: { london: { environment: ../servers/london.yaml, deploy: ../servers/deploy.scn } }\n',
};

function environmentOf(operator: string, key: string): string {
  return `environment: lab\nrouter: ${server.url}\noperator: { name: ${operator}, key: ${key} }\n`;
}

async function write(operator: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, operator, file)), { recursive: true });
  await writeFile(join(folder, operator, file), text);
}

describe.skipIf(withoutNatsServer)('campaigns of two operators', { timeout: 60_000 }, () => {
  beforeEach(async () => {
    owned = new Ownership();
    problems.splice(0);
    folder = await mkdtemp(join(tmpdir(), 'testops-operators-'));
    owned.own(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const users: object[] = [];
    const seeds = new Map<string, string>();
    for (const name of ['alice', 'bob']) {
      const { publicKey, seed } = newKey();
      seeds.set(name, seed);
      users.push({ name, key: publicKey, role: 'operator', environment: 'lab' });
    }
    const file = { listen: await freePort(), jetstream: { folder: join(folder, 'server'), administrator: 'alice' }, users };
    await writeFile(join(folder, 'nats-server.conf'), natsServerConfiguration(routerFileSchema.parse(file)));
    server = await startNatsServer(['-c', join(folder, 'nats-server.conf')]);
    owned.own(() => server.kill());
    for (const [name, seed] of seeds) {
      await write(name, 'environment.yaml', environmentOf(name, 'keys/operator.seed'));
      await mkdir(join(folder, name, 'keys'));
      await writeKeyFile(join(folder, name, 'keys', 'operator.seed'), seed);
      for (const [path, text] of Object.entries(files)) await write(name, path, text(name));
    }
  });
  afterEach(() => owned.dispose());

  /** A core that stays, with a home of its own in which its own workspace is trusted; `takesPart`: it is asked for the campaigns. */
  async function core(operator: string, takesPart = true): Promise<OpenCore> {
    const home = join(folder, `home-of-${operator}`);
    await trustFolder(join(folder, operator), home);
    const opened = await openCore({
      archiveFolder: join(home, 'archive'),
      home,
      resumesCampaigns: true,
      purpose: 'console',
      onProblem: (problem) => void problems.push(problem),
    });
    owned.own(opened);
    if (takesPart) await opened.request('campaigns.list', { environmentFile: join(folder, operator, 'environment.yaml') });
    return opened;
  }

  const start = async (alice: OpenCore) =>
    (await alice.request('campaign.start', { campaignFile: join(folder, 'alice', campaignFile), revision: 'rc1' })).campaign;
  const runsOf = async (opened: OpenCore): Promise<readonly string[]> =>
    (await opened.request('runs.list', {})).runs.map(({ scenario }) => scenario).toSorted();

  test('the core of the other one decides with its own copy of the workspace, and executes nothing of the folder of who started it', async () => {
    const alice = await core('alice');
    await alice.dispose();
    const bob = await core('bob');
    const again = await core('alice');
    const view = await ended(again, await start(again));
    expect(view).toMatchObject({ outcome: 'passed', tests: 1, servers: [{ server: 'london', state: 'ready' }] });
    expect(view.coordinator).toMatch(/^core-[0-9a-f]{8} \(console of bob, process \d+\) on ./);
    expect([await runsOf(bob), await runsOf(again)]).toEqual([['deploy', 'good'], []]);
    expect(problems).toEqual([]);
  });

  test('a core that is started anew goes on by itself with what another one has started', async () => {
    await write('bob', 'scenarios/good.scn', 'wait 2s\nexpect 1 == 1\n');
    await (await core('alice')).dispose();
    const bob = await core('bob');
    const alice = await core('alice');
    const campaign = await start(alice);
    await alice.dispose();
    await expect.poll(async () => (await bob.request('campaign.show', { campaign })).running).toBe(1);
    await bob.dispose();
    const again = await core('bob', false);
    await expect.poll(async () => (await again.request('campaign.show', { campaign })).outcome, { timeout: 30_000 }).toBe('passed');
    expect(problems).toEqual([]);
  });

  test('a core whose copy lacks the server leaves the seat to the core of who started the campaign', async () => {
    await rm(join(folder, 'bob', 'servers'), { recursive: true });
    await (await core('alice')).dispose();
    const bob = await core('bob');
    const alice = await core('alice');
    const campaign = await start(alice);
    expect(await ended(alice, campaign)).toMatchObject({ outcome: 'passed', servers: [{ state: 'ready' }] });
    const { coordinator } = await alice.request('campaign.show', { campaign });
    expect(coordinator).toContain('console of alice');
    expect([await runsOf(bob), await runsOf(alice)]).toEqual([[], ['deploy', 'good']]);
  });
});
