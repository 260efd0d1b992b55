/** Files of which a paused or running run has executed lines: they are not reformatted while they are saved. */
export function createLockedPaths(): Set<string> {
  return new Set();
}
