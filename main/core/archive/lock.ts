/** The lock of a run: which core has it open. */
import { hostname } from 'node:os';
import path from 'node:path';
import { isHeld, ownerOfLock, takeLock, type LockOwner } from '#platform/lock.ts';
import { ProblemError } from '#shared/problem.ts';
import { lockFile } from './layout.ts';

/** A lock that is held. The run's folder may be renamed meanwhile, so giving it back names the folder. */
export interface HeldRun {
  release(folder: string): Promise<void>;
}

/** Whether a living core has a run open. */
export async function isOpen(folder: string): Promise<boolean> {
  return (await ownerOfLock(path.join(folder, lockFile))) !== null;
}

/** Takes the lock of a run; refuses when a living core has it. */
export async function lockRun(folder: string): Promise<HeldRun> {
  const taken = await takeLock(path.join(folder, lockFile));
  if (isHeld(taken)) return { release: (place) => taken.release(path.join(place, lockFile)) };
  throw taken === 'somebody' ? justOpened(folder) : heldBy(folder, taken);
}

function justOpened(folder: string): ProblemError {
  return new ProblemError({ code: 'run-open', message: `${path.basename(folder)} is just being opened by another console.` });
}

function heldBy(folder: string, owner: LockOwner): ProblemError {
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
