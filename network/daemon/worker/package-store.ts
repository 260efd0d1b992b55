/**
 * The packages of a worker: brought, verified, laid out and prepared once, several versions side by side, the least recently used removed.
 * A package is ready when the file beside its folder says so; a folder without it is what an interrupted preparation left.
 */
import { createHash } from 'node:crypto';
import { chmod, lchown, lstat, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hashSchema, type PackageReference } from '#shared/campaign/plan.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import { checkedUser } from '../execution/process-launch.ts';
import { globMatcher } from '../name-glob.ts';
import { LastLines } from './adapters/adapter-tools.ts';
import type { BlobTransfer } from './coordinator-link.ts';
import { downloadPackage } from './package-download.ts';
import type { ProcessKeeper } from './process-keeper.ts';
import type { WorkerConfiguration } from './worker-section.ts';

/** ms that the commands of a preparation may take together. */
const preparePatience = 60 * 60_000;
/** ms for which what has arrived of a package waits for the rest. */
const partialAge = 7 * 24 * 60 * 60_000;

const readySchema = z.object({ hash: hashSchema, name: z.string(), size: z.number().min(0) });
type Ready = z.infer<typeof readySchema>;

export interface ProvidedPackage {
  /** Tells it from every other package, and from the same one prepared otherwise. */
  readonly key: string;
  readonly folder: string;
  /** It is not used any more by whom it was provided for. */
  release(): void;
}

export interface PackageStoreOptions {
  readonly configuration: Pick<WorkerConfiguration, 'packages' | 'folders' | 'keep' | 'user'>;
  /** Where packages lie. */
  readonly folder: string;
  readonly transfer: Pick<BlobTransfer, 'fetch'>;
  readonly keeper: Pick<ProcessKeeper, 'group'>;
  /** Packages that are to be removed: whoever keeps a runner of one for later closes it. */
  readonly onRemove: (key: string) => Promise<void>;
  readonly notice: (code: string, text: string) => void;
  readonly signal: AbortSignal;
}

interface Entry {
  readonly key: string;
  readonly ready: Ready;
  usedAt: number;
}

export class PackageStore {
  private readonly options: PackageStoreOptions;
  private readonly entries = new Map<string, Entry>();
  private readonly used = new Map<string, number>();
  private readonly coming = new Map<string, Promise<string>>();
  private readonly leaving = new Map<string, Promise<void>>();
  /** Folders that stood here already and are prepared: once in the life of this daemon. */
  private readonly prepareDone = new Set<string>();
  private prepared = 0;

  private constructor(options: PackageStoreOptions) {
    this.options = options;
  }

  static async open(options: PackageStoreOptions): Promise<PackageStore> {
    const store = new PackageStore(options);
    await mkdir(options.folder, { recursive: true, mode: 0o755 });
    const names = await readdir(options.folder);
    for (const name of names) if (name.endsWith('.ready')) await store.look(name);
    for (const name of names) await store.tidy(name);
    return store;
  }

  /** Hashes of packages that are prepared here. */
  get hashes(): readonly string[] {
    return [...new Set([...this.entries.values()].map(({ ready }) => ready.hash))].slice(-1_000);
  }

  /** Why this package may not be used here, as a sentence; undefined: it may. */
  refusal(reference: PackageReference | null): string | undefined {
    const { folders, packages } = this.options.configuration;
    if (reference?.hash) {
      if (globMatcher(packages)(reference.name)) return undefined;
      return `The worker takes no package "${reference.name}". See "worker.packages" of daemon.yaml.`;
    }
    const name = reference?.name ?? 'default';
    return Object.hasOwn(folders, name) ? undefined : `The worker has no folder "${name}". See "worker.folders" of daemon.yaml.`;
  }

