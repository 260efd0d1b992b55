/**
 * Runs as files on their way between a console and a core on this machine. What comes in stands in a private folder until
 * the core has imported it, what goes out until it was fetched; then, and whatever goes wrong, it is taken away.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CoreDoor, Visitor } from '#main/core-process/core-door.ts';
import { portOver } from '#main/core-process/text-channel.ts';
import { connectContract } from '#shared/contract/transport/connect.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { Owned } from '#shared/disposable.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';

/** A file that arrives. */
export interface IncomingFile {
  /** As its owner named it; only for sentences. */
  readonly name: string;
  /** Said beforehand; another number of bytes is refused. */
  readonly bytes: number;
  readonly content: Readable;
}

/** A file that waits to be fetched. */
export interface OutgoingFile extends Owned {
  readonly name: string;
  readonly bytes: number;
  open(): Promise<Readable>;
}

export interface TakenRun {
  readonly run: RunId;
  /** It was in the archive already. */
  readonly found: boolean;
}

export interface RunTransfer extends Owned {
  /** Takes a `.testops-run` file into the archive. */
  take(incoming: IncomingFile, visitor: Visitor): Promise<TakenRun>;
  /** Packs a run of the archive. */
  give(run: RunId, visitor: Visitor): Promise<OutgoingFile>;
}

export interface TransferBounds {
  /** Bytes of one file. */
  readonly bytes: number;
  /** Files that may be on their way at a time, in either direction. */
  readonly files: number;
  /** Bytes of the disk that are left free. */
  readonly reserve: number;
}

const usualBounds: TransferBounds = { bytes: 16 * 1024 ** 3, files: 8, reserve: 256 * 1024 ** 2 };

/** The name of a bundle's file, for a run. */
export const bundleName = (run: RunId): string => `${run}.testops-run`;

export class LocalRunTransfer implements RunTransfer {
  private readonly door: CoreDoor;
  private readonly bounds: TransferBounds;
  private readonly parent: string;
  /** Private folders of files on their way, and the bytes that are still to come into each. */
  private readonly folders = new Map<string, number>();
  /** Asked for, but not made yet. */
  private beginning = 0;

  /** `parent`: where the private folders are made. */
  constructor(door: CoreDoor, bounds: Partial<TransferBounds> = {}, parent = tmpdir()) {
    this.door = door;
    this.bounds = { ...usualBounds, ...bounds };
    this.parent = parent;
  }

  async take({ name, bytes, content }: IncomingFile, visitor: Visitor): Promise<TakenRun> {
    if (bytes > this.bounds.bytes) throw tooLarge(name, this.bounds.bytes);
    const folder = await this.newFolder(name, bytes);
    const file = join(folder, 'incoming.testops-run');
    try {
      await receive({ name, bytes, content }, file);
      this.folders.set(folder, 0);
      const { run, found = false } = await this.ask(visitor, (core) => core.request('runs.import', { file, orFind: true }));
      return { run, found };
    } catch (failure) {
      throw underItsName(failure, file, name);
    } finally {
      await this.remove(folder);
    }
  }

  async give(run: RunId, visitor: Visitor): Promise<OutgoingFile> {
    const folder = await this.newFolder(`The run ${run}`, 0);
    const file = join(folder, bundleName(run));
    try {
      await this.ask(visitor, (core) => core.request('runs.export', { run, file }));
      const { size } = await stat(file);
      return {
        name: bundleName(run),
        bytes: size,
        open: () => Promise.resolve(createReadStream(file)),
        dispose: () => this.remove(folder),
      };
    } catch (failure) {
      await this.remove(folder);
      throw underItsName(failure, file, bundleName(run));
    }
  }

  /** Nothing stays behind, whatever is on its way. */
  async dispose(): Promise<void> {
    await Promise.all([...this.folders.keys()].map((folder) => this.remove(folder)));
  }

  private async ask<T>(visitor: Visitor, question: (core: Core) => Promise<T>): Promise<T> {
    const core = connectContract(portOver(this.door.open(visitor)));
    try {
      return await question(core);
    } finally {
      await core.dispose();
    }
  }

  private async newFolder(name: string, bytes: number): Promise<string> {
    if (this.folders.size + this.beginning >= this.bounds.files) {
      throw new ProblemError({
        code: 'transfers-busy',
        message: `${this.bounds.files} runs are being transferred already.`,
        tip: 'Try again in a moment.',
      });
    }
    this.beginning++;
    try {
      const { bavail, bsize } = await statfs(this.parent);
      const awaited = [...this.folders.values()].reduce((sum, each) => sum + each, 0);
      if (bytes + awaited + this.bounds.reserve > bavail * bsize) throw noRoom(name, this.parent);
      const folder = await mkdtemp(join(this.parent, 'testops-transfer-'));
      this.folders.set(folder, bytes);
      return folder;
    } finally {
      this.beginning--;
    }
  }

  private async remove(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    this.folders.delete(folder);
  }
}

async function receive({ name, bytes, content }: IncomingFile, file: string): Promise<void> {
  let received = 0;
  content.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > bytes) content.destroy(cutOff(name));
  });
  try {
    await pipeline(content, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  } catch (failure) {
    throw (failure as NodeJS.ErrnoException).code === 'ENOSPC' ? noRoom(name, dirname(dirname(file))) : cutOff(name);
  }
  if (received !== bytes) throw cutOff(name);
}

/** The path on this machine is nobody's business; who sent the file knows it by its name. */
function underItsName(failure: unknown, file: string, name: string): ProblemError {
  const { file: _, message, ...rest } = problemOf(failure);
  return new ProblemError({ ...rest, message: message.replaceAll(file, name) });
}

function tooLarge(name: string, bytes: number): ProblemError {
  return new ProblemError({
    code: 'file-too-large',
    message: `${name} is larger than ${Math.round(bytes / 1024 ** 2)} MiB, the most that can be sent.`,
    tip: 'Import it on the computer of the core: testops runs import <file>.',
  });
}

function noRoom(name: string, folder: string): ProblemError {
  return new ProblemError({
    code: 'disk-full',
    message: `There is not enough room for ${name} in ${folder} on the computer of the console.`,
    tip: 'Make room, or start the console with TMPDIR set to a folder that has more.',
  });
}

function cutOff(name: string): ProblemError {
  return new ProblemError({ code: 'transfer-cut-off', message: `${name} did not arrive whole.`, tip: 'Send it again.' });
}
