/** Where the campaigns of an environment are kept: in the JetStream of its router where that has one, else on the house journal. */
import path from 'node:path';
import type { NatsConnection } from '#network/bus/connect.ts';
import { JetStream } from '#network/bus/jetstream.ts';
import { ProblemError } from '#shared/problem.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import type { Clock } from '#platform/clock.ts';
import { markAsOriginals } from './copies.ts';
import { openJournalStore } from './journal/journal-store.ts';
import { openJetStreamStore } from './jetstream/jetstream-store.ts';
import type { CampaignStore } from './ports.ts';

/** How the embedded router calls itself. */
const embeddedRouter = 'testops-router';

export interface CampaignStoreOptions {
  readonly connection: NatsConnection;
  /** URL of the router, for people. */
  readonly router: string;
  readonly environment: EnvironmentName;
  /** Folder of campaigns in the core's home. */
  readonly folder: string;
  readonly clock: Clock;
  /** `journal`: this machine's journal even beside a nats-server; then no other machine's core can take over. */
  readonly engine?: 'of the router' | 'journal';
  /** Servers of a cluster that keep each message. */
  readonly replicas?: number;
}

export async function openCampaignStore(options: CampaignStoreOptions): Promise<CampaignStore> {
  const { connection, router, engine = 'of the router' } = options;
  if (engine === 'journal' || engineOf(connection.info, router) === 'journal') {
    await markAsOriginals(path.join(options.folder, options.environment));
    return openJournalStore(options);
  }
  return openJetStreamStore({ ...options, jetStream: await JetStream.open(connection, router) });
}

/** What a router says of itself decides; a nats-server without JetStream is told, since a journal there would be this machine's alone. */
export function engineOf(info: NatsConnection['info'], router: string): 'journal' | 'jetstream' {
  if (info?.jetstream) return 'jetstream';
  if (info?.server_name === embeddedRouter) return 'journal';
  throw new ProblemError({
    code: 'no-jetstream',
    message: `The nats-server at ${router} has no JetStream, in which campaigns are kept.`,
    tip: 'Add "jetstream" to router.yaml and start it anew, or choose the journal of this machine.',
  });
}
