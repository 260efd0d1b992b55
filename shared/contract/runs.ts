/** Runs: checked, started, followed, operated, recovered; and the list of those that there are. */
import { z } from 'zod';
import { runIdSchema } from '#shared/identifiers.ts';
import { commandOutcomeSchema } from '#shared/protocol/observations.ts';
import { runManifestSchema, runSummarySchema } from '#shared/run/manifest.ts';
import { failurePolicySchema, operatorActionSchema, runRecordSchema } from '#shared/run/records.ts';
import { breakpointSchema } from '#shared/scenario/machine-contract.ts';
import { decisionSchema } from '#shared/run/remarks.ts';
import { problemSchema } from '#shared/problem-schema.ts';
import { environmentFile, nothing, path, run, text } from './shapes.ts';

/** Chosen by a console, unique among its starts. */
const startName = z.string().min(1).max(64);

export const consoleSchema = z.object({ console: z.string(), operator: z.string(), control: z.boolean(), since: z.number() });

export const runMethods = {
  /** Checks a scenario, against the environment's live or pinned catalogue where one is named. */
  'scenario.check': {
    request: z.object({ scenarioFile: path, environmentFile: path.optional(), offline: z.boolean().optional() }),
    response: z.object({ problems: z.array(problemSchema) }),
  },
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
      texts: z.record(z.string().max(64), text).optional(),
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
      /** The last part of the run's id, from which its unique names are made; at random unless given. */
      unique: z
        .string()
        .regex(/^[0-9a-f]{12}$/)
        .optional(),
    }),
    response: z.object({ run: runIdSchema, folder: path, problems: z.array(problemSchema) }),
  },
  /** Cancels a start that has not begun yet, or lets it begin without the daemons that it waits for; nothing when it is over. */
  'run.decide-start': {
    request: z.object({ start: startName, decision: z.enum(['cancel', 'start-without']) }),
    response: nothing,
  },
  /** What an operator does to a run: pause, step, skip, set a variable, answer, stop. Only the console in control may. */
  'run.act': { request: run.extend({ action: operatorActionSchema }), response: nothing },
  /**
   * Changes the lines of a paused run that were not executed yet. Refused when executed lines differ or the text has
   * errors; recorded as a diff. Only the console in control may.
   */
  'run.edit': { request: run.extend({ scenario: z.string(), text }), response: nothing },
  /** Takes control of a run, or gives it to another console. */
  'run.control': { request: run.extend({ console: z.string().nullable() }), response: nothing },
  /** Executes the undo commands that an interrupted run still owes. */
  'run.recover': {
    request: run.extend({ environmentFile: path }),
    response: z.object({ executed: z.array(z.string()), failed: z.array(z.string()) }),
  },
  /** Runs one command by hand, outside a scenario, and waits for its end. */
  'command.execute': {
    request: environmentFile.extend({ words: z.array(z.string().max(4_096)).min(1).max(64) }),
    response: z.object({ outcome: commandOutcomeSchema }),
  },
  /** The runs that go on in this core. */
  'runs.active': {
    request: nothing,
    response: z.object({
      runs: z.array(z.object({ run: runIdSchema, scenario: z.string(), scenarioFile: path, environmentFile: path.nullable() })),
    }),
  },
  /** Runs that a dead core left unfinished, and the undo commands that they still owe. */
  'runs.interrupted': {
    request: nothing,
    response: z.object({ runs: z.array(z.object({ run: runIdSchema, owed: z.array(z.string()) })) }),
  },
  /** The runs of the archive, newest first; only those of a scenario, a release or an outcome where these are given. */
  'runs.list': {
    request: z.object({ scenario: z.string().optional(), release: z.string().optional(), outcome: z.string().optional() }),
    /** `remarks`: how many stand. */
    response: z.object({ runs: z.array(runSummarySchema.extend({ decision: decisionSchema, remarks: z.int().min(0) })) }),
  },
  /** A run without its records, and what is damaged of it. */
  'runs.show': {
    request: run,
    response: z.object({ manifest: runManifestSchema, folder: path, problems: z.array(problemSchema) }),
  },
  /** Writes a run as one file (a bundle), which another archive can import. */
  'runs.export': { request: run.extend({ file: path }), response: z.object({ file: path, bytes: z.int() }) },
  /** Takes a run from a bundle into the archive. `orFind`: a run that is in the archive already is `found` instead of refused, where it is this very one. */
  'runs.import': {
    request: z.object({ file: path, orFind: z.boolean().optional() }),
    response: z.object({ run: runIdSchema, folder: path, found: z.boolean().optional() }),
  },
  /** Removes a run from the archive; refused while it goes on or is being exported. */
  'runs.delete': { request: run, response: nothing },
  /** Makes the list of runs anew from the run folders. */
  'runs.rebuild': { request: nothing, response: z.object({ runs: z.int(), damaged: z.int() }) },
} as const;

export const runStreams = {
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
  /** A run's records from a sequence on: those in the log first, then live ones; ends after `run-finished`. Batched. */
  'run.records': { request: run.extend({ from: z.int().min(1) }), item: z.array(runRecordSchema) },
  /** Problems of a running run that cannot stand in its log at the moment, such as a full disk; ends with the run. */
  'run.problems': { request: run, item: problemSchema },
  /** Who watches a run, and who has control. The first console that listens to it has. */
  'run.consoles': { request: run, item: z.object({ consoles: z.array(consoleSchema), own: z.string() }) },
  /** Tells that the list of runs is not as it was; `active` counts those that go on. */
  'runs.changes': { request: nothing, item: z.object({ active: z.int().min(0) }) },
} as const;
