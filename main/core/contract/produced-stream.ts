/**
 * Streams as functions that run for as long as somebody listens. The next item is made when the last one was taken, so a
 * slow listener holds up nobody else and keeps nothing waiting in memory but what the function itself keeps.
 */
import type { Listener, Listening } from './method-tables.ts';
import type { Clock } from '#platform/clock.ts';

/** Hands an item to the listener; resolves when it was taken, and rejects when nobody listens any more. */
export type Deliver<Item> = (item: Item) => Promise<void>;

/** Thrown through a producer whose listener has gone, so that it gives back what it holds. */
class NobodyListens extends Error {}

/** Runs `produce` until it ends, fails, or the listener closes; what it holds it gives back in its `finally`. */
export function producedStream<Item>(
  listener: Listener<Item>,
  produce: (deliver: Deliver<Item>, signal: AbortSignal) => Promise<void>,
): Listening {
  const stop = new AbortController();
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => undefined);
  stop.signal.addEventListener('abort', () => gone.reject(new NobodyListens()), { once: true });
  const deliver = async (item: Item): Promise<void> => {
    if (stop.signal.aborted) throw new NobodyListens();
    // A listener that never answers must not keep the producer once it has closed.
    await Promise.race([Promise.resolve(listener(item)), gone.promise]);
  };
  const run = async (): Promise<void> => {
    try {
      await produce(deliver, stop.signal);
    } catch (failure) {
      if (!stop.signal.aborted) throw failure;
    }
  };
  return { ended: run(), close: () => stop.abort() };
}

/** Something that changes now and then, for one waiter: any number of marks between two looks are one. */
export class Change {
  private marked = false;
  private wake: (() => void) | null = null;

  mark(): void {
    this.marked = true;
    this.wake?.();
  }

  /** Resolves at the next mark (at once when there was one since the last look), after some ms, or when `signal` aborts. */
  async wait(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
    if (!this.marked && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          cancel();
          signal.removeEventListener('abort', done);
          this.wake = null;
          resolve();
        };
        const cancel = clock.after(milliseconds, done);
        signal.addEventListener('abort', done, { once: true });
        this.wake = done;
      });
    }
    this.marked = false;
  }
}

/** Resolves after some ms, or when `signal` aborts. */
export function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Change().wait(clock, milliseconds, signal);
}
