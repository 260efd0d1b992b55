/** A folder as the source of a package: plain files, and links within it. */
import { constants } from 'node:fs';
import { open, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { refusedPackage, type PackageSource, type SourceEntry } from './package.ts';

export interface FolderOptions {
  /** Names of files and folders that are left out wherever they stand, beside `.git`. */
  readonly without?: readonly string[];
}

export function folderSource(folder: string, { without = [] }: FolderOptions = {}): PackageSource {
  const left = new Set(['.git', ...without]);
  return { name: folder, entries: () => walk(folder, '', left) };
}

async function* walk(root: string, below: string, left: ReadonlySet<string>): AsyncGenerator<SourceEntry> {
  const found = await readdir(path.join(root, below), { withFileTypes: true });
  for (const entry of found) {
    if (left.has(entry.name)) continue;
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    const place = path.join(root, name);
    if (entry.isDirectory()) yield* walk(root, name, left);
    else if (entry.isSymbolicLink()) yield { path: name, link: (await readlink(place)).split(path.sep).join('/') };
    else if (entry.isFile()) yield* fileOf(name, place);
    else throw refusedPackage(root, `${name} is neither a file nor a folder`);
  }
}

/** Opened as what it was found: a link that took its place meanwhile is refused by the system. */
async function* fileOf(name: string, place: string): AsyncGenerator<SourceEntry> {
  const handle = await open(place, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const { mode } = await handle.stat();
    yield { path: name, executable: (mode & 0o100) !== 0, content: handle.createReadStream({ autoClose: false }) };
  } finally {
    await handle.close();
  }
}
