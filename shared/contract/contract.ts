/**
 * What a console may ask of the core, and what the core streams: the methods and streams of its rooms, put together. One
 * contract for every host: in the same process, over a MessagePort, or over a WebSocket. Requests are decoded by these
 * schemas in the core, whoever sends them.
 */
import { z } from 'zod';
import { campaignTextMethods } from './campaign-texts.ts';
import { campaignMethods, campaignStreams } from './campaigns.ts';
import { demoMethods } from './demo.ts';
import { environmentMethods, environmentStreams } from './environments.ts';
import { historyMethods } from './history.ts';
import { metricsMethods } from './metrics.ts';
import { radiatorMethods } from './radiator.ts';
import { reportMethods } from './reports.ts';
import { runMethods, runStreams } from './runs.ts';
import { nothing, path } from './shapes.ts';
import { telemetryMethods, telemetryStreams } from './telemetry.ts';
import { workspaceMethods, workspaceStreams } from './workspace.ts';

/** What the core says of itself. */
const coreMethods = {
  /** Which core this is: its version, where its archive is, who acts here, and which releases the demo has. */
  'core.information': {
    request: nothing,
    response: z.object({
      version: z.string(),
      archiveFolder: path,
      operator: z.string(),
      host: z.string(),
      demoReleases: z.array(z.string()),
    }),
  },
} as const;

/** Requests: one answer each. An expected failure is answered with a problem. */
export const methods = {
  ...coreMethods,
  ...runMethods,
  ...environmentMethods,
  ...workspaceMethods,
  ...telemetryMethods,
  ...historyMethods,
  ...reportMethods,
  ...metricsMethods,
  ...demoMethods,
  ...campaignMethods,
  ...radiatorMethods,
  ...campaignTextMethods,
} as const;

/** Streams: any number of items, until the listener closes or the stream ends. */
export const streams = {
  ...runStreams,
  ...environmentStreams,
  ...workspaceStreams,
  ...telemetryStreams,
  ...campaignStreams,
} as const;

export type Method = keyof typeof methods;
export type MethodRequest<M extends Method> = z.input<(typeof methods)[M]['request']>;
export type MethodResponse<M extends Method> = z.output<(typeof methods)[M]['response']>;
export type Stream = keyof typeof streams;
export type StreamRequest<S extends Stream> = z.input<(typeof streams)[S]['request']>;
export type StreamItem<S extends Stream> = z.output<(typeof streams)[S]['item']>;

/** The console's side of the contract. Failures reject with a ProblemError. */
export interface Core {
  request<M extends Method>(method: M, request: MethodRequest<M>): Promise<MethodResponse<M>>;
  /** Items arrive one after the other; the next is delivered when the listener's promise for the last has resolved (backpressure). */
  listen<S extends Stream>(
    stream: S,
    request: StreamRequest<S>,
    listener: (item: StreamItem<S>) => void | Promise<void>,
  ): { readonly ended: Promise<void>; close(): void };
}
