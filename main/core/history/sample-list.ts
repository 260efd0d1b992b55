/** `samples.json`: which recorded runs come with the product, and which of them are a baseline. */
import { z } from 'zod';
import { runIdSchema } from '#shared/identifiers.ts';

/** Folder in what comes with the product, and the list in it. */
export const samplesFolder = 'samples';
export const sampleListFile = 'samples.json';

export const sampleListSchema = z.strictObject({
  version: z.literal(1),
  runs: z
    .array(
      z.strictObject({
        /** Bundle beside the list. */
        file: z.string().regex(/^[A-Za-z0-9-]+\.testops-run$/),
        run: runIdSchema,
        /** Why the run was accepted; absent: nobody has decided yet. */
        accepted: z.string().min(1).max(1_000).optional(),
      }),
    )
    .max(1_000),
});
export type SampleList = z.infer<typeof sampleListSchema>;
