/**
 * Files that are written whole or not at all: a copy beside the file takes its place when it is on the disk, so that a reader, or a crash,
 * sees the old content or the new, never a part of it. The one place where this is done for a file that is replaced.
 */
import { randomBytes } from 'node:crypto';
import { link, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface AtomicWrite {
  /** Permissions of the file. */
  readonly mode: number;
  /** Whether the file may not exist; then nothing is written when somebody makes it meanwhile (EEXIST). */
  readonly exclusive?: boolean;
  /** Whether after a power cut the old content will do: the folder is not forced to the disk then, which counts for what is written every second. */
  readonly oldWillDo?: boolean;
  /** Called when the new bytes are on the disk, just before they take the file's place; what it throws keeps the file as it is. */
  readonly lastLook?: () => Promise<void>;
}

/** What a file is to hold: at once, or piece by piece as a function hands it over, so that it is never in memory as a whole. */
export type Content = Uint8Array | string | ((write: (piece: string | Uint8Array) => Promise<void>) => Promise<void>);

/** Whether a name is that of the copy that a process was killed at writing beside a file of this name. */
export function isHalfOf(name: string, found: string): boolean {
  const [start, end] = [`.${name.slice(0, 100)}.`, '.tmp'];
  return found.startsWith(start) && found.endsWith(end) && /^[0-9a-f]{12}$/.test(found.slice(start.length, -end.length));
}

/**
 * Writes a file; its folder must be there. Rejects with the system's failure (EACCES, ENOSPC, EEXIST where it is exclusive …) or with
 * what the content or the last look threw; the file is as it was then, and nothing lies beside it.
 */
export async function writeAtomically(file: string, content: Content, options: AtomicWrite): Promise<void> {
  const scratch = join(dirname(file), `.${basename(file).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = await open(scratch, 'wx', options.mode);
    try {
      // What the process masks away is the owner's decision for a new file, and wrong for one that was there.
      await handle.chmod(options.mode);
      await fill(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await options.lastLook?.();
    if (options.exclusive) await link(scratch, file);
    else await rename(scratch, file);
    if (!options.oldWillDo) await syncFolder(dirname(file));
  } finally {
    await rm(scratch, { force: true });
  }
}

async function fill(handle: FileHandle, content: Content): Promise<void> {
  if (typeof content === 'function') await content((piece) => handle.writeFile(piece));
  else await handle.writeFile(content);
}

/** A new name is on the disk only when its folder is. Where folders cannot be opened (Windows), the system sees to that itself. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (!handle) return;
  try {
    await handle.sync();
  } catch {
    // Some file systems refuse it; the file is whole all the same.
  } finally {
    await handle.close();
  }
}
