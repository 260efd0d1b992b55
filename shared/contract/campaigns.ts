/** Campaigns: suites checked, campaigns started, followed, operated, looked at and compared; the workers that execute them. */
import { z } from 'zod';
import { campaignPlanSchema } from '#shared/campaign/plan.ts';
import { evidenceSchema, fenceSchema, testVerdictSchema } from '#shared/campaign/records.ts';
import {
  adapterSchema,
  campaignIdSchema,
  campaignOutcomeSchema,
  leaseEndSchema,
  serverNameSchema,
  serverStateSchema,
  suiteNameSchema,
  testIdSchema,
  testResultSchema,
  verdictSchema,
} from '#shared/campaign/words.ts';
import { daemonNameSchema } from '#shared/identifiers.ts';
import { problemSchema } from '#shared/problem-schema.ts';
import { environmentFile, folder, nothing, path } from './shapes.ts';
import { lookedAtSchema } from './radiator.ts';
import { testHistoryMethods } from './test-history.ts';

const campaign = z.object({ campaign: campaignIdSchema });
const count = z.int().min(0);
/** ms since 1970, core's clock. */
const time = z.number();

/** How many tests have which result in the end; the rest waits or runs. */
export const resultCountsSchema = z.record(testResultSchema, count);

/** A campaign in a list. */
export const campaignSummarySchema = z.object({
  campaign: campaignIdSchema,
  name: z.string(),
  title: z.string(),
  environment: z.string(),
  revision: z.string(),
  operator: z.string(),
  startedAt: time,
  /** null while it goes on. */
  endedAt: time.nullable(),
  outcome: campaignOutcomeSchema.nullable(),
  reason: z.string().nullable(),
  tests: count,
  results: resultCountsSchema,
  /** Tests of which something is said, and that are executed once more: they are in none of `results`. */
  triedAgain: count,
  /**
   * When it stood so, where all that this core has is a copy that was left behind: it may have gone on, or be over, since. null: it stands so.
   */
  asOf: time.nullable(),
  /** Who has looked at it, where it is red; null: nobody has said so. */
  lookedAt: lookedAtSchema.nullable(),
});
export type CampaignSummary = z.output<typeof campaignSummarySchema>;

/** A server as the Campaign view shows it. */
export const campaignServerSchema = z.object({
  server: serverNameSchema,
  state: serverStateSchema,
  mode: z.enum(['serial', 'parallel']).nullable(),
  reason: z.string().nullable(),
  slots: count,
  used: count,
});

export const campaignWorkerSchema = z.object({
  worker: daemonNameSchema,
  state: z.enum(['present', 'lost', 'leaving']),
  host: z.string(),
  slots: count,
  used: count,
  labels: z.array(z.string()),
  /** What it executes now. */
  running: z.array(z.object({ suite: suiteNameSchema, test: z.string(), since: time, server: serverNameSchema.nullable() })),
});

/** A worker as a campaign knows it: with what it was lost, if it ever was. */
const lostWorkerSchema = campaignWorkerSchema.extend({
  lost: z
    .object({
      /** Attempts that it was lost with, over the whole campaign, and tests of them that were without a verdict. */
      attempts: count,
      tests: count,
      /** While it is lost, what it had: how many tests, and some of them. */
      latest: z.object({ tests: count, examples: z.array(z.object({ suite: suiteNameSchema, test: testIdSchema })).max(3) }),
    })
    .nullable(),
});

/** Failed tests whose messages are alike, the most frequent first. */
export const failureGroupSchema = z.object({
  /** The message with what differs taken out. */
  message: z.string(),
  tests: count,
  /** Some of them. */
  examples: z.array(z.object({ suite: suiteNameSchema, test: testIdSchema })).max(20),
  servers: z.array(z.string()).max(100),
});

