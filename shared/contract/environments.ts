/** Environments: their daemons, their components, what differs from the pinned configuration, what scenarios may name. */
import { z } from 'zod';
import { daemonNameSchema, environmentNameSchema } from '#shared/identifiers.ts';
import { catalogueSchema } from '#shared/protocol/observations.ts';
import { scenarioCatalogueSchema } from '#shared/scenario/catalogue.ts';
import { problemSchema } from '#shared/problem-schema.ts';
import { environmentFile, path } from './shapes.ts';

export const daemonStatusSchema = z.object({
  daemon: daemonNameSchema,
  presence: z.enum(['present', 'lost', 'never seen']),
  catalogue: catalogueSchema.nullable(),
  clockOffset: z.number().nullable(),
  /** ms since the last presence. */
  silence: z.number().nullable(),
  /** ms since 1970, the core's clock: the last sign of life; null: it was never seen. */
  lastSign: z.number().nullable().optional(),
  received: z.object({ records: z.int(), samples: z.int(), gapsFilled: z.int(), recordsLost: z.int() }),
  components: z.array(
    z.object({ component: z.string(), state: z.string(), pid: z.int().nullable(), metrics: z.record(z.string(), z.number().nullable()) }),
  ),
});

export const driftSchema = z.object({ severity: z.enum(['error', 'warning']), daemon: z.string(), message: z.string() });

export const environmentStatusSchema = z.object({
  environment: environmentNameSchema,
  router: z.string(),
  connected: z.boolean(),
  release: z.string(),
  operator: z.string(),
  daemons: z.array(daemonStatusSchema),
  /** What is wrong with the environment as a whole, or keeps a daemon from being commanded. Absent: nothing. */
  problems: z.array(problemSchema.omit({ file: true, range: true })).optional(),
  /** Null when no catalogue is pinned. */
  drift: z.array(driftSchema).nullable(),
  /** The environment file says something else than when the environment was opened; what it says now is not used yet. */
  fileChanged: z.boolean().optional(),
  /** Limits of the environment file, as charts draw them: `text` as in `MatchingEnginePrimary.rss < 600MB`. */
  limits: z.array(z.object({ series: z.string(), text: z.string(), severity: z.enum(['warning', 'error']) })).optional(),
});
export type EnvironmentStatus = z.infer<typeof environmentStatusSchema>;

export const environmentMethods = {
  /** What the environment is like now: connected, its daemons and components, what differs from the pinned configuration. */
  'environment.status': { request: environmentFile, response: environmentStatusSchema },
  /** Writes what the daemons offer now into the environment's pin file. */
  'environment.pin': { request: environmentFile, response: z.object({ file: path, daemons: z.array(daemonNameSchema) }) },
} as const;

export const environmentStreams = {
  /** The environment now, at once and at every change (at most four times a second). */
  'environment.live': { request: environmentFile, item: environmentStatusSchema },
  /** What scenarios may name, at once and at every change. */
  'environment.catalogue': { request: environmentFile.extend({ offline: z.boolean().optional() }), item: scenarioCatalogueSchema },
} as const;
