/**
 * Reads a git repository without a program of it being started: git gets a repository of its own that only borrows the objects, and none of
 * the configuration of the real one, of the user or of the system. So there is no filter, hook, watcher, pager or helper that it could know of.
 */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const commitPattern = /^[0-9a-f]{40}$|^[0-9a-f]{64}$/;

/** Where a repository keeps what, with links and `.git` files followed. */
export interface Repository {
  readonly workTree: string;
  /** Of this work tree: HEAD and index. */
  readonly own: string;
  /** Of all its work trees: objects and references. */
  readonly common: string;
}

/** How git is to be called. */
export interface BorrowedGit {
  /** Words before the command. */
  readonly options: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

export async function repositoryOf(folder: string): Promise<Repository | null> {
  for (let place = folder; ; place = dirname(place)) {
    const own = await gitFolder(join(place, '.git'));
    if (own !== null) return { workTree: place, own, common: await commonFolder(own) };
    if (dirname(place) === place) return null;
  }
}

/** `.git` is a folder, or a file that names one (work trees, submodules). */
async function gitFolder(path: string): Promise<string | null> {
  const status = await stat(path).catch(() => null);
  if (status?.isDirectory()) return path;
  if (!status?.isFile() || status.size > 4_096) return null;
  const named = /^gitdir: (.+)$/m.exec(await readFile(path, 'utf8'))?.[1];
  return named === undefined ? null : resolve(dirname(path), named.trim());
}

async function commonFolder(own: string): Promise<string> {
  const named = await readFile(join(own, 'commondir'), 'utf8').catch(() => null);
  return named === null ? own : resolve(own, named.trim());
}

/** What HEAD means: a commit, or a branch whose commit stands in a file of its own or among the packed references. */
export async function commitOf(repository: Repository): Promise<string | null> {
  return follow(repository, (await readFile(join(repository.own, 'HEAD'), 'utf8')).trim());
}

/** The object that a name means as git reads it: HEAD, a branch, a tag, a branch of a remote, or their whole name; null: none of these. */
export async function objectOf(repository: Repository, name: string): Promise<string | null> {
  if (name === 'HEAD') return commitOf(repository);
  for (const reference of [name, `refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`, `refs/remotes/${name}`]) {
    const found = reference.startsWith('refs/') ? await follow(repository, `ref: ${reference}`) : null;
    if (found !== null) return found;
  }
  return null;
}

async function follow({ common }: Repository, start: string): Promise<string | null> {
  let text = start;
  for (let step = 0; step < 5; step += 1) {
    if (commitPattern.test(text)) return text;
    const reference = /^ref: (refs\/[^\s\0]+)$/.exec(text)?.[1];
    if (reference === undefined || reference.split('/').includes('..')) return null;
    const loose = await readFile(join(common, reference), 'utf8').catch(() => null);
    const next = loose ?? (await packedReference(common, reference));
    if (next === null) return null;
    text = next.trim();
  }
  return null;
}

async function packedReference(common: string, reference: string): Promise<string | null> {
  const packed = await readFile(join(common, 'packed-refs'), 'utf8').catch(() => '');
  for (const line of packed.split('\n')) {
    const [commit = '', name] = line.split(' ');
    if (name === reference) return commit;
  }
  return null;
}

/** Lets git read the objects and the index of a repository, with HEAD at a commit, for as long as the work takes. */
export async function borrowing<T>(repository: Repository, commit: string, work: (git: BorrowedGit) => Promise<T>): Promise<T> {
  const { workTree, own, common } = repository;
  const borrowed = await mkdtemp(join(tmpdir(), 'testops-git-'));
  try {
    await mkdir(join(borrowed, 'refs'));
    await mkdir(join(borrowed, 'objects'));
    const format =
      commit.length === 64 ? '\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n' : '\trepositoryformatversion = 0\n';
    await writeFile(join(borrowed, 'config'), `[core]\n${format}`);
    await writeFile(join(borrowed, 'HEAD'), `${commit}\n`);
    // Patterns of what is ignored; nothing in them can act.
    await mkdir(join(borrowed, 'info'));
    await copyFile(join(common, 'info', 'exclude'), join(borrowed, 'info', 'exclude')).catch(() => undefined);
    // A split index stands in two files.
    const indexes = (await readdir(own)).filter((name) => name === 'index' || name.startsWith('sharedindex.'));
    for (const name of indexes) await copyFile(join(own, name), join(borrowed, name));
    return await work({
      options: ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'core.untrackedCache=false'],
      environment: {
        PATH: process.env['PATH'],
        LANG: 'C',
        GIT_DIR: borrowed,
        GIT_WORK_TREE: workTree,
        GIT_OBJECT_DIRECTORY: join(common, 'objects'),
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_ATTR_NOSYSTEM: '1',
        GIT_OPTIONAL_LOCKS: '0',
        GIT_TERMINAL_PROMPT: '0',
        // What a clone left out is not fetched.
        GIT_NO_LAZY_FETCH: '1',
      },
    });
  } finally {
    await rm(borrowed, { recursive: true, force: true });
  }
}
