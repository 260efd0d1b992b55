/**
 * `.testops-run`: a finished run in one zip file. First `bundle.json`, which names the other entries, then the run's files, and last
 * what was said about the run, if anything was.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { runIdSchema } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { finishedFiles } from './layout.ts';

export const bundleFile = 'bundle.json';
export const bundleVersion = 1;

export const remarksEntry = 'remarks.ndjson';

/** All entries, in their order. The last one need not be there. */
export const bundleEntries = [bundleFile, ...finishedFiles, remarksEntry] as const;
/** So many must be there. */
export const requiredEntries = bundleEntries.length - 1;

export const bundleSchema = z.strictObject({
  kind: z.literal('testops-run'),
  version: z.literal(bundleVersion),
  run: runIdSchema,
  entries: z
    .array(
      z.strictObject({
        name: z.enum([...finishedFiles, remarksEntry]),
        bytes: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(finishedFiles.length)
    .max(finishedFiles.length + 1),
});
export type Bundle = z.infer<typeof bundleSchema>;

/** Length of a file in bytes, and its SHA-256 (hexadecimal), read piece by piece. */
export async function hashFile(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Refuses a bundle; `reason` continues the sentence: `it holds …`. What it quotes of the bundle is made harmless to show. */
export function refuseBundle(file: string, reason: string): never {
  throw new ProblemError({
    code: 'bundle-refused',
    message: `${file} was not imported: ${presentable(reason)}.`,
    tip: 'Ask for it to be exported again.',
    file,
  });
}

/** Text of unknown origin as one short line that no terminal takes for a command. */
function presentable(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]+/gu, ' ').trim();
  return line.length > 400 ? `${line.slice(0, 400)}…` : line;
}
