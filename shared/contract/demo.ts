/** The demo environment, which comes with the product, and its workspace. */
import { z } from 'zod';
import { problemSchema } from '#shared/problem-schema.ts';
import { nothing, path } from './shapes.ts';

export const demoMethods = {
  /** Starts the embedded demo environment, if it does not run yet, as a child of the core; it ends with the core, its workspace lasts. */
  'demo.start': {
    /** `ready` false: answered as soon as the workspace is there, while the environment comes up; asked again without it, when it is up. */
    request: z.object({ release: z.string().max(64), ready: z.boolean().optional() }),
    response: z.object({
      folder: path,
      environmentFile: path,
      release: z.string(),
      /** What the user should know of the workspace. */
      notices: z.array(problemSchema.omit({ range: true })),
    }),
  },
  /** Stops the demo environment; its workspace stays. */
  'demo.stop': { request: nothing, response: nothing },
  /** The demo's workspace, and what the user made of what came with the product: all that a reset would set aside. */
  'demo.workspace': {
    request: nothing,
    response: z.object({
      folder: path,
      changes: z.array(z.object({ path: z.string(), kind: z.enum(['added', 'changed', 'deleted']) })),
    }),
  },
  /** Stops the demo and sets its workspace aside, so that the next start lays it down anew; `aside` is null when there was none. */
  'demo.reset': { request: nothing, response: z.object({ folder: path, aside: path.nullable() }) },
} as const;
