/** Writing reports: whole or not at all. What is being made has a name of its own beside its target until it is complete. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { writeAtomically, type Content } from '#platform/atomic-file.ts';
import { ProblemError } from '#shared/problem.ts';

/** Bytes gathered before they are handed to the disk. */
const pieceLength = 256 * 1024;

/** What a file is made of, in order. */
export type Pieces = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** Writes pieces into a file that takes its name when it is whole; returns its size in bytes. */
export async function writeReport(target: string, pieces: Pieces): Promise<number> {
  const file = resolve(target);
  let bytes = 0;
  let begun = false;
  let made = false;
  try {
    const existing = await stat(file).catch(() => undefined);
    if (existing && !existing.isFile()) throw new NotWritable('it is no file');
    const content: Content = async (write) => {
      begun = true;
      for await (const buffer of gathered(pieces)) {
        bytes += buffer.length;
        await write(buffer).catch(refuse);
      }
      made = true;
    };
    // What the system says before the pieces came or after the last of them is about the file; in between, about what they are made of.
    await writeAtomically(file, content, { mode: 0o644 }).catch((failure: NodeJS.ErrnoException) => {
      if (begun && !made) throw failure;
      refuse(failure);
    });
    return bytes;
  } catch (failure) {
    throw told(file, failure);
  }
}

/** Small pieces of text together, bytes as they come. */
async function* gathered(pieces: Pieces): AsyncIterable<Uint8Array> {
  let waiting = '';
  for await (const piece of pieces) {
    const isText = typeof piece === 'string';
    if (isText) waiting += piece;
    if (waiting !== '' && (!isText || waiting.length >= pieceLength)) {
      yield Buffer.from(waiting);
      waiting = '';
    }
    if (!isText) yield piece;
  }
  if (waiting !== '') yield Buffer.from(waiting);
}

class NotWritable extends Error {}

function refuse(failure: NodeJS.ErrnoException): never {
  throw new NotWritable(failure.code ?? failure.message);
}

function told(file: string, failure: unknown): unknown {
  if (!(failure instanceof NotWritable)) return failure;
  return new ProblemError({
    code: 'report-not-writable',
    file,
    message: `The report cannot be written here (${failure.message}).`,
    tip: 'Name a file in a folder that exists and may be written.',
  });
}

/** A file of a folder report. */
export interface FolderFile {
  readonly name: string;
  readonly pieces: Pieces;
}

export interface FolderOptions {
  /**
   * Whether a power cut soon after may leave less than was written. Forcing each of 100,000 files to the disk takes many minutes; a folder that can
   * be written again may do without.
   */
  readonly unforced?: boolean;
}

/** In a folder that was written here: the names of its files, so that they, and nothing else, may be replaced. */
export const folderNote = '.testops-report.json';

/**
 * Writes a folder of files, whole or not at all. The folder may be new, empty, or one that was written here and to which nobody
 * added anything; it is replaced then.
 */
export async function writeReportFolder(
  target: string,
  files: AsyncIterable<FolderFile> | Iterable<FolderFile>,
  { unforced = false }: FolderOptions = {},
): Promise<number> {
  const folder = resolve(target);
  await refuseForeignFolder(folder);
  const suffix = randomBytes(6).toString('hex');
  const scratch = join(dirname(folder), `.${basename(folder).slice(0, 100)}.${suffix}.partial`);
  const old = join(dirname(folder), `.${basename(folder).slice(0, 100)}.${suffix}.old`);
  try {
    await mkdir(scratch).catch(refuse);
    const names: string[] = [];
    let bytes = 0;
    for await (const { name, pieces } of files) {
      bytes += await (unforced ? writePlainly(join(scratch, name), pieces) : writeReport(join(scratch, name), pieces));
      names.push(name);
    }
    bytes += await writeReport(join(scratch, folderNote), [`${JSON.stringify({ files: names.sort() })}\n`]);
    const before = await rename(folder, old).then(
      () => true,
      (failure: NodeJS.ErrnoException) => (failure.code === 'ENOENT' ? false : refuse(failure)),
    );
    try {
      await rename(scratch, folder).catch(refuse);
    } catch (failure) {
      if (before) await rename(old, folder);
      throw failure;
    }
    return bytes;
  } catch (failure) {
    throw told(folder, failure);
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
    await rm(old, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** A file of a folder that nobody sees before it is whole. */
async function writePlainly(file: string, pieces: Pieces): Promise<number> {
  const handle = await open(file, 'wx', 0o644).catch(refuse);
  let bytes = 0;
  try {
    for await (const buffer of gathered(pieces)) {
      bytes += buffer.length;
      await handle.writeFile(buffer).catch(refuse);
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

async function refuseForeignFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === 'ENOENT') return [];
    throw told(folder, new NotWritable(failure.code === 'ENOTDIR' ? 'it is a file' : (failure.code ?? failure.message)));
  });
  if (names.length === 0) return;
  const ours = new Set([folderNote, ...(await notedFiles(folder))]);
  const foreign = names.find((name) => !ours.has(name));
  if (foreign === undefined) return;
  throw new ProblemError({
    code: 'folder-not-empty',
    file: folder,
    message: `This folder holds something else (${foreign}); nothing was written.`,
    tip: 'Name a new or an empty folder.',
  });
}

async function notedFiles(folder: string): Promise<string[]> {
  try {
    const note: unknown = JSON.parse(await readFile(join(folder, folderNote), 'utf8'));
    const files = typeof note === 'object' && note !== null && 'files' in note ? note.files : [];
    return Array.isArray(files) ? files.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

/** A stable identifier in hexadecimal digits. */
export function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
