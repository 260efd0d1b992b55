/** Space on mounted file systems. A dead network file system answers never: it is waited for a second, and not asked again before it answered. */
import { statfs } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { HostReading } from './host-reader.ts';

type Space = HostReading['disks'][number];

/** ms */
const patience = 1_000;

export class DiskReader {
  private readonly asked = new Map<string, Promise<Space | undefined>>();
  private readonly ask: (mount: string) => Promise<Space>;

  constructor(ask: (mount: string) => Promise<Space> = askSystem) {
    this.ask = ask;
  }

  /** Those of the mounts that answer. */
  async read(mounts: readonly string[]): Promise<HostReading['disks']> {
    const spaces = await Promise.all(mounts.map((mount) => this.readOne(mount)));
    return spaces.filter((space) => space !== undefined);
  }

  private async readOne(mount: string): Promise<Space | undefined> {
    if (this.asked.has(mount)) return undefined;
    const answer = this.ask(mount)
      .catch(() => undefined)
      .finally(() => this.asked.delete(mount));
    this.asked.set(mount, answer);
    const stop = new AbortController();
    try {
      return await Promise.race([answer, setTimeout(patience, undefined, { signal: stop.signal, ref: false })]);
    } finally {
      stop.abort();
    }
  }
}

/** `free` is what ordinary users may still fill, as `df` shows it. */
async function askSystem(mount: string): Promise<Space> {
  const { blocks, bavail, bsize } = await statfs(mount);
  return { mount, total: blocks * bsize, free: bavail * bsize };
}
