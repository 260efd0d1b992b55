/** Where the blobs of an environment are kept: beside its campaigns, in the JetStream of its router or in the home of this core. */
import { join } from 'node:path';
import { JetStream } from '#network/bus/jetstream.ts';
import type { NatsConnection } from '#network/bus/connect.ts';
import type { Clock } from '#platform/clock.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import { FileBlobs } from './file-blobs.ts';
import { JetStreamBlobs } from './jetstream-blobs.ts';
import type { BlobStore } from './ports.ts';

export interface BlobPlace {
  readonly connection: NatsConnection;
  /** URL of the router, for people. */
  readonly router: string;
  readonly environment: EnvironmentName;
  /** Folder of campaigns in the core's home. */
  readonly folder: string;
  readonly clock: Clock;
}

export async function openBlobs({ connection, router, environment, folder, clock }: BlobPlace): Promise<BlobStore> {
  if (!connection.info?.jetstream) return FileBlobs.open({ folder: join(folder, environment, 'blobs'), clock });
  return JetStreamBlobs.open({ jetStream: await JetStream.open(connection, router), environment, clock });
}
