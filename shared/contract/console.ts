/**
 * The part of the contract that screens need besides running and archiving: the workspace's files, the live environment,
 * telemetry, who else is on a run, and what earlier runs of a scenario were like.
 */
import { z } from 'zod';
import { daemonNameSchema, runIdSchema } from '#shared/identifiers.ts';
import { daemonEventSchema, hazardSchema, parameterSchema, componentCommandSchema } from '#shared/protocol/observations.ts';
import { runOutcomeSchema, stepStateSchema } from '#shared/run/records.ts';
import { unitSchema } from '#shared/telemetry/series.ts';
import { environmentStatusSchema } from './environment-status.ts';

const path = z.string().min(1).max(4_096);
/** A path within the workspace's folder, with `/`; never leaves it. */
const relativePath = z
  .string()
  .min(1)
  .max(1_024)
  .refine(
    (text) => !text.startsWith('/') && !text.split('/').includes('..') && !text.includes('\\') && !text.includes('\0'),
    'the path leaves the workspace',
  );
const text = z.string().max(4_000_000);
const folder = z.object({ folder: path });
const nothing = z.object({});
const environmentFile = z.object({ environmentFile: path });

export const workspaceFileSchema = z.object({
  path: relativePath,
  kind: z.enum(['scenario', 'environment', 'daemon', 'plugin', 'other']),
  /** bytes */
  size: z.int().min(0),
  /** ms since 1970 */
  modified: z.number(),
});
export type WorkspaceFile = z.infer<typeof workspaceFileSchema>;

/** A file's text with a hash that tells whether it changed meanwhile. */
const fileTextSchema = z.object({ text, hash: z.string(), modified: z.number() });

export const draftSchema = z.object({
  path: relativePath,
  text,
  /** Hash of the saved text the draft began from; null for a new file. */ baseHash: z.string().nullable(),
  savedAt: z.number(),
});
export type Draft = z.infer<typeof draftSchema>;

/** `ScenarioCatalogue` as it crosses the contract. */
export const scenarioCatalogueSchema = z.object({
  commands: z.array(
    z.object({
      name: z.string(),
      help: z.string().optional(),
      parameters: z.array(parameterSchema),
      hazard: hazardSchema,
      source: z.enum(['action', 'plugin', 'alias']),
      daemons: z.array(z.string()),
    }),
  ),
  components: z.array(
    z.object({
      name: z.string(),
      daemons: z.array(z.string()),
      states: z.array(z.string()),
      commands: z.array(componentCommandSchema),
      signals: z.array(z.string()),
      metrics: z.array(z.object({ name: z.string(), unit: unitSchema })),
    }),
  ),
  scenarios: z.array(z.string()).optional(),
});

export const knownSeriesSchema = z.object({
  /** `Component.metric` */
  name: z.string(),
  component: z.string(),
  metric: z.string(),
  unit: unitSchema,
  kind: z.enum(['gauge', 'counter']),
  daemon: z.string(),
  help: z.string().optional(),
});
export type KnownSeries = z.infer<typeof knownSeriesSchema>;

/** Points of one series, times rising (ms since 1970, corrected to the core's clock); null: no value there. */
export const pointsSchema = z.object({ name: z.string(), times: z.array(z.number()), values: z.array(z.number().nullable()) });
export type Points = z.infer<typeof pointsSchema>;

