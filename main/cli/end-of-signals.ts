/** The wish to end a command that goes on until it is told to. */
import type { Ownership } from '#shared/disposable.ts';

/** Resolves at Ctrl-C, or when the terminal or the system ends this program. */
export function endOfSignals(ownership: Ownership): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => resolve();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, end);
      ownership.own(() => void process.off(signal, end));
    }
  });
}
