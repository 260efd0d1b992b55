/**
 * What a host and the process of its core tell each other. The contract's own messages travel inside as texts, one
 * numbered channel for each console.
 */
import { z } from 'zod';
import { servedSchema } from '#main/core/served/served-places.ts';
import { problemSchema } from '#shared/problem-schema.ts';

const channel = z.int().min(1);

export const coreSettingsSchema = z.object({
  /** Where run folders are kept; made if it is not there. */
  archiveFolder: z.string().min(1),
  /** The `testops` command: a program and the arguments before its own. The demo's router and daemons are started with it. */
  programs: z.object({ command: z.string().min(1), arguments: z.array(z.string()) }),
  /** Folder with the demo's template and the examples. */
  resources: z.string().min(1),
  /** What it is the core of, for people: `console`, `serve`. */
  purpose: z.string().min(1),
  /** What consoles of other machines reach; absent: the core is not served. */
  served: servedSchema.optional(),
});
export type CoreSettings = z.infer<typeof coreSettingsSchema>;

export const fromHostSchema = z.discriminatedUnion('kind', [
  /** First message, once. */
  z.object({ kind: z.literal('begin'), settings: coreSettingsSchema }),
  z.object({ kind: z.literal('open'), channel, operator: z.string().max(64).nullable(), remote: z.boolean() }),
  z.object({ kind: z.literal('text'), channel, text: z.string() }),
  z.object({ kind: z.literal('close'), channel }),
  /** Finish and end. */
  z.object({ kind: z.literal('end') }),
]);
export type FromHost = z.infer<typeof fromHostSchema>;

export const fromProcessSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  /** The core could not be opened; the process ends. */
  z.object({ kind: z.literal('failed'), problem: problemSchema }),
  /** Something that nobody asked for and a person should know. */
  z.object({ kind: z.literal('problem'), problem: problemSchema }),
  z.object({ kind: z.literal('text'), channel, text: z.string() }),
  z.object({ kind: z.literal('close'), channel }),
]);
export type FromProcess = z.infer<typeof fromProcessSchema>;
