/** `run.json`: what a run was, for lists, filters and comparison without reading its log. */
import { z } from 'zod';
import { daemonNameSchema, environmentNameSchema, runIdSchema } from '#shared/identifiers.ts';
import { catalogueSchema } from '#shared/protocol/observations.ts';
import { runModes } from './run-words.ts';
import { failurePolicySchema, runOutcomeSchema } from '#shared/run/records.ts';

export const archiveFormatVersion = 1;

export const runManifestSchema = z.object({
  format: z.literal(archiveFormatVersion),
  run: runIdSchema,
  scenario: z.object({
    name: z.string().max(128),
    title: z.string().max(1_000).nullable(),
    tags: z.array(z.string().max(128)).max(100),
    /** Texts by scenario name, the root scenario's among them. */
    texts: z.record(z.string().max(128), z.string().max(4_000_000)),
    /** SHA-256 of the root scenario's text. */
    hash: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  environment: environmentNameSchema,
  /** The release candidate under test. */
  release: z.string().max(128),
  operator: z.string().max(64),
  policy: failurePolicySchema,
  mode: z.enum(runModes),
  variables: z.record(z.string(), z.string()),
  /** ms since 1970, core's clock. */
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  /** ms, monotonic; null until finished or where unknown (interrupted). */
  duration: z.number().min(0).nullable(),
  /** Null while the run goes on. */
  outcome: runOutcomeSchema.nullable(),
  reason: z.string().nullable(),
  /** What the daemons offered when the run started. */
  catalogues: z.array(catalogueSchema).max(1_000),
  /** Commit of the workspace, with `+changes` when it was not clean; null when it is no repository. */
  workspaceCommit: z.string().max(128).nullable(),
  /** Free text by name: host of the core, versions. */
  conditions: z.record(z.string().max(128), z.string().max(1_000)),
  softwareVersion: z.string().max(64),
  /** Numbers for lists. */
  totals: z
    .object({
      records: z.int().min(0),
      samples: z.int().min(0),
      series: z.int().min(0),
      steps: z.int().min(0),
      checksMet: z.int().min(0),
      checksNotMet: z.int().min(0),
      gapsLost: z.int().min(0),
      bytes: z.int().min(0),
    })
    .nullable(),
  daemons: z.array(daemonNameSchema).max(1_000),
});
export type RunManifest = z.infer<typeof runManifestSchema>;

/** One line of `runs list`. */
export const runSummarySchema = runManifestSchema
  .pick({
    run: true,
    environment: true,
    release: true,
    operator: true,
    mode: true,
    startedAt: true,
    finishedAt: true,
    duration: true,
    outcome: true,
    reason: true,
    totals: true,
  })
  .extend({ scenario: z.string(), /** Set when the folder is damaged: what is wrong with it. */ damage: z.string().nullable() });
export type RunSummary = z.infer<typeof runSummarySchema>;
