/** Whether a file says something else than when it was read; looked at by its stamp, and by its content only where that differs. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

interface Known {
  readonly stamp: string;
  readonly hash: string;
}

export class FileChange {
  private readonly file: string;
  private readonly first: Known;
  private latest: Known;

  private constructor(file: string, first: Known) {
    this.file = file;
    this.first = first;
    this.latest = first;
  }

  /** Remembers what the file says now. */
  static async since(file: string): Promise<FileChange> {
    return new FileChange(file, await know(file));
  }

  /** Whether it says something else now. A file that is gone for the moment, as while an editor saves it, says nothing else. */
  async happened(): Promise<boolean> {
    try {
      const stamp = await stampOf(this.file);
      if (stamp !== this.latest.stamp) this.latest = await know(this.file);
      return this.latest.hash !== this.first.hash;
    } catch {
      return false;
    }
  }
}

async function stampOf(file: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(file);
  return `${size} ${mtimeMs} ${ino}`;
}

async function know(file: string): Promise<Known> {
  const stamp = await stampOf(file);
  return {
    stamp,
    hash: createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  };
}
