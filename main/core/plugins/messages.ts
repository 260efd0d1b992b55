/**
 * What core and plugin process say to one another: one JSON text per line over a socket pair of their own, so that what a
 * plugin prints cannot be mistaken for it. What the plugin's side says is not trusted: lines are bounded and decoded here.
 */
import { z } from 'zod';
import { hazardSchema, parameterSchema } from '#shared/protocol/observations.ts';

/** UTF-16 code units of one message; a longer one ends the plugin's process. */
export const maximumMessageLength = 256 * 1024;
/** UTF-16 code units of output of one command; what follows is left out, and that is said once. */
export const maximumOutput = 1024 * 1024;
/** ms that a command has, unless its plugin says otherwise. */
export const usualTimeout = 60_000;

export const pluginDescriptionSchema = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'a command starts with a letter and holds only letters, digits, _ and - (64 at most)'),
  help: z.string().max(1_000).nullable().default(null),
  parameters: z.array(parameterSchema).max(32).default([]),
  hazard: hazardSchema.default('none'),
  timeout: z.number().min(1).max(86_400_000).default(usualTimeout),
});

const resultText = z.string().max(65_536);

export const fromPluginSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('loaded'), commands: z.array(z.unknown()).max(100) }),
  z.object({ kind: z.literal('not-loaded'), message: z.string() }),
  z.object({ kind: z.literal('output'), call: z.int(), text: z.string() }),
  z.object({ kind: z.literal('read'), call: z.int(), request: z.int(), name: z.string().max(512) }),
  z.object({
    kind: z.literal('finished'),
    call: z.int(),
    success: z.boolean(),
    result: resultText,
    message: z.string().max(10_000).nullable(),
  }),
]);
export type FromPlugin = z.infer<typeof fromPluginSchema>;

export type ToPlugin =
  | {
      readonly kind: 'execute';
      readonly call: number;
      readonly name: string;
      readonly arguments: Readonly<Record<string, string | number | boolean>>;
      readonly run: string | null;
      readonly release: string;
    }
  | { readonly kind: 'cancel'; readonly call: number }
  | { readonly kind: 'reading'; readonly request: number; readonly value: string | number | null };
