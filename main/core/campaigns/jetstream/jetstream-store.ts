/** Campaigns in the JetStream of a nats-server: ledgers on a stream, the seat in a bucket, and this machine's own copy of what it led. */
import path from 'node:path';
import { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { EnvironmentName } from '#shared/identifiers.ts';
import { bucketStream, bucketSubject, ledgerStream, ledgerSubject, seatBucket, seatKey } from '#shared/protocol/campaign-streams.ts';
import type { Clock } from '#platform/clock.ts';
import type { JetStream, StreamSettings } from '#network/bus/jetstream.ts';
import { markAsCopies } from '../copies.ts';
import type { CampaignStore } from '../ports.ts';
import { JetStreamLedgers } from './jetstream-ledgers.ts';
import { JetStreamSeat, seatLife } from './jetstream-seat.ts';

export interface JetStreamStoreOptions {
  readonly jetStream: JetStream;
  readonly environment: EnvironmentName;
  /** Where this machine's own copies are, of all environments. */
  readonly folder: string;
  readonly clock: Clock;
  /** Servers of a cluster that keep each message; 1 unless told. */
  readonly replicas?: number;
}

export async function openJetStreamStore(options: JetStreamStoreOptions): Promise<CampaignStore> {
  const { jetStream, environment, clock, replicas = 1 } = options;
  await jetStream.ensureStream(ledgerSettings(environment, replicas));
  await jetStream.ensureStream(seatSettings(environment, replicas));
  const folder = path.join(options.folder, environment);
  const place = `JetStream of ${jetStream.place}`;
  await markAsCopies(folder, place);
  const ledgers = new JetStreamLedgers({ jetStream, environment, folder, clock });
  const seat = await JetStreamSeat.open(jetStream, seatBucket(environment), seatKey, clock);
  return {
    ledgers,
    seat,
    place,
    isHere: false,
    dispose: async () => {
      await seat.dispose();
      await ledgers.dispose();
    },
  };
}

/** Nothing of it is ever lost to a limit, deleted or purged. */
function ledgerSettings(environment: EnvironmentName, replicas: number): StreamSettings {
  return {
    name: ledgerStream(environment),
    subjects: [ledgerSubject(environment, '*')],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    deny_delete: true,
    deny_purge: true,
    num_replicas: replicas,
  };
}

/** As the format of buckets says; its entries vanish by themselves. */
function seatSettings(environment: EnvironmentName, replicas: number): StreamSettings {
  const bucket = seatBucket(environment);
  return {
    name: bucketStream(bucket),
    subjects: [bucketSubject(bucket, '>')],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_msgs_per_subject: 1,
    max_age: nanos(seatLife),
    duplicate_window: nanos(seatLife),
    deny_delete: true,
    allow_rollup_hdrs: true,
    num_replicas: replicas,
  };
}
