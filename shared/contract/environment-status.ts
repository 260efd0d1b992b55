/** What the core tells about an environment: its daemons, their components, and what differs from the pinned configuration. */
import { z } from 'zod';
import { daemonNameSchema, environmentNameSchema } from '#shared/identifiers.ts';
import { catalogueSchema } from '#shared/protocol/observations.ts';

const daemonStatusSchema = z.object({
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
const statusProblemSchema = z.object({
  severity: z.enum(['error', 'warning', 'information']),
  code: z.string(),
  message: z.string(),
  tip: z.string().optional(),
});
export const environmentStatusSchema = z.object({
  environment: environmentNameSchema,
  router: z.string(),
  connected: z.boolean(),
  release: z.string(),
  operator: z.string(),
  daemons: z.array(daemonStatusSchema),
  /** What is wrong with the environment as a whole, or keeps a daemon from being commanded. Absent: nothing. */
  problems: z.array(statusProblemSchema).optional(),
  /** Null when no catalogue is pinned. */
  drift: z.array(driftSchema).nullable(),
  /** The environment file says something else than when the environment was opened; what it says now is not used yet. */
  fileChanged: z.boolean().optional(),
  /** Limits of the environment file, as charts draw them: `text` as in `MatchingEnginePrimary.rss < 600MB`. */
  limits: z.array(z.object({ series: z.string(), text: z.string(), severity: z.enum(['warning', 'error']) })).optional(),
});
export type EnvironmentStatus = z.infer<typeof environmentStatusSchema>;
