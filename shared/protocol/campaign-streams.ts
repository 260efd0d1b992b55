/**
 * What campaigns of an environment keep in the JetStream of a nats-server, and on which subjects: the ledgers, the seat of the coordinator,
 * blobs. The core reads and writes there; the permissions of operators are made of the same names.
 */
import type { EnvironmentName } from '#shared/identifiers.ts';
import { subjectRoot } from './subjects.ts';

/** The stream of all ledgers of an environment. */
export function ledgerStream(environment: EnvironmentName): string {
  return `TESTOPS_${environment}_CAMPAIGNS`;
}

/** Where the records of a campaign are appended; `*`: of all. */
export function ledgerSubject(environment: EnvironmentName, campaign: string): string {
  return `${subjectRoot}.${environment}.campaign.${campaign}.ledger`;
}

/** Where it is told that a ledger has new records; nothing is kept of it. */
export function ledgerNewsSubject(environment: EnvironmentName, campaign: string): string {
  return `${subjectRoot}.${environment}.campaign.${campaign}.news`;
}

/** The bucket of keys and values with the seats. */
export function seatBucket(environment: EnvironmentName): string {
  return `testops_${environment}_seats`;
}

export const seatKey = 'coordinator';

/** The stream and the subjects under a bucket, as its format says. */
export function bucketStream(bucket: string): string {
  return `KV_${bucket}`;
}
export function bucketSubject(bucket: string, key: string): string {
  return `$KV.${bucket}.${key}`;
}

/** The stream of all blobs of an environment. */
export function blobStream(environment: EnvironmentName): string {
  return `TESTOPS_${environment}_BLOBS`;
}

/** A part of a blob by its number, or `*`, `head`. */
export function blobSubject(environment: EnvironmentName, hash: string, part: number | string): string {
  return `${subjectRoot}.${environment}.blob.${hash}.${part}`;
}

/** Names of everything that an environment has there. */
export function campaignStreams(environment: EnvironmentName): readonly string[] {
  return [ledgerStream(environment), bucketStream(seatBucket(environment)), blobStream(environment)];
}
