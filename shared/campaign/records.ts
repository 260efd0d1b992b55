/**
 * The ledger of a campaign: every record that its one coordinator decided, in the order in which it did. What a campaign is, and was at any
 * moment, is the fold of these records (campaign-state.ts) and nothing else.
 */
import { z } from 'zod';
import { daemonNameSchema, epochSchema } from '#shared/identifiers.ts';
import { campaignPlanSchema, hashSchema, unitSchema } from './plan.ts';
import {
  campaignOutcomeSchema,
  leaseEndSchema,
  serverNameSchema,
  serverStateSchema,
  suiteNameSchema,
  testIdSchema,
  verdictSchema,
} from './words.ts';

const shortText = z.string().max(2_000);
/** ms */
const duration = z.number().min(0);

/** Tells one lease from every other of its campaign; later ones are higher. What comes with a fence that is over changes nothing. */
export const fenceSchema = z.int().min(1);

/** A file that an attempt left, kept by its content. */
export const evidenceSchema = z.object({
  name: z.string().min(1).max(512),
  type: z.string().max(128),
  hash: hashSchema,
  /** bytes that are kept. */
  bytes: z.int().min(0),
  /** bytes that there were, where more than were kept. */
  whole: z.int().min(0).optional(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** The verdict of one attempt at one test. */
export const testVerdictSchema = z.object({
  test: testIdSchema,
  verdict: verdictSchema,
  /** ms, monotonic on the worker. */
  duration,
  /** ms after the lease was taken up by the worker. */
  offset: z.number().min(0),
  /** What failed, in one line. */
  message: shortText.optional(),
  /** Where and how: a stack, a diff. */
  details: z.string().max(16_384).optional(),
  evidence: z.array(evidenceSchema).max(100).optional(),
});
export type TestVerdict = z.infer<typeof testVerdictSchema>;

export const campaignBodySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('campaign-started'), plan: campaignPlanSchema }),
  z.object({ kind: z.literal('units-planned'), units: z.array(unitSchema).max(10_000) }),
  /** A suite was listed; `problem`: it could not be, and none of its tests is executed. */
  z.object({
    kind: z.literal('suite-listed'),
    suite: suiteNameSchema,
    tests: z.int().min(0),
    units: z.int().min(0),
    problem: shortText.optional(),
  }),
  /** Everything is planned: from here on the campaign ends when nothing is left. */
  z.object({ kind: z.literal('planning-finished') }),
  z.object({
    kind: z.literal('server-changed'),
    server: serverNameSchema,
    state: serverStateSchema,
    reason: shortText.optional(),
    /** The run of its deployment. */
    run: z.string().max(128).optional(),
  }),
  /** Whether a server executes its serial units, one by one, or the parallel ones. */
  z.object({ kind: z.literal('server-turned'), server: serverNameSchema, mode: z.enum(['serial', 'parallel']) }),
  z.object({
    kind: z.literal('worker-changed'),
    worker: daemonNameSchema,
    state: z.enum(['present', 'lost', 'leaving']),
    epoch: epochSchema,
    slots: z.int().min(0),
    labels: z.array(z.string().max(64)).max(100),
    host: z.string().max(255),
    reason: shortText.optional(),
  }),
  z.object({
    kind: z.literal('leased'),
    fence: fenceSchema,
    unit: z.int().min(0),
    /** Of this unit, from 1. */
    attempt: z.int().min(1),
    worker: daemonNameSchema,
    epoch: epochSchema,
    server: serverNameSchema.nullable(),
    /** Of its tests only these, where some have their verdict already. */
    tests: z.array(testIdSchema).max(100_000).optional(),
  }),
  z.object({
    kind: z.literal('settled'),
    fence: fenceSchema,
    end: leaseEndSchema,
    reason: shortText.optional(),
    /** ms since 1970 by the core's clock, when the worker took it up. */
    takenUpAt: z.number().optional(),
    verdicts: z.array(testVerdictSchema).max(100_000),
  }),
  /** Came with a fence that was over: evidence, never a verdict. */
  z.object({ kind: z.literal('late'), fence: fenceSchema, worker: daemonNameSchema, verdicts: z.array(testVerdictSchema).max(1_000) }),
  /** Somebody wants tests executed once more, beyond their retries. */
  z.object({ kind: z.literal('retry-asked'), units: z.array(z.int().min(0)).max(100_000), operator: z.string().max(64) }),
  z.object({ kind: z.literal('prioritised'), suite: suiteNameSchema.nullable(), priority: z.int(), operator: z.string().max(64) }),
  z.object({ kind: z.literal('stop-asked'), operator: z.string().max(64), reason: shortText }),
  /** Another core took the seat. */
  z.object({ kind: z.literal('coordinator-changed'), core: z.string().max(128), host: z.string().max(255) }),
  /**
   * Why what waits is waiting, for those who only follow: told now and then when it has changed, and no part of what is decided. `count`: units,
   * or suites that nobody can list; `units`: some of them, evenly over all.
   */
  z.object({
    kind: z.literal('waits-told'),
    waits: z.array(z.object({ reason: shortText, count: z.int().min(0), units: z.array(z.int().min(0)).max(400) })).max(50),
  }),
  z.object({ kind: z.literal('campaign-ended'), outcome: campaignOutcomeSchema, reason: shortText.optional() }),
]);
export type CampaignBody = z.infer<typeof campaignBodySchema>;
export type CampaignBodyOf<Kind extends CampaignBody['kind']> = Extract<CampaignBody, { kind: Kind }>;

const envelope = z.object({
  /** Numbered from 1 without gaps. */
  sequence: z.int().min(1),
  /** ms since 1970, core's clock. */
  time: z.number(),
});
export type CampaignRecord = z.infer<typeof envelope> & CampaignBody;

/** Each kind with the envelope in it: an intersection would decode every record twice and put the halves together, which is half of reading a ledger. */
const kinds = campaignBodySchema.options.map((body) => body.extend(envelope.shape));
const [first, ...others] = kinds;
if (!first) throw new Error('There are kinds of records.');
export const campaignRecordSchema: z.ZodType<CampaignRecord> = z.discriminatedUnion('kind', [first, ...others]);
