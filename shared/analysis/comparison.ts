/**
 * What a comparison of a run with its baseline says: which runs were compared under which conditions, how their steps lie beside
 * each other, and what changed, most telling first. Plain JSON: it crosses the contract, and is what reports are made of.
 */
import { z } from 'zod';
import { runIdSchema } from '#shared/identifiers.ts';
import { runOutcomeSchema, stepStateSchema } from '#shared/run/records.ts';
import { unitSchema } from '#shared/telemetry/series.ts';
import { decisionSchema } from '#shared/run/remarks.ts';

/** `no comparable history`: fewer than 8 comparable baseline runs; differences are told plainly, and nothing has passed. */
export const comparisonVerdictSchema = z.enum(['changed', 'no change', 'no comparable history']);
export type ComparisonVerdict = z.infer<typeof comparisonVerdictSchema>;

/** Runs that a verdict needs at the least. */
export const minimumBaselineRuns = 8;

export const comparedRunSchema = z.object({
  run: runIdSchema,
  scenario: z.string(),
  release: z.string(),
  environment: z.string(),
  startedAt: z.number(),
  /** ms */
  duration: z.number().nullable(),
  outcome: runOutcomeSchema,
  decision: decisionSchema,
});
export type ComparedRun = z.infer<typeof comparedRunSchema>;

/** A condition under which candidate and baseline ran. */
export const comparedConditionSchema = z.object({
  name: z.string(),
  candidate: z.string().nullable(),
  /** Different values of the baseline's runs, with how many had each. */
  baseline: z.array(z.object({ value: z.string().nullable(), runs: z.int() })),
  /** Never of the release: that it differs is what is compared. */
  different: z.boolean(),
});

export const comparedStepSchema = z.object({
  key: z.string(),
  scenario: z.string(),
  line: z.int(),
  number: z.int(),
  text: z.string(),
  occurrence: z.int(),
  depth: z.int(),
  side: z.enum(['both', 'candidate', 'baseline']),
  candidate: z.object({ execution: z.int(), state: stepStateSchema, duration: z.number().nullable() }).nullable(),
  baseline: z
    .object({
      /** Baseline runs that executed it. */
      runs: z.int(),
      /** Median duration in ms; null: it never ended. */
      duration: z.number().nullable(),
      /** Shortest and longest duration in ms, of those that ended. */
      range: z.object({ low: z.number(), high: z.number() }).exactOptional(),
      states: z.array(z.object({ state: stepStateSchema, runs: z.int() })),
    })
    .nullable(),
  /** Findings about this step. */
  findings: z.int(),
});
export type ComparedStep = z.infer<typeof comparedStepSchema>;

export const metricFeatureSchema = z.enum(['level', 'spread', 'trend', 'minimum', 'maximum']);
export type MetricFeature = z.infer<typeof metricFeatureSchema>;

/** What a finding is about. */
export const findingSubjectSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('outcome') }),
  z.object({ kind: z.literal('check'), form: z.string(), text: z.string() }),
  z.object({ kind: z.literal('step verdict') }),
  z.object({ kind: z.literal('step duration') }),
  z.object({ kind: z.literal('step presence'), side: z.enum(['candidate', 'baseline']) }),
  z.object({ kind: z.literal('fault'), text: z.string() }),
  z.object({ kind: z.literal('metric'), series: z.string(), feature: metricFeatureSchema }),
  z.object({ kind: z.literal('series presence'), series: z.string(), change: z.enum(['missing', 'new']) }),
  z.object({
    kind: z.literal('log'),
    component: z.string(),
    severity: z.string(),
    template: z.string(),
    change: z.enum(['new', 'gone', 'count']),
  }),
  z.object({ kind: z.literal('component'), component: z.string(), what: z.enum(['state', 'crashes', 'errors']) }),
]);
export type FindingSubject = z.infer<typeof findingSubjectSchema>;

export const findingSchema = z.object({
  /** The same in every comparison that finds the same: a cause can be told about it. */
  id: z.string(),
  subject: findingSubjectSchema,
  /** Key of the step that it is most telling in; null: the whole run. */
  step: z.string().nullable(),
  /**
   * `confirmed`: statistics over enough runs, false discoveries under control, or a plain fact that no run of the baseline shares
   * (a check that failed, a step that never came). `plain`: a difference, no more.
   */
  status: z.enum(['confirmed', 'plain']),
  direction: z.enum(['up', 'down', 'other']),
  /** One sentence for a tester, with numbers and units. */
  sentence: z.string(),
  unit: unitSchema.nullable(),
  /** Value of the candidate; null where there is none. */
  candidate: z.number().nullable(),
  /** What the baseline's runs had, one value each; runs without one are left out. */
  baseline: z.array(z.object({ run: runIdSchema, value: z.number() })),
  /** Robust location of the baseline and the range in which another run of it would be expected (both ends included). */
  expected: z.object({ median: z.number(), low: z.number(), high: z.number() }).nullable(),
  /** Deviation in units of the between-run spread. */
  effect: z.number().nullable(),
  p: z.number().nullable(),
  /** Benjamini–Hochberg adjusted. */
  q: z.number().nullable(),
  /** The smallest difference from the median that could have been confirmed with these runs, in the unit. */
  smallestVisible: z.number().nullable(),
  /** Where else the same subject differs, strongest first; the row stands for all of them. */
  also: z.array(z.object({ step: z.string().nullable(), what: z.string(), effect: z.number().nullable(), sentence: z.string() })),
});
export type Finding = z.infer<typeof findingSchema>;

export const comparisonSchema = z.object({
  candidate: comparedRunSchema,
  /** In words: `rc1, last 10 accepted runs`. */
  baselineName: z.string(),
  /** Why this baseline, in words, where nobody named it: `16 accepted runs of rc1, an earlier release; …`. */
  baselineReason: z.string().exactOptional(),
  baseline: z.array(comparedRunSchema),
  verdict: comparisonVerdictSchema,
  /** One sentence on how the verdict came about. */
  reason: z.string(),
  conditions: z.array(comparedConditionSchema),
  steps: z.array(comparedStepSchema),
  /** Most telling first. */
  findings: z.array(findingSchema),
  tested: z.object({
    /** Numbers that were tested (step × series × feature and the others), and that could not be, by reason. */
    numbers: z.int(),
    untested: z.array(z.object({ reason: z.string(), numbers: z.int() })),
    /** Level of false discovery control, such as 0.05. */
    falseDiscoveryRate: z.number(),
  }),
});
export type Comparison = z.infer<typeof comparisonSchema>;
