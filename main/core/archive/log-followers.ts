/** Those who follow the log of an open run: each first reads what is on disk from its place on, then gets what is added, in order. */
import type { RunRecord } from '#shared/run/records.ts';
import { readRecords } from './log-reader.ts';
import type { LogWriter } from './log-writer.ts';

type Listener = (records: readonly RunRecord[]) => void;

interface Follower {
  readonly listener: Listener;
  /** Sequence of the record that it gets next. */
  next: number;
  live: boolean;
  gone: boolean;
}

export class LogFollowers {
  private readonly writer: LogWriter;
  private readonly file: string;
  private readonly followers = new Set<Follower>();

  constructor(writer: LogWriter, file: string) {
    this.writer = writer;
    this.file = file;
    writer.subscribe((records) => {
      for (const follower of this.followers) if (follower.live) deliver(follower, records);
    });
  }

  subscribe(from: number, listener: Listener): () => void {
    const follower: Follower = { listener, next: Math.max(from, 1), live: false, gone: false };
    this.followers.add(follower);
    if (follower.next > this.writer.durableSequence) follower.live = true;
    else void this.catchUp(follower);
    return () => {
      follower.gone = true;
      this.followers.delete(follower);
    };
  }

  /** Reads until the follower has everything that is on disk; becoming live happens in the same turn as finding that out. */
  private async catchUp(follower: Follower): Promise<void> {
    try {
      while (!follower.gone && follower.next <= this.writer.durableSequence) {
        const stretch = { start: this.writer.offsetBefore(follower.next), end: this.writer.length };
        for await (const records of readRecords(this.file, follower.next, stretch)) {
          if (follower.gone) return;
          deliver(follower, records);
        }
      }
      follower.live = true;
    } catch (failure) {
      this.followers.delete(follower);
      warn('A reader of the log was left behind', failure);
    }
  }
}

function deliver(follower: Follower, records: readonly RunRecord[]): void {
  const first = records[0]?.sequence ?? 0;
  const wanted = first >= follower.next ? records : records.slice(follower.next - first);
  const last = wanted.at(-1);
  if (last === undefined) return;
  follower.next = last.sequence + 1;
  try {
    follower.listener(wanted);
  } catch (failure) {
    // A reader's mistake must not keep the log from being written nor others from reading it.
    warn('A reader of the log failed', failure);
  }
}

function warn(what: string, failure: unknown): void {
  process.emitWarning(`${what}: ${failure instanceof Error ? failure.message : String(failure)}`);
}
