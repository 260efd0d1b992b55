/**
 * Where the demo's workspaces last: a folder for each environment in the console's home. One process uses a folder at a time;
 * a second one that runs meanwhile has a folder of its own (`exchange-2`), which lasts as well.
 */
import { mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isHeld, takeLock, type Holder } from '#platform/lock.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';

/** A workspace that this process alone uses until it is given back. */
export interface DemoPlace {
  /** What the user works on: scenarios, the environment file, whatever was saved. */
  readonly folder: string;
  /** What is remembered of it, beside it: what was laid down, the operator's key, the lock. */
  readonly own: string;
  /** Who uses the one that would have been used. */
  readonly notices: readonly Problem[];
  /** Says that it is about to be given back, so that whoever comes next waits for it. */
  leave(): Promise<void>;
  release(): Promise<void>;
}

export interface DemoPlaceOptions {
  /** The console's home. */
  readonly home: string;
  /** Of the environment, such as `exchange`. */
  readonly name: string;
  /** Only this folder will do. */
  readonly only?: string;
}

/** Workspaces of one environment that may be in use at a time. */
const mostPlaces = 9;
/** ms that one which is about to be given back is waited for, and between two looks at it. */
const leavingPatience = 25_000;
const glance = 100;
const leavingFile = 'leaving';
const lockFile = 'lock.json';

/** Folder in which the workspaces of demos stand. */
export function demoFolder(home: string): string {
  return join(resolve(home), 'demo');
}

/** What is remembered of a workspace. */
export function ownFolder(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}`);
}

/** The workspace that a demo uses when nothing else does. */
export function firstPlace(home: string, name: string): string {
  return join(demoFolder(home), name);
}

/** Takes the first workspace that nobody uses. */
export async function claimPlace({ home, name, only }: DemoPlaceOptions): Promise<DemoPlace> {
  const first = firstPlace(home, name);
  const folders = only === undefined ? [first, ...Array.from({ length: mostPlaces - 1 }, (_, index) => `${first}-${index + 2}`)] : [only];
  let holder: Holder | null = null;
  for (const folder of folders) {
    const claimed = await claim(folder);
    if ('holder' in claimed) {
      holder ??= claimed.holder;
      continue;
    }
    return { ...claimed, notices: holder === null ? [] : [inUseElsewhere(first, folder, holder)] };
  }
  throw inUse(only ?? first, holder);
}

/** The workspace, or who has it. */
async function claim(wanted: string): Promise<Omit<DemoPlace, 'notices'> | { readonly holder: Holder }> {
  await writing(ownFolder(wanted), () => makeFolder(ownFolder(wanted), 0o700));
  // As it is on the disk, links followed: so consoles name what they opened.
  const folder = join(await realpath(dirname(wanted)), basename(wanted));
  const own = ownFolder(folder);
  const [lock, leaving] = [join(own, lockFile), join(own, leavingFile)];
  const deadline = performance.now() + leavingPatience;
  for (;;) {
    const taken = await writing(own, () => takeLock(lock));
    if (isHeld(taken)) {
      await writing(own, () => rm(leaving, { force: true }));
      return {
        folder,
        own,
        leave: () => writeFile(leaving, '').catch(() => undefined),
        release: async () => {
          // In this order, since whoever looks in between must find a folder that is being given back, not one that stays in use.
          await taken.release(lock);
          await rm(leaving, { force: true }).catch(() => undefined);
        },
      };
    }
    if (!(await isThere(leaving)) || performance.now() > deadline) return { holder: taken };
    await new Promise((resolve) => {
      setTimeout(resolve, glance);
    });
  }
}

/** Sets a workspace aside under another name, so that the next start lays it down anew; null when there is none. */
export async function setAside(place: Pick<DemoPlace, 'folder' | 'own'>, now: Date, forget: string): Promise<string | null> {
  const stamp = now.toISOString().slice(0, 19).replaceAll(':', '-');
  return writing(place.folder, async () => {
    const there = await isThere(place.folder);
    let aside = `${place.folder}-before-${stamp}`;
    for (let number = 2; await isThere(aside); number++) aside = `${place.folder}-before-${stamp}-${number}`;
    // First forgotten, so that nothing counts as deleted by the user if it is cut off here.
    await rm(join(place.own, forget), { force: true });
    if (there) await rename(place.folder, aside);
    return there ? aside : null;
  });
}

/** Makes a folder, one level after the other: asked for several at once, Node tries for ever where the file system takes none. */
export async function makeFolder(folder: string, mode = 0o755): Promise<void> {
  const existing = await stat(folder).catch(() => undefined);
  if (existing?.isDirectory()) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder), mode);
  await mkdir(folder, { mode }).catch((failure: NodeJS.ErrnoException) => {
    if (failure.code !== 'EEXIST' || existing) throw failure;
  });
}

/** Does something that writes into a workspace; what the file system says against it becomes one sentence. */
export async function writing<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    throw notWritable(file, failure);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'it may only be read',
  EEXIST: 'a file stands where a folder should be',
  ENOTDIR: 'a file stands where a folder should be',
};

function notWritable(file: string, failure: unknown): unknown {
  const code = failure instanceof Error && 'code' in failure ? String(failure.code) : undefined;
  if (failure instanceof ProblemError || code === undefined) return failure;
  return new ProblemError({
    code: 'demo-workspace-not-writable',
    message: `The demo's workspace cannot be written: ${reasons[code] ?? code}.`,
    tip: 'Make room, or name a folder that this user may write in TESTOPS_HOME.',
    file,
  });
}

function inUse(folder: string, holder: Holder | null): ProblemError {
  return new ProblemError({
    code: 'demo-in-use',
    message: `The demo's workspace is in use by ${processOf(holder)}.`,
    tip: 'End the demo there first.',
    file: folder,
  });
}

function inUseElsewhere(first: string, folder: string, holder: Holder): Problem {
  return {
    severity: 'warning',
    code: 'demo-in-use',
    message: `The demo's workspace ${first} is in use by ${processOf(holder)}, so this demo has another one: ${folder}.`,
    tip: 'What is saved in the one is not seen in the other; both are kept.',
  };
}

function processOf(holder: Holder | null): string {
  return holder === null || holder === 'somebody' ? 'another process' : `process ${holder.pid}`;
}

/** Whether there is anything of this name. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