/** Everything of a campaign but its tests. */
export const campaignViewSchema = campaignSummarySchema.extend({
  plan: campaignPlanSchema,
  planning: z.boolean(),
  /** Tests in quarantine that failed: they do not decide. */
  quarantined: count,
  /** Tests: with those that have their result they are all that are known. */
  running: count,
  waiting: count,
  /** ms since 1970 at which it will have ended, with a probability of a half and of nine tenths; null: not known. */
  forecast: z.object({ p50: time, p90: time }).nullable(),
  servers: z.array(campaignServerSchema),
  /** By name. */
  workers: z.array(lostWorkerSchema),
  suites: z.array(
    z.object({
      suite: suiteNameSchema,
      adapter: adapterSchema,
      tests: count,
      results: resultCountsSchema,
      problem: z.string().nullable(),
      priority: z.int(),
    }),
  ),
  failures: z.array(failureGroupSchema).max(200),
  /** Why what waits is waiting, the most frequent reason first. */
  waits: z.array(z.object({ reason: z.string(), units: count })).max(50),
  /** Whether it is kept by a router elsewhere, so that who asks this machine has to name the environment. */
  elsewhere: z.boolean(),
  /** Who decides; null: nobody at present. */
  coordinator: z.string().nullable(),
  problems: z.array(problemSchema),
});
export type CampaignView = z.output<typeof campaignViewSchema>;

/** One row of the list of tests. */
export const testRowSchema = z.object({
  suite: suiteNameSchema,
  test: testIdSchema,
  /** null: none yet. */
  result: testResultSchema.nullable(),
  state: z.enum(['waiting', 'running', 'over']),
  /** Those that go on and those that came to nothing among them. */
  attempts: count,
  /** Verdicts that it may still get; 0: what it has is final. */
  triesLeft: count,
  /** ms of its last attempt. */
  duration: z.number().nullable(),
  message: z.string().nullable(),
  worker: z.string().nullable(),
  server: z.string().nullable(),
  quarantined: z.boolean(),
});
export type TestRow = z.output<typeof testRowSchema>;

/** One attempt at a test. */
export const attemptSchema = z.object({
  attempt: z.int().min(1),
  worker: daemonNameSchema,
  server: serverNameSchema.nullable(),
  leasedAt: time,
  settledAt: time.nullable(),
  end: leaseEndSchema.nullable(),
  reason: z.string().nullable(),
  verdict: testVerdictSchema.nullable(),
});

/** One lease as a lane shows it. */
export const laneLeaseSchema = z.object({
  fence: fenceSchema,
  suite: suiteNameSchema,
  /** The first of its tests. */
  test: testIdSchema,
  tests: z.int().min(1),
  attempt: z.int().min(1),
  worker: daemonNameSchema,
  server: serverNameSchema.nullable(),
  leasedAt: time,
  /** null: it goes on. */
  settledAt: time.nullable(),
  end: leaseEndSchema.nullable(),
  /** The worst of its tests; null: none yet, or none at all. */
  verdict: verdictSchema.nullable(),
});
export type LaneLease = z.output<typeof laneLeaseSchema>;

/** What leads from one campaign to another. */
export const campaignDifferenceSchema = z.object({
  kind: z.enum(['newly failing', 'newly passing', 'slower', 'new', 'gone']),
  suite: suiteNameSchema,
  test: testIdSchema,
  before: testResultSchema.nullable(),
  now: testResultSchema.nullable(),
  /** ms */
  durationBefore: z.number().nullable(),
  durationNow: z.number().nullable(),
});

/** Which tests are wanted of a campaign. */
const testFilter = z.object({
  suite: suiteNameSchema.optional(),
  results: z.array(testResultSchema).max(20).optional(),
  states: z
    .array(z.enum(['waiting', 'running', 'over']))
    .max(3)
    .optional(),
  /** Words that stand in its id or message. */
  text: z.string().max(500).optional(),
  /** A message of `failures`: those that failed alike. */
  failure: z.string().max(500).optional(),
});

