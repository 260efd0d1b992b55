/** Files that are written whole or not at all: a copy beside the file takes its place when it is on the disk. */
import { randomBytes } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface AtomicWrite {
  /** Permissions of the file. */
  readonly mode: number;
  /** Whether the file may not exist; then nothing is written when somebody makes it meanwhile (EEXIST). */
  readonly exclusive?: boolean;
  /** Called when the new bytes are on the disk, just before they take the file's place; what it throws keeps the file as it is. */
  readonly lastLook?: () => Promise<void>;
}

/** Whether a name is that of the copy that a process was killed at writing beside a file of this name. */
export function isHalfOf(name: string, found: string): boolean {
  const [start, end] = [`.${name.slice(0, 100)}.`, '.tmp'];
  return found.startsWith(start) && found.endsWith(end) && /^[0-9a-f]{12}$/.test(found.slice(start.length, -end.length));
}

/** Writes a file; its folder must be there. */
export async function writeAtomically(file: string, bytes: Uint8Array, options: AtomicWrite): Promise<void> {
  const scratch = join(dirname(file), `.${basename(file).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = await open(scratch, 'wx', options.mode);
    try {
      // What the process masks away is the owner's decision for a new file, and wrong for one that was there.
      await handle.chmod(options.mode);
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await options.lastLook?.();
    if (options.exclusive) await link(scratch, file);
    else await rename(scratch, file);
  } finally {
    await rm(scratch, { force: true });
  }
}
