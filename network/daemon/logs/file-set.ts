/** The files of one `logs` entry: found by globs, followed through rotation, each line handed on once. */
import { glob, readdir, stat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FileFollower, type Start } from './file-follower.ts';
import type { FilePosition, SavedPositions } from './positions.ts';

export interface FileSetOptions {
  /** Tells this entry from others in the saved positions. */
  readonly name: string;
  /** Absolute globs. */
  readonly globs: readonly string[];
  readonly from: 'end' | 'start';
  readonly onLine: (text: string, path: string) => void;
  readonly onNotice: (code: string, severity: 'info' | 'warning', text: string) => void;
  /** monotonic ms */
  readonly monotonic: () => number;
  /** ms since 1970 */
  readonly now: () => number;
}

/** ms between searches for new files by glob; plain paths are looked at in every turn. */
const searchInterval = 1_000;
/** ms that a file without a followed name is still read, for writers that have not opened the new one yet. */
const orphanGrace = 5_000;
/** ms after which an unfinished line is taken for a line. */
export const partialLineIdle = 3_000;
/** ms without growth after which a file is looked at only every `idleTurns` turns. */
const idleAfter = 30_000;
const idleTurns = 5;
const maximumFiles = 1_000;
const keptPositions = 200;
/** ms: positions of files not seen for a week are forgotten. */
const forgetAfter = 7 * 86_400_000;

export class FileSet {
  private readonly options: FileSetOptions;
  private readonly followers = new Set<FileFollower>();
  /** Where files that are not open now were left. */
  private left: FilePosition[] = [];
  private savedAt: number | null = null;
  private paths: readonly string[] = [];
  private searchedAt = Number.NEGATIVE_INFINITY;
  private isFirstSearch = true;
  private turn = 0;
  private readonly missing = new Set<string>();
  private readonly refused = new Set<string>();

  constructor(options: FileSetOptions) {
    this.options = options;
  }

  resume(saved: SavedPositions): void {
    this.left = saved.positions.filter(({ log }) => log === this.options.name);
    this.savedAt = saved.savedAt;
  }

  /** Finds new, renamed and vanished files, and learns which have something to read. */
  async look(): Promise<void> {
    this.turn++;
    await this.search();
    const named = new Set<FileFollower>();
    for (const path of this.paths) {
      const known = this.byPath(path);
      if (known && this.isIdle(known)) named.add(known);
      else {
        const follower = await this.lookAt(path, known);
        if (follower) named.add(follower);
      }
    }
    if (this.isFirstSearch) await this.findRotatedAway();
    this.isFirstSearch = false;
    for (const follower of this.followers) if (!named.has(follower)) await this.guarded(follower, () => this.orphan(follower));
  }

  /** One chunk of every file that has something to read; tells whether there is more. */
  async read(buffer: Buffer): Promise<boolean> {
    let more = false;
    for (const follower of this.followers) {
      if (follower.predecessor && !follower.predecessor.isAtEnd) {
        more = true;
        continue;
      }
      follower.predecessor = null;
      if (follower.isAtEnd) this.flushWhenIdle(follower);
      else more = (await this.guarded(follower, () => this.readOne(follower, buffer))) === true || more;
    }
    return more;
  }

  /** Where reading would go on now. */
  positions(): readonly FilePosition[] {
    const now = this.options.now();
    const open = [...this.followers].map((each) => ({ log: this.options.name, ...each.position(), seen: now }));
    const recent = this.left.filter(({ seen }) => now - seen < forgetAfter).slice(-keptPositions);
    return [...open, ...recent];
  }

  async close(): Promise<void> {
    for (const follower of this.followers) await follower.close();
    this.followers.clear();
  }

