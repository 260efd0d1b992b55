/** Work on one blob after the other: what is asked of a hash waits for what was asked of it before, and holds up no other hash. */
import type { BlobHash } from './ports.ts';

export class Turns {
  private readonly last = new Map<BlobHash, Promise<unknown>>();

  take<T>(hash: BlobHash, work: () => Promise<T>): Promise<T> {
    const result = (this.last.get(hash) ?? Promise.resolve()).then(work);
    const done = result.then(
      () => undefined,
      () => undefined,
    );
    this.last.set(hash, done);
    void done.then(() => this.last.get(hash) === done && this.last.delete(hash));
    return result;
  }

  /** Resolves when what is under way now has ended, however it did. */
  async settled(): Promise<void> {
    await Promise.all(this.last.values());
  }
}
