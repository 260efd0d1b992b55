/** Problems as they cross the contract and process channels; apart from problem.ts, so that who only tells one loads no schemas. */
import { z } from 'zod';

export const severitySchema = z.enum(['error', 'warning', 'information']);

/** A place in a text, zero-based. `column` counts UTF-16 code units from the start of the line, `offset` from the start of the text. */
export const positionSchema = z.object({ line: z.int(), column: z.int(), offset: z.int() });

/** A half-open stretch of text: `start` included, `end` not. */
export const rangeSchema = z.object({ start: positionSchema, end: positionSchema });

export const problemSchema = z.object({
  severity: severitySchema,
  /** Stable, kebab-case, for filters and tests: `unknown-label`. */
  code: z.string(),
  /** One sentence: what is wrong. */
  message: z.string(),
  /** How to mend it, where that is known. */
  tip: z.string().exactOptional(),
  /** File the problem stands in, as the user named it. */
  file: z.string().exactOptional(),
  range: rangeSchema.exactOptional(),
});
