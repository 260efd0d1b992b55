/** Several cores of which not all can use the servers of a campaign: one that can decides, and no server is lost because another one cannot. */
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ServerDesk } from '#main/core/campaigns/coordination/servers.ts';
import { EnvironmentCampaigns } from '#main/core/campaigns/environment-campaigns.ts';
import { TestHistory } from '#main/core/campaigns/history/test-history.ts';
import { openJournalStore } from '#main/core/campaigns/journal/journal-store.ts';
import type { BlobStore } from '#main/core/delivery/ports.ts';
import { systemClock } from '#platform/clock.ts';
import { Ownership } from '#shared/disposable.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import type { Problem } from '#shared/problem.ts';
import { campaignPlan, serverName, suitePlan } from '../../../../shared/campaign/made-campaign.ts';

const environment = 'TEST' as EnvironmentName;
const untrusted: Problem = {
  severity: 'error',
  code: 'workspace-untrusted',
  message: 'The folder /somewhere is not trusted.',
  tip: 'Trust it: testops workspace trust /somewhere',
};

let folder = '';
let owned = new Ownership();
const used: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-refused-'));
  used.splice(0);
});
afterEach(async () => {
  await owned.dispose();
  owned = new Ownership();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** @param refusal what keeps it from using servers now */
async function core(name: string, refusal: () => Problem | null): Promise<EnvironmentCampaigns> {
  const servers: ServerDesk = {
    refusal: () => Promise.resolve(refusal()),
    deploy: ({ server }) => {
      used.push(`${name} deploys ${server}`);
      return Promise.resolve({ passed: true, run: '', reason: 'deployed' });
    },
    watch: ({ server }, _, told) => {
      used.push(`${name} watches ${server}`);
      told(refusal()?.message ?? null);
      return () => undefined;
    },
  };
  const opened = new EnvironmentCampaigns({
    environment,
    store: openJournalStore({ folder, environment, clock: systemClock }),
    blobs: {} as BlobStore,
    clock: systemClock,
    core: name,
    servers,
    scenarios: {
      list: () => Promise.resolve([]),
      execute: () => Promise.reject(new Error('nothing is executed')),
      keep: () => Promise.reject(new Error('nothing is kept')),
    },
    history: await TestHistory.open(join(folder, 'history')),
    changed: () => undefined,
    report: () => undefined,
  });
  owned.own(opened);
  return opened;
}

/** A campaign of one server that is deployed, in the ledger. */
async function planned({ store }: EnvironmentCampaigns): Promise<CampaignId> {
  const plan = campaignPlan({ suites: [suitePlan('s', { usesServer: true })], servers: { a: 1 } });
  const servers = plan.servers.map((server) => ({ ...server, environmentFile: '/of/alice/a.yaml', deploy: '/of/alice/deploy.scn' }));
  const ledger = await store.ledgers.create(plan.campaign);
  await ledger.append(0, [{ sequence: 1, time: Date.now(), kind: 'campaign-started', plan: { ...plan, startedAt: Date.now(), servers } }]);
  await ledger.dispose();
  return plan.campaign;
}

async function states({ store }: EnvironmentCampaigns, campaign: CampaignId): Promise<readonly string[]> {
  const ledger = await store.ledgers.open(campaign);
  const found: string[] = [];
  for await (const records of ledger.read(1))
    for (const record of records) if (record.kind === 'server-changed') found.push(`${record.state} ${record.reason ?? ''}`.trim());
  await ledger.dispose();
  return found;
}

test('a core that cannot use a server leaves the seat to one that can, and says who refuses, where, and what helps', async () => {
  const bob = await core('core-bob', () => untrusted);
  const alice = await core('core-alice', () => null);
  await bob.lead();
  expect(bob.coordinator).not.toBeNull();
  await alice.lead();
  const campaign = await planned(alice);
  await expect.poll(async () => (await alice.state(campaign)).servers.get(serverName('a'))?.state).toBe('ready');
  expect(await states(alice, campaign)).toEqual([
    `waiting core-bob on ${hostname()} cannot use it. ${untrusted.message} There: ${untrusted.tip}`,
    'deploying',
    'ready',
  ]);
  await expect.poll(() => used).toEqual(['core-alice deploys a', 'core-alice watches a']);
  expect(bob.coordinator).toBeNull();
});

test('where no other core is there, the server waits; as soon as this one can use it, it is deployed', async () => {
  let refusal: Problem | null = untrusted;
  const bob = await core('core-bob', () => refusal);
  const campaign = await planned(bob);
  await bob.lead();
  // It left the seat for a moment, nobody took it, and it decides over what needs no server.
  await expect.poll(() => bob.active(campaign)?.state.servers.get(serverName('a'))?.state).toBe('waiting');
  expect(used).toEqual([]);
  refusal = null;
  await expect.poll(() => bob.active(campaign)?.state.servers.get(serverName('a'))?.state, { timeout: 15_000 }).toBe('ready');
  await expect.poll(() => used).toEqual(['core-bob deploys a', 'core-bob watches a']);
});

test('a server that was deployed is not deployed again because a core could not use it for a while', async () => {
  let refusal: Problem | null = null;
  const first = await core('core-first', () => refusal);
  const campaign = await planned(first);
  await first.lead();
  await expect.poll(async () => (await first.state(campaign)).servers.get(serverName('a'))?.state).toBe('ready');
  await first.dispose();
  refusal = untrusted;
  const second = await core('core-second', () => refusal);
  await second.lead();
  await expect.poll(async () => (await second.state(campaign)).servers.get(serverName('a'))?.state).toBe('waiting');
  await second.dispose();
  const third = await core('core-third', () => null);
  await third.lead();
  await expect.poll(async () => (await third.state(campaign)).servers.get(serverName('a'))?.state).toBe('ready');
  expect(used.filter((each) => each.includes('deploys'))).toEqual(['core-first deploys a']);
});
