/** What a campaign is made of: suites at a package, servers, capacities, and the units that were listed. Fixed at its start. */
import { z } from 'zod';
import { adapterSchema, campaignIdSchema, serverNameSchema, suiteNameSchema, testIdSchema, type SuiteName, type TestId } from './words.ts';
import { environmentNameSchema } from '#shared/identifiers.ts';

export const campaignFormatVersion = 1;
/** ms for which a campaign waits for a server where none is ready, unless its file says otherwise. */
export const serverPatience = 600_000;

/** ms since 1970, core's clock. */
const time = z.number().min(0);
export const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hexadecimal');

/** Tests, tools and data at a version. `null` hash: what stands on the worker already is used, and nothing is delivered. */
export const packageReferenceSchema = z.object({
  name: z.string().min(1).max(128),
  /** SHA-256 of its manifest; the same hash is the same content. */
  hash: hashSchema.nullable(),
  /** What it was made of, for people: a commit, a folder. */
  version: z.string().max(256),
  /** Executed once per worker and package, in its folder, before the first unit. */
  prepare: z.array(z.array(z.string().max(4_096)).min(1).max(256)).max(20),
});
export type PackageReference = z.infer<typeof packageReferenceSchema>;

/** Slots of named things that a unit takes while it is executed: `{ licence: 1 }`. */
export const needsSchema = z.record(z.string().max(64), z.int().min(1).max(10_000));

export const suitePlanSchema = z.object({
  suite: suiteNameSchema,
  adapter: adapterSchema,
  package: packageReferenceSchema.nullable(),
  /** Decoded by the adapter, where it executes. */
  settings: z.record(z.string(), z.json()),
  /** Only tests that have one of these; none: all. */
  tags: z.array(z.string().max(128)).max(100),
  /** Ids of tests that need a server for themselves, besides those of which their framework says so; `*` stands for anything. */
  serial: z.array(z.string().max(1_000)).max(1_000),
  /** Labels that a worker must have. */
  labels: z.array(z.string().max(64)).max(50),
  /** Slots of a worker that one unit takes. */
  slots: z.int().min(1).max(1_000),
  needs: needsSchema,
  /** Higher goes first. */
  priority: z.int().min(-1_000).max(1_000),
  /** Attempts after the first. */
  retries: z.int().min(0).max(10),
  /** ms that one test may take. */
  timeout: z.number().positive(),
  /** Whether its tests need a server under test; where not, they take none of its slots. */
  usesServer: z.boolean(),
  /** The campaign does without it where no worker can list its tests. */
  optional: z.boolean().optional(),
  /** Variables of the environment of its runners. */
  variables: z.record(z.string().max(128), z.string().max(16_384)),
});
export type SuitePlan = z.infer<typeof suitePlanSchema>;

export const serverPlanSchema = z.object({
  server: serverNameSchema,
  /** Units that may use it at once, by their slots. */
  slots: z.int().min(1).max(100_000),
  /** Path of its environment file; null: it has none, and only its variables tell tests where it is. */
  environmentFile: z.string().max(4_096).nullable(),
  /** Scenario that brings the revision onto it before anything is executed there. */
  deploy: z.string().max(4_096).nullable(),
  variables: z.record(z.string().max(128), z.string().max(16_384)),
});
export type ServerPlan = z.infer<typeof serverPlanSchema>;

/** A test that is known to be intermittent, for a while: it is executed, and does not decide. */
export const quarantineEntrySchema = z.object({
  suite: suiteNameSchema,
  test: testIdSchema,
  owner: z.string().min(1).max(128),
  reference: z.string().max(1_000),
  reason: z.string().min(1).max(2_000),
  /** ms since 1970; from then on the entry itself makes the campaign fail. */
  expires: time,
});
export type QuarantineEntry = z.infer<typeof quarantineEntrySchema>;

const place = z.string().max(4_096);

