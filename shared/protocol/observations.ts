/**
 * What daemons tell: their catalogue (what they offer), their presence, and batches of events.
 * Everything numbered (samples and event batches) shares one sequence per epoch, so a reader sees every gap.
 */
import { z } from 'zod';
import { commandIdSchema, componentNameSchema, daemonNameSchema, epochSchema } from '#shared/identifiers.ts';
import type { Immutable } from '#shared/immutable.ts';
import { seriesDeclarationSchema } from '#shared/telemetry/series.ts';

/** ms since 1970. */
const time = z.number().min(-8.64e15).max(8.64e15);
const sequence = z.int().min(1);
const shortText = z.string().max(1_000);
/** Log lines and output lines are cut to this many UTF-16 code units by the daemon, and marked with `truncated`. */
export const maximumLineLength = 16_384;
const line = z.string().max(maximumLineLength + 100);

export const logSeveritySchema = z.enum(['debug', 'info', 'warning', 'error', 'fatal']);
export type LogSeverity = z.infer<typeof logSeveritySchema>;

/** Where a command's output comes from. */
export const outputStreamSchema = z.enum(['stdout', 'stderr']);
export type OutputStream = z.infer<typeof outputStreamSchema>;

/** How much harm a command can do; `dangerous` ones ask for confirmation in a console. */
export const hazardSchema = z.enum(['none', 'disruptive', 'dangerous']);
export type Hazard = z.infer<typeof hazardSchema>;

export const parameterSchema = z.object({
  name: z.string().min(1).max(64),
  type: z.enum(['string', 'integer', 'number', 'boolean', 'duration', 'choice']),
  choices: z.array(shortText).max(100).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  /** A parameter without a default must be given. */
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  help: shortText.optional(),
});
export type Parameter = Immutable<z.infer<typeof parameterSchema>>;

/** Commands every component understands where its daemon's configuration allows them. */
export const componentCommandSchema = z.enum(['kill', 'signal', 'start', 'stop', 'status']);
export type ComponentCommand = z.infer<typeof componentCommandSchema>;

export const catalogueActionSchema = z.object({
  name: z.string().min(1).max(64),
  help: shortText.optional(),
  parameters: z.array(parameterSchema).max(32),
  hazard: hazardSchema,
  /** ms */
  timeout: z.number().positive(),
});

export const catalogueComponentSchema = z.object({
  name: componentNameSchema,
  /** States that the log rules can give this component, besides RUNNING, STOPPED and CRASHED. */
  states: z.array(z.string().max(64)).max(200),
  commands: z.array(componentCommandSchema),
  /** Signals that `kill` and `signal` may send: `KILL`, `TERM` … */
  signals: z.array(z.string().max(16)),
  /** Metric names known before the first sample: process metrics and those of the log rules. */
  metrics: z.array(z.string().max(256)).max(20_000),
});

/** What one daemon offers; published on change and given on request (`describe`). */
export const catalogueSchema = z.object({
  version: z.literal(1),
  daemon: daemonNameSchema,
  epoch: epochSchema,
  /** Random per start; commands must name it, so a command recorded before a restart is worthless after it. */
  bootNonce: z.string().min(8).max(64),
  softwareVersion: z.string().max(64),
  /** Version of the orders that it takes; daemons that take version 1 do not tell it. */
  orderVersion: z.int().min(1).optional(),
  /** SHA-256 of the daemon's configuration file, hexadecimal. */
  configurationHash: z.string().regex(/^[0-9a-f]{64}$/),
  host: z.string().max(255),
  /** Process id of the daemon, and its address as the router sees it: they tell daemons of one name apart. */
  process: z.int().min(1).optional(),
  address: z.string().max(255).optional(),
  /** Last sequence number that was used before this catalogue was made. */
  sequence: z.int().min(0),
  components: z.array(catalogueComponentSchema).max(1_000),
  actions: z.array(catalogueActionSchema).max(1_000),
  series: z.array(seriesDeclarationSchema).max(200_000),
  columns: z.array(z.object({ id: z.int().min(0).max(0xffff_ffff), series: z.array(z.int().min(0)).max(65_536) })).max(1_000),
  /** Present values of component states, and process ids (null: not running). */
  states: z.array(z.object({ component: componentNameSchema, state: z.string().max(64), pid: z.int().nullable(), since: time })).max(1_000),
});
export type Catalogue = z.infer<typeof catalogueSchema>;

/** Sent every second: I am here, this far. Lets a reader notice that the last records before a silence are missing. */
export const presenceSchema = z.object({
  daemon: daemonNameSchema,
  epoch: epochSchema,
  bootNonce: z.string().min(8).max(64),
  configurationHash: z.string().regex(/^[0-9a-f]{64}$/),
  time,
  /** Last sequence number used. */
  sequence: z.int().min(0),
  /** Oldest sequence number still in the spool; sequence + 1 when the spool is empty. */
  oldest: z.int().min(1),
  /** Seconds between presences; a daemon silent for three of them is lost. */
  interval: z.number().positive().max(60),
});
export type Presence = z.infer<typeof presenceSchema>;

