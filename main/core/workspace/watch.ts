/**
 * Tells which files of a workspace changed. The operating system says that something happened in a folder; what happened
 * is found by looking again. Where it says nothing (network file systems, too many watches), looking now and then must do.
 */
import { watch, type FSWatcher } from 'node:fs';
import { producedStream, Change, pause } from '../contract/produced-stream.ts';
import { listWorkspace, type WorkspaceListing } from './files.ts';
import { workspaceRoot } from './paths.ts';
import type { Listener, Listening } from '../contract/method-tables.ts';
import type { Clock } from '#platform/clock.ts';
import { RecentMap } from '#shared/recent-map.ts';

/** ms to wait for a burst of changes to end before they are told: editors and git write many files at once. */
const quiet = 150;
/** ms after which the folder is looked at although nothing was heard. */
const unheard = { watched: 10_000, unwatched: 2_000 } as const;

/** What is known of a file's content without reading it. */
type Stamps = ReadonlyMap<string, string>;

/** Remembers what consoles wrote themselves, so that a console is not told of its own changes. */
export class OwnWrites {
  private readonly writers = new RecentMap<string, { readonly console: string; readonly stamp: string | null }>(1_000);

  /** `stamp`: the file as it was left, see {@link stampOf}; null: removed. */
  note(root: string, path: string, console: string, stamp: string | null): void {
    this.writers.set(`${root}\0${path}`, { console, stamp });
  }

  /** Whether a file is as this console itself left it. */
  isOwn(root: string, path: string, console: string, stamp: string | null): boolean {
    const written = this.writers.get(`${root}\0${path}`);
    return written?.console === console && written.stamp === stamp;
  }
}

/** What changes whenever a file does: its size in bytes and when it was written, ms since 1970. */
export function stampOf({ size, modified }: { readonly size: number; readonly modified: number }): string {
  return `${size} ${modified}`;
}

/** Streams the paths that others changed, until nobody listens. */
export function watchWorkspace(
  folder: string,
  listener: Listener<{ paths: string[] }>,
  { clock, writes, console }: { readonly clock: Clock; readonly writes: OwnWrites; readonly console: string },
): Listening {
  return producedStream(listener, async (deliver, signal) => {
    const root = await workspaceRoot(folder);
    const change = new Change();
    const watchers = new FolderWatchers(() => change.mark());
    try {
      let before = stampsOf(watchers.follow(await listWorkspace(root)));
      while (!signal.aborted) {
        await change.wait(clock, watchers.complete ? unheard.watched : unheard.unwatched, signal);
        await pause(clock, quiet, signal);
        // A workspace that is gone for the moment (a checkout, an unmounted disk) has no files.
        const listing = await listWorkspace(root).catch((): WorkspaceListing => ({ files: [], folders: [] }));
        const now = stampsOf(watchers.follow(listing));
        const foreign = differing(before, now).filter((path) => !writes.isOwn(root, path, console, now.get(path) ?? null));
        before = now;
        if (foreign.length > 0) await deliver({ paths: foreign });
      }
    } finally {
      watchers.close();
    }
  });
}

/** One watch per folder of the workspace: folders that are ignored, with their thousands of files, cost nothing. */
class FolderWatchers {
  /** Whether every folder is watched. */
  complete = true;
  private readonly watchers = new Map<string, FSWatcher>();
  private readonly changed: () => void;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  /** Watches the folders of a listing and no others. */
  follow(listing: WorkspaceListing): WorkspaceListing {
    const wanted = new Set(listing.folders);
    for (const [folder, watcher] of this.watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.watchers.delete(folder);
    }
    this.complete = wanted.size > 0;
    for (const folder of wanted) if (!this.watchers.has(folder)) this.watch(folder);
    return listing;
  }

  close(): void {
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  private watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, this.changed);
      watcher.on('error', () => {
        watcher.close();
        this.watchers.delete(folder);
        this.changed();
      });
      this.watchers.set(folder, watcher);
    } catch {
      this.complete = false;
    }
  }
}

function stampsOf({ files }: WorkspaceListing): Stamps {
  return new Map(files.map((file) => [file.path, stampOf(file)]));
}

/** Paths that one of the two has and the other has not, or has differently. */
function differing(before: Stamps, now: Stamps): string[] {
  const paths = new Set([...before.keys(), ...now.keys()]);
  return [...paths].filter((path) => before.get(path) !== now.get(path)).sort();
}
