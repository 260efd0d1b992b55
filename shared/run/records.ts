/**
 * The records of a run's log. A run *is* this list, in order of `sequence`: the live view, the archive, replay,
 * comparison and recovery read it and nothing else (samples are kept beside it, in their own files).
 * One record is one line of `log.ndjson`.
 */
import { z } from 'zod';
import {
  commandIdSchema,
  componentNameSchema,
  daemonNameSchema,
  environmentNameSchema,
  epochSchema,
  runIdSchema,
} from '#shared/identifiers.ts';
import { operatorInputSchema, scenarioTextSchema, stepReferenceSchema } from '#shared/scenario/machine-contract.ts';
import { conditionForms, conditionStates, failurePolicies, pauseReasons, runOutcomes, stepStates } from '#shared/scenario/machine-words.ts';
import { severitySchema } from '#shared/problem-schema.ts';
import { runModes } from './run-words.ts';
import { commandOutcomeSchema, daemonEventSchema, outputStreamSchema } from '#shared/protocol/observations.ts';

export const runOutcomeSchema = z.enum(runOutcomes);
export const failurePolicySchema = z.enum(failurePolicies);
export const stepStateSchema = z.enum(stepStates);
const readingSchema = z.union([z.string(), z.number(), z.null()]);
const text = scenarioTextSchema;

/** What an operator can do to a run; everything but the last two goes to the machine as it is. */
export const operatorActionSchema = z.union([
  operatorInputSchema,
  z.object({ kind: z.literal('answer'), reference: z.int(), answer: text }),
  z.object({ kind: z.literal('note'), text }),
]);
export type OperatorAction = z.infer<typeof operatorActionSchema>;

