/** Time, and the machine's own clock for everything outside tests. */
/** Time as programs read it; injected, so that tests can set it. */
export interface Clock {
  /** ms since 1970; may step back. */
  now(): number;
  /** ms; never steps back. */
  monotonic(): number;
  /** Calls back once after some ms; returns the cancel. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** The machine's own. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (milliseconds, callback) => {
    // Node fires at once for delays beyond 2^31 - 1 ms; 24 days and more are waited for in pieces.
    const longest = 0x7fff_ffff;
    let timer: NodeJS.Timeout;
    const wait = (rest: number): void => {
      timer = setTimeout(() => (rest > longest ? wait(rest - longest) : callback()), Math.min(rest, longest));
    };
    wait(Math.max(0, milliseconds));
    return () => clearTimeout(timer);
  },
};
