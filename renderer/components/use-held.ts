/** Whether something has been so for a while without a break: what is only passing is not worth an alarm. */
import { useEffect, useState } from 'react';

/** @param milliseconds for which it must have been so */
export function useHeld(condition: boolean, milliseconds: number): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!condition) return;
    const timer = setTimeout(() => setHeld(true), milliseconds);
    return () => {
      clearTimeout(timer);
      setHeld(false);
    };
  }, [condition, milliseconds]);
  return condition && held;
}
