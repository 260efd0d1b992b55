/**
 * The seat of the coordinator as a lock file. A process that died loses it at once, since the lock says which process it was. One that hangs
 * no longer touches the file; a rival that has seen it untouched for a while takes it over, and the one that hung finds that when it wakes.
 */
import { mkdir, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { Emitter } from '#shared/disposable.ts';
import { every, type Clock } from '#platform/clock.ts';
import { isHeld, ownerOfLock, takeLock, type HeldLock, type LockOptions, type LockOwner } from '#platform/lock.ts';
import type { Seat } from '../ports.ts';

/** ms between signs of life of who sits there, and without one after which somebody else may. */
export const seatInterval = 500;
export const seatPatience = 2_000;

export class JournalSeat implements Seat {
  private readonly file: string;
  private readonly clock: Clock;
  private readonly lostSeat = new Emitter<undefined>();
  private held: { readonly lock: HeldLock; readonly stop: () => void } | null = null;
  /** The last sign of life of somebody else, and when it was first seen here. */
  private seen: { readonly sign: string; readonly at: number } | null = null;

  constructor(file: string, clock: Clock) {
    this.file = file;
    this.clock = clock;
  }

  async take(holder: string): Promise<boolean> {
    if (this.held) return true;
    await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
    const silent = await this.isSilent();
    const options: LockOptions = { mode: 0o600, name: holder, isOver: ({ token }) => silent === token };
    const taken = await takeLock(this.file, options);
    if (!isHeld(taken)) return false;
    this.seen = null;
    this.held = { lock: taken, stop: every(this.clock, seatInterval, () => void this.keep(taken)) };
    return true;
  }

  async holder(): Promise<string | null> {
    const owner = await ownerOfLock(this.file);
    if (owner === null) return null;
    return owner === 'somebody' ? owner : nameOf(owner);
  }

  onLost(listener: () => void): () => void {
    return this.lostSeat.subscribe(listener);
  }

  async giveBack(): Promise<void> {
    const { held } = this;
    this.held = null;
    held?.stop();
    await held?.lock.release(this.file);
  }

  dispose(): Promise<void> {
    return this.giveBack();
  }

  /** A sign of life; or it is not ours any more. */
  private async keep(lock: HeldLock): Promise<void> {
    if (await lock.holds(this.file)) {
      const now = new Date(this.clock.now());
      await utimes(this.file, now, now).catch(() => undefined);
      return;
    }
    if (this.held?.lock !== lock) return;
    this.held.stop();
    this.held = null;
    this.lostSeat.emit(undefined);
  }

  /** The token of an owner who gave no sign for too long, by this process's own clock; null: there is none. */
  private async isSilent(): Promise<string | null> {
    const owner = await ownerOfLock(this.file);
    const found = await stat(this.file).catch(() => null);
    if (owner === null || owner === 'somebody' || !found) return null;
    const sign = `${owner.token} ${found.mtimeMs}`;
    const now = this.clock.monotonic();
    if (this.seen?.sign !== sign) this.seen = { sign, at: now };
    return now - this.seen.at >= seatPatience ? owner.token : null;
  }
}

function nameOf({ name, pid, host }: LockOwner): string {
  return name ?? `process ${pid} on ${host}`;
}
