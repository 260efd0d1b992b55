/** Time, and the machine's own clocks for everything outside tests. */

/** Time as programs read it; injected, so that tests can set it. */
export interface Clock {
  /** ms since 1970; may step back. */
  now(): number;
  /** ms; never steps back. */
  monotonic(): number;
  /** Calls back once after some ms; returns the cancel. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** Node fires at once for delays beyond it; 24 days and more are waited for in pieces. */
const longestDelay = 0x7fff_ffff;

function machineClock({ keepsAlive }: { readonly keepsAlive: boolean }): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (milliseconds, callback) => {
      let timer: NodeJS.Timeout;
      const wait = (rest: number): void => {
        timer = setTimeout(() => (rest > longestDelay ? wait(rest - longestDelay) : callback()), Math.min(rest, longestDelay));
        if (!keepsAlive) timer.unref();
      };
      wait(Math.max(0, milliseconds));
      return () => clearTimeout(timer);
    },
  };
}

/** The machine's own. */
export const systemClock = machineClock({ keepsAlive: true });

/** The machine's own, for work beside: what is waited for does not keep the process alive by itself. */
export const backgroundClock = machineClock({ keepsAlive: false });

/** Calls again and again, `interval` ms apart, until the returned function is called. */
export function every(clock: Clock, interval: number, call: () => void): () => void {
  let cancel: () => void;
  const wait = (): void => {
    cancel = clock.after(interval, () => {
      // Waiting on first: what the call throws ends nothing, and what it stops stays stopped.
      wait();
      call();
    });
  };
  wait();
  return () => cancel();
}
