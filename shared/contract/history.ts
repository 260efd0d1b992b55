/** The past: earlier runs of a scenario, comparing, deciding, trends, release candidates, what is kept. */
import { z } from 'zod';
import { comparisonSchema } from '#shared/analysis/comparison.ts';
import { releaseSheetSchema, trendSchema } from '#shared/analysis/trend.ts';
import { runIdSchema } from '#shared/identifiers.ts';
import { runOutcomeSchema, stepStateSchema } from '#shared/run/records.ts';
import { decisionSchema, remarkBodySchema, remarkSchema } from '#shared/run/remarks.ts';
import { conditionStates } from '#shared/scenario/machine-words.ts';
import { unitSchema } from '#shared/telemetry/series.ts';
import { nothing, run } from './shapes.ts';
import { pointsSchema } from './telemetry.ts';

export const release = z.string().max(128);

/** An earlier run of a scenario, as the three questions need it. */
export const pastRunSchema = z.object({
  run: runIdSchema,
  release: z.string(),
  outcome: runOutcomeSchema,
  /** Whether it is a baseline of its release candidate now. */
  accepted: z.boolean().optional(),
  startedAt: z.number(),
  duration: z.number().nullable(),
  /** Executed steps, by the statement's text and how often that statement had been executed before. */
  steps: z.array(
    z.object({ line: z.int(), number: z.int(), text: z.string(), occurrence: z.int(), state: stepStateSchema, duration: z.number() }),
  ),
  conditions: z.array(z.object({ condition: z.string(), form: z.string(), text: z.string(), state: z.enum(conditionStates) })),
  /** Means per series over the whole run; only series that the scenario names and its components' rss and cpu. */
  metrics: z.array(
    z.object({ name: z.string(), unit: unitSchema.optional(), mean: z.number().nullable(), maximum: z.number().nullable() }),
  ),
  /** Faults that the run injected and how long (ms) until the scenario's next awaited condition held again; null: never. */
  faults: z.array(z.object({ text: z.string(), recovered: z.number().nullable() })),
});
export type PastRun = z.infer<typeof pastRunSchema>;

/** Accepted runs of one release, newest first, and in words why these. */
export const pastBaselineSchema = z.object({ release: z.string(), reason: z.string(), runs: z.array(pastRunSchema) });
export type PastBaseline = z.infer<typeof pastBaselineSchema>;

/** What a run is compared with. */
export const baselineSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), run: runIdSchema }),
  /**
   * The last accepted runs of a release candidate, of the candidate's scenario and environment. `release` null: the usual
   * one, as shared/analysis/usual-baseline.ts chooses it.
   */
  z.object({ kind: z.literal('accepted'), release: release.nullable(), last: z.int().min(1).max(200) }),
  z.object({ kind: z.literal('runs'), runs: z.array(runIdSchema).min(1).max(200) }),
]);
export type Baseline = z.infer<typeof baselineSchema>;

export const comparisonRequest = z.object({ candidate: runIdSchema, baseline: baselineSchema });

export const retentionRulesSchema = z.object({
  /** Runs kept per scenario and release candidate, besides the accepted ones; null: no such rule. */
  keepLast: z.int().min(0).max(10_000).nullable(),
  /** Days after which a run may go; null: no such rule. A run goes when every rule that is set lets it go; none set: all stay. */
  maximumAge: z.number().min(0).max(36_500).nullable(),
});
export type RetentionRules = z.infer<typeof retentionRulesSchema>;