/** Paths are absolute. No secret stands here: files are named that hold them. */
const resultPlacesSchema = z.object({
  allure: place.optional(),
  ndjson: place.optional(),
  junit: place.optional(),
  parquet: place.optional(),
  traces: z.object({ endpoint: place, headersFile: place.optional() }).optional(),
  allurectl: z.object({ endpoint: place, project: place, launch: place, tokenFile: place.optional() }).optional(),
});

export const campaignPlanSchema = z.object({
  format: z.literal(campaignFormatVersion),
  campaign: campaignIdSchema,
  name: z.string().min(1).max(64),
  title: z.string().max(1_000),
  /** Where its workers are. */
  environment: environmentNameSchema,
  environmentFile: z.string().max(4_096),
  /** What is under test, on all servers; no result of another revision counts. */
  revision: z.string().min(1).max(128),
  operator: z.string().max(64),
  startedAt: time,
  suites: z.array(suitePlanSchema).min(1).max(1_000),
  /** Only these of its suites were asked for. */
  chosen: z.literal(true).optional(),
  servers: z.array(serverPlanSchema).max(1_000),
  /** ms for which what needs a server waits where none is ready; absent: {@link serverPatience}. */
  serverPatience: z.number().positive().optional(),
  /** Slots of named things, over all campaigns of the environment. */
  capacities: z.record(z.string().max(64), z.int().min(1).max(1_000_000)),
  quarantine: z.array(quarantineEntrySchema).max(10_000),
  /** Where the core that decides writes or sends its results besides: Allure results one by one, the others at its end. */
  results: resultPlacesSchema.optional(),
  /** Only these tests, by suite; null: all that are listed. */
  only: z.record(z.string(), z.array(testIdSchema)).nullable(),
  /** Where a campaign repeats another one's failures. */
  repeats: campaignIdSchema.nullable(),
  softwareVersion: z.string().max(64),
  /** Commit of the workspace, with `+changes` when it was not clean; null when it is no repository. */
  workspaceCommit: z.string().max(128).nullable(),
});
export type CampaignPlan = z.infer<typeof campaignPlanSchema>;

/** Tells whether a campaign was to execute a test, if it is listed. */
export function wantedIn({ only, chosen, suites }: Pick<CampaignPlan, 'only' | 'chosen' | 'suites'>) {
  const tests = only && new Map(Object.entries(only).map(([suite, ids]) => [suite, new Set(ids)]));
  const named = new Set(suites.map(({ suite }) => suite));
  return (suite: SuiteName, test: TestId): boolean => (tests ? (tests.get(suite)?.has(test) ?? false) : !chosen || named.has(suite));
}

/** A test as its adapter lists it. */
export const listedTestSchema = z.object({
  test: testIdSchema,
  /** Tests of one unit key are executed together, in the order of the list, by one runner. */
  unit: z.string().min(1).max(4_096),
  /** Its file, class or module: unknown durations are guessed from those of its group, and its order within is kept. */
  group: z.string().max(4_096),
  /** Needs a server for itself. */
  serial: z.boolean(),
  tags: z.array(z.string().max(128)).max(100),
  /** Listed, and said by its framework not to be executed. */
  skipped: z.string().max(2_000).optional(),
});
export type ListedTest = z.infer<typeof listedTestSchema>;

/** One unit of a campaign. Its number is its place in the plan, from 0. */
export const unitSchema = z.object({
  unit: z.int().min(0),
  suite: suiteNameSchema,
  tests: z.array(testIdSchema).min(1).max(100_000),
  group: z.string().max(4_096),
  serial: z.boolean(),
  tags: z.array(z.string().max(128)).max(100),
  /** ms that it took before, or is guessed to take; what is guessed is at the 90th percentile of its group. */
  expected: z.number().min(0).nullable(),
  /** Whether it failed the last time. */
  failedBefore: z.boolean(),
});
export type Unit = z.infer<typeof unitSchema>;
