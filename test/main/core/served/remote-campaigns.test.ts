/** Campaigns of a served core, asked for over its socket: watched by everybody, started and operated with a key of one's own, and nothing beyond what is served. */
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openServedMachine, secret, type ServedMachine } from './served-core.ts';
import { environmentFile, folder } from './every-request.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import type { Core } from '#shared/contract/contract.ts';

let machine: ServedMachine;
beforeAll(async () => {
  machine = await openServedMachine({ second: true });
});
afterAll(() => machine.owned.dispose());

const nightly = 'exchange/campaigns/nightly.yaml';

async function ended(core: Core, campaign: CampaignId): Promise<CampaignView> {
  let last: CampaignView | null = null;
  await core.listen('campaign.live', { campaign }, ({ view }) => void (last = view)).ended;
  if (last === null) throw new Error('nothing was told of the campaign');
  return last;
}

/** The code with which something is refused. */
async function refusal(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    (answer) => ({ answer }),
    (failure: unknown) => (failure as { problem?: { code: string } }).problem?.code ?? failure,
  );
}

async function write(path: string, text: string): Promise<void> {
  const file = join(machine.workspace, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text);
}

describe('a console of another machine', () => {
  test('starts a campaign by its served file, in the name of its token, and everybody watches it', async () => {
    const { alice, bob } = machine;
    const { files } = await alice.request('campaigns.files', { folder });
    expect(files.map(({ name }) => name)).toEqual(['long', 'nightly']);
    const file = files[1]?.file ?? '';
    const { campaign } = await alice.request('campaign.start', { campaignFile: file, revision: 'rc2' });
    expect(await ended(bob, campaign)).toMatchObject({ operator: 'alice', revision: 'rc2', outcome: 'passed', results: { passed: 1 } });
    expect((await bob.request('campaigns.list', {})).campaigns.map((each) => each.campaign)).toContain(campaign);
    expect((await bob.request('campaign.tests', { campaign, offset: 0, limit: 10 })).rows).toMatchObject([
      { test: 'good', result: 'passed' },
    ]);
    expect((await bob.request('tests.history', { environmentFile, suite: 'smoke', test: 'good' })).campaigns).toHaveLength(1);
    expect(await bob.request('campaigns.compare', { campaign, with: campaign })).toEqual({ differences: [] });
  });

  test('operates only the campaigns that its operator started', async () => {
    const { alice, bob } = machine;
    const { campaign } = await alice.request('campaign.start', { campaignFile: 'exchange/campaigns/long.yaml' });
    const priority = { kind: 'prioritise', suite: null, priority: 5 } as const;
    expect(await refusal(bob.request('campaign.act', { campaign, action: { kind: 'stop', reason: 'mine' } }))).toBe('campaign-of-another');
    expect(await refusal(bob.request('campaign.act', { campaign, action: priority }))).toBe('campaign-of-another');
    expect(await refusal(bob.request('campaign.look', { campaign, looked: true }))).toBe('nothing-red');
    await alice.request('campaign.act', { campaign, action: priority });
    expect(await refusal(alice.request('campaign.delete', { campaign }))).toBe('campaign-active');
    await alice.request('campaign.act', { campaign, action: { kind: 'stop', reason: 'enough' } });
    expect(await ended(bob, campaign)).toMatchObject({ outcome: 'stopped' });
    await alice.request('campaign.delete', { campaign });
    expect(await refusal(bob.request('campaign.show', { campaign }))).toBe('no-campaign');
  });

  test('starts none that sends results with the secrets of the core', async () => {
    const results = 'results: { traces: { endpoint: http://collector.example.com, headersFile: ../keys/headers } }';
    await write('campaigns/sending.yaml', `campaign: sending\nsuites: [smoke]\n${results}\n`);
    expect(await refusal(machine.alice.request('campaign.start', { campaignFile: 'exchange/campaigns/sending.yaml' }))).toBe(
      'results-sent',
    );
    await rm(join(machine.workspace, 'campaigns', 'sending.yaml'));
  });

  test('starts none with the key of another', async () => {
    const { bob } = machine;
    expect(await refusal(bob.request('campaign.start', { campaignFile: nightly }))).toBe('key-of-another');
    expect(await refusal(bob.request('campaign.start', { campaignFile: nightly, environmentFile: 'main' }))).toBe('key-of-another');
    await write('campaigns/servers.yaml', 'campaign: servers\nsuites: [smoke]\nservers:\n  one: { environment: ../environment.yaml }\n');
    const servers = { campaignFile: 'exchange/campaigns/servers.yaml', environmentFile: 'second' };
    expect(await refusal(bob.request('campaign.start', servers))).toBe('key-of-another');
  });

  test('says under its own name that it has looked at what is red, which goes with the campaign', async () => {
    const { alice, bob } = machine;
    await write('scenarios/bad.scn', 'expect 1 == 2\n');
    await write('suites/red.yaml', 'suite: red\nadapter: scenario\nusesServer: false\nsettings: { scenarios: [bad] }\n');
    await write('campaigns/red.yaml', 'campaign: red\nsuites: [red]\n');
    const { campaign } = await alice.request('campaign.start', { campaignFile: 'exchange/campaigns/red.yaml' });
    expect(await ended(alice, campaign)).toMatchObject({ outcome: 'failed', lookedAt: null });
    await bob.request('campaign.look', { campaign, looked: true });
    expect(await alice.request('campaign.show', { campaign })).toMatchObject({
      lookedAt: { operator: 'bob', at: expect.any(Number) as number },
    });
    const lookOf = async (): Promise<unknown> =>
      (await alice.request('campaigns.list', {})).campaigns.find((each) => each.campaign === campaign)?.lookedAt;
    expect(await lookOf()).toMatchObject({ operator: 'bob' });
    await alice.request('campaign.look', { campaign, looked: false });
    expect(await lookOf()).toBeNull();
  });

  const beyond: Readonly<Record<string, readonly [suite: string, campaign: string]>> = {
    'the environment of its workers': ['', 'environment: ../../outside/environment.yaml'],
    'the environment of a server': ['', 'servers: { one: { environment: ../../outside/environment.yaml } }'],
    'a deployment': ['', 'servers: { one: { deploy: ../../outside/secret.scn } }'],
    'a deployment by a link': ['', 'servers: { one: { deploy: ../scenarios/leak.scn } }'],
    'a package': ['package: { folder: ../../outside }', ''],
    'a package by a link': ['package: { folder: ../linked }', ''],
    'a package that holds a key': ['package: { folder: .. }', ''],
    'an archive': ['package: { archive: ../../outside/tests.zip }', ''],
    'a repository': ['package: { git: { repository: ../../outside } }', ''],
    'results elsewhere': ['', 'results: { allure: ../../outside/results }'],
    'results behind a link': ['', 'results: { ndjson: ../linked/ledger.ndjson }'],
    'results among the plugins': ['', 'results: { junit: ../plugins }'],
    'results in place of a key': ['', 'results: { ndjson: ../operator.txt }'],
  };
  test.each(Object.entries(beyond))('starts none that leads beyond what is served by %s', async (_, [suite, campaign]) => {
    await write('suites/away.yaml', `suite: away\nadapter: ${suite === '' ? 'scenario' : 'executable'}\n${suite}\n`);
    await write('campaigns/away.yaml', `campaign: away\nsuites: [away]\n${campaign}\n`);
    const before = await machine.local.request('campaigns.list', {});
    expect(['not-served', 'not-from-here', 'outside-workspace', 'key-of-another']).toContain(
      await refusal(machine.alice.request('campaign.start', { campaignFile: 'exchange/campaigns/away.yaml' })),
    );
    expect(await machine.local.request('campaigns.list', {})).toEqual(before);
    await rm(join(machine.workspace, 'suites', 'away.yaml'));
    await rm(join(machine.workspace, 'campaigns', 'away.yaml'));
  });

  test('puts tests into quarantine and takes them out where the key is its own, in the served workspace alone', async () => {
    const { alice, bob, workspace, outside } = machine;
    const named = { environmentFile, suite: 'smoke', test: 'good' };
    const put = { ...named, change: { kind: 'put', owner: 'eve', reason: 'a race', reference: 'EX-1', days: 5 } } as const;
    expect(await refusal(bob.request('tests.quarantine', put))).toBe('key-of-another');
    await alice.request('tests.quarantine', put);
    expect(await readFile(join(workspace, 'quarantine.yaml'), 'utf8')).toContain('owner: eve');
    expect((await bob.request('tests.history', named)).quarantine).toMatchObject({ owner: 'eve', reason: 'a race', reference: 'EX-1' });
    expect(await refusal(alice.request('tests.quarantine', put))).toBe('quarantined-already');
    await alice.request('tests.quarantine', { ...named, change: { kind: 'extend', days: 14 } });
    expect(await refusal(alice.request('tests.quarantine', { ...named, change: { kind: 'extend', days: 1 } }))).toBe('extended-already');
    await alice.request('tests.quarantine', { ...named, change: { kind: 'take-out' } });
    expect((await bob.request('tests.history', named)).quarantine).toBeNull();
    await rm(join(workspace, 'quarantine.yaml'));
    await symlink(join(outside, 'secret.txt'), join(workspace, 'quarantine.yaml'));
    expect(await refusal(alice.request('tests.quarantine', put))).toBe('not-from-here');
    await rm(join(workspace, 'quarantine.yaml'));
  });

  test.each(['suites', 'campaigns'])('is told nothing of a file elsewhere to which a link in %s leads', async (place) => {
    const link = join(machine.workspace, place, 'leak.yaml');
    await symlink(join(machine.outside, 'secret.txt'), link);
    for (const method of ['suites.list', 'campaigns.files'] as const) {
      const told = await machine.alice.request(method, { folder }).catch((failure: unknown) => failure);
      expect(told).toMatchObject({ problem: { code: 'outside-workspace' } });
      expect(JSON.stringify(told)).not.toContain(secret);
    }
    expect(await refusal(machine.alice.request('campaign.start', { campaignFile: nightly }))).toBe('outside-workspace');
    await rm(link);
  });

  test('reads of the store only what an attempt of the campaign left', async () => {
    const { alice, local } = machine;
    await write('programs/one.sh', '#!/bin/sh\n');
    await write(
      'suites/programs.yaml',
      'suite: programs\nadapter: executable\npackage: { folder: ../programs }\nsettings: { files: ["*.sh"] }\n',
    );
    await write('campaigns/programs.yaml', 'campaign: programs\nsuites: [programs]\n');
    const { campaign } = await alice.request('campaign.start', { campaignFile: 'exchange/campaigns/programs.yaml' });
    const { plan } = await alice.request('campaign.show', { campaign });
    const hash = plan.suites[0]?.package?.hash ?? '';
    const evidence = { name: 'package', type: 'text/plain', hash, bytes: 1_000 };
    expect(await local.request('campaign.evidence', { campaign, evidence })).toMatchObject({
      content: expect.stringContaining('one.sh') as string,
    });
    expect(await refusal(alice.request('campaign.evidence', { campaign, evidence }))).toBe('no-evidence');
    await alice.request('campaign.act', { campaign, action: { kind: 'stop', reason: 'enough' } });
    await ended(alice, campaign);
  });
});

