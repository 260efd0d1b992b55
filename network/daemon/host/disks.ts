/** Space on mounted file systems. */
import { statfs } from 'node:fs/promises';
import type { HostReading } from './host-reader.ts';

/** `free` is what ordinary users may still fill, as `df` shows it. */
export async function readDisks(mounts: readonly string[]): Promise<HostReading['disks']> {
  const read = await Promise.all(
    mounts.map(async (mount) => {
      const space = await statfs(mount).catch(() => undefined);
      return space ? [{ mount, total: space.blocks * space.bsize, free: space.bavail * space.bsize }] : [];
    }),
  );
  return read.flat();
}
