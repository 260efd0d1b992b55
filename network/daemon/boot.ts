/** What a start of the daemon is known by: its epoch, its boot nonce; and the lock that keeps a second daemon off its state. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isHeld, takeLock, type HeldLock, type Holder } from '#platform/lock.ts';
import { epochSchema } from '#shared/identifiers.ts';
import type { Epoch } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';

/** An epoch that sorts after the latest one known, also when the clock was set back in between. */
export function newEpoch(now: number, latest: Epoch | undefined): Epoch {
  const earliest = latest === undefined ? 0 : Number.parseInt(latest.slice(0, 12), 16) + 1;
  const start = Math.max(0, Math.floor(now), earliest);
  return epochSchema.parse(start.toString(16).padStart(12, '0') + randomBytes(2).toString('hex'));
}

/** Random per start; an order names it, so that an order of before is worthless. */
export function newBootNonce(): string {
  return randomBytes(16).toString('base64url');
}

/** Takes a state folder for this process; returns what gives it back. Refuses a folder that another living daemon has. */
export async function lockState(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'daemon.lock');
  const taken = await take(folder, file);
  // A folder that cannot be written is no reason not to run: the spool says so and keeps to memory.
  if (taken === null) return () => Promise.resolve();
  if (isHeld(taken)) return () => taken.release(file).catch(() => undefined);
  const owner = taken === 'somebody' ? 'just being started' : `process ${taken.pid}`;
  const message = `Another daemon (${owner}) uses the state folder ${folder}.`;
  throw new ProblemError({ code: 'state-in-use', message, tip: 'Stop it first, or give each daemon a "state" folder of its own.' });
}

async function take(folder: string, file: string): Promise<HeldLock | Holder | null> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // A container is called otherwise after each start, and has its folder all the same.
    return await takeLock(file, { mode: 0o600, thisMachineOnly: true });
  } catch {
    return null;
  }
}
