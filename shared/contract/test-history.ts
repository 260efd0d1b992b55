/** The past of tests: how each ended over revisions, how its duration went, how intermittent it is, and what that comes of. */
import { z } from 'zod';
import { toldCauseSchema } from '#shared/campaign/test-past.ts';
import { campaignIdSchema, suiteNameSchema, testIdSchema, verdictSchema } from '#shared/campaign/words.ts';
import { environmentFile } from './shapes.ts';

const count = z.int().min(0);
/** ms since 1970, core's clock. */
const time = z.number();

/** How often a test disagreed with itself although revision and package were the same. */
export const flakinessSchema = z.object({
  /** `suspected`: it did once, which may have been anything; `intermittent`: more often. */
  judgement: z.enum(['steady', 'suspected', 'intermittent']),
  /** Attempts that went wrong at a revision and package at which it also passed; half of one counts where it is long ago. */
  failures: z.number().min(0),
  attempts: z.number().min(0),
  /** null: no attempt tells. */
  rate: z.number().nullable(),
  /** 95 % interval of the rate. */
  low: z.number(),
  high: z.number(),
});

/** Passes in a row of a new test, and how many it needs until it is taken for steady. */
const burnIn = z.object({ passes: count, wanted: count, over: z.boolean() });

export const testHistoryMethods = {
  /** What the latest campaigns of an environment told of one test, the latest last. */
  'tests.history': {
    request: environmentFile.extend({ suite: suiteNameSchema, test: testIdSchema }),
    response: z.object({
      suite: suiteNameSchema,
      test: testIdSchema,
      group: z.string(),
      campaigns: z.array(
        z.object({
          campaign: campaignIdSchema,
          startedAt: time,
          revision: z.string(),
          /** SHA-256 of its package; null: what stood on the workers. */
          package: z.string().nullable(),
          /** Of its attempts, in their order. */
          verdicts: z.array(verdictSchema),
          /** ms of its last attempt. */
          duration: z.number(),
          /** Attempts that say something of the test: not those that a lost worker, a bad server or a storm of failures spoiled. */
          passed: count,
          failed: count,
          /** So much failed in this campaign that it says nothing of one test. */
          storm: z.boolean(),
          cause: toldCauseSchema.nullable(),
        }),
      ),
      duration: z.object({
        /** ms that it takes, the latest campaigns counting most; null: it never came to its end. */
        expected: z.number().nullable(),
        /** ms by which it changes from campaign to campaign; null: too few to tell. `p`: how likely that is by chance. */
        drift: z.object({ perRun: z.number(), p: z.number(), direction: z.enum(['up', 'down']) }).nullable(),
      }),
      flakiness: flakinessSchema,
      burnIn,
      /** As `quarantine.yaml` beside the environment file has it; `expires` may be over. */
      quarantine: z.object({ owner: z.string(), reason: z.string(), reference: z.string(), expires: time }).nullable(),
    }),
  },
  /** Puts a test into quarantine, extends that once, or takes it out: in `quarantine.yaml` beside the environment file, where comments and order stay. */
  'tests.quarantine': {
    request: environmentFile.extend({
      suite: suiteNameSchema,
      test: testIdSchema,
      change: z.discriminatedUnion('kind', [
        z.object({
          kind: z.literal('put'),
          owner: z.string().min(1).max(128),
          reason: z.string().min(1).max(2_000),
          reference: z.string().max(1_000),
          days: z.int().min(1).max(1_000),
        }),
        z.object({ kind: z.literal('extend'), days: z.int().min(1).max(1_000) }),
        z.object({ kind: z.literal('take-out') }),
      ]),
    }),
    response: z.object({}),
  },
  /** Tests of an environment that disagree with themselves at one revision and package, the most certain first; and those that are new. */
  'tests.flaky': {
    request: environmentFile,
    response: z.object({
      tests: z.array(
        z.object({
          suite: suiteNameSchema,
          test: testIdSchema,
          flakiness: flakinessSchema,
          /** When it did so last, as far as that campaign is remembered. */
          last: z
            .object({ campaign: campaignIdSchema, startedAt: time, revision: z.string(), cause: toldCauseSchema.nullable() })
            .nullable(),
          /** Passes in a row since. */
          passes: count,
          /** Stands in `quarantine.yaml` beside the environment file. */
          quarantined: z.boolean(),
        }),
      ),
      /** Tests that have not yet passed often enough in a row to be taken for steady. */
      burningIn: z.array(z.object({ suite: suiteNameSchema, test: testIdSchema, passes: count, wanted: count })),
      /** How many there are, where the lists are cut. */
      total: z.object({ tests: count, burningIn: count }),
      /** Campaigns in which so much failed that nothing in them counts, with the number of their tests. */
      storms: z.array(z.object({ campaign: campaignIdSchema, startedAt: time, tests: count })),
    }),
  },
} as const;
