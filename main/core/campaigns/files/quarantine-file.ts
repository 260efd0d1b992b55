/** The quarantine file of a workspace, changed by whoever is asked to: the terminal, or a console through the core. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeAtomically } from '#platform/atomic-file.ts';
import { quarantineName, readQuarantine, throwFirst } from './campaign-files.ts';

/** Writes the file anew, and only where it could be used before. */
export async function changeQuarantine(workspace: string, edit: (text: string) => string): Promise<void> {
  throwFirst((await readQuarantine(resolve(workspace))).problems);
  const file = join(resolve(workspace), quarantineName);
  const text = await readFile(file, 'utf8').catch((failure: unknown) => {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw failure;
  });
  await writeAtomically(file, edit(text), { mode: 0o644 });
}
