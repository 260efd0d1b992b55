/** What a series is: one number of one component, observed by one daemon over time. */
import { z } from 'zod';
import { componentNameSchema } from '#shared/identifiers.ts';

/** Units in which values are kept; texts such as `500MB` or `30s` are converted to these. */
export const unitSchema = z.enum(['bytes', 'ms', '%', 'count', 'per second', 'bytes per second', 'none']);
export type Unit = z.infer<typeof unitSchema>;

/** A gauge goes up and down; a counter only grows (until its process restarts). */
export const seriesKindSchema = z.enum(['gauge', 'counter']);
export type SeriesKind = z.infer<typeof seriesKindSchema>;

export const seriesDeclarationSchema = z.object({
  /** Number of the series within its daemon's epoch; never reused in that epoch. */
  id: z.int().min(0).max(0xffff_ffff),
  component: componentNameSchema,
  /** `rss`, `cpu`, `orders_total{side="buy"}`: letters, digits, `_`, `.`, `:` and an optional label set in OpenMetrics' form. */
  metric: z.string().min(1).max(256),
  unit: unitSchema,
  kind: seriesKindSchema,
  help: z.string().max(500).optional(),
});
export type SeriesDeclaration = z.infer<typeof seriesDeclarationSchema>;

/** `MatchingEnginePrimary.rss`: how scenarios, charts and people name a series. */
export function seriesName(series: Pick<SeriesDeclaration, 'component' | 'metric'>): string {
  return `${series.component}.${series.metric}`;
}