export const historyMethods = {
  /**
   * Finished live runs of a scenario, newest first. `of`: of what was before this run only, and the run itself once it is finished. Where
   * there are more, accepted runs beyond the limit come after it, up to ten. `baseline`: what that run is compared with while nobody
   * chooses, as Compare has it; before a run, what one of that environment and release would be. Null: no run like it is accepted.
   */
  'scenario.history': {
    request: z.object({
      scenario: z.string(),
      limit: z.int().min(1).max(100),
      of: runIdSchema.optional(),
      environment: z.string().max(128).optional(),
      release: z.string().max(128).optional(),
    }),
    response: z.object({
      runs: z.array(pastRunSchema),
      baseline: pastBaselineSchema.nullable(),
    }),
  },
  /** Compares a run with its baseline: which conditions and steps differ, and what changed, most telling first. */
  'runs.compare': { request: comparisonRequest, response: comparisonSchema },
  /** Lines of one series in several runs, each beginning with the step (or the run, where `step` is null): ms since then. */
  'runs.evidence': {
    request: z.object({
      runs: z.array(runIdSchema).min(1).max(60),
      series: z.string().max(512),
      /** Key of a step. */
      step: z.string().nullable(),
      columns: z.int().min(1).max(2_000),
    }),
    response: z.object({
      lines: z.array(
        pointsSchema.extend({ run: runIdSchema, release, /** ms that the step (or run) took. */ duration: z.number().nullable() }),
      ),
    }),
  },
  /** What people said about a run, in its order, with what was taken back. */
  'runs.remarks': { request: run, response: z.object({ remarks: z.array(remarkSchema) }) },
  /** Says something about a run, or takes it back; the run does not change. Only finished runs can be decided on. */
  'runs.remark': { request: run.extend({ remark: remarkBodySchema }), response: z.object({ remark: remarkSchema }) },
  /** How a scenario's runs went over release candidates and time. */
  'scenario.trend': {
    request: z.object({
      scenario: z.string().max(128),
      /** Series whose level over the whole run is wanted. */
      series: z.array(z.string().max(512)).max(50),
      /** The newest so many runs. */
      limit: z.int().min(1).max(1_000),
    }),
    response: trendSchema,
  },
  /** The release candidates that there are runs of. */
  'releases.list': {
    request: nothing,
    response: z.object({
      /** Newest first, by the start of the first run of each. */
      releases: z.array(
        z.object({
          release,
          firstRun: z.number(),
          lastRun: z.number(),
          runs: z.int(),
          passed: z.int(),
          failed: z.int(),
          accepted: z.int(),
          rejected: z.int(),
          scenarios: z.array(z.string()),
        }),
      ),
    }),
  },
  /** May this candidate go on? `previous` null: the latest release candidate before it. */
  'releases.sheet': { request: z.object({ release, previous: release.nullable() }), response: releaseSheetSchema },
  /** The rules by which runs may be removed; sets them where they are given. */
  'retention.rules': { request: z.object({ rules: retentionRulesSchema.optional() }), response: z.object({ rules: retentionRulesSchema }) },
  /** What the archive takes, and what would go by some rules (those that hold, unless given). Nothing is removed. */
  'retention.preview': {
    request: z.object({ rules: retentionRulesSchema.optional() }),
    response: z.object({
      /** bytes */
      total: z.number(),
      runs: z.array(
        z.object({
          run: runIdSchema,
          bytes: z.number(),
          decision: decisionSchema,
          /** By the rules. */
          goes: z.boolean(),
          /** Nothing but its acceptance or the rules keeps it: it is not damaged, not open, not used by anybody. */
          removable: z.boolean(),
          reason: z.string(),
        }),
      ),
    }),
  },
  /** Removes these runs, of what a preview showed; an accepted one only when it is named in `accepted` too. */
  'retention.apply': {
    request: z.object({ runs: z.array(runIdSchema).max(10_000), accepted: z.array(runIdSchema).max(10_000) }),
    response: z.object({ removed: z.int(), bytes: z.number(), problems: z.array(z.string()) }),
  },
  /** Takes the recorded runs that come with the product into the archive, those that are not there yet (`already` counts the others); accepts the ones that are a baseline. */
  'samples.import': { request: nothing, response: z.object({ imported: z.int(), already: z.int() }) },
} as const;