test('campaigns of environments that are not served are neither told nor counted', async () => {
  const { alice, local, outside } = machine;
  const text = `environment: OTHER\nrouter: ${machine.router}\noperator: { name: bob, key: bob.seed }\nrelease: rc1\ndaemons: []\n`;
  await mkdir(join(outside, 'campaigns'), { recursive: true });
  await mkdir(join(outside, 'suites'), { recursive: true });
  await writeFile(join(outside, 'other.yaml'), text);
  await writeFile(join(outside, 'waits.scn'), 'wait 600s\n');
  await writeFile(
    join(outside, 'suites', 'waits.yaml'),
    'suite: waits\nadapter: scenario\nusesServer: false\nsettings: { scenarios: [waits] }\n',
  );
  await writeFile(join(outside, 'campaigns', 'other.yaml'), 'campaign: other\nenvironment: ../other.yaml\n');
  await local.request('workspace.trust', { folder: outside, trusted: true });
  const { campaign } = await local.request('campaign.start', { campaignFile: join(outside, 'campaigns', 'other.yaml') });
  const counted = async (core: Core): Promise<number> => {
    const first = Promise.withResolvers<number>();
    const stream = core.listen('campaigns.changes', {}, ({ active }) => first.resolve(active));
    stream.ended.catch(first.reject);
    return first.promise.finally(() => stream.close());
  };
  expect(await counted(local)).toBe(1);
  expect(await counted(alice)).toBe(0);
  expect((await alice.request('campaigns.list', {})).campaigns.map((each) => each.campaign)).not.toContain(campaign);
  expect(await refusal(alice.request('campaign.show', { campaign }))).toBe('not-served');
  const { token } = await local.request('radiator.link', { name: 'wall' });
  expect((await local.request('radiator.show', { token })).campaigns.map((each) => each.campaign)).toContain(campaign);
  expect((await alice.request('radiator.show', { token })).campaigns.map((each) => each.campaign)).not.toContain(campaign);
  for (const asked of [alice.request('radiator.link', { name: 'mine' }), alice.request('radiator.links', {})])
    expect(await refusal(asked)).toBe('not-served');
  expect(await refusal(alice.listen('campaign.live', { campaign }, () => undefined).ended)).toBe('not-served');
  expect(await refusal(alice.request('campaign.act', { campaign, action: { kind: 'stop', reason: 'x' } }))).toBe('not-served');
  await local.request('campaign.act', { campaign, action: { kind: 'stop', reason: 'enough' } });
  await ended(local, campaign);
});