  private async search(): Promise<void> {
    const now = this.options.monotonic();
    if (now - this.searchedAt < searchInterval) return;
    this.searchedAt = now;
    const found = new Set<string>();
    for (const pattern of this.options.globs) {
      const before = found.size;
      // A plain path is kept though it is not there: it is looked at in every turn and picked up when it comes.
      if (!/[*?[\]{}!]/.test(pattern)) found.add(pattern);
      else {
        await this.expand(pattern, found);
        this.tellMissing(pattern, found.size > before);
      }
    }
    if (found.size >= maximumFiles)
      this.tellOnce(
        'too-many-files',
        this.options.globs.join(', '),
        `matches ${maximumFiles} files or more; further ones are not read. Make it more exact.`,
      );
    this.paths = [...found];
  }

  private async expand(pattern: string, found: Set<string>): Promise<void> {
    try {
      for await (const path of glob(pattern)) {
        if (found.size >= maximumFiles) return;
        // What rotation has compressed was read before.
        if (!/\.(gz|xz|bz2|zst|zip)$/.test(path)) found.add(path);
      }
    } catch {
      // A folder that may not be read has no files for us.
    }
  }

  private async lookAt(path: string, known: FileFollower | undefined): Promise<FileFollower | undefined> {
    let stats: BigIntStats;
    try {
      stats = await stat(path, { bigint: true });
    } catch {
      this.tellMissing(path, false);
      return undefined;
    }
    this.tellMissing(path, true);
    if (!stats.isFile()) {
      this.tellOnce('not-a-file', path, 'is not a plain file and is not read.');
      return undefined;
    }
    const follower = [...this.followers].find((each) => each.is(stats));
    if (!follower) return this.follow(path, known ?? [...this.followers].find((each) => each.lastPath === path));
    // Two names of one file (a hard link, or a rename seen between two looks): the one that was known stays.
    if (follower.path === null || !this.paths.includes(follower.path) || follower === known) follower.path = path;
    else if (follower.path !== path && !(await isNamed(follower, follower.path))) follower.path = path;
    follower.orphanedAt = null;
    await follower.look(stats);
    return follower;
  }

  private async follow(path: string, predecessor: FileFollower | undefined): Promise<FileFollower | undefined> {
    try {
      const follower = await FileFollower.open(path, this.options.monotonic(), (stats) => this.startOf(path, stats));
      if (!follower) return undefined;
      if (predecessor) {
        predecessor.path = null;
        follower.predecessor = predecessor;
      }
      this.left = this.left.filter((each) => !isOf(each, follower));
      this.followers.add(follower);
      await follower.look();
      this.refused.delete(`unreadable ${path}`);
      return follower;
    } catch (failure) {
      const code = failure instanceof Error && 'code' in failure ? failure.code : undefined;
      // Gone again meanwhile: the next look tells.
      if (code !== 'ENOENT')
        this.tellOnce('unreadable', path, `cannot be read (${String(code)}). Let the user that the daemon runs as read it.`);
      return undefined;
    }
  }

  private startOf(path: string, stats: BigIntStats): Start {
    const before = this.left.find((each) => each.device === String(stats.dev) && each.inode === String(stats.ino));
    const copyOf = [
      ...[...this.followers]
        .filter((each) => isCopyName(path, each.path))
        .map((each) => ({ fingerprint: each.position().fingerprint, offset: null })),
      ...this.left.filter((each) => isCopyName(path, each.path)),
    ];
    return { at: before ?? (this.isNewLog(path, stats) ? 'start' : this.options.from), copyOf };
  }

  /** Made while we watched, or in the place of a file that we had read, or since we last did: all of it is new. */
  private isNewLog(path: string, stats: BigIntStats): boolean {
    if (!this.isFirstSearch || this.left.some((each) => each.path === path)) return true;
    return this.savedAt !== null && stats.birthtimeMs > 0n && Number(stats.birthtimeMs) > this.savedAt;
  }

