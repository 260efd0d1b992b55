/**
 * What people say about a finished run: decisions, causes, notes and bookmarks. A run itself never changes; its remarks are a
 * list of their own beside it, only ever added to. What counts now is what is left when every withdrawal is taken into account.
 */
import { z } from 'zod';
import { causes, decisions, type Decision } from './run-words.ts';

export const decisionSchema = z.enum(decisions);

export const causeSchema = z.enum(causes);

const text = z.string().max(4_000);
const remarkBodies = [
  /** `accepted`: the run is one of its release candidate's baseline from now on. The last decision counts. */
  z.object({ kind: z.literal('decision'), decision: decisionSchema, text }),
  /** A cause with its reference (number of a defect, address of a change), of the whole run or of one finding of a comparison. */
  z.object({
    kind: z.literal('cause'),
    cause: causeSchema,
    reference: z.string().max(500).nullable(),
    text,
    finding: z.string().max(1_000).nullable(),
  }),
  /** `time`: ms since 1970 in the run, core's clock. */
  z.object({ kind: z.literal('note'), time: z.number().nullable(), text }),
  z.object({ kind: z.literal('bookmark'), time: z.number(), text }),
  /** Takes an earlier remark back; both stay in the list. */
  z.object({ kind: z.literal('withdrawal'), remark: z.int().min(1) }),
] as const;
export const remarkBodySchema = z.discriminatedUnion('kind', remarkBodies);
export type RemarkBody = z.infer<typeof remarkBodySchema>;

const envelope = z.object({
  /** From 1, rising, within one run; a damaged line of the file leaves a gap. */
  number: z.int().min(1),
  /** ms since 1970: when it was said. */
  saidAt: z.number(),
  author: z.string().max(64),
});
export const remarkSchema = z.intersection(envelope, remarkBodySchema);
export type Remark = RemarkBody & z.infer<typeof envelope>;

/** Remarks that were not taken back, in their order. */
export function standingRemarks(remarks: readonly Remark[]): readonly Remark[] {
  const withdrawn = new Set(remarks.flatMap((remark) => (remark.kind === 'withdrawal' ? [remark.remark] : [])));
  return remarks.filter((remark) => remark.kind !== 'withdrawal' && !withdrawn.has(remark.number));
}

/** The decision that counts now. */
export function decisionOf(remarks: readonly Remark[]): Decision {
  const decisions = standingRemarks(remarks).flatMap((remark) => (remark.kind === 'decision' ? [remark.decision] : []));
  return decisions.at(-1) ?? 'undecided';
}