  /** Brings and prepares it where it is not there yet. Rejects with a ProblemError. */
  async provide(reference: PackageReference | null): Promise<ProvidedPackage> {
    const key = keyOf(reference);
    this.used.set(key, (this.used.get(key) ?? 0) + 1);
    try {
      let coming = this.coming.get(key);
      if (!coming) {
        coming = this.bring(key, reference);
        this.coming.set(key, coming);
        // A failure is forgotten, so that the next lease tries again.
        coming.catch(() => undefined).finally(() => this.forget(key, reference));
      }
      const folder = await coming;
      await this.touch(key);
      return { key, folder, release: () => this.release(key) };
    } catch (failure) {
      this.release(key);
      throw failure;
    }
  }

  private forget(key: string, reference: PackageReference | null): void {
    if (reference?.hash || !this.prepareDone.has(key)) this.coming.delete(key);
  }

  private async bring(key: string, reference: PackageReference | null): Promise<string> {
    if (!reference?.hash) return this.standing(key, reference);
    const folder = join(this.options.folder, key);
    if (this.entries.has(key)) return folder;
    await this.leaving.get(key);
    await removeTree(folder);
    const partial = `${folder}.partial`;
    const { transfer, signal } = this.options;
    const manifest = await downloadPackage({ hash: reference.hash, transfer, folder: partial, signal });
    if (reference.prepare.length > 0) await this.giveToUser(partial);
    await rename(partial, folder);
    try {
      await this.prepare(folder, reference);
    } catch (failure) {
      await removeTree(folder);
      throw failure;
    }
    const size = reference.prepare.length === 0 ? manifest.files.reduce((sum, file) => sum + file.size, 0) : await sizeOf(folder);
    await closeFolders(folder);
    const ready: Ready = { hash: reference.hash, name: reference.name, size };
    await writeFile(`${folder}.ready`, JSON.stringify(ready));
    this.entries.set(key, { key, ready, usedAt: Date.now() });
    await this.removeOld();
    return folder;
  }

  private async standing(key: string, reference: PackageReference | null): Promise<string> {
    const folder = this.options.configuration.folders[reference?.name ?? 'default'];
    if (folder === undefined)
      throw new ProblemError({ code: 'no-package', message: this.refusal(reference) ?? 'There is no such folder.' });
    if (reference) await this.prepare(folder, reference);
    this.prepareDone.add(key);
    return folder;
  }

  /** What is prepared is written by the worker's user. */
  private async giveToUser(folder: string): Promise<void> {
    const user = checkedUser(this.options.configuration.user);
    if (!user || process.getuid?.() !== 0) return;
    for await (const path of foldersIn(folder)) await lchown(path, user.uid, user.gid);
  }

  private async prepare(folder: string, { name, prepare }: PackageReference): Promise<void> {
    if (prepare.length === 0) return;
    const output = new LastLines();
    const group = this.options.keeper.group({
      name: `prepare-${++this.prepared}`,
      title: `preparation of ${name}`,
      directory: folder,
      variables: {},
      onOutput: () => undefined,
    });
    const timer = setTimeout(() => void group.end(1_000), preparePatience);
    const stop = (): void => void group.end(0);
    this.options.signal.addEventListener('abort', stop);
    try {
      for (const command of prepare) {
        const running = await group.start({ command });
        running.onLine('stdout', (line) => output.add(line));
        running.onLine('stderr', (line) => output.add(line));
        running.endInput();
        const { exitStatus, signal } = await running.ended;
        if (exitStatus === 0) continue;
        const how = signal === null ? `ended with exit status ${exitStatus ?? 'unknown'}` : `was ended by ${signal}`;
        const message = `${name} could not be prepared: "${command.join(' ').slice(0, 200)}" ${how}. ${output.text.slice(-1_500)}`;
        throw new ProblemError({ code: 'not-prepared', message: message.trim() });
      }
    } finally {
      clearTimeout(timer);
      this.options.signal.removeEventListener('abort', stop);
      await group.end(0);
    }
  }

  private release(key: string): void {
    const left = (this.used.get(key) ?? 1) - 1;
    if (left > 0) this.used.set(key, left);
    else this.used.delete(key);
  }

  private async touch(key: string): Promise<void> {
    const entry = this.entries.get(key);
    if (!entry) return;
    entry.usedAt = Date.now();
    const now = new Date();
    await utimes(join(this.options.folder, `${key}.ready`), now, now).catch(() => undefined);
  }

