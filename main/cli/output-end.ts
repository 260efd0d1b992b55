/**
 * Whoever reads the output may go away at any time (`testops runs show last --json | head -1`), or its terminal may be
 * closed. That ends the printing, quietly; what was begun in an environment is still brought to its end.
 */
const gone = new AbortController();

/** Aborted when nobody reads the standard output any more. */
export const outputGone: AbortSignal = gone.signal;

/** Called once, before anything is printed. */
export function outliveReaders(): void {
  process.stdout.on('error', () => gone.abort());
  // Who reads neither cannot be told anything.
  process.stderr.on('error', () => undefined);
}
