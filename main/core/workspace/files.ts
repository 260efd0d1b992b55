/** The texts of a workspace: listed, read, and written so that nobody's change is lost unseen. */
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeAtomically } from '#platform/atomic-file.ts';
import { isIgnoredFolder, isVisible, kindOf, outsideWorkspace, placeIn, workspaceRoot, type WorkspacePlace } from './paths.ts';
import type { WorkspaceFile } from '#shared/contract/workspace.ts';
import { ProblemError } from '#shared/problem.ts';
import type { Immutable } from '#shared/immutable.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';

/** What of a workspace is looked at; a folder with more is not one that was meant. */
const bounds = { files: 5_000, folders: 500, depth: 12, bytes: 4_000_000 } as const;

export type FileText = Immutable<MethodResponse<'file.read'>>;

/** A workspace's files, and the folders (absolute) they may stand in. */
export interface WorkspaceListing {
  readonly files: readonly WorkspaceFile[];
  readonly folders: readonly string[];
}

/** The files of a workspace within bounds, folders that nobody means left out. Rejects with a ProblemError where it is no folder. */
export async function listWorkspace(folder: string): Promise<WorkspaceListing> {
  const root = await workspaceRoot(folder);
  const files: WorkspaceFile[] = [];
  const folders: string[] = [];
  const waiting: { readonly path: string; readonly depth: number }[] = [{ path: '', depth: 0 }];
  for (let next = waiting.shift(); next && folders.length < bounds.folders; next = waiting.shift()) {
    const here = join(root, next.path);
    folders.push(here);
    // A folder that went away meanwhile holds nothing.
    const entries = await readdir(here, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = next.path === '' ? entry.name : `${next.path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!isIgnoredFolder(entry.name) && next.depth < bounds.depth) waiting.push({ path, depth: next.depth + 1 });
      } else if (entry.isFile() && isVisible(path) && files.length < bounds.files) {
        const found = await stat(join(here, entry.name)).catch(() => null);
        if (found) files.push({ path, kind: kindOf(path), size: found.size, modified: found.mtimeMs });
      }
    }
  }
  return { files: files.sort((left, right) => (left.path < right.path ? -1 : 1)), folders };
}

/**
 * The text of a file with its hash; rejects with `missing-file` where it is not there, or a problem where it lies outside the workspace.
 */
export async function readWorkspaceFile(folder: string, path: string): Promise<FileText> {
  const place = await placeIn(folder, path);
  const found = await readText(place);
  if (found) return found;
  throw new ProblemError({
    code: 'missing-file',
    message: `${path} is not there.`,
    tip: 'Somebody may have renamed or removed it.',
    file: path,
  });
}

/** Changes of one file, one after the other. */
export class WorkspaceWriter {
  private readonly queues = new Map<string, Promise<unknown>>();

  /** Writes a text whole; `expectedHash` is what the writer believes to be there (null: nothing). */
  async write(folder: string, path: string, text: string, expectedHash: string | null): Promise<Omit<FileText, 'text'>> {
    const place = await placeIn(folder, path);
    const bytes = Buffer.from(text);
    if (bytes.length > bounds.bytes) throw tooLong(path, bytes.length);
    return this.inTurn([place.file], async () => {
      await assertHash(place, expectedHash);
      if (expectedHash === null) await makeFolders(place);
      const mode = expectedHash === null ? 0o644 : (await stat(place.file)).mode & 0o7777;
      const lastLook = async (): Promise<void> => {
        // A folder on the way may have become a link meanwhile.
        if ((await placeIn(folder, path)).file !== place.file) throw changed(path);
        await assertHash(place, expectedHash);
      };
      await writeAtomically(place.file, bytes, { mode, exclusive: expectedHash === null, lastLook }).catch((failure: unknown) => {
        throw (failure as NodeJS.ErrnoException).code === 'EEXIST' ? changed(path) : failure;
      });
      return { hash: hashOf(bytes), modified: (await stat(place.file)).mtimeMs };
    });
  }

  async rename(folder: string, path: string, to: string): Promise<void> {
    const [from, target] = await Promise.all([placeIn(folder, path), placeIn(folder, to)]);
    await this.inTurn([from.file, target.file].toSorted(), async () => {
      if (!(await readText(from))) throw new ProblemError({ code: 'missing-file', message: `${path} is not there.`, file: path });
      if (await exists(target.file)) {
        throw new ProblemError({ code: 'file-exists', message: `There is already a file ${to}.`, tip: 'Choose another name.', file: to });
      }
      await makeFolders(target);
      await rename(from.file, target.file);
    });
  }

  async remove(folder: string, path: string, expectedHash: string): Promise<void> {
    const place = await placeIn(folder, path);
    await this.inTurn([place.file], async () => {
      await assertHash(place, expectedHash);
      await rm(place.file);
    });
  }

  /** Does work on files after everything begun on them before. */
  private async inTurn<T>(files: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = files.flatMap((file) => this.queues.get(file) ?? []);
    const result = Promise.allSettled(before).then(work);
    const settled = result.catch(() => undefined);
    for (const file of files) this.queues.set(file, settled);
    try {
      return await result;
    } finally {
      for (const file of files) if (this.queues.get(file) === settled) this.queues.delete(file);
    }
  }
}

async function readText({ file, path }: WorkspacePlace): Promise<FileText | null> {
  try {
    await using handle = await open(file, 'r');
    const status = await handle.stat();
    if (!(await isStillAt(file, status))) throw outsideWorkspace(path);
    if (!status.isFile()) throw new ProblemError({ code: 'not-a-file', message: `${path} is not a file.`, file: path });
    if (status.size > bounds.bytes) throw tooLong(path, status.size);
    const bytes = await handle.readFile();
    return { text: decodeText(bytes, path), hash: hashOf(bytes), modified: status.mtimeMs };
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw failure;
  }
}

/** Whether what was opened at a place (links followed) is what is there now: nobody put a link in its way meanwhile. */
async function isStillAt(file: string, opened: Stats): Promise<boolean> {
  const now = await lstat(file);
  return (await realpath(file)) === file && now.ino === opened.ino && now.dev === opened.dev;
}

function decodeText(bytes: Uint8Array, path: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Told below.
  }
  throw new ProblemError({ code: 'not-a-text', message: `${path} is not a text in UTF-8, so it cannot be edited here.`, file: path });
}

/** The folders of a new file, made one after the other: a folder that was checked cannot become a link on the way unseen. */
async function makeFolders({ root, file }: WorkspacePlace): Promise<void> {
  const folder = dirname(file);
  if (folder === root) return;
  await mkdir(folder, { recursive: true });
}

async function assertHash(place: WorkspacePlace, expected: string | null): Promise<void> {
  const present = await readText(place);
  if ((present?.hash ?? null) !== expected) throw changed(place.path);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function changed(path: string): ProblemError {
  return new ProblemError({
    code: 'file-changed',
    message: `${path} is not as it was when it was read; nothing was written.`,
    tip: 'Read it again and compare, or save under another name.',
    file: path,
  });
}

function tooLong(path: string, bytes: number): ProblemError {
  return new ProblemError({ code: 'too-long', message: `${path} has ${bytes} bytes; ${bounds.bytes} are allowed.`, file: path });
}
