/** How the active engine gives its journal to the standby. Two ways exist; a release candidate is built with one of them. */
import type { JournalEntry } from './messages.ts';

export interface Replication {
  /** Replicates an entry; `done` is called when the order may be acknowledged to the client. */
  replicate(entry: JournalEntry, done: () => void): void;
  /** The standby has applied everything up to this entry. */
  applied(number: number): void;
  /** The standby is gone or another one has come: nothing is waited for any more. */
  release(): void;
  /** Entries that the standby does not have yet. */
  readonly behind: number;
}

/** Sends entries to the standby that is connected; false when there is none. */
export type SendEntries = (entries: readonly JournalEntry[]) => boolean;

/** Each order is acknowledged when the standby has it. */
export class SynchronousReplication implements Replication {
  private readonly waiting = new Map<number, () => void>();
  private readonly send: SendEntries;

  constructor(send: SendEntries) {
    this.send = send;
  }

  replicate(entry: JournalEntry, done: () => void): void {
    if (this.send([entry])) this.waiting.set(entry.number, done);
    else done();
  }

  applied(number: number): void {
    for (const [waiting, done] of this.waiting) {
      if (waiting > number) break;
      this.waiting.delete(waiting);
      done();
    }
  }

  release(): void {
    const released = [...this.waiting.values()];
    this.waiting.clear();
    for (const done of released) done();
  }

  get behind(): number {
    return this.waiting.size;
  }
}

/** How long entries are collected before they are sent together, ms. */
const batchInterval = 1_000;

/** Fewer, larger messages to the standby; orders are acknowledged without waiting for it. */
export class BatchedReplication implements Replication {
  private batch: JournalEntry[] = [];
  private readonly send: SendEntries;

  constructor(send: SendEntries) {
    this.send = send;
    setInterval(() => this.flush(), batchInterval).unref();
  }

  replicate(entry: JournalEntry, done: () => void): void {
    this.batch.push(entry);
    done();
  }

  applied(): void {
    // Nobody waits for the standby here.
  }

  release(): void {
    this.batch = [];
  }

  get behind(): number {
    return this.batch.length;
  }

  private flush(): void {
    if (this.batch.length > 0 && this.send(this.batch)) this.batch = [];
  }
}
