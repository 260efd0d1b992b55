/**
 * A commit of a git repository as the source of a package, as it stands in the repository's objects: no filter, hook or setting of the
 * repository takes part, and what a clone left out is not fetched.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';
import { ProblemError } from '#shared/problem.ts';
import { borrowing, commitOf, objectOf, repositoryOf, type BorrowedGit } from '../workspace/borrowed-repository.ts';
import { refusedPackage, type PackageSource, type SourceEntry } from './package.ts';

/** ms that git may take to list a commit. */
const listPatience = 60_000;

interface Listed {
  readonly mode: string;
  readonly object: string;
  readonly path: string;
}

/** `reference`: a branch, tag or commit. Where the folder is below the repository's root, the package holds what is in it. */
export async function commitSource(folder: string, reference: string): Promise<PackageSource & { readonly commit: string }> {
  const repository = await repositoryOf(path.resolve(folder));
  if (!repository) throw new ProblemError({ code: 'no-repository', message: `${folder} is in no git repository.`, file: folder });
  const isCommit = /^[0-9a-f]{7,64}$/.test(reference);
  const object = (await objectOf(repository, reference)) ?? (isCommit ? reference : null);
  const below = path.relative(repository.workTree, path.resolve(folder)).split(path.sep).join('/');
  const head = (await commitOf(repository)) ?? '0'.repeat(40);
  const commit = object && (await borrowing(repository, head, (git) => commitIn(git, repository.workTree, object)));
  if (!commit)
    throw new ProblemError({ code: 'no-commit', message: `${folder} knows no commit ${JSON.stringify(reference)}.`, file: folder });
  return {
    name: commit,
    commit,
    entries: () => entriesOf(commit),
  };

  async function* entriesOf(commit: string): AsyncGenerator<SourceEntry> {
    if (!repository) return;
    // The borrowed repository must live as long as its files are read.
    const done = Promise.withResolvers<void>();
    const git = Promise.withResolvers<BorrowedGit>();
    const borrowed = borrowing(repository, commit, async (found) => {
      git.resolve(found);
      await done.promise;
    });
    borrowed.catch(git.reject);
    try {
      yield* readTree(await git.promise, repository.workTree, commit, below);
    } finally {
      done.resolve();
      await borrowed;
    }
  }
}

async function commitIn(git: BorrowedGit, directory: string, object: string): Promise<string | null> {
  const words = [...git.options, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${object}^{commit}`];
  const found = await promisify(execFile)('git', words, { cwd: directory, env: git.environment, timeout: listPatience }).catch(() => null);
  return found && found.stdout.trim();
}

async function* readTree(git: BorrowedGit, directory: string, commit: string, below: string): AsyncGenerator<SourceEntry> {
  const files = await listTree(git, directory, below === '' ? commit : `${commit}:${below}`);
  const reader = new ObjectReader(git, directory);
  try {
    for (const { mode, object, path } of files) {
      if (mode === '160000') throw refusedPackage(commit, `${path} is a repository of its own (a submodule)`);
      const content = await reader.read(object);
      if (!content) throw refusedPackage(commit, `${path} is not in this repository (a part of it was left out when it was cloned)`);
      yield mode === '120000' ? { path, link: content.toString('utf8') } : { path, executable: mode === '100755', content };
    }
  } finally {
    await reader.end();
  }
}

async function listTree(git: BorrowedGit, directory: string, tree: string): Promise<Listed[]> {
  const words = [...git.options, 'ls-tree', '-r', '-z', '--full-tree', tree];
  const options = { cwd: directory, env: git.environment, timeout: listPatience, maxBuffer: 256 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)('git', words, options);
  return stdout
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [, mode = '', object = '', path = ''] = /^([0-7]{6}) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      return { mode, object, path };
    });
}

/** Reads objects one after the other from one process of git. */
class ObjectReader {
  private readonly child;
  private readonly pieces: AsyncIterator<Buffer>;
  private held: Buffer = Buffer.alloc(0);

  constructor(git: BorrowedGit, directory: string) {
    const options = { cwd: directory, env: git.environment };
    this.child = spawn('git', [...git.options, 'cat-file', '--batch'], { ...options, stdio: ['pipe', 'pipe', 'ignore'] });
    this.child.on('error', () => undefined);
    this.child.stdin.on('error', () => undefined);
    this.pieces = this.child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** Null: it is not there. */
  async read(object: string): Promise<Buffer | null> {
    this.child.stdin.write(`${object}\n`);
    let feed = this.held.indexOf(10);
    while (feed < 0 && (await this.more())) feed = this.held.indexOf(10);
    const size = /^[0-9a-f]+ blob (\d+)$/.exec(this.held.toString('utf8', 0, Math.max(feed, 0)))?.[1];
    this.held = this.held.subarray(feed + 1);
    if (size === undefined) return null;
    return this.take(Number(size));
  }

  async end(): Promise<void> {
    if (this.child.pid === undefined || this.child.exitCode !== null) return;
    const ended = once(this.child, 'close');
    this.child.stdin.end();
    this.child.kill();
    this.child.stdout.destroy();
    await ended;
  }

  /** So many bytes, and the line feed behind them. */
  private async take(size: number): Promise<Buffer> {
    const pieces = [this.held];
    let have = this.held.length;
    while (have < size + 1) {
      const { value, done } = await this.pieces.next();
      if (done) throw new Error('git ended in the middle of an object');
      pieces.push(value);
      have += value.length;
    }
    const all = Buffer.concat(pieces);
    this.held = all.subarray(size + 1);
    return all.subarray(0, size);
  }

  private async more(): Promise<boolean> {
    const { value, done } = await this.pieces.next();
    if (done) return false;
    this.held = Buffer.concat([this.held, value]);
    return true;
  }
}
