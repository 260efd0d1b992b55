/**
 * The few operations on files whose failure the archive must survive: disk full, input/output errors, short and torn
 * writes. Everything durable is written through this interface, so that tests can make each of them fail.
 */
import { constants, open, rename, truncate } from 'node:fs/promises';
import path from 'node:path';

/** A file that is written at given positions; several attempts to write the same bytes end in the same file. */
export interface PositionedFile {
  /** Writes bytes at a position (bytes from the start of the file); may write fewer than it was given. Resolves to how many. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Resolves when everything written is on the disk. */
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** A file to which several processes may append at once: each piece is written at its end, whatever the others do. */
export interface AppendedFile {
  /** Writes bytes at the end; may write fewer than it was given. Resolves to how many. */
  append(bytes: Uint8Array): Promise<number>;
  /** Resolves when everything written is on the disk. */
  datasync(): Promise<void>;
  /** Bytes of it, and whether its name is gone. */
  status(): Promise<{ readonly size: number; readonly removed: boolean }>;
  close(): Promise<void>;
}

export interface ArchiveFiles {
  /** Opens a file for writing at positions; makes it if it is not there. */
  openForWriting(file: string): Promise<PositionedFile>;
  /** Writes a whole file and waits until it is on the disk. */
  writeDurably(file: string, bytes: Uint8Array): Promise<void>;
  /** Waits until a file that someone else wrote is on the disk. */
  syncFile(file: string): Promise<void>;
  /** Waits until the names in a folder are on the disk. */
  syncFolder(folder: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
}

async function openForWriting(file: string): Promise<PositionedFile> {
  const existing = await open(file, 'r+').catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === 'ENOENT') return open(file, 'wx+');
    throw failure;
  });
  return {
    write: async (bytes, position) => (await existing.write(bytes, 0, bytes.length, position)).bytesWritten,
    datasync: () => existing.datasync(),
    truncate: (length) => existing.truncate(length),
    close: () => existing.close(),
  };
}

/** Opens a file for appending; it must be there. */
export async function openForAppending(file: string): Promise<AppendedFile> {
  const existing = await open(file, constants.O_RDWR | constants.O_APPEND);
  return {
    append: async (bytes) => (await existing.write(bytes)).bytesWritten,
    datasync: () => existing.datasync(),
    status: async () => {
      const { size, nlink } = await existing.stat();
      return { size, removed: nlink === 0 };
    },
    close: () => existing.close(),
  };
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function synchronise(place: string, flags: string): Promise<void> {
  const handle = await open(place, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The files of the machine. */
export const realFiles: ArchiveFiles = {
  openForWriting,
  writeDurably,
  syncFile: (file) => synchronise(file, 'r+'),
  // Windows cannot open a folder; there the names are as durable as its file system makes them.
  syncFolder: (folder) => (process.platform === 'win32' ? Promise.resolve() : synchronise(folder, 'r')),
  rename: (from, to) => rename(from, to),
};

/** What unfinished files are called until they are whole. */
export const partialSuffix = '.partial';

/** Replaces a file by new content: a reader, or a crash, sees either the old or the new file, never a part. */
export async function replaceFile(files: ArchiveFiles, file: string, content: string): Promise<void> {
  await files.writeDurably(`${file}${partialSuffix}`, Buffer.from(content, 'utf8'));
  await putInPlace(files, file);
}

/** Gives a whole and durable `.partial` file its name. */
export async function putInPlace(files: ArchiveFiles, file: string): Promise<void> {
  await files.rename(`${file}${partialSuffix}`, file);
  await files.syncFolder(path.dirname(file));
}

/** Cuts a file to a length, durably. */
export async function cutTo(file: string, length: number): Promise<void> {
  await truncate(file, length);
  await synchronise(file, 'r+');
}

/** Whether something failed for want of space; by code, or by the sentence in which DuckDB says it. */
export function isForWantOfSpace(failure: unknown): boolean {
  if (!(failure instanceof Error)) return false;
  const code = (failure as NodeJS.ErrnoException).code;
  return code === 'ENOSPC' || code === 'EDQUOT' || /no space left|disk quota exceeded/i.test(failure.message);
}

export function isMissing(failure: unknown): boolean {
  return failure instanceof Error && (failure as NodeJS.ErrnoException).code === 'ENOENT';
}
