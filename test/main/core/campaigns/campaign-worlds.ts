/** The engines that keep campaigns, each in a world of its own: real files, and a real nats-server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectToRouter, type NatsConnection } from '#network/bus/connect.ts';
import { startRouter } from '#network/router/router.ts';
import { systemClock } from '#platform/clock.ts';
import { environmentNameSchema } from '#shared/identifiers.ts';
import { campaignIdSchema, type CampaignId } from '#shared/campaign/words.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import { openCampaignStore } from '#main/core/campaigns/campaign-store.ts';
import type { CampaignStore } from '#main/core/campaigns/ports.ts';
import { startNatsServer, withoutNatsServer } from '../link/nats-server.ts';

export const environment = environmentNameSchema.parse('staging');

/** How a core finds what keeps campaigns; also given to processes of their own. */
export interface Place {
  readonly router: string;
  readonly folder: string;
}

export interface World {
  /** The store as a core of its own sees it; cores of a world share the journal's folder where the journal is the engine. */
  open(): Promise<CampaignStore>;
  /** A place for a core of its own. */
  place(): Promise<Place>;
  /** Kills what keeps the campaigns and starts it again, where it is a process. */
  restart?: () => Promise<void>;
  end(): Promise<void>;
}

export interface Engine {
  readonly name: 'journal' | 'jetstream';
  readonly skipped: boolean;
  start(): Promise<World>;
}

export const engines: readonly Engine[] = [
  { name: 'journal', skipped: false, start: startJournal },
  { name: 'jetstream', skipped: withoutNatsServer, start: startJetStream },
];

export function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'testops-campaigns-'));
}

export interface OpenedCore {
  readonly store: CampaignStore;
  readonly connection: NatsConnection;
  readonly close: () => Promise<void>;
}

export async function openCore({ router, folder }: Place): Promise<OpenedCore> {
  const connection = await connectToRouter({ url: router, name: 'core', waitOnFirstConnect: true });
  const store = await openCampaignStore({ connection, router, environment, folder, clock: systemClock });
  return {
    store,
    connection,
    close: async () => {
      await store.dispose();
      await connection.close();
    },
  };
}

async function worldOf(place: () => Promise<Place>, end: () => Promise<void>): Promise<World> {
  const cores: OpenedCore[] = [];
  return {
    place,
    open: async () => {
      const core = await openCore(await place());
      cores.push(core);
      return core.store;
    },
    end: async () => {
      for (const core of cores) await core.close();
      await end();
    },
  };
}

async function startJournal(): Promise<World> {
  const folder = await temporaryFolder();
  const router = await startRouter({ port: 0 });
  const place = { router: `nats://127.0.0.1:${router.port}`, folder };
  return worldOf(
    () => Promise.resolve(place),
    async () => {
      await router.close();
      await rm(folder, { recursive: true, force: true });
    },
  );
}

async function startJetStream(): Promise<World> {
  const folder = await temporaryFolder();
  const server = await startNatsServer(['-js', '-sd', path.join(folder, 'server')]);
  let cores = 0;
  const world = await worldOf(
    () => Promise.resolve({ router: server.url, folder: path.join(folder, `core-${++cores}`) }),
    async () => {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  );
  return {
    ...world,
    restart: async () => {
      await server.kill();
      await server.start();
    },
  };
}

export function campaignId(name: string): CampaignId {
  return campaignIdSchema.parse(`20261201T120000Z-${name}-3f9a`);
}

/** Records from one sequence to another, both included; what they say tells them apart. */
export function records(from: number, to: number, words = 'somebody'): CampaignRecord[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({
    sequence: from + index,
    time: 1_000 + from + index,
    kind: 'stop-asked',
    operator: 'alice',
    reason: `${words} ${from + index}`,
  }));
}

export function end(sequence: number): CampaignRecord {
  return { sequence, time: 1_000 + sequence, kind: 'campaign-ended', outcome: 'passed' };
}

export async function all(batches: AsyncIterable<readonly CampaignRecord[]>): Promise<CampaignRecord[]> {
  const found: CampaignRecord[] = [];
  for await (const batch of batches) found.push(...batch);
  return found;
}

/** Numbers from 1 on. */
export function numbers(to: number): number[] {
  return Array.from({ length: to }, (_, index) => index + 1);
}