  /** While the daemon was away, a file may have got a name that no glob fits: its rest is still to be read. */
  private async findRotatedAway(): Promise<void> {
    for (const position of this.left) {
      const folder = dirname(position.path);
      const names = await readdir(folder).catch(() => []);
      for (const name of names.filter((each) => each.startsWith(basename(position.path).split('.')[0] ?? '')).slice(0, maximumFiles)) {
        const path = join(folder, name);
        const stats = await stat(path, { bigint: true }).catch(() => undefined);
        if (!stats || String(stats.ino) !== position.inode || String(stats.dev) !== position.device) continue;
        const successor = this.byPath(position.path);
        const rotated = await this.follow(path, undefined);
        if (rotated && successor && successor !== rotated) successor.predecessor = rotated;
        break;
      }
    }
  }

  /** A file that cannot be read on (a disk error, a network file system that is gone) is left and tried anew, and holds up no other. */
  private async guarded<T>(follower: FileFollower, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (failure) {
      const code = failure instanceof Error && 'code' in failure ? String(failure.code) : 'unknown';
      this.tellOnce('unreadable', follower.lastPath, `cannot be read on (${code}); it is tried again. Look at the disk it is on.`);
      await this.leave(follower);
      return undefined;
    }
  }

  private async leave(follower: FileFollower): Promise<void> {
    this.followers.delete(follower);
    this.left.push({ log: this.options.name, ...follower.position(), seen: this.options.now() });
    await follower.close();
  }

  private async orphan(follower: FileFollower): Promise<void> {
    const now = this.options.monotonic();
    follower.path = null;
    follower.orphanedAt ??= now;
    await follower.look();
    if (!follower.isAtEnd || now - Math.max(follower.orphanedAt, follower.grewAt) < orphanGrace) return;
    follower.flush((text) => this.options.onLine(text, follower.lastPath));
    await this.leave(follower);
  }

  private async readOne(follower: FileFollower, buffer: Buffer): Promise<boolean> {
    const path = follower.path ?? follower.lastPath;
    const turn = await follower.read(buffer, this.options.monotonic(), (text) => this.options.onLine(text, path));
    if (turn === 'again') this.options.onNotice('log-truncated', 'info', `${path} was truncated or replaced; it is read from its start.`);
    return turn !== 'nothing' && !follower.isAtEnd;
  }

  private flushWhenIdle(follower: FileFollower): void {
    const waits = follower.holdsPartialLine && this.options.monotonic() - follower.grewAt >= partialLineIdle;
    if (waits) follower.flush((text) => this.options.onLine(text, follower.path ?? follower.lastPath));
  }

  private isIdle(follower: FileFollower): boolean {
    return this.options.monotonic() - follower.grewAt > idleAfter && this.turn % idleTurns !== 0;
  }

  private byPath(path: string): FileFollower | undefined {
    return [...this.followers].find((each) => each.path === path);
  }

  private tellMissing(pattern: string, present: boolean): void {
    if (present) {
      if (this.missing.delete(pattern)) this.options.onNotice('log-found', 'info', `${pattern} is there now and is read.`);
    } else if (!this.missing.has(pattern)) {
      this.missing.add(pattern);
      this.options.onNotice(
        'log-missing',
        'warning',
        `${pattern} is not there; it is read as soon as it comes. If the name is wrong, mend it under logs.`,
      );
    }
  }

  private tellOnce(code: string, path: string, text: string): void {
    const key = `${code} ${path}`;
    if (this.refused.has(key)) return;
    this.refused.add(key);
    this.options.onNotice(`log-${code}`, 'warning', `${path} ${text}`);
  }
}

function isOf(position: FilePosition, follower: FileFollower): boolean {
  return position.device === follower.device && position.inode === follower.inode;
}

/** `app.log.1` and `app.log-20261120` are names of copies of `app.log`. */
function isCopyName(path: string, original: string | null): boolean {
  return original !== null && path !== original && path.startsWith(original);
}

/** Whether the path still names the file that is followed. */
async function isNamed(follower: FileFollower, path: string): Promise<boolean> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats !== undefined && follower.is(stats);
}
