/** Shapes that the requests and answers of several rooms share. */
import { z } from 'zod';
import { runIdSchema } from '#shared/identifiers.ts';

/** A path on the core's machine. */
export const path = z.string().min(1).max(4_096);

/** The text of a file of a workspace. */
export const text = z.string().max(4_000_000);

export const nothing = z.object({});
export const folder = z.object({ folder: path });
export const environmentFile = z.object({ environmentFile: path });
export const run = z.object({ run: runIdSchema });

const positionSchema = z.object({ line: z.int(), column: z.int(), offset: z.int() });

export const problemSchema = z.object({
  severity: z.enum(['error', 'warning', 'information']),
  code: z.string(),
  message: z.string(),
  tip: z.string().optional(),
  file: z.string().optional(),
  range: z.object({ start: positionSchema, end: positionSchema }).optional(),
});