  private async removeOld(): Promise<void> {
    let total = [...this.entries.values()].reduce((sum, { ready }) => sum + ready.size, 0);
    const oldest = [...this.entries.values()].sort((one, other) => one.usedAt - other.usedAt);
    for (const { key, ready } of oldest) {
      if (total <= this.options.configuration.keep) return;
      await this.options.onRemove(key);
      if (this.used.has(key)) continue;
      total -= ready.size;
      this.entries.delete(key);
      // Who wants it again meanwhile waits until it is gone.
      const leaving = this.remove(key).catch((failure: unknown) => {
        this.options.notice('package-stays', `The package ${ready.name} could not be removed: ${problemOf(failure).message}`);
      });
      this.leaving.set(key, leaving);
      await leaving;
      this.leaving.delete(key);
    }
  }

  /** First what says that it is ready, so that half a package is never taken for a whole one. */
  private async remove(key: string): Promise<void> {
    const folder = join(this.options.folder, key);
    await rm(`${folder}.ready`, { force: true });
    await removeTree(folder);
  }

  /** What a daemon before this one left. */
  private async look(name: string): Promise<void> {
    const path = join(this.options.folder, name);
    const key = name.slice(0, -'.ready'.length);
    try {
      const ready = readySchema.parse(JSON.parse(await readFile(path, 'utf8')));
      const { mtimeMs } = await lstat(path);
      if ((await lstat(join(this.options.folder, key))).isDirectory()) this.entries.set(key, { key, ready, usedAt: mtimeMs });
    } catch {
      await rm(path, { force: true }).catch(() => undefined);
    }
  }

  /** A folder of which nothing says that it is ready is what an interrupted preparation left; half a transfer is kept for a while. */
  private async tidy(name: string): Promise<void> {
    const path = join(this.options.folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (!found?.isDirectory() || this.entries.has(name)) return;
    if (name.endsWith('.partial') && Date.now() - found.mtimeMs < partialAge) return;
    await removeTree(path).catch((failure: unknown) => {
      this.options.notice('package-stays', `What is left of the package ${name} could not be removed: ${problemOf(failure).message}`);
    });
  }
}

/** The same content, prepared otherwise, lies in another folder. */
function keyOf(reference: PackageReference | null): string {
  if (!reference) return 'folder default';
  const { name, hash, prepare } = reference;
  const prepared = prepare.length === 0 ? '' : `-${createHash('sha256').update(JSON.stringify(prepare)).digest('hex').slice(0, 12)}`;
  return hash === null ? `folder ${name}${prepared}` : `${hash}${prepared}`;
}

/** A folder and all folders below it; none behind a link. */
async function* foldersIn(folder: string): AsyncIterable<string> {
  yield folder;
  for (const entry of await readdir(folder, { withFileTypes: true })) if (entry.isDirectory()) yield* foldersIn(join(folder, entry.name));
}

async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  for await (const path of foldersIn(folder)) {
    const names = await readdir(path);
    for (let at = 0; at < names.length; at += 64) {
      const stats = await Promise.all(names.slice(at, at + 64).map((name) => lstat(join(path, name))));
      for (const each of stats) size += each.isFile() ? each.size : 0;
    }
  }
  return size;
}

/** Nothing is made or removed in it any more; its files cannot be written already. Folders that its preparation's user had are the daemon's again. */
async function closeFolders(folder: string): Promise<void> {
  for await (const path of foldersIn(folder)) {
    if (process.getuid?.() === 0) await lchown(path, 0, process.getgid?.() ?? 0).catch(() => undefined);
    await chmod(path, 0o555).catch(() => undefined);
  }
}

async function removeTree(folder: string): Promise<void> {
  // Folders that nobody may write into keep their entries.
  if ((await lstat(folder).catch(() => undefined))?.isDirectory()) {
    for await (const path of foldersIn(folder)) await chmod(path, 0o755).catch(() => undefined);
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
