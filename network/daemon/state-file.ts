/** Small files of the daemon's state folder, which is made when it is missing. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeAtomically } from '#platform/atomic-file.ts';

/** Replaces the file; nobody but the daemon's user may read it. Written every second beside the system under test, so with one wait for the disk. */
export async function writeStateFile(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, content, { mode: 0o600, oldWillDo: true });
}
