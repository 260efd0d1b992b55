/** Time as the daemon sees it, injected so that tests can own it. */

export interface Clock {
  /** ms since 1970, as the host tells it; may jump. */
  now(): number;
  /** ms since some moment; never goes back. */
  monotonic(): number;
  /** Calls again and again, `interval` ms apart, until the returned function is called. Does not keep the process alive by itself. */
  every(interval: number, call: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  every: (interval, call) => {
    const timer = setInterval(call, interval);
    timer.unref();
    return () => {
      clearInterval(timer);
    };
  },
};
