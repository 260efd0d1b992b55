/** How a scenario's runs went over release candidates and time: what a trend says. Plain JSON that crosses the contract. */
import { z } from 'zod';
import { comparedRunSchema, comparisonVerdictSchema } from './comparison.ts';
import { unitSchema } from '#shared/telemetry/series.ts';

/** One line of a trend: a step's duration, a fault's stopwatch, or a metric of the whole run. */
export const trendLineSchema = z.object({
  id: z.string(),
  kind: z.enum(['run duration', 'step duration', 'fault', 'metric']),
  title: z.string(),
  unit: unitSchema,
  /** One value per run of the trend, in its order; null: that run has none. */
  values: z.array(z.number().nullable()),
  /** Slow drift over the runs (in the order of their start); null: none that could be told. */
  drift: z
    .object({
      /** Change per run, by the median of pairwise slopes. */
      perRun: z.number(),
      p: z.number(),
      q: z.number(),
      direction: z.enum(['up', 'down']),
      sentence: z.string(),
    })
    .nullable(),
});
export type TrendLine = z.infer<typeof trendLineSchema>;

/** Runs of the very same revision (release, scenario text, environment, commit) that did not end alike. */
export const intermittentSchema = z.object({
  release: z.string(),
  scenarioHash: z.string(),
  runs: z.int(),
  failed: z.int(),
  /** 0 to 1. */
  rate: z.number(),
  /** 95 % interval of the rate (Wilson). */
  low: z.number(),
  high: z.number(),
  /** The runs that did not pass. */
  disagreeing: z.array(z.string()),
  sentence: z.string(),
});

export const trendSchema = z.object({
  scenario: z.string(),
  /** Oldest first. */
  runs: z.array(comparedRunSchema),
  lines: z.array(trendLineSchema),
  intermittent: z.array(intermittentSchema),
});
export type Trend = z.infer<typeof trendSchema>;

/** May a release candidate go on? */
export const releaseSheetSchema = z.object({
  release: z.string(),
  /** The release candidate it is compared with; null: there is none before it. */
  previous: z.string().nullable(),
  answer: z.enum(['yes', 'no', 'not yet']),
  reasons: z.array(z.string()),
  scenarios: z.array(
    z.object({
      scenario: z.string(),
      runs: z.array(comparedRunSchema),
      passed: z.int(),
      /** Comparison of its latest run that counts with the previous candidate's accepted runs; null: it could not be made, and why. */
      comparison: z
        .object({
          candidate: z.string(),
          verdict: comparisonVerdictSchema,
          reason: z.string(),
          confirmed: z.int(),
          /** Differences beside those in `top`: confirmed ones where there are any, else all that are told. */
          more: z.int().min(0),
          top: z.array(z.object({ id: z.string(), sentence: z.string(), cause: z.string().nullable() })),
        })
        .nullable(),
      problem: z.string().nullable(),
    }),
  ),
  /** What somebody still has to decide or explain. */
  questions: z.array(
    z.object({
      kind: z.enum(['undecided', 'failed', 'unexplained', 'missing', 'intermittent', 'history']),
      sentence: z.string(),
      run: z.string().nullable(),
      scenario: z.string().nullable(),
      /** Identifier of the finding that is to be explained. */
      finding: z.string().exactOptional(),
    }),
  ),
});
export type ReleaseSheet = z.infer<typeof releaseSheetSchema>;
