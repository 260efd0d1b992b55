/**
 * What a console may ask of the core, and what the core streams. One contract for every host: in the same process, over
 * a MessagePort, or over a WebSocket. Requests are decoded by these schemas in the core, whoever sends them.
 */
import { z } from 'zod';
import { daemonNameSchema, runIdSchema } from '#shared/identifiers.ts';
import { commandOutcomeSchema } from '#shared/protocol/observations.ts';
import { runManifestSchema, runSummarySchema } from '#shared/run/manifest.ts';
import { consoleMethods, consoleStreams } from './console.ts';
import { environmentStatusSchema } from './environment-status.ts';
import { historyMethods } from './history.ts';
import { decisionSchema } from '#shared/run/remarks.ts';
import { breakpointSchema, failurePolicySchema, operatorActionSchema, runRecordSchema } from '#shared/run/records.ts';

export { driftSchema, environmentStatusSchema, type EnvironmentStatus } from './environment-status.ts';

const path = z.string().min(1).max(4_096);
const positionSchema = z.object({ line: z.int(), column: z.int(), offset: z.int() });
export const problemSchema = z.object({
  severity: z.enum(['error', 'warning', 'information']),
  code: z.string(),
  message: z.string(),
  tip: z.string().optional(),
  file: z.string().optional(),
  range: z.object({ start: positionSchema, end: positionSchema }).optional(),
});

/** Chosen by a console, unique among its starts. */
const startName = z.string().min(1).max(64);
const nothing = z.object({});
const environmentFile = z.object({ environmentFile: path });

/** Requests: one answer each. An expected failure is answered with a problem. */
export const methods = {
  ...consoleMethods,
  ...historyMethods,
  /** Checks a scenario, against the environment's live or pinned catalogue where one is named. */
  'scenario.check': {
    request: z.object({ scenarioFile: path, environmentFile: path.optional(), offline: z.boolean().optional() }),
    response: z.object({ problems: z.array(problemSchema) }),
  },
  'environment.status': { request: environmentFile, response: environmentStatusSchema },
  /** Writes what the daemons offer now into the environment's pin file. */
  'environment.pin': { request: environmentFile, response: z.object({ file: path, daemons: z.array(daemonNameSchema) }) },
  /**
   * Starts a run; it goes on in the core whether or not anyone listens. What keeps it from beginning is waited for only as long as
   * `run.starting` says; a start that waits is cancelled when its console goes.
   */
  'run.start': {
    request: z.object({
      /** The console's own name for this start, by which it is followed and cancelled. */
      start: startName.optional(),
      scenarioFile: path,
      /** Texts of scenarios, by their names, that are run as they are here and not as their files have them: drafts of an editor. */
      texts: z.record(z.string().max(64), z.string().max(4_000_000)).optional(),
      environmentFile: path.optional(),
      release: z.string().max(128).optional(),
      variables: z.record(z.string(), z.string()).optional(),
      policy: failurePolicySchema,
      dryRun: z.boolean().optional(),
      startPaused: z.boolean().optional(),
      breakpoints: z.array(breakpointSchema).max(10_000).optional(),
      /** Whether somebody can answer prompts; if not, their defaults are taken. */
      attended: z.boolean(),
      stepBudget: z.int().positive().optional(),
    }),
    response: z.object({ run: runIdSchema, folder: path, problems: z.array(problemSchema) }),
  },
  /** Cancels a start that has not begun yet, or lets it begin without the daemons that it waits for; nothing when it is over. */
  'run.decide-start': {
    request: z.object({ start: startName, decision: z.enum(['cancel', 'start-without']) }),
    response: nothing,
  },
  'run.act': { request: z.object({ run: runIdSchema, action: operatorActionSchema }), response: nothing },
  /** Runs one command by hand, outside a scenario, and waits for its end. */
  'command.execute': {
    request: environmentFile.extend({ words: z.array(z.string().max(4_096)).min(1).max(64) }),
    response: z.object({ outcome: commandOutcomeSchema }),
  },
  'runs.list': {
    request: z.object({ scenario: z.string().optional(), release: z.string().optional(), outcome: z.string().optional() }),
    /** `remarks`: how many stand. */
    response: z.object({ runs: z.array(runSummarySchema.extend({ decision: decisionSchema, remarks: z.int().min(0) })) }),
  },
  'runs.show': {
    request: z.object({ run: runIdSchema }),
    response: z.object({ manifest: runManifestSchema, folder: path, problems: z.array(problemSchema) }),
  },
  'runs.export': { request: z.object({ run: runIdSchema, file: path }), response: z.object({ file: path, bytes: z.int() }) },
  /** `orFind`: a run that is in the archive already is `found` instead of refused, where it is this very one. */
  'runs.import': {
    request: z.object({ file: path, orFind: z.boolean().optional() }),
    response: z.object({ run: runIdSchema, folder: path, found: z.boolean().optional() }),
  },
  'runs.delete': { request: z.object({ run: runIdSchema }), response: nothing },
  /** Makes the list of runs anew from the run folders. */
  'runs.rebuild': { request: nothing, response: z.object({ runs: z.int(), damaged: z.int() }) },
  /** Runs that a dead core left unfinished, and the undo commands that they still owe. */
  'runs.interrupted': {
    request: nothing,
    response: z.object({ runs: z.array(z.object({ run: runIdSchema, owed: z.array(z.string()) })) }),
  },
  /** Executes the undo commands that an interrupted run still owes. */
  'run.recover': {
    request: z.object({ run: runIdSchema, environmentFile: path }),
    response: z.object({ executed: z.array(z.string()), failed: z.array(z.string()) }),
  },
} as const;

/** Streams: any number of items, until the listener closes or the stream ends. */
export const streams = {
  ...consoleStreams,
  /** A run's records from a sequence on: those in the log first, then live ones; ends after `run-finished`. Batched. */
  'run.records': { request: z.object({ run: runIdSchema, from: z.int().min(1) }), item: z.array(runRecordSchema) },
  /** What a start of this console waits for, about once a second as long as it waits; ends when the run began or was refused. */
  'run.starting': {
    request: z.object({ start: startName }),
    item: z.object({
      /** As a sentence goes on after "Waiting for". */
      awaited: z.string(),
      /** ms until it is given up. */
      left: z.number().min(0),
      /** Whether the run can be started without it. */
      dispensable: z.boolean(),
    }),
  },
  /** Problems of a running run that cannot stand in its log at the moment, such as a full disk; ends with the run. */
  'run.problems': { request: z.object({ run: runIdSchema }), item: problemSchema },
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
