/** Those who follow an open log: each first reads what is durable from its place on, then gets what is added, in order. */

/** The log of a run, or any other of numbered records. */
export interface FollowedLog<R> {
  /** Sequence of the last record that is durable. */
  readonly durableSequence: number;
  /** Tells each batch that became so. */
  subscribe(listener: (records: readonly R[]) => void): () => void;
  /** Durable records from a sequence on. */
  read(from: number): AsyncIterable<readonly R[]>;
}

type Listener<R> = (records: readonly R[]) => void;

interface Follower<R> {
  readonly listener: Listener<R>;
  /** Sequence of the record that it gets next. */
  next: number;
  live: boolean;
  gone: boolean;
}

export class LogFollowers<R extends { readonly sequence: number }> {
  private readonly log: FollowedLog<R>;
  private readonly followers = new Set<Follower<R>>();

  constructor(log: FollowedLog<R>) {
    this.log = log;
    log.subscribe((records) => {
      for (const follower of this.followers) if (follower.live) deliver(follower, records);
    });
  }

  get size(): number {
    return this.followers.size;
  }

  subscribe(from: number, listener: Listener<R>): () => void {
    const follower: Follower<R> = { listener, next: Math.max(from, 1), live: false, gone: false };
    this.followers.add(follower);
    if (follower.next > this.log.durableSequence) follower.live = true;
    else void this.catchUp(follower);
    return () => {
      follower.gone = true;
      this.followers.delete(follower);
    };
  }

  /** Reads until the follower has everything that is on disk; becoming live happens in the same turn as finding that out. */
  private async catchUp(follower: Follower<R>): Promise<void> {
    try {
      while (!follower.gone && follower.next <= this.log.durableSequence) {
        for await (const records of this.log.read(follower.next)) {
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

function deliver<R extends { readonly sequence: number }>(follower: Follower<R>, records: readonly R[]): void {
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
