/**
 * The lock of a run: which core has it open. It names the process by id and start time, so that the lock of a core that
 * was killed is known for what it is even when another process has its id now.
 */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ProblemError } from '#shared/problem.ts';
import { isMissing } from '#main/core/archive/files.ts';
import { lockFile } from '#main/core/archive/layout.ts';

const lockSchema = z.object({
  /** Different for each opening. */
  token: z.string(),
  pid: z.int().min(1),
  /** When the process started, as its system tells it; null where it does not. */
  started: z.string().nullable(),
  /** Which start of the machine; null where unknown. */
  boot: z.string().nullable(),
  host: z.string(),
});
export type RunLock = z.infer<typeof lockSchema>;

/** A lock file that is just being written is not readable for a moment; older than this (ms) it is a leftover. */
const youngest = 5_000;

async function startOf(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  // The name in parentheses may hold anything, also spaces and parentheses; the start time is the 20th field after it.
  return status?.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

async function bootOf(): Promise<string | null> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null);
  return boot?.trim() ?? null;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (failure) {
    return (failure as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether a process with this id runs now. */
export const processIsRunning = isRunning;

async function isLiving(lock: RunLock): Promise<boolean> {
  // Another machine's process cannot be asked; its word is believed.
  if (lock.host !== hostname()) return true;
  if (lock.boot !== null && lock.boot !== (await bootOf())) return false;
  if (!isRunning(lock.pid)) return false;
  const started = await startOf(lock.pid);
  return lock.started === null || started === null || started === lock.started;
}

/** The living owner of a run, if it has one. */
export async function ownerOf(folder: string): Promise<RunLock | null> {
  const file = path.join(folder, lockFile);
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const lock = parseLock(text);
  if (lock !== null) return (await isLiving(lock)) ? lock : null;
  const age = await stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => Infinity,
  );
  return age < youngest ? { token: '', pid: 1, started: null, boot: null, host: hostname() } : null;
}

function parseLock(text: string): RunLock | null {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A lock that is held. The run's folder may be renamed meanwhile, so giving it back names the folder. */
export interface HeldLock {
  release(folder: string): Promise<void>;
}

/** Takes the lock of a run; refuses when a living core has it. */
export async function takeLock(folder: string): Promise<HeldLock> {
  const file = path.join(folder, lockFile);
  const lock: RunLock = {
    token: randomUUID(),
    pid: process.pid,
    started: await startOf(process.pid),
    boot: await bootOf(),
    host: hostname(),
  };
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(file, `${JSON.stringify(lock)}\n`, { flag: 'wx' });
      return { release: (place) => release(path.join(place, lockFile), lock.token) };
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') {
        // On a full disk the file is there, and says nothing: it would keep everybody out for a while.
        await rm(file, { force: true });
        throw failure;
      }
    }
    const owner = await ownerOf(folder);
    if (owner !== null) throw heldBy(folder, owner);
    await removeDeadLock(file);
  }
  throw new ProblemError({ code: 'run-open', message: `${path.basename(folder)} is just being opened by another console.` });
}

/**
 * Two consoles may find the same dead lock. The one that moves it away must have moved the dead one, not the fresh lock of the
 * other; if it did, it puts it back.
 */
async function removeDeadLock(file: string): Promise<void> {
  const aside = `${file}-${randomUUID()}`;
  const before = await readFile(file, 'utf8').catch(() => null);
  try {
    await rename(file, aside);
  } catch (failure) {
    if (isMissing(failure)) return;
    throw failure;
  }
  const moved = await readFile(aside, 'utf8');
  if (moved !== before) await writeFile(file, moved, { flag: 'wx' }).catch(() => {});
  await rm(aside, { force: true });
}

async function release(file: string, token: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text !== null && parseLock(text)?.token === token) await rm(file, { force: true });
}

export function heldBy(folder: string, owner: RunLock): ProblemError {
  if (owner.host === hostname() && owner.pid === process.pid) {
    return new ProblemError({
      code: 'run-open',
      message: `The run ${path.basename(folder)} still goes on in this console.`,
      tip: 'Let it end or stop it first.',
      file: folder,
    });
  }
  const where = owner.host === hostname() ? `process ${owner.pid}` : `process ${owner.pid} on ${owner.host}`;
  return new ProblemError({
    code: 'run-open',
    message: `The run ${path.basename(folder)} is open in another console (${where}).`,
    tip: 'Let it end there, or close that console first.',
    file: folder,
  });
}
