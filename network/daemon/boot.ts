/** What a start of the daemon is known by: its epoch, its boot nonce; and the lock that keeps a second daemon off its state. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { epochSchema } from '#shared/identifiers.ts';
import type { Epoch } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { identify, lives } from './execution/process-group.ts';

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

const ownerSchema = z.object({ pid: z.int().min(1), started: z.number() });

/** Takes a state folder for this process; returns what gives it back. Refuses a folder that another living daemon has. */
export async function lockState(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'daemon.lock');
  const own = identify(process.pid) ?? { pid: process.pid, started: 0 };
  const content = JSON.stringify(own);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
  } catch (failure) {
    // A folder that cannot be written is no reason not to run: the spool says so and keeps to memory.
    if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') return () => Promise.resolve();
    const owner = await readOwner(path);
    if (owner && lives(owner)) {
      const message = `Another daemon (process ${owner.pid}) uses the state folder ${folder}.`;
      throw new ProblemError({ code: 'state-in-use', message, tip: 'Stop it first, or give each daemon a "state" folder of its own.' });
    }
    // Left by a daemon that was killed.
    await writeFile(path, content, { mode: 0o600 }).catch(() => undefined);
  }
  return () => rm(path, { force: true }).catch(() => undefined);
}

async function readOwner(path: string): Promise<z.infer<typeof ownerSchema> | undefined> {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}
