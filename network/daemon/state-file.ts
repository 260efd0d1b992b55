/** Small files of the daemon's state folder, replaced as a whole or not at all. */
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes beside, forces to disk, and renames over the old file: after a crash there is the old or the new content, never a mix. */
export async function writeWhole(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.new`;
  {
    await using handle = await open(beside, 'w', 0o600);
    await handle.writeFile(content);
    await handle.datasync();
  }
  await rename(beside, path);
}
