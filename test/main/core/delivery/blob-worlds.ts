/** The stores of blobs: on files, and in a real nats-server. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { connectToRouter } from '#network/bus/connect.ts';
import { JetStream } from '#network/bus/jetstream.ts';
import { systemClock, type Clock } from '#platform/clock.ts';
import { FileBlobs } from '#main/core/delivery/file-blobs.ts';
import { JetStreamBlobs } from '#main/core/delivery/jetstream-blobs.ts';
import type { BlobStore } from '#main/core/delivery/ports.ts';
import { environment, temporaryFolder } from '../campaigns/campaign-worlds.ts';
import { startNatsServer, withoutNatsServer } from '../link/nats-server.ts';

export interface BlobWorld {
  /** Opens the store as a core that starts anew does. */
  open(options?: { readonly clock?: Clock; readonly maximumBytes?: number }): Promise<BlobStore>;
  end(): Promise<void>;
  /** Folder of the files, where they are files. */
  readonly folder: string;
}

export const blobEngines: readonly { readonly name: string; readonly skipped: boolean; start(): Promise<BlobWorld> }[] = [
  { name: 'files', skipped: false, start: onFiles },
  { name: 'jetstream', skipped: withoutNatsServer, start: inJetStream },
];

export async function onFiles(): Promise<BlobWorld> {
  const folder = await temporaryFolder();
  return {
    folder,
    open: ({ clock = systemClock, ...options } = {}) => FileBlobs.open({ folder, clock, ...options }),
    end: () => rm(folder, { recursive: true, force: true }),
  };
}

async function inJetStream(): Promise<BlobWorld> {
  const folder = await temporaryFolder();
  const server = await startNatsServer(['-js', '-sd', path.join(folder, 'server')]);
  const connection = await connectToRouter({ url: server.url, name: 'core' });
  const jetStream = await JetStream.open(connection, server.url);
  return {
    folder,
    open: ({ clock = systemClock, ...options } = {}) => JetStreamBlobs.open({ jetStream, environment, clock, ...options }),
    end: async () => {
      await connection.close();
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