const bodies = [
  z.object({
    kind: z.literal('run-started'),
    run: runIdSchema,
    scenario: z.string().max(128),
    environment: environmentNameSchema,
    release: z.string().max(128),
    operator: z.string().max(64),
    policy: failurePolicySchema,
    variables: z.record(z.string(), text),
    mode: z.enum(runModes),
    softwareVersion: z.string().max(64),
  }),
  z.object({ kind: z.literal('step-started'), step: stepReferenceSchema }),
  z.object({
    kind: z.literal('step-finished'),
    step: stepReferenceSchema,
    state: stepStateSchema,
    message: text.nullable(),
    result: z.string().max(65_536).nullable(),
    /** ms, by the core's monotonic clock */
    duration: z.number().min(0),
  }),
  z.object({ kind: z.literal('echo'), execution: z.int(), text }),
  z.object({ kind: z.literal('note'), execution: z.int().nullable(), text, author: z.string().max(64) }),
  z.object({ kind: z.literal('variable'), execution: z.int().nullable(), name: z.string().max(128), value: text }),
  z.object({
    kind: z.literal('condition'),
    execution: z.int().nullable(),
    condition: z.string().max(256),
    form: z.enum([...conditionForms, 'limit']),
    text,
    state: z.enum(conditionStates),
    values: z.record(z.string(), readingSchema),
    /** Why it could not be judged though it was to be: the source of a value was lost. Absent otherwise, and in logs of earlier consoles. */
    lost: text.exactOptional(),
  }),
  z.object({
    kind: z.literal('command-sent'),
    execution: z.int().nullable(),
    command: commandIdSchema,
    /** The daemon that executes it, or null for a plugin's command. */
    daemon: daemonNameSchema.nullable(),
    action: z.string().max(64),
    arguments: z.array(z.string().max(4_096)).max(64),
  }),
  /** Output of a plugin's command; a daemon's output arrives in its observations. */
  z.object({ kind: z.literal('output'), command: commandIdSchema, stream: outputStreamSchema, text }),
  z.object({ kind: z.literal('command-finished'), command: commandIdSchema, outcome: commandOutcomeSchema }),
  z.object({ kind: z.literal('command-failed'), command: commandIdSchema.nullable(), execution: z.int().nullable(), message: text }),
  z.object({
    kind: z.literal('deferred'),
    identifier: z.int(),
    words: z.array(z.string()),
    text,
    scenario: z.string().max(128),
    line: z.int().min(0),
  }),
  z.object({ kind: z.literal('handler-fired'), condition: z.string().max(256), label: z.string().max(128) }),
  z.object({
    kind: z.literal('prompt'),
    reference: z.int(),
    question: text,
    choices: z.array(text).max(100),
    fallback: text.nullable(),
  }),
  z.object({ kind: z.literal('operator'), operator: z.string().max(64), action: operatorActionSchema }),
  z.object({
    kind: z.literal('paused'),
    reason: z.enum([...pauseReasons, 'disk']),
    message: text.nullable(),
    /** The step that comes next (or that failed); absent behind the last statement. */
    position: z.object({ scenario: z.string().max(128), line: z.int().min(0) }).exactOptional(),
  }),
  z.object({ kind: z.literal('resumed') }),
  /** One numbered record of a daemon: each (daemon, epoch, number) stands in a log at most once. */
  z.object({
    kind: z.literal('observation'),
    daemon: daemonNameSchema,
    epoch: epochSchema,
    number: z.int().min(1),
    events: z.array(daemonEventSchema),
  }),
  /** Records of a daemon that are missing: `open` while they are being asked for, then `filled` or `lost`. */
  z.object({
    kind: z.literal('gap'),
    daemon: daemonNameSchema,
    epoch: epochSchema,
    from: z.int().min(1),
    to: z.int().min(1),
    state: z.enum(['open', 'filled', 'lost']),
    reason: text,
  }),
  z.object({
    kind: z.literal('presence'),
    daemon: daemonNameSchema,
    state: z.enum(['present', 'lost']),
    epoch: epochSchema.nullable(),
    /** ms by which the daemon's clock is ahead of the core's; null when unknown. */
    clockOffset: z.number().nullable(),
    /**
     * ms since 1970, the core's clock: when a lost daemon was heard last; of one that is back, when it had been heard last
     * before. Absent where it was heard all the time, and in logs of
     * earlier consoles.
     */
    lastSign: z.number().exactOptional(),
    /** Components that this daemon reports: unknown from its last sign of life on when it is lost. */
    components: z.array(componentNameSchema).max(1_000).exactOptional(),
    /** Of a daemon that was started anew: its components as it found them. */
    states: z
      .array(z.object({ component: componentNameSchema, state: z.string().max(64), pid: z.int().nullable(), since: z.number() }))
      .max(1_000)
      .exactOptional(),
  }),
  z.object({ kind: z.literal('link'), state: z.enum(['connected', 'disconnected']), message: text.nullable() }),
  z.object({
    kind: z.literal('problem'),
    severity: severitySchema,
    code: z.string().max(64),
    message: text,
    tip: text.nullable(),
  }),
  /**
   * An operator changed the text of a scenario during the run: from a line (zero-based) on, the lines `removed` became the
   * lines `added`. A scenario that the run did not have before begins as one of no lines at all. See edit-text.ts.
   */
  z.object({
    kind: z.literal('edited'),
    operator: z.string().max(64),
    scenario: z.string().max(128),
    line: z.int().min(0),
    removed: z.array(z.string().max(4_000_000)).max(200_000),
    added: z.array(z.string().max(4_000_000)).max(200_000),
  }),
  /** Of several consoles on the run another one has control now: it was taken or given, or its holder left. */
  z.object({
    kind: z.literal('control'),
    /** Who did it; when the holder left, who left. */
    operator: z.string().max(64),
    change: z.enum(['taken', 'given', 'passed on']),
    /** Who has control now. */
    to: z.string().max(64),
  }),
  /** The core died during the run and was started again. */
  z.object({
    kind: z.literal('recovered'),
    message: text,
    /**
     * ms since 1970, the core's clock: when the core that died had heard of the environment last. Nothing of the time from then on
     * is in the log. Absent where the daemons were asked for it, and in logs of earlier consoles.
     */
    silentSince: z.number().exactOptional(),
  }),
  z.object({
    kind: z.literal('run-finished'),
    outcome: runOutcomeSchema,
    reason: text,
    /** Of an interrupted run: ms from its start to the last record before its core died. What was done for it since is no part of its duration. */
    lasted: z.number().min(0).exactOptional(),
  }),
] as const;

export const recordBodySchema = z.discriminatedUnion('kind', bodies);
export type RecordBody = z.infer<typeof recordBodySchema>;

const envelope = z.object({
  /** Position in the log, from 1, without gaps. The only authority for order. */
  sequence: z.int().min(1),
  /** ms since 1970, the core's clock; may step back when the clock is set. */
  time: z.number(),
});
export const runRecordSchema = z.intersection(envelope, recordBodySchema);
export type RunRecord = RecordBody & z.infer<typeof envelope>;
export type RecordKind = RecordBody['kind'];
/** What a record of a kind says, without its place in the log. */
export type BodyOf<Kind extends RecordKind> = Extract<RecordBody, { kind: Kind }>;
export type RecordOf<Kind extends RecordKind> = Extract<RunRecord, { kind: Kind }>;
/** How far a gap is: records are asked for, have come, or will not come. */
export type GapState = RecordOf<'gap'>['state'];
/** Whether a daemon gives signs of life. */
export type PresenceState = RecordOf<'presence'>['state'];
