/** The core and its environments, for monitoring systems. */
import { z } from 'zod';
import { path } from './shapes.ts';

export const metricsMethods = {
  /**
   * What the core and its open environments are like now, as OpenMetrics text. The environments that are named are kept open for a
   * minute after they were asked for.
   */
  'core.metrics': { request: z.object({ environmentFiles: z.array(path).max(20) }), response: z.object({ text: z.string() }) },
} as const;
