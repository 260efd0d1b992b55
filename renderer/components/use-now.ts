/** The time now, counted on: for texts such as `12 s ago`. */
import { useEffect, useState } from 'react';

/** ms since 1970, renewed every `interval` ms; stands still while `interval` is null. */
export function useNow(interval: number | null = 1_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (interval === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), interval);
    return () => clearInterval(timer);
  }, [interval]);
  return now;
}