/** An earlier run of a scenario, as the three questions need it. */
export const pastRunSchema = z.object({
  run: runIdSchema,
  release: z.string(),
  outcome: runOutcomeSchema,
  /** Whether it is a baseline of its release candidate now. */
  accepted: z.boolean().optional(),
  startedAt: z.number(),
  duration: z.number().nullable(),
  /** Executed steps, by the statement's text and how often that statement had been executed before. */
  steps: z.array(
    z.object({ line: z.int(), number: z.int(), text: z.string(), occurrence: z.int(), state: stepStateSchema, duration: z.number() }),
  ),
  conditions: z.array(
    z.object({ condition: z.string(), form: z.string(), text: z.string(), state: z.enum(['pending', 'met', 'not met']) }),
  ),
  /** Means per series over the whole run; only series that the scenario names and its components' rss and cpu. */
  metrics: z.array(
    z.object({ name: z.string(), unit: unitSchema.optional(), mean: z.number().nullable(), maximum: z.number().nullable() }),
  ),
  /** Faults that the run injected and how long (ms) until the scenario's next awaited condition held again; null: never. */
  faults: z.array(z.object({ text: z.string(), recovered: z.number().nullable() })),
});
export type PastRun = z.infer<typeof pastRunSchema>;

/** Accepted runs of one release, newest first, and in words why these. */
export const pastBaselineSchema = z.object({ release: z.string(), reason: z.string(), runs: z.array(pastRunSchema) });
export type PastBaseline = z.infer<typeof pastBaselineSchema>;

export const consoleSchema = z.object({ console: z.string(), operator: z.string(), control: z.boolean(), since: z.number() });

