/** A file system that fails as a test says: full, broken, writing less than it was given, tearing what it writes. */
import { realFiles, type ArchiveFiles, type PositionedFile } from '#main/core/archive/files.ts';

/** `short`: half is written, and that is said. `torn`: half is written, then it fails. */
export type Fault = 'ENOSPC' | 'EIO' | 'short' | 'torn' | null;
export type Operation = 'write' | 'datasync' | 'truncate' | 'writeDurably' | 'syncFile' | 'syncFolder' | 'rename';

function errorOf(fault: 'ENOSPC' | 'EIO'): Error {
  const text = fault === 'ENOSPC' ? 'no space left on device' : 'i/o error';
  return Object.assign(new Error(`${fault}: ${text}, write`), { code: fault });
}

function failWith(fault: Fault): void {
  if (fault === 'ENOSPC' || fault === 'EIO') throw errorOf(fault);
  if (fault === 'torn') throw errorOf('EIO');
}

export function faultyFiles(faultOf: (operation: Operation, file: string) => Fault): ArchiveFiles {
  return {
    openForWriting: async (file) => faultyFile(await realFiles.openForWriting(file), file, faultOf),
    writeDurably: async (file, bytes) => {
      const fault = faultOf('writeDurably', file);
      if (fault === 'short' || fault === 'torn') await realFiles.writeDurably(file, bytes.subarray(0, bytes.length >> 1));
      failWith(fault === 'short' ? 'EIO' : fault);
      await realFiles.writeDurably(file, bytes);
    },
    syncFile: async (file) => {
      failWith(faultOf('syncFile', file));
      await realFiles.syncFile(file);
    },
    syncFolder: async (folder) => {
      failWith(faultOf('syncFolder', folder));
      await realFiles.syncFolder(folder);
    },
    rename: async (from, to) => {
      failWith(faultOf('rename', from));
      await realFiles.rename(from, to);
    },
  };
}

function faultyFile(real: PositionedFile, file: string, faultOf: (operation: Operation, file: string) => Fault): PositionedFile {
  return {
    write: async (bytes, position) => {
      const fault = faultOf('write', file);
      const half = bytes.subarray(0, Math.max(1, bytes.length >> 1));
      if (fault === 'short') return real.write(half, position);
      if (fault === 'torn') await real.write(half, position);
      failWith(fault);
      return real.write(bytes, position);
    },
    datasync: async () => {
      failWith(faultOf('datasync', file));
      await real.datasync();
    },
    truncate: async (length) => {
      failWith(faultOf('truncate', file));
      await real.truncate(length);
    },
    close: () => real.close(),
  };
}
