/**
 * At which commit a folder stands, and whether it holds what is not committed, without a program of the repository's being started: git
 * reads objects and index of the repository, but none of its configuration, nor the user's or the system's. So there is no filter, hook,
 * watcher, pager or helper that it could know of.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** ms that git may take. */
const gitPatience = 2_000;
const commitPattern = /^[0-9a-f]{40}$|^[0-9a-f]{64}$/;

/** Where a repository keeps what, with links and `.git` files followed. */
interface Repository {
  readonly workTree: string;
  /** Of this work tree: HEAD and index. */
  readonly own: string;
  /** Of all its work trees: objects and references. */
  readonly common: string;
}

/**
 * The commit at which a folder stands, with `+changes` when it holds what is not committed; null when it is in no
 * repository, or git is not installed or does not answer within two seconds.
 */
export async function repositoryState(folder: string): Promise<string | null> {
  try {
    const repository = await repositoryOf(resolve(folder));
    const commit = repository && (await commitOf(repository));
    if (!repository || !commit) return null;
    return (await hasChanges(repository, commit, resolve(folder))) ? `${commit}+changes` : commit;
  } catch {
    return null;
  }
}

async function repositoryOf(folder: string): Promise<Repository | null> {
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
async function commitOf({ own, common }: Repository): Promise<string | null> {
  let text = (await readFile(join(own, 'HEAD'), 'utf8')).trim();
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

/** Compares commit, index and files in a repository of its own that only borrows the objects. */
async function hasChanges({ workTree, own, common }: Repository, commit: string, folder: string): Promise<boolean> {
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
    const options = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'core.untrackedCache=false'];
    const words = ['status', '--porcelain', '--ignore-submodules=all', '--', folder];
    const { stdout } = await promisify(execFile)('git', [...options, ...words], {
      cwd: workTree,
      timeout: gitPatience,
      maxBuffer: 16 * 1024 * 1024,
      env: {
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
      },
    });
    return stdout.trim() !== '';
  } finally {
    await rm(borrowed, { recursive: true, force: true });
  }
}