/** Why a command of a daemon's own could not do what was asked, where whoever gave it may want to go on nevertheless. */
export const outcomeCodes = { alreadyRunning: 'already-running', alreadyStarting: 'already-starting' } as const;

export const commandOutcomeSchema = z.object({
  status: z.enum(['completed', 'timed out', 'cancelled', 'failed to start']),
  exitStatus: z.int().nullable(),
  signal: z.string().max(16).nullable(),
  /** Whether the daemon's configuration calls this a success (exit status 0 unless it says otherwise). */
  success: z.boolean(),
  /** What a scenario's `set` receives. */
  result: z.string().max(65_536),
  message: shortText.optional(),
  /** One of `outcomeCodes`, or what a later version knows; older daemons tell none. */
  code: z.string().max(64).optional(),
  /** ms */
  duration: z.number().min(0),
});
export type CommandOutcome = z.infer<typeof commandOutcomeSchema>;

/** Something that happened, with the daemon's time. Tagged by `kind`; a reader skips kinds that it does not know. */
export const daemonEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('epoch-started'), time, softwareVersion: z.string().max(64), configurationHash: z.string().max(64) }),
  z.object({ kind: z.literal('series-declared'), time, series: z.array(seriesDeclarationSchema).max(70_000) }),
  z.object({
    kind: z.literal('columns-declared'),
    time,
    columns: z.int().min(0).max(0xffff_ffff),
    series: z.array(z.int().min(0)).max(65_536),
  }),
  z.object({ kind: z.literal('component-started'), time, component: componentNameSchema, pid: z.int() }),
  z.object({ kind: z.literal('component-stopped'), time, component: componentNameSchema, pid: z.int() }),
  z.object({
    kind: z.literal('component-crashed'),
    time,
    component: componentNameSchema,
    pid: z.int(),
    exitStatus: z.int().nullable(),
    signal: z.string().max(16).nullable(),
  }),
  z.object({
    kind: z.literal('state'),
    time,
    component: componentNameSchema,
    state: z.string().max(64),
    previous: z.string().max(64).nullable(),
  }),
  z.object({
    kind: z.literal('log'),
    time,
    component: componentNameSchema.nullable(),
    file: z.string().max(4_096),
    severity: logSeveritySchema,
    /** Name of the event that a rule gave to this line, or null where the line is merely forwarded. */
    event: z.string().max(64).nullable(),
    text: line,
    fields: z.record(z.string().max(64), z.string().max(1_000)),
  }),
  z.object({
    kind: z.literal('command-accepted'),
    time,
    command: commandIdSchema,
    operator: z.string().max(64),
    action: z.string().max(64),
    arguments: z.array(z.string().max(4_096)).max(64),
  }),
  z.object({
    kind: z.literal('command-refused'),
    time,
    command: z.string().max(64),
    operator: z.string().max(64),
    action: z.string().max(64),
    code: z.string().max(64),
    reason: shortText,
  }),
  z.object({ kind: z.literal('command-output'), time, command: commandIdSchema, stream: outputStreamSchema, text: line }),
  z.object({ kind: z.literal('command-finished'), time, command: commandIdSchema, outcome: commandOutcomeSchema }),
  /** Trouble of the daemon itself or of what it watches: a missing log file, a dead exporter, dropped spool records. */
  z.object({
    kind: z.literal('notice'),
    time,
    severity: logSeveritySchema,
    code: z.string().max(64),
    text: shortText,
    component: componentNameSchema.optional(),
  }),
]);
export type DaemonEvent = z.infer<typeof daemonEventSchema>;

/** One numbered record of events. */
export const eventBatchSchema = z.object({ epoch: epochSchema, sequence, events: z.array(daemonEventSchema).max(10_000) });
export type EventBatch = z.infer<typeof eventBatchSchema>;

/** Asks a daemon for records `from` to `to` (both included) of an epoch. */
export const spoolRequestSchema = z.object({ epoch: epochSchema, from: sequence, to: sequence });
export type SpoolRequest = z.infer<typeof spoolRequestSchema>;

/**
 * A spool request is answered with any number of messages on the reply subject: each record as it was published first,
 * with the header `Testops-Kind: samples|events`, then one message with `Testops-Kind: end` and this body.
 */
export const spoolEndSchema = z.object({
  epoch: epochSchema,
  /** Records sent. */
  sent: z.int().min(0),
  /** Records asked for that are gone: dropped, aged, or of an epoch this daemon does not know. */
  lost: z.array(z.object({ from: sequence, to: sequence, reason: shortText })).max(1_000),
  /** Set when the answer stopped early (it is bounded); ask again from here. */
  next: sequence.nullable(),
});
export type SpoolEnd = z.infer<typeof spoolEndSchema>;
export const spoolKindHeader = 'Testops-Kind';
