/**
 * What operators may do in the JetStream of a nats-server: exactly what campaigns of their environments need. Nobody may make a consumer, and
 * nobody but the administrator a stream: either can have messages of one subject appear on any other, whatever its maker may publish or hear.
 */
import type { EnvironmentName } from '#shared/identifiers.ts';
import {
  blobStream,
  blobSubject,
  bucketStream,
  bucketSubject,
  campaignStreams,
  ledgerNewsSubject,
  ledgerStream,
  ledgerSubject,
  seatBucket,
  seatKey,
} from '#shared/protocol/campaign-streams.ts';
import type { Permissions } from './permissions.ts';

const api = '$JS.API';

/** Of an operator, in one environment. */
export function campaignPermissions(environment: EnvironmentName, isAdministrator: boolean): Permissions {
  const streams = campaignStreams(environment);
  const bucket = seatBucket(environment);
  return {
    publish: {
      allow: [
        ledgerSubject(environment, '*'),
        ledgerNewsSubject(environment, '*'),
        bucketSubject(bucket, seatKey),
        blobSubject(environment, '*', '*'),
        ...streams.map((stream) => `${api}.STREAM.INFO.${stream}`),
        ...[ledgerStream(environment), bucketStream(bucket), blobStream(environment)].map((stream) => `${api}.STREAM.MSG.GET.${stream}`),
        // Blobs are thrown away again, ledgers never.
        `${api}.STREAM.PURGE.${blobStream(environment)}`,
        ...(isAdministrator ? streams.map((stream) => `${api}.STREAM.CREATE.${stream}`) : []),
      ],
    },
    subscribe: { allow: [ledgerNewsSubject(environment, '*')] },
  };
}
