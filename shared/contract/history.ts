/** The part of the contract about the past: comparing, deciding, trends, reports, what is kept. */
import { z } from 'zod';
import { comparisonSchema } from '#shared/analysis/comparison.ts';
import { releaseSheetSchema, trendSchema } from '#shared/analysis/trend.ts';
import { runIdSchema } from '#shared/identifiers.ts';
import { decisionSchema, remarkBodySchema, remarkSchema } from '#shared/run/remarks.ts';
import { pointsSchema } from './console.ts';

const nothing = z.object({});
const path = z.string().min(1).max(4_096);
const release = z.string().max(128);
const run = z.object({ run: runIdSchema });

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

const comparisonRequest = z.object({ candidate: runIdSchema, baseline: baselineSchema });

/** What a report is about. */
export const reportSubjectSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), run: runIdSchema }),
  comparisonRequest.extend({ kind: z.literal('comparison') }),
  z.object({ kind: z.literal('release'), release, previous: release.nullable() }),
]);
export const reportFormatSchema = z.enum(['html', 'junit', 'openmetrics', 'csv', 'json']);
export type ReportFormat = z.infer<typeof reportFormatSchema>;

export const retentionRulesSchema = z.object({
  /** Runs kept per scenario and release candidate, besides the accepted ones; null: no such rule. */
  keepLast: z.int().min(0).max(10_000).nullable(),
  /** Days after which a run may go; null: no such rule. A run goes when every rule that is set lets it go; none set: all stay. */
  maximumAge: z.number().min(0).max(36_500).nullable(),
});
export type RetentionRules = z.infer<typeof retentionRulesSchema>;

export const historyMethods = {
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
  'runs.remarks': { request: run, response: z.object({ remarks: z.array(remarkSchema) }) },
  /** Says something about a run, or takes it back; the run does not change. Only finished runs can be decided on. */
  'runs.remark': { request: run.extend({ remark: remarkBodySchema }), response: z.object({ remark: remarkSchema }) },
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
  /** A report as text, for a console that keeps or shows it itself. */
  'report.text': {
    request: z.object({ subject: reportSubjectSchema, format: reportFormatSchema }),
    response: z.object({ name: z.string(), type: z.string(), text: z.string() }),
  },
  /** Writes a report on the core's machine, whole or not at all; `allure` is a folder of results. */
  'report.write': {
    request: z.object({ subject: reportSubjectSchema, format: z.union([reportFormatSchema, z.literal('allure')]), file: path }),
    response: z.object({ file: path, bytes: z.int() }),
  },
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
  /** Takes the recorded runs that come with the product into the archive, those that are not there yet; accepts the ones that are a baseline. */
  'samples.import': { request: nothing, response: z.object({ imported: z.int(), already: z.int() }) },
} as const;