export const campaignMethods = {
  /** The suites of a workspace, and what is wrong with their files. */
  'suites.list': {
    request: folder,
    response: z.object({
      suites: z.array(
        z.object({ name: z.string(), file: path, title: z.string(), adapter: adapterSchema.nullable(), problems: z.array(problemSchema) }),
      ),
      problems: z.array(problemSchema),
    }),
  },
  /** The campaign files of a workspace, and what is wrong with them. */
  'campaigns.files': {
    request: folder,
    response: z.object({
      files: z.array(z.object({ name: z.string(), file: path, title: z.string(), problems: z.array(problemSchema) })),
    }),
  },
  /** Starts a campaign; it goes on in the core that has the seat, whether or not anyone listens. */
  'campaign.start': {
    request: z.object({
      campaignFile: path,
      /** Where its workers are, instead of the environment that the file names. */
      environmentFile: path.optional(),
      /** What is under test; unless given, what the environment says. */
      revision: z.string().min(1).max(128).optional(),
      /** Some of its suites. */
      suites: z.array(suiteNameSchema).max(1_000).optional(),
      /** Some of its tests, by suite. */
      only: z.record(z.string(), z.array(testIdSchema).max(100_000)).optional(),
      /** Only what failed in this campaign; none failed: refused. */
      failedOf: campaignIdSchema.optional(),
    }),
    response: z.object({ campaign: campaignIdSchema, problems: z.array(problemSchema) }),
  },
  /** What an operator does to a campaign that goes on. */
  'campaign.act': {
    request: campaign.extend({
      action: z.discriminatedUnion('kind', [
        /** Ends what runs and executes no more. */
        z.object({ kind: z.literal('stop'), reason: z.string().max(1_000) }),
        /** Executes these once more; none named: all that failed. */
        z.object({ kind: z.literal('retry'), tests: z.array(z.object({ suite: suiteNameSchema, test: testIdSchema })).max(10_000) }),
        /** null: the whole campaign. */
        z.object({ kind: z.literal('prioritise'), suite: suiteNameSchema.nullable(), priority: z.int().min(-1_000).max(1_000) }),
        z.object({ kind: z.literal('take-server-out'), server: serverNameSchema, reason: z.string().max(1_000) }),
      ]),
    }),
    response: nothing,
  },
  /** An operator says that they have looked at a campaign that is red, or takes that back. Kept beside the campaign on the core's machine, with name and time. */
  'campaign.look': { request: campaign.extend({ looked: z.boolean() }), response: nothing },
  /** All campaigns that this core knows, newest first. */
  'campaigns.list': {
    request: z.object({ environmentFile: path.optional() }),
    response: z.object({ campaigns: z.array(campaignSummarySchema) }),
  },
  /** Everything of a campaign but its tests. */
  'campaign.show': { request: campaign, response: campaignViewSchema },
  /** Rows of its tests: failures first, then what runs, waits, passed; as many as asked, from an offset on. */
  'campaign.tests': {
    request: campaign.extend({ ...testFilter.shape, offset: count, limit: z.int().min(1).max(1_000) }),
    response: z.object({ total: count, rows: z.array(testRowSchema) }),
  },
  /** Every attempt at a test. */
  'campaign.test': {
    request: campaign.extend({ suite: suiteNameSchema, test: testIdSchema }),
    response: z.object({ row: testRowSchema, attempts: z.array(attemptSchema), waits: z.string().nullable() }),
  },
  /** What ran where between two times: the newest 2,000 leases that touch them, the latest to end last. */
  'campaign.lanes': {
    request: campaign.extend({ from: time, to: time }),
    response: z.object({
      leases: z.array(laneLeaseSchema).max(2_000),
      /** Whether there are more. */
      cut: z.boolean(),
    }),
  },
  /** A file that an attempt left, as far as it is kept: text as it is, anything else in base64. */
  'campaign.evidence': {
    request: campaign.extend({ evidence: evidenceSchema }),
    response: z.object({ kind: z.enum(['text', 'base64']), content: z.string() }),
  },
  /** What differs between two campaigns, test by test. */
  'campaigns.compare': {
    request: campaign.extend({ with: campaignIdSchema }),
    response: z.object({ differences: z.array(campaignDifferenceSchema) }),
  },
  /**
   * Writes its results for others: a folder of Allure results, JUnit files by suite, one NDJSON file of its ledger, one Parquet file of its
   * attempts; or sends them to the address that `path` is: as a trace (OTLP), or by allurectl. `files`: or spans.
   */
  'campaign.export': {
    request: campaign.extend({ format: z.enum(['allure', 'junit', 'ndjson', 'parquet', 'otlp', 'allurectl']), path }),
    response: z.object({ path, files: count }),
  },
  /** Removes a campaign that is over. */
  'campaign.delete': { request: campaign, response: nothing },
  ...testHistoryMethods,
  /** The workers of an environment that asked for work lately. */
  'workers.list': {
    request: environmentFile,
    response: z.object({ workers: z.array(campaignWorkerSchema), coordinator: z.string().nullable() }),
  },
} as const;

export const campaignStreams = {
  /** The campaign as it is now, at most four times a second while it changes; `failures`: tests that failed since the item before, told at once. */
  'campaign.live': {
    request: campaign,
    item: z.object({ view: campaignViewSchema, failures: z.array(testRowSchema).max(1_000) }),
  },
  /** Tells that the list of campaigns is not as it was. */
  'campaigns.changes': { request: nothing, item: z.object({ active: count }) },
} as const;