export const consoleMethods = {
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
  /** Looks at a folder: is it a workspace, a repository, which environments does it have? */
  'workspace.open': {
    request: folder,
    response: z.object({
      folder: path,
      name: z.string(),
      /** Commit, with `+changes` when not clean; null when it is no repository. */
      commit: z.string().nullable(),
      environments: z.array(z.object({ file: path, name: z.string() })),
      /** Whether somebody said that what is in it may be executed; otherwise it can be read, edited, checked and replayed. */
      trusted: z.boolean(),
    }),
  },
  /** Trusts a folder with all that is in it, or takes every trust back in which it lies; answers with the folders of which that was said. */
  'workspace.trust': { request: folder.extend({ trusted: z.boolean() }), response: z.object({ folders: z.array(path) }) },
  /** The folders that this user trusts; `since` in ms since 1970. */
  'workspace.trusted': { request: nothing, response: z.object({ folders: z.array(z.object({ folder: path, since: z.number() })) }) },
  /**
   * What the core and its open environments are like now, as OpenMetrics text. The environments that are named are kept open for a
   * minute after they were asked for.
   */
  'core.metrics': { request: z.object({ environmentFiles: z.array(path).max(20) }), response: z.object({ text: z.string() }) },
  'workspace.recent': { request: nothing, response: z.object({ folders: z.array(path) }) },
  'workspace.files': { request: folder, response: z.object({ files: z.array(workspaceFileSchema) }) },
  'file.read': { request: folder.extend({ path: relativePath }), response: fileTextSchema },
  /** Writes whole or not at all; refused with `file-changed` when the file is not what `expectedHash` says (null: it must not exist). */
  'file.write': {
    request: folder.extend({ path: relativePath, text, expectedHash: z.string().nullable() }),
    response: z.object({ hash: z.string(), modified: z.number() }),
  },
  'file.rename': { request: folder.extend({ path: relativePath, to: relativePath }), response: nothing },
  'file.delete': { request: folder.extend({ path: relativePath, expectedHash: z.string() }), response: nothing },
  /** Unsaved texts, kept outside the workspace, so that a crash loses nothing. */
  'drafts.save': { request: folder.extend({ draft: draftSchema.omit({ savedAt: true }) }), response: nothing },
  'drafts.list': { request: folder, response: z.object({ drafts: z.array(draftSchema) }) },
  'drafts.discard': { request: folder.extend({ path: relativePath }), response: nothing },
  /** The console's layout for this workspace: opaque to the core. */
  'layout.load': { request: folder, response: z.object({ layout: z.string().max(1_000_000).nullable() }) },
  'layout.save': { request: folder.extend({ layout: z.string().max(1_000_000) }), response: nothing },
  /** Starts the embedded demo environment, if it does not run yet, as a child of the core; it ends with the core, its workspace lasts. */
  'demo.start': {
    /** `ready` false: answered as soon as the workspace is there, while the environment comes up; asked again without it, when it is up. */
    request: z.object({ release: z.string().max(64), ready: z.boolean().optional() }),
    response: z.object({
      folder: path,
      environmentFile: path,
      release: z.string(),
      /** What the user should know of the workspace. */
      notices: z.array(
        z.object({
          severity: z.enum(['error', 'warning', 'information']),
          code: z.string(),
          message: z.string(),
          tip: z.string().optional(),
          file: z.string().optional(),
        }),
      ),
    }),
  },
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
  'series.list': { request: environmentFile, response: z.object({ series: z.array(knownSeriesSchema) }) },
  /** Decimated (M4) points of an archived run. `from` and `to` in ms since 1970; whole run where absent. */
  'runs.points': {
    request: z.object({
      run: runIdSchema,
      series: z.array(z.string()).max(200),
      from: z.number().optional(),
      to: z.number().optional(),
      columns: z.int().min(1).max(4_000),
    }),
    response: z.object({ points: z.array(pointsSchema) }),
  },
  'runs.series': { request: z.object({ run: runIdSchema }), response: z.object({ series: z.array(knownSeriesSchema) }) },
  /**
   * Finished live runs of a scenario, newest first. `of`: of what was before this run only, and the run itself once it is finished. Where
   * there are more, accepted runs beyond the limit come after it, up to ten. `baseline`: what that run is compared with while nobody
   * chooses, as Compare has it; before a run, what one of that environment and release would be. Null: no run like it is accepted.
   */
  'scenario.history': {
    request: z.object({
      scenario: z.string(),
      limit: z.int().min(1).max(100),
      of: runIdSchema.optional(),
      environment: z.string().max(128).optional(),
      release: z.string().max(128).optional(),
    }),
    response: z.object({
      runs: z.array(pastRunSchema),
      baseline: pastBaselineSchema.nullable(),
    }),
  },
  /**
   * Changes the lines of a paused run that were not executed yet. Refused when executed lines differ or the text has
   * errors; recorded as a diff. Only the console in control may.
   */
  'run.edit': { request: z.object({ run: runIdSchema, scenario: z.string(), text }), response: nothing },
  /** Takes control of a run, or gives it to another console. */
  'run.control': { request: z.object({ run: runIdSchema, console: z.string().nullable() }), response: nothing },
  'runs.active': {
    request: nothing,
    response: z.object({
      runs: z.array(z.object({ run: runIdSchema, scenario: z.string(), scenarioFile: path, environmentFile: path.nullable() })),
    }),
  },
} as const;

export const consoleStreams = {
  /** The environment now, at once and at every change (at most four times a second). */
  'environment.live': { request: environmentFile, item: environmentStatusSchema },
  /** What scenarios may name, at once and at every change. */
  'environment.catalogue': { request: environmentFile.extend({ offline: z.boolean().optional() }), item: scenarioCatalogueSchema },
  /** Events of the daemons as they come, whether or not a run goes on; the last 1,000 first. `missed` counts what a slow listener did not get. */
  'environment.events': {
    request: environmentFile,
    item: z.object({
      events: z.array(z.object({ daemon: daemonNameSchema, received: z.number(), event: daemonEventSchema })),
      missed: z.int().min(0),
    }),
  },
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
  /** Files that were added, changed or removed by somebody else. */
  'workspace.changes': { request: folder, item: z.object({ paths: z.array(z.string()) }) },
  /** The list of runs is not as it was. */
  'runs.changes': { request: nothing, item: z.object({ active: z.int().min(0) }) },
  /** Who watches a run, and who has control. The first console that listens to it has. */
  'run.consoles': { request: z.object({ run: runIdSchema }), item: z.object({ consoles: z.array(consoleSchema), own: z.string() }) },
} as const;
