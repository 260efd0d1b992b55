/**
 * Lock files: which process has something to itself. A lock names its process by id and start time, so that the lock of a process
 * that was killed is known for what it is even when another process has its id now. A dead lock is taken over, by one taker only.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { hostStart, identify, mayLive } from './process-identity.ts';

const ownerSchema = z.object({
  /** Different for each taking; empty in the lock of a program that had none yet. */
  token: z.string().default(''),
  pid: z.int().min(1),
  /** See process-identity.ts; null where the system does not tell. */
  started: z.union([z.string(), z.number().transform(String)]).nullable(),
  /** Which start of the machine; null where unknown. */
  boot: z.string().nullable().default(null),
  host: z.string().default(() => hostname()),
  /** What its owner calls itself, for people. */
  name: z.string().optional(),
});
export type LockOwner = z.infer<typeof ownerSchema>;
/** The process that has a lock; `somebody` is just taking it and has not told its name yet. */
export type Holder = LockOwner | 'somebody';

export interface LockOptions {
  /** Permissions of the file. */
  readonly mode?: number;
  /** The file's folder belongs to this machine alone, whatever the machine was called when the lock was taken. */
  readonly thisMachineOnly?: boolean;
  /** What the owner is called when others ask whose the lock is. */
  readonly name?: string;
  /** Says of an owner that its lock is to be taken over although its process lives. */
  readonly isOver?: (owner: LockOwner) => boolean;
}

/** A lock that is held. What it locks may be renamed meanwhile, so giving it back names the file. */
export interface HeldLock {
  release(file: string): Promise<void>;
  /** Whether it still is this very lock that the file holds. */
  holds(file: string): Promise<boolean>;
}

/** A lock file that is just being written is not readable for a moment; older than this (ms) it is a leftover. */
const youngest = 5_000;
/** Looks at a lock that others are just taking over, and ms between them. */
const looks = 20;
const glance = 10;

/** Who has a lock: a living owner; `unreadable` where it is just being taken; null where it is free or its owner is dead. */
export async function ownerOfLock(file: string, options: LockOptions = {}): Promise<Holder | null> {
  return (await lookAt(file, options))?.owner ?? null;
}

/** Takes a lock, or tells who has it. Rejects with the file system's failure, and leaves no file then. */
export async function takeLock(file: string, options: LockOptions = {}): Promise<HeldLock | Holder> {
  const own = { ...ownLock(), ...(options.name !== undefined && { name: options.name }) };
  for (let look = 0; look < looks; look++) {
    if (await writeLock(file, own, options)) return heldLock(own.token);
    const found = await lookAt(file, options);
    if (found?.owner) return found.owner;
    if (found && !(await removeDead(file, found.text, options))) await pause(glance);
  }
  return 'somebody';
}

export function isHeld(taken: HeldLock | Holder): taken is HeldLock {
  return typeof taken === 'object' && 'release' in taken;
}

function heldLock(token: string): HeldLock {
  return {
    release: (file) => release(file, token),
    holds: async (file) => isOf(await readFile(file, 'utf8').catch(() => null), token),
  };
}

function ownLock(): LockOwner {
  const started = identify(process.pid)?.started ?? 0;
  return { token: randomUUID(), pid: process.pid, started: started === 0 ? null : String(started), boot: hostStart(), host: hostname() };
}

/** False where there is a file already. */
async function writeLock(file: string, lock: LockOwner, { mode = 0o666 }: LockOptions): Promise<boolean> {
  try {
    await writeFile(file, `${JSON.stringify(lock)}\n`, { flag: 'wx', mode });
    return true;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // On a full disk the file is there, and says nothing: it would keep everybody out for a while.
    await rm(file, { force: true });
    throw failure;
  }
}

interface Look {
  readonly text: string;
  /** Null where it is dead. */
  readonly owner: Holder | null;
}

/** Null where there is no lock. */
async function lookAt(file: string, options: LockOptions): Promise<Look | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const owner = parseLock(text);
  if (owner !== null) return { text, owner: isLiving(owner, options) && !options.isOver?.(owner) ? owner : null };
  return { text, owner: (await ageOf(file)) < youngest ? 'somebody' : null };
}

function isLiving(lock: LockOwner, { thisMachineOnly = false }: LockOptions): boolean {
  // Another machine's process cannot be asked; its word is believed.
  if (!thisMachineOnly && lock.host !== hostname()) return true;
  return (lock.boot === null || lock.boot === hostStart()) && mayLive({ pid: lock.pid, started: Number(lock.started) });
}

function parseLock(text: string): LockOwner | null {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function ageOf(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => Infinity,
  );
}

/**
 * Several may find the same dead lock. Only the one that makes the file which stands for this very dead lock may remove it, and looks
 * again before it does: so nobody removes the fresh lock of another. False where somebody else is about to.
 */
async function removeDead(file: string, dead: string, options: LockOptions): Promise<boolean> {
  const claim = `${file}-${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`;
  try {
    await writeFile(claim, '', { flag: 'wx', mode: options.mode ?? 0o666 });
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') throw failure;
    // Left by one that was killed in the middle.
    if ((await ageOf(claim)) > youngest) await rm(claim, { force: true });
    return false;
  }
  try {
    const found = await lookAt(file, options);
    if (found?.owner === null && found.text === dead) await rm(file, { force: true });
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

async function release(file: string, token: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (isOf(text, token)) await rm(file, { force: true });
}

function isOf(text: string | null, token: string): boolean {
  return text !== null && parseLock(text)?.token === token;
}
