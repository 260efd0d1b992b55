/** Series and events: what the daemons measure and tell, now and in archived runs. */
import { z } from 'zod';
import { daemonNameSchema } from '#shared/identifiers.ts';
import { daemonEventSchema } from '#shared/protocol/observations.ts';
import { seriesKindSchema, unitSchema } from '#shared/telemetry/series.ts';
import { environmentFile, run } from './shapes.ts';

export const knownSeriesSchema = z.object({
  /** `Component.metric` */
  name: z.string(),
  component: z.string(),
  metric: z.string(),
  unit: unitSchema,
  kind: seriesKindSchema,
  daemon: z.string(),
  help: z.string().optional(),
});
export type KnownSeries = z.infer<typeof knownSeriesSchema>;

/** Points of one series, times rising (ms since 1970, corrected to the core's clock); null: no value there. */
export const pointsSchema = z.object({ name: z.string(), times: z.array(z.number()), values: z.array(z.number().nullable()) });
export type Points = z.infer<typeof pointsSchema>;

export const telemetryMethods = {
  /** The series that the daemons of an environment have declared. */
  'series.list': { request: environmentFile, response: z.object({ series: z.array(knownSeriesSchema) }) },
  /** The series of an archived run. */
  'runs.series': { request: run, response: z.object({ series: z.array(knownSeriesSchema) }) },
  /** Decimated (M4) points of an archived run. `from` and `to` in ms since 1970; whole run where absent. */
  'runs.points': {
    request: run.extend({
      series: z.array(z.string()).max(200),
      from: z.number().optional(),
      to: z.number().optional(),
      columns: z.int().min(1).max(4_000),
    }),
    response: z.object({ points: z.array(pointsSchema) }),
  },
} as const;

export const telemetryStreams = {
  /**
   * Live points: first the past `window` ms that the core still knows, decimated to `columns`, then ten times a second what is new.
   * `stale` names series whose value is not current. `lag`: ms from the newest sample's observation to its being sent.
   */
  'telemetry.live': {
    request: environmentFile.extend({
      series: z.array(z.string()).max(200),
      window: z.number().positive().max(86_400_000),
      columns: z.int().min(1).max(4_000),
    }),
    item: z.object({ now: z.number(), points: z.array(pointsSchema), stale: z.array(z.string()), lag: z.number().nullable() }),
  },
  /** Events of the daemons as they come, whether or not a run goes on; the last 1,000 first. `missed` counts what a slow listener did not get. */
  'environment.events': {
    request: environmentFile,
    item: z.object({
      events: z.array(z.object({ daemon: daemonNameSchema, received: z.number(), event: daemonEventSchema })),
      missed: z.int().min(0),
    }),
  },
} as const;
