/**
 * How far each log file was read, kept across restarts. A file is known by device and inode, and by a hash of its first
 * bytes, since the number of a deleted file is given to a new one.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeStateFile } from '../state-file.ts';

const fingerprintSchema = z.object({ length: z.int().min(0).max(4_096), hash: z.string().max(64) });
/** The first `length` bytes of a file, as SHA-256. */
export type Fingerprint = z.infer<typeof fingerprintSchema>;

const positionSchema = z.object({
  /** Which entry of the configuration reads it. */
  log: z.string(),
  path: z.string(),
  device: z.string(),
  inode: z.string(),
  /** bytes: start of the first line that was not reported */
  offset: z.int().min(0),
  /** The offset lies within a line that was too long; the rest of it is dropped. */
  skipping: z.boolean(),
  fingerprint: fingerprintSchema,
  /** ms since 1970 at which it was last seen */
  seen: z.number(),
});
export type FilePosition = z.infer<typeof positionSchema>;

const fileSchema = z.object({ version: z.literal(1), savedAt: z.number(), positions: z.array(positionSchema) });
export interface SavedPositions {
  /** ms since 1970; null when nothing was ever saved */
  readonly savedAt: number | null;
  readonly positions: readonly FilePosition[];
}

export class PositionFile {
  private readonly path: string;

  constructor(stateFolder: string) {
    this.path = join(stateFolder, 'log-positions.json');
  }

  /** `damaged`: there is a file, but it cannot be used; reading starts as if it were the first time. */
  async load(): Promise<SavedPositions & { readonly damaged: boolean }> {
    const text = await readFile(this.path, 'utf8').catch(() => undefined);
    if (text === undefined) return { savedAt: null, positions: [], damaged: false };
    try {
      return { ...fileSchema.parse(JSON.parse(text)), damaged: false };
    } catch {
      return { savedAt: null, positions: [], damaged: true };
    }
  }

  async save(savedAt: number, positions: readonly FilePosition[]): Promise<void> {
    await writeStateFile(this.path, JSON.stringify({ version: 1, savedAt, positions }));
  }
}
