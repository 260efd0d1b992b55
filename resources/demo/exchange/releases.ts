/**
 * The release candidates of the exchange, as their teams built them. They differ in code, not in a switch that decides
 * how a test ends:
 *
 * - rc1: orders are acknowledged once the standby has them; the audit trail keeps its last link.
 * - rc2: the supervisor wanted the whole trail at hand. It is kept in memory and proven again at a takeover and after it.
 * - rc3: replication was made cheaper by sending batches. Orders are acknowledged before the standby has them.
 */
import { readFileSync } from 'node:fs';
import { CompleteAuditTrail, RunningAuditTrail, type AuditTrail } from './audit-trail.ts';
import { BatchedReplication, SynchronousReplication, type Replication, type SendEntries } from './replication.ts';

export interface ReleaseCandidate {
  readonly name: string;
  replication(send: SendEntries): Replication;
  auditTrail(): AuditTrail;
}

export const releaseCandidates: readonly ReleaseCandidate[] = [
  { name: 'rc1', replication: (send) => new SynchronousReplication(send), auditTrail: () => new RunningAuditTrail() },
  { name: 'rc2', replication: (send) => new SynchronousReplication(send), auditTrail: () => new CompleteAuditTrail() },
  { name: 'rc3', replication: (send) => new BatchedReplication(send), auditTrail: () => new RunningAuditTrail() },
];

/** By its name, or, as `@FILE`, the one that was installed there. */
export function releaseCandidate(named: string): ReleaseCandidate {
  const name = named.startsWith('@') ? readFileSync(named.slice(1), 'utf8').trim() : named;
  const found = releaseCandidates.find((each) => each.name === name);
  if (found) return found;
  process.stderr.write(`There is no release candidate ${name}; there are ${releaseCandidates.map((each) => each.name).join(', ')}.\n`);
  process.exit(2);
}
